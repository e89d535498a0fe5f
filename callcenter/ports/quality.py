"""What a browser's phone measured of the line in a call. No sound and no words: figures alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from callcenter.core.ids import CallId, OperatorId


class Verdict(StrEnum):
    """The figures in a word; the worst that lasted."""

    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"
    CALLER_UNHEARD = "caller_unheard"  # nothing came in
    OPERATOR_UNHEARD = "operator_unheard"  # nothing of ours arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuality:
    """One operator's part of one call. `loss`: 0 to 1, of what came in, over the whole talk.
    `round_trip_seconds` None: nothing was heard of it."""

    call: CallId
    operator: OperatorId
    measured_at: datetime
    seconds: float
    loss: float
    jitter_seconds: float
    round_trip_seconds: float | None
    verdict: Verdict


class Qualities(Protocol):
    """Where they are kept. Every method raises DatabaseAwayError."""

    async def add(self, quality: CallQuality) -> bool:
        """Keep it. False when the operator's part of this call is there already."""
        ...

    async def of(self, call: CallId) -> Sequence[CallQuality]:
        """Those of one call, in the order of time."""
        ...
