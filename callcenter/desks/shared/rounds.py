"""Rounds: who must submit what by when, and what share of them did. Pure; time is an argument.

The units that are expected are written down when a round is made, and do not change with the map.
Only the act of submitting counts. On time is `submitted_at <= due_at`, to the second.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RETURNED_GRACE = timedelta(hours=24)
"""Whoever submits again within this time of a return keeps the time of the first submission."""
OVERDUE_FOR = timedelta(hours=24)


class RoundState(StrEnum):
    """Where a round is. After its due time units may still submit: late."""

    PLANNED = "planned"
    OPEN = "open"
    PAST_DUE = "past_due"
    PUBLISHED = "published"


class Expected(StrEnum):
    """Where one unit of a round is."""

    WAITING = "waiting"  # nothing was written
    DRAFT = "draft"  # written, not submitted: it does not count
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"  # due has passed, nothing submitted
    EXCUSED = "excused"


class Reminder(StrEnum):
    """What units that have not submitted are told, and when."""

    DAY_BEFORE = "24h"
    HOURS_BEFORE = "2h"
    OVERDUE = "overdue"  # to the unit and the one above it


REMINDED_BEFORE = {
    Reminder.DAY_BEFORE: timedelta(hours=24),
    Reminder.HOURS_BEFORE: timedelta(hours=2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is known of one unit's work. `submitted_at`: the time that counts; None after a return
    until it is submitted again."""

    is_excused: bool = False
    is_begun: bool = False
    submitted_at: datetime | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share, shown with both counts. None: nobody was expected."""

    counted: int
    of: int

    @property
    def share(self) -> float | None:
        return self.counted / self.of if self.of else None


def round_state(
    opens_at: datetime, due_at: datetime, published_at: datetime | None, now: datetime
) -> RoundState:
    """Of a round at that moment."""
    if published_at is not None:
        return RoundState.PUBLISHED
    if now < opens_at:
        return RoundState.PLANNED
    return RoundState.OPEN if now <= due_at else RoundState.PAST_DUE


def expected_state(due_at: datetime, of: Submission, now: datetime) -> Expected:
    """Of one unit at that moment."""
    if of.submitted_at is not None:
        return Expected.ON_TIME if of.submitted_at <= due_at else Expected.LATE
    if of.is_excused:
        return Expected.EXCUSED
    until = due_at if of.returned_at is None else max(due_at, of.returned_at + RETURNED_GRACE)
    if now > until:
        return Expected.MISSING
    return Expected.DRAFT if of.is_begun else Expected.WAITING


def counts_from(first: datetime | None, returned: datetime | None, now: datetime) -> datetime:
    """The time of submission that counts, of a report that is submitted now."""
    if first is None:
        return now
    if returned is None or now <= returned + RETURNED_GRACE:
        return first
    return now


def completeness(states: Iterable[Expected]) -> Rate:
    """Who submitted, late or not, of those who were expected and not excused."""
    return _rate(states, (Expected.ON_TIME, Expected.LATE))


def timeliness(states: Iterable[Expected]) -> Rate:
    """Who submitted on time, of the same."""
    return _rate(states, (Expected.ON_TIME,))


def reminder_at(due_at: datetime, now: datetime) -> Reminder | None:
    """Which reminder is to be sent at that moment, once, to those who have not submitted."""
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
