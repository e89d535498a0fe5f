"""Opening hours and duty rosters: when callers are let in, and how many operators are planned.

Pure; days and times are local ones.

Read by config/site_hours.py from the site file; runtime/hours.py asks once a minute and tells the
engine which queues are closed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

DAY_MINUTES = 24 * 60

Span = tuple[int, int]
"""Start and end (excluded), in minutes after midnight. A span that ends after midnight (20:00 to
08:00) has an end of more than 24 hours, and belongs to the day on which it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Opening hours. `week`: the spans of each day, Monday first. `days`: exceptions for single
    days; no spans mean closed. An exception counts more than a holiday."""

    week: tuple[tuple[Span, ...], ...]
    closed_on_holidays: bool = True
    days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def is_open(self, at: datetime, holidays: Collection[date]) -> bool:
        """Whether it is open at a local time. `holidays` must have at least those of yesterday and
        today."""
        minute = at.hour * 60 + at.minute
        today, yesterday = at.date(), at.date() - timedelta(days=1)
        return _in(self.spans(today, holidays), minute) or _in(
            self.spans(yesterday, holidays), minute + DAY_MINUTES
        )

    def spans(self, day: date, holidays: Collection[date]) -> tuple[Span, ...]:
        """The spans that begin on a day."""
        if day in self.days:
            return self.days[day]
        if self.closed_on_holidays and day in holidays:
            return ()
        return self.week[day.weekday()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """This many operators are planned for these spans of a day."""

    spans: tuple[Span, ...]
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The operators planned for a queue. `week`: the shifts of each day, Monday first. `holidays`:
    the shifts of a public holiday; None: as on any other day. `days`: exceptions for single days. A
    shift that ends after midnight belongs to the day on which it begins."""

    week: tuple[tuple[Shift, ...], ...]
    holidays: tuple[Shift, ...] | None = None
    days: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)

    def planned(self, at: datetime, holidays: Collection[date]) -> int:
        """How many operators should be there at a local time."""
        minute = at.hour * 60 + at.minute
        today, yesterday = at.date(), at.date() - timedelta(days=1)
        return sum(
            shift.people
            for day, offset in ((today, 0), (yesterday, DAY_MINUTES))
            for shift in self._shifts(day, holidays)
            if _in(shift.spans, minute + offset)
        )

    def _shifts(self, day: date, holidays: Collection[date]) -> tuple[Shift, ...]:
        if day in self.days:
            return self.days[day]
        if self.holidays is not None and day in holidays:
            return self.holidays
        return self.week[day.weekday()]


def _in(spans: tuple[Span, ...], minute: int) -> bool:
    return any(begin <= minute < end for begin, end in spans)
