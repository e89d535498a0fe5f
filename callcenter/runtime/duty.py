"""How many people are named for each queue, and when: the part of the duty roster that the opening
hours count with.

The back office takes it from the database now and then, and as soon as somebody changes it. A file
keeps it over a restart: the engine asks for the plan before the database is there. It has no names.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import structlog

from callcenter.core.ids import QueueName
from callcenter.runtime.segment import write_over

Spell = tuple[QueueName, datetime, datetime]
"""One person is planned for the queue, from the first moment until before the second."""

log = structlog.get_logger(__name__)


class KnownDuty:
    """What the roster had last."""

    def __init__(self, path: Path) -> None:
        self.listeners: list[Callable[[], None]] = []  # called when other people are named
        self._path = path
        self._known = self._kept = _read(path)

    def named(self, at: datetime) -> Mapping[QueueName, int]:
        """How many people are named now, of each queue with shifts; 0 between two of them."""
        found: dict[QueueName, int] = {}
        for queue, begins_at, ends_at in self._known:
            found[queue] = found.get(queue, 0) + (begins_at <= at < ends_at)
        return found

    def take(self, spells: Iterable[Spell]) -> None:
        """They are these from now on."""
        known = tuple(sorted(spells))
        if known != self._known:
            self._known = known
            for listener in self.listeners:
                listener()

    def keep(self) -> None:
        """Into the file, where they are not in it. OSError: it has the former ones still."""
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
