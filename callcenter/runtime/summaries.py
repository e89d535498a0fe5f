"""What else the record can be asked: what operators did when, and a line's figures for a period.

Asked through `Summaries` by the web adapter; storage/queries.py answers. Official figures come from
here and not from Prometheus: these are exact, those are rates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StateInterval:
    """How long an operator did what. `ended_at` and `seconds` are None while it goes on."""

    operator: str
    state: str
    reason: str
    call: str | None
    began_at: datetime
    ended_at: datetime | None
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSummary:
    """A line's calls by the time they arrived.

    received = rejected + ivr_ended + offered + in_greeting;
    offered = answered + abandoned_short + abandoned + overflow + callback + failed + waiting.
    Means and longest are None when there is nothing to take them of.
    """

    line: str
    received: int
    offered: int
    answered: int
    abandoned_short: int
    abandoned: int
    overflow: int
    callback: int
    failed: int
    rejected: int
    ivr_ended: int
    waiting: int
    in_greeting: int
    answered_in_20_seconds: int
    answered_in_60_seconds: int
    mean_wait_seconds: float | None
    longest_wait_seconds: float | None
    mean_talk_seconds: float | None

    @property
    def eligible(self) -> int:
        """Offered and finished, without misdials: the denominator of every ratio."""
        return self.answered + self.abandoned + self.overflow + self.callback + self.failed


class Summaries(Protocol):
    """Every method raises people.DatabaseAwayError. Periods are [begin, end), aware stamps."""

    async def operator_intervals(
        self, operator: str | None, begin: datetime, end: datetime
    ) -> Sequence[StateInterval]:
        """Intervals that overlap the period, of one operator or of all, first to last."""
        ...

    async def line_summaries(self, begin: datetime, end: datetime) -> Sequence[LineSummary]:
        """One for each line that had a call in the period."""
        ...
