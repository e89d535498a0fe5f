"""Opening hours and rosters against the clock on the wall: tells the engine what is closed, and how
many operators are planned.

Run by app.py. The engine itself knows no days and no holidays.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from callcenter.core.events import Event, HoursSeen
from callcenter.core.site import Site
from callcenter.core.state import State

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
        holidays: Callable[[int], Mapping[date, str]],
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
        event = self.at(site, minute)
        known = HoursSeen(closed=self._state.closed, rostered=self._state.rostered)
        if event == known or self._put(event):
            self._seen = site, minute

    def at(self, site: Site, at: datetime) -> HoursSeen:
        """What is closed, and who should be there, at a local time."""
        queues = [rules for rules in site.queues.values() if rules.hours or rules.roster]
        gone = dict.fromkeys(self._state.rostered, 0)  # the rosters that the site has no more
        if not queues:
            return HoursSeen(closed=frozenset(), rostered=gone)
        days = frozenset(
            day for year in {at.year, (at - timedelta(days=1)).year} for day in self._holidays(year)
        )
        closed = {q.name for q in queues if q.hours and not q.hours.is_open(at, days)}
        planned = {q.name: q.roster.planned(at, days) for q in queues if q.roster}
        return HoursSeen(closed=frozenset(closed), rostered=gone | planned)
