"""Figures for Prometheus that are counted in the database from time to time, not during a scrape.

A scrape gets the last figures, and starts a new count if they are older than `fresh_seconds`. If
they could not be counted for `stale_seconds`, the scrape gets no data instead of old figures.
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
    """The last answer of `ask`. `what` is the word for the log. `wall` gives the time now."""

    what: str
    ask: Callable[[datetime], Awaitable[T]]
    wall: Callable[[], datetime]
    fresh_seconds: float = FRESH_SECONDS
    stale_seconds: float = STALE_SECONDS
    _found: T | None = None
    _at: datetime | None = None
    _counting: asyncio.Task[None] | None = None

    async def count(self) -> None:
        """Count now. While the database is away the last figures stay until they are stale."""
        now = self.wall()
        try:
            self._found = await self.ask(now)
        except (DatabaseAwayError, TimeoutError):
            log.warning("figures could not be counted", what=self.what)
            return
        self._at = now

    def samples(self, read: Callable[[T], Samples]) -> Samples:
        """The samples of a series. None while the figures are unknown."""
        age = None if self._at is None else abs((self.wall() - self._at).total_seconds())
        counting = self._counting is not None and not self._counting.done()
        if (age is None or age > self.fresh_seconds) and not counting:
            self._counting = asyncio.get_running_loop().create_task(self.count())
        if self._found is None or age is None or age > self.stale_seconds:
            return {}
        return read(self._found)
