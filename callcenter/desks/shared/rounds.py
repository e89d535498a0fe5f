"""Rounds: which units must submit what by when, and what share of them did. Pure; time is an
argument.

The expected units are fixed when a round is made, and do not change later. Only the submission
itself counts. On time is `submitted_at <= due_at`, to the second.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RETURNED_GRACE = timedelta(hours=24)
"""A unit that submits again within this time after a return keeps the time of its first
submission."""
OVERDUE_FOR = timedelta(hours=24)


class RoundState(StrEnum):
    """The state of a round. After its due time units may still submit, but late."""

    PLANNED = "planned"
    OPEN = "open"
    PAST_DUE = "past_due"
    PUBLISHED = "published"


class Expected(StrEnum):
    """The state of one unit in a round."""

    WAITING = "waiting"  # nothing was written
    DRAFT = "draft"  # written but not submitted: it does not count
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"  # the due time has passed, and nothing was submitted
    EXCUSED = "excused"


class Reminder(StrEnum):
    """The reminders to units that have not submitted."""

    DAY_BEFORE = "24h"
    HOURS_BEFORE = "2h"
    OVERDUE = "overdue"  # to the unit and the one above it


REMINDED_BEFORE = {
    Reminder.DAY_BEFORE: timedelta(hours=24),
    Reminder.HOURS_BEFORE: timedelta(hours=2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One unit's submission. `submitted_at` is the time that counts; None after a return until it
    is submitted again."""

    is_excused: bool = False
    is_begun: bool = False
    submitted_at: datetime | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with both counts. None: no unit was expected."""

    counted: int
    of: int

    @property
    def share(self) -> float | None:
        return self.counted / self.of if self.of else None


def round_state(
    opens_at: datetime, due_at: datetime, published_at: datetime | None, now: datetime
) -> RoundState:
    """The state of a round at that moment."""
    if published_at is not None:
        return RoundState.PUBLISHED
    if now < opens_at:
        return RoundState.PLANNED
    return RoundState.OPEN if now <= due_at else RoundState.PAST_DUE


def expected_state(due_at: datetime, of: Submission, now: datetime) -> Expected:
    """The state of one unit at that moment."""
    if of.submitted_at is not None:
        return Expected.ON_TIME if of.submitted_at <= due_at else Expected.LATE
    if of.is_excused:
        return Expected.EXCUSED
    until = due_at if of.returned_at is None else max(due_at, of.returned_at + RETURNED_GRACE)
    if now > until:
        return Expected.MISSING
    return Expected.DRAFT if of.is_begun else Expected.WAITING


def counts_from(first: datetime | None, returned: datetime | None, now: datetime) -> datetime:
    """The time of submission that counts, if the report is submitted now."""
    if first is None:
        return now
    if returned is None or now <= returned + RETURNED_GRACE:
        return first
    return now


def completeness(states: Iterable[Expected]) -> Rate:
    """The share that submitted, late or not, of the units that were expected and not excused."""
    return _rate(states, (Expected.ON_TIME, Expected.LATE))


def timeliness(states: Iterable[Expected]) -> Rate:
    """The share that submitted on time, of the same units."""
    return _rate(states, (Expected.ON_TIME,))


def reminder_at(due_at: datetime, now: datetime) -> Reminder | None:
    """The reminder that is due at that moment, once, for units that have not submitted."""
    if now > due_at + OVERDUE_FOR:
        return None
    if now > due_at:
        return Reminder.OVERDUE
    for reminder in (Reminder.HOURS_BEFORE, Reminder.DAY_BEFORE):
        if now >= due_at - REMINDED_BEFORE[reminder]:
            return reminder
    return None


def _rate(states: Iterable[Expected], counted: tuple[Expected, ...]) -> Rate:
    expected = [state for state in states if state is not Expected.EXCUSED]
    return Rate(counted=sum(state in counted for state in expected), of=len(expected))
