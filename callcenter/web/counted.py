"""Figures for Prometheus that are counted in the database now and then, never on a scrape's way.

A scrape is given what was counted last, and has it counted anew when that is older than
`fresh_seconds`. What could not be counted for `stale_seconds` is told as no data, not as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import structlog

from callcenter.ports.metrics import Samples
from callcenter.ports.people import DatabaseAwayError

FRESH_SECONDS = 60.0
STALE_SECONDS = 600.0
T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Counted(Generic[T]):
    """What `ask` said last. `what`: the word for the log. `wall`: now."""

    what: str
    ask: Callable[[datetime], Awaitable[T]]
    wall: Callable[[], datetime]
    fresh_seconds: float = FRESH_SECONDS
    stale_seconds: float = STALE_SECONDS
    _found: T | None = None
    _at: datetime | None = None
    _counting: asyncio.Task[None] | None = None

    async def count(self) -> None:
        """Count now. While the database is away the last figures stay, until they are stale."""
        now = self.wall()
        try:
            self._found = await self.ask(now)
        except (DatabaseAwayError, TimeoutError):
            log.warning("figures could not be counted", what=self.what)
            return
        self._at = now

    def samples(self, read: Callable[[T], Samples]) -> Samples:
        """What a series shows of it; nothing while it is not known."""
        age = None if self._at is None else abs((self.wall() - self._at).total_seconds())
        counting = self._counting is not None and not self._counting.done()
        if (age is None or age > self.fresh_seconds) and not counting:
            self._counting = asyncio.get_running_loop().create_task(self.count())
        if self._found is None or age is None or age > self.stale_seconds:
            return {}
        return read(self._found)
