"""The terms of the quality sheet."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Aspect(StrEnum):
    """The aspects of a call that are judged."""

    CORRECT = "correct"  # what the caller was told is right
    COMPLETE = "complete"  # nothing that the caller needed was missing
    POLITE = "polite"


class Judgement(StrEnum):
    """A supervisor's judgement. A call that cannot be judged is kept, but counts in no figure."""

    YES = "yes"
    NO = "no"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Calls drawn from all that were answered in a time. The same `seed` draws the same calls
    again."""

    id: int
    since: datetime
    before: datetime
    line: str | None
    answered: int
    drawn: int
    judged: int
    seed: str
    drawn_by: str
    drawn_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One call of a sample. `verdicts` is empty until it is judged."""

    sample: int
    call: str
    operator: str
    line: str
    arrived_at: datetime
    talk_seconds: float | None
    verdicts: dict[Aspect, Judgement]
    note: str
    judged_by: str | None
    judged_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How many of the judged calls were right in one aspect."""

    aspect: Aspect
    good: int
    judged: int
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        """The share; None if no call was judged: never 0 % and never 100 %."""
        return self.good / self.judged if self.judged else None
