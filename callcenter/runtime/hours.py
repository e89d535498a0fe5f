"""Compares opening hours and rosters with the wall clock. Tells the engine what is closed, and how
many operators are planned.

Run by app.py. The engine itself knows no days and no holidays.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from callcenter.core.events import CallbackHoursSeen, Event, HoursSeen
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
        self._told_hours: tuple[Site, datetime] | None = None

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
        self._tell_callback_hours(site)

    def _tell_callback_hours(self, site: Site) -> None:
        """Every hour, and with another site, which hours callers can choose to be called back."""
        now = self._wall().astimezone(THAILAND)
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._told_hours and self._told_hours[0] is site and self._told_hours[1] == hour:
            return
        chosen = site.callbacks.choose_hour and bool(site.callbacks.prefixes)
        hours = self.callback_hours(site, now) if chosen else {}
        same = not hours and not self._state.callback_hours
        if same or self._put(CallbackHoursSeen(hours=hours)):
            self._told_hours = site, hour

    def callback_hours(
        self, site: Site, now: datetime
    ) -> dict[QueueName, tuple[tuple[int, float, bool], ...]]:
        """The next 23 full hours in which citizens of a queue are called, at a local time."""
        first = now.replace(minute=0, second=0, microsecond=0)
        moments = [first + timedelta(hours=number) for number in range(1, 24)]
        days = frozenset(
            day for year in {now.year, moments[-1].year} for day in self._holidays(year)
        )
        found = {}
        for name, rules in site.queues.items():
            allowed = [hours for hours in (site.callbacks.hours, rules.hours) if hours is not None]
            found[name] = tuple(
                (at.hour, (at - now).total_seconds(), at.date() != now.date())
                for at in moments
                if all(hours.is_open(at, days) for hours in allowed)
            )
        return {name: hours for name, hours in found.items() if hours}

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
