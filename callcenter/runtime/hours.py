"""Compares opening hours and rosters with the wall clock. Tells the engine what is closed, and how
many operators are planned.

Run by app.py. The engine itself knows no days and no holidays.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from callcenter.core.events import Event, HoursSeen
from callcenter.core.ids import QueueName
from callcenter.core.overflow import has_staff
from callcenter.core.site import Site
from callcenter.core.state import State

THAILAND = timezone(timedelta(hours=7))  # Thailand has no summer time
LOOK_SECONDS = 1.0


class OpeningHours:
    """Looks once a second. Hours and plans are worked out at the start of a minute, or when the
    site or the plan has changed. Whether somebody is on duty is checked at each look.

    `named` gives how many people are named at a moment, for each queue that has shifts of named
    people.
    """

    def __init__(
        self,
        state: State,
        put: Callable[[Event], bool],
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        holidays: Callable[[int], Mapping[date, str]],
        named: Callable[[datetime], Mapping[QueueName, int]] = lambda at: {},
    ) -> None:
        self._state = state
        self._put = put
        self._wall = wall
        self._holidays = holidays
        self._named = named
        self._seen: tuple[Site, datetime, HoursSeen] | None = None

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Tell the engine if a queue has opened or closed, if another number is planned, or if the
        last person on duty has left or the first one has come. If the inbox was full, the next look
        tells it."""
        minute = self._wall().astimezone(THAILAND).replace(second=0, microsecond=0)
        site = self._state.site
        if self._seen and self._seen[0] is site and self._seen[1] == minute:
            plan = self._seen[2]
        else:
            plan = self.at(site, minute)
            self._seen = site, minute, plan
        event = replace(plan, uncovered=self._uncovered(plan))
        known = HoursSeen(
            closed=self._state.closed,
            rostered=self._state.rostered,
            uncovered=frozenset(self._state.uncovered),
            quiet=self._state.quiet,
        )
        if event != known:
            self._put(event)

    def plan_changed(self) -> None:
        """Other people are named. They count from the next look on."""
        self._seen = None

    def at(self, site: Site, at: datetime) -> HoursSeen:
        """What is closed at a local time, and how many people should be there. If both the site and
        the named people give a number for a queue, the greater one is the plan."""
        queues = [rules for rules in site.queues.values() if rules.hours or rules.roster]
        gone = dict.fromkeys(self._state.rostered, 0)  # rosters that were removed from the site
        named = {name: n for name, n in self._named(at).items() if name in site.queues}
        back = site.callbacks.hours
        if not queues and back is None:
            return HoursSeen(closed=frozenset(), rostered=gone | named)
        days = frozenset(
            day for year in {at.year, (at - timedelta(days=1)).year} for day in self._holidays(year)
        )
        closed = {q.name for q in queues if q.hours and not q.hours.is_open(at, days)}
        planned = {q.name: q.roster.planned(at, days) for q in queues if q.roster}
        for name, people in named.items():
            planned[name] = max(people, planned.get(name, 0))
        quiet = back is not None and not back.is_open(at, days)
        return HoursSeen(closed=frozenset(closed), rostered=gone | planned, quiet=quiet)

    def _uncovered(self, plan: HoursSeen) -> frozenset[QueueName]:
        """The open queues with hours or a plan where nobody is on duty."""
        state = self._state
        return frozenset(
            name
            for name, rules in state.site.queues.items()
            if (rules.hours or name in plan.rostered)
            and name not in plan.closed
            and name in state.queues
            and not has_staff(state, state.queues[name])
        )
