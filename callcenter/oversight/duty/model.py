"""The terms of the duty roster."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """The standing of a shift at a moment."""

    PLANNED = "planned"  # has not begun
    EXPECTED = "expected"  # has just begun, and the person is not there yet
    LATE = "late"  # began a while ago, and the person was not there yet
    PRESENT = "present"  # on duty now
    LEFT = "left"  # the person was there, and is not there now
    KEPT = "kept"  # over; the person was there
    MISSED = "missed"  # over; the person was never there


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person for one queue, from `begins_at` until `ends_at` (excluded). `uid` is its name in
    calendars. `version` rises by 1 with each change."""

    id: int
    uid: str
    queue: str
    operator: str
    begins_at: datetime
    ends_at: datetime
    note: str
    version: int
    planned_by: str
    planned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShift:
    """A shift to be planned. `uid` empty: it did not come from a calendar."""

    queue: str
    operator: str
    begins_at: datetime
    ends_at: datetime
    note: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time from one moment until another (excluded)."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An open queue had nobody on duty. `planned`: somebody should have been there."""

    queue: str
    planned: bool
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """How a shift was kept until now. `late_seconds`: from its beginning until the person came, or
    until now; None: it has not begun."""

    standing: Standing
    came_at: datetime | None
    late_seconds: float | None
    present_seconds: float
