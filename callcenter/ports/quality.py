"""The line quality that a browser's phone measured in a call. Only figures: no sound and no
words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from callcenter.core.ids import CallId, OperatorId


class Verdict(StrEnum):
    """The quality in one word: the worst that lasted."""

    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"
    CALLER_UNHEARD = "caller_unheard"  # no sound came in
    OPERATOR_UNHEARD = "operator_unheard"  # none of our sound arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuality:
    """One operator's part of one call. `loss`: the share of lost incoming packets over the whole
    talk, 0 to 1. `round_trip_seconds` None: unknown."""

    call: CallId
    operator: OperatorId
    measured_at: datetime
    seconds: float
    loss: float
    jitter_seconds: float
    round_trip_seconds: float | None
    verdict: Verdict


class Qualities(Protocol):
    """Where the figures are kept. Every method raises DatabaseAwayError."""

    async def add(self, quality: CallQuality) -> bool:
        """Store it. Gives False if there is one already for the operator's part of this call."""
        ...

    async def of(self, call: CallId) -> Sequence[CallQuality]:
        """The figures of one call, in order of time."""
        ...
