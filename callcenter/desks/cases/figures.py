"""Cases in figures for Prometheus: counted in the database now and then, never on a scrape's way.

A scrape is given what was counted last, and has it counted anew when that is older than
FRESH_SECONDS. What could not be counted for STALE_SECONDS is told as no data, not as it was.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from callcenter.desks.cases.limits import Limit
from callcenter.desks.cases.model import CaseOutcome, CaseType
from callcenter.desks.cases.states import OPEN
from callcenter.desks.cases.store import CasesInPostgres, Counts
from callcenter.ports.metrics import Kind, Samples, Series
from callcenter.ports.people import DatabaseAwayError

FRESH_SECONDS = 60.0
STALE_SECONDS = 600.0
NO_OUTCOME = "none"

CASES_OPEN = Series(
    name="hotline_cases_open",
    kind=Kind.GAUGE,
    labels=("stage",),
    help="Cases that have not ended, by state; counted at most once a minute.",
)
CASES_OVERDUE = Series(
    name="hotline_cases_overdue",
    kind=Kind.GAUGE,
    labels=("stage",),
    help="Cases with a deadline of this step that has passed; those that wait are not among them.",
)
CASES_CLOSED = Series(
    name="hotline_cases_closed",
    kind=Kind.COUNTER,
    labels=("type", "outcome"),
    help="How often a case was closed, by type and outcome (none: nothing was alleged).",
)
CASES_REOPENED = Series(
    name="hotline_cases_reopened",
    kind=Kind.COUNTER,
    labels=(),
    help="How often a closed case was opened again.",
)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class CaseFigures:
    """What was counted last. `wall`: now."""

    cases: CasesInPostgres
    wall: Callable[[], datetime]
    _counts: Counts | None = None
    _counted_at: datetime | None = None
    _counting: asyncio.Task[None] | None = None

    async def count(self) -> None:
        """Count now. While the database is away the last figures stay, until they are stale."""
        now = self.wall()
        try:
            self._counts = await self.cases.counts(now)
        except DatabaseAwayError:
            log.warning("cases could not be counted", reason="the database is away")
            return
        self._counted_at = now

    def open(self) -> Samples:
        """By state."""
        return self._of(lambda c: {(state.value,): c.open.get(state.value, 0) for state in OPEN})

    def overdue(self) -> Samples:
        """By the step whose deadline has passed."""
        return self._of(lambda c: {(step.value,): c.overdue.get(step.value, 0) for step in Limit})

    def closed(self) -> Samples:
        """By type and outcome."""
        outcomes = (*(outcome.value for outcome in CaseOutcome), NO_OUTCOME)
        keys = [(kind.value, outcome) for kind in CaseType for outcome in outcomes]
        return self._of(lambda c: {key: c.closed.get(key, 0) for key in keys})

    def reopened(self) -> Samples:
        """All of them."""
        return self._of(lambda c: {(): c.reopened})

    def _of(self, read: Callable[[Counts], Samples]) -> Samples:
        age = self._age()
        if (age is None or age.total_seconds() > FRESH_SECONDS) and not self._is_counting():
            self._counting = asyncio.get_running_loop().create_task(self.count())
        if self._counts is None or age is None or age.total_seconds() > STALE_SECONDS:
            return {}
        return read(self._counts)

    def _age(self) -> timedelta | None:
        return None if self._counted_at is None else abs(self.wall() - self._counted_at)

    def _is_counting(self) -> bool:
        return self._counting is not None and not self._counting.done()
