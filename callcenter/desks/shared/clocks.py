"""Clocks: deadlines that are computed once, at their start, and kept with their rule's version.

A new receiver gets a new clock for the new hand-over, so nobody loses time that others spent. A
clock may be paused (the citizen was asked something). While it is paused, it cannot be missed, and
after it is resumed, it is due later by the length of the pause. Deadlines are instants, never "days
to midnight". On time is `met_at <= due_at`. Time is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from callcenter.desks.shared.thai import BANGKOK, local

OFFICE_OPENS = time(8, 30)
OFFICE_CLOSES = time(16, 30)
DAYS_MOST = 3660

DayOff = Callable[[date], bool]
"""Whether a day is a holiday. Weekends are known here."""


class Counted(StrEnum):
    """How a limit is counted."""

    HOURS = "hours"  # exactly
    CALENDAR_DAYS = "calendar_days"  # until the end of that day
    WORKING_DAYS = "working_days"  # 16:30 of the n-th working day after the day of the start
    DUTY_HOURS = "duty_hours"  # hours if started while offices are open, otherwise one working day


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """A limit: `amount` of `counted`. A change is a new version."""

    name: str
    urgent: bool
    counted: Counted
    amount: int
    version: int = 1

    @property
    def text(self) -> str:
        """The text that is kept with each clock: "answer v1: 25 calendar_days"."""
        return f"{self.name} v{self.version}: {self.amount} {self.counted.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A started limit. `hop` None: of the whole document. It runs until it is met, or until there
    is nothing to wait for any more (`ended_at`). `letter`: the letter of the document that set
    it."""

    name: str
    hop: int | None
    rule: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    ended_at: datetime | None = None
    paused_at: datetime | None = None
    paused_seconds: float = 0.0
    letter: int | None = None

    @property
    def runs(self) -> bool:
        """Whether somebody still has to do something, paused or not."""
        return self.met_at is None and self.ended_at is None

    def is_overdue(self, now: datetime) -> bool:
        return self.runs and self.paused_at is None and now > self.due_at

    @property
    def was_on_time(self) -> bool | None:
        """Whether it was met in time. None while it is not met."""
        return None if self.met_at is None else self.met_at <= self.due_at

    def days_left(self, now: datetime) -> float | None:
        """Days until it is due; negative: overdue. None if nothing is awaited."""
        if not self.runs:
            return None
        until = self.paused_at or now
        return (self.due_at - until).total_seconds() / 86_400


def is_working_day(day: date, off: DayOff) -> bool:
    """Monday to Friday without holidays."""
    return day.weekday() < 5 and not off(day)


def due_at(rule: ClockRule, started: datetime, off: DayOff) -> datetime:
    """The time at which the limit is reached."""
    match rule.counted:
        case Counted.HOURS:
            return started + timedelta(hours=rule.amount)
        case Counted.CALENDAR_DAYS:
            day = local(started).date() + timedelta(days=rule.amount)
            return datetime.combine(day, time(23, 59, 59), BANGKOK)
        case Counted.WORKING_DAYS:
            return _working_days(rule.amount, started, off)
        case Counted.DUTY_HOURS:
            if _offices_are_open(started, off):
                return started + timedelta(hours=rule.amount)
            return _working_days(1, started, off)


def start(rule: ClockRule, hop: int | None, at: datetime, off: DayOff) -> Clock:
    """A running clock."""
    return Clock(
        name=rule.name, hop=hop, rule=rule.text, started_at=at, due_at=due_at(rule, at, off)
    )


def meet(clock: Clock, at: datetime) -> Clock:
    """The clock was met: what was awaited is done."""
    return replace(resume(clock, at), met_at=at) if clock.runs else clock


def stop(clock: Clock, at: datetime) -> Clock:
    """There is nothing to wait for any more."""
    return replace(resume(clock, at), ended_at=at) if clock.runs else clock


def pause(clock: Clock, at: datetime) -> Clock:
    """Pause the clock. It is not overdue until it is resumed. If it was missed already, it is
    missed again then."""
    if not clock.runs or clock.paused_at is not None:
        return clock
    return replace(clock, paused_at=at)


def resume(clock: Clock, at: datetime) -> Clock:
    """Resume the clock. It is due later by the length of the pause. A deadline that a letter names
    stays where it is."""
    if clock.paused_at is None:
        return clock
    pause_time = at - clock.paused_at
    return replace(
        clock,
        due_at=clock.due_at + (timedelta() if clock.letter is not None else pause_time),
        paused_at=None,
        paused_seconds=clock.paused_seconds + pause_time.total_seconds(),
    )


def _working_days(amount: int, started: datetime, off: DayOff) -> datetime:
    day = local(started).date()
    left = amount
    for _ in range(DAYS_MOST):
        if left == 0:
            break
        day += timedelta(days=1)
        left -= is_working_day(day, off)
    return datetime.combine(day, OFFICE_CLOSES, BANGKOK)


def _offices_are_open(moment: datetime, off: DayOff) -> bool:
    there = local(moment)
    return is_working_day(there.date(), off) and OFFICE_OPENS <= there.time() < OFFICE_CLOSES
