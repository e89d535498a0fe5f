"""The words of the duty roster."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """How a shift stands at a moment."""

    PLANNED = "planned"  # not begun
    EXPECTED = "expected"  # has just begun, and the person is not there yet
    LATE = "late"  # has begun a while ago, and the person was not there yet
    PRESENT = "present"  # on duty now
    LEFT = "left"  # was there, and is not now
    KEPT = "kept"  # over; the person was there
    MISSED = "missed"  # over; the person was never there


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person for one queue, from `begins_at` until before `ends_at`. `uid` names it in
    calendars. `version` is 1 more after each change."""

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
    """A shift that is to be planned. `uid` empty: it came from no calendar."""

    queue: str
    operator: str
    begins_at: datetime
    ends_at: datetime
    note: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Spell:
    """From a moment until before another one."""

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
    """How a shift was kept until now. `late_seconds`: from its beginning to when the person came,
    or until now; None: not begun."""

    standing: Standing
    came_at: datetime | None
    late_seconds: float | None
    present_seconds: float
