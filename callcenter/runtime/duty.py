"""How many people are named for each queue, and when. The opening hours use this part of the duty
roster.

The back office reads it from the database now and then, and as soon as somebody changes it. A file
keeps it over a restart, because the engine asks for the plan before the database is there. The file
has no names.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from callcenter.core.ids import QueueName
from callcenter.runtime.segment import write_over

Spell = tuple[QueueName, datetime, datetime]
"""One person is planned for the queue from the first moment until the second, which is excluded."""

log = structlog.get_logger(__name__)


class KnownDuty:
    """The roster as it was last read."""

    def __init__(self, path: Path) -> None:
        self.listeners: list[Callable[[], None]] = []  # called when the roster changes
        self._path = path
        self._known = self._kept = _read(path)

    def named(self, at: datetime) -> Mapping[QueueName, int]:
        """How many people are named now, for each queue with shifts. 0 between two shifts."""
        found: dict[QueueName, int] = {}
        for queue, begins_at, ends_at in self._known:
            found[queue] = found.get(queue, 0) + (begins_at <= at < ends_at)
        return found

    def take(self, spells: Iterable[Spell]) -> None:
        """Use these spells from now on."""
        known = tuple(sorted(spells))
        if known != self._known:
            self._known = known
            for listener in self.listeners:
                listener()

    def keep(self) -> None:
        """Write them to the file if it has others. Raises OSError; then the file keeps the previous
        ones."""
        if self._known == self._kept:
            return
        known = self._known
        rows = [[queue, begin.isoformat(), end.isoformat()] for queue, begin, end in known]
        write_over(self._path, json.dumps(rows))
        self._kept = known


def _read(path: Path) -> tuple[Spell, ...]:
    try:
        return tuple(
            (QueueName(str(queue)), datetime.fromisoformat(begin), datetime.fromisoformat(end))
            for queue, begin, end in json.loads(path.read_text())
        )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        log.warning("the duty roster cannot be read", reason=type(error).__name__)
        return ()
