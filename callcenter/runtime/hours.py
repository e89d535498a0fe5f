"""The opening hours of the queues against the clock on the wall: tells the engine what is closed.

Run by app.py. The engine itself knows no days and no holidays.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from callcenter.core.events import Event, HoursSeen
from callcenter.core.ids import QueueName
from callcenter.core.site import Site
from callcenter.core.state import State
from callcenter.thai_holidays import holidays_of

THAILAND = timezone(timedelta(hours=7))  # has no summer time
LOOK_SECONDS = 1.0


class OpeningHours:
    """Looks once a second; works something out when a minute has begun, or the site is another."""

    def __init__(
        self,
        state: State,
        put: Callable[[Event], bool],
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        holidays: Callable[[int], Mapping[date, str]] = holidays_of,
    ) -> None:
        self._state = state
        self._put = put
        self._wall = wall
        self._holidays = holidays
        self._seen: tuple[Site, datetime] | None = None

    async def run(self) -> None:
        """For ever."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Tell the engine if something is closed that was open, or the other way round. Told anew
        at the next look when the inbox was full."""
        minute = self._wall().astimezone(THAILAND).replace(second=0, microsecond=0)
        site = self._state.site
        if self._seen and self._seen[0] is site and self._seen[1] == minute:
            return
        closed = self.closed(site, minute)
        if closed == self._state.closed or self._put(HoursSeen(closed=closed)):
            self._seen = site, minute

    def closed(self, site: Site, at: datetime) -> frozenset[QueueName]:
        """The queues that are outside their hours at a local time."""
        with_hours = [rules for rules in site.queues.values() if rules.hours is not None]
        if not with_hours:
            return frozenset()
        days = frozenset(
            day for year in {at.year, (at - timedelta(days=1)).year} for day in self._holidays(year)
        )
        return frozenset(
            rules.name for rules in with_hours if rules.hours and not rules.hours.is_open(at, days)
        )
