"""Figures of cases for Prometheus, counted in the database from time to time, not during a scrape.

A scrape gets the last figures, and starts a new count if they are older than FRESH_SECONDS. If they
could not be counted for STALE_SECONDS, the scrape gets no data instead of old figures.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from callcenter.desks.cases.limits import Limit
from callcenter.desks.cases.model import CaseOutcome, CaseType, Channel
from callcenter.desks.cases.states import OPEN
from callcenter.desks.cases.store import CasesInPostgres, Counts, Lasted
from callcenter.desks.shared.units import UnitLevel
from callcenter.ports.metrics import ALL, SUM, Kind, Samples, Series, bound
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

LASTED = (
    600.0,
    1800.0,
    3600.0,
    10_800.0,
    28_800.0,
    86_400.0,
    259_200.0,
    604_800.0,
    1_296_000.0,
    2_592_000.0,
)
CASE_ASSIGN = Series(
    name="hotline_case_assign_seconds",
    kind=Kind.HISTOGRAM,
    labels=("source",),
    help="From a case's creation until its unit handed it on, took it or answered it, by channel.",
    buckets=LASTED,
)
CASE_HOP = Series(
    name="hotline_case_hop_seconds",
    kind=Kind.HISTOGRAM,
    labels=("level", "step"),
    help="From a hand-over's sending until it was received (receive) or answered (answer), by the"
    " receiver's level.",
    buckets=LASTED,
)
STEPS = ("receive", "answer")

log = structlog.get_logger(__name__)


def _buckets(found: Mapping[tuple[str, ...], Lasted], keys: Sequence[tuple[str, ...]]) -> Samples:
    """Every series exists from the beginning, so that its first case is seen as an increase."""
    samples, none = (
        dict[tuple[str, ...], float](),
        Lasted(within=(0,) * len(LASTED), many=0, seconds=0),
    )
    for key in keys:
        lasted = found.get(key, none)
        for edge, many in zip(LASTED, lasted.within, strict=True):
            samples[(*key, bound(edge))] = many
        samples[(*key, ALL)] = lasted.many
        samples[(*key, SUM)] = lasted.seconds
    return samples


@dataclass(slots=True)
class CaseFigures:
    """The last figures. `wall` gives the time now."""

    cases: CasesInPostgres
    wall: Callable[[], datetime]
    _counts: Counts | None = None
    _counted_at: datetime | None = None
    _counting: asyncio.Task[None] | None = None

    async def count(self) -> None:
        """Count now. While the database is away the last figures stay until they are stale."""
        now = self.wall()
        try:
            self._counts = await self.cases.counts(now, LASTED)
        except DatabaseAwayError:
            log.warning("cases could not be counted", reason="the database is away")
            return
        self._counted_at = now

    def open(self) -> Samples:
        """Open cases by state."""
        return self._of(lambda c: {(state.value,): c.open.get(state.value, 0) for state in OPEN})

    def overdue(self) -> Samples:
        """Overdue cases by the step whose deadline has passed."""
        return self._of(lambda c: {(step.value,): c.overdue.get(step.value, 0) for step in Limit})

    def closed(self) -> Samples:
        """Closed cases by type and outcome."""
        outcomes = (*(outcome.value for outcome in CaseOutcome), NO_OUTCOME)
        keys = [(kind.value, outcome) for kind in CaseType for outcome in outcomes]
        return self._of(lambda c: {key: c.closed.get(key, 0) for key in keys})

    def reopened(self) -> Samples:
        """All reopened cases."""
        return self._of(lambda c: {(): c.reopened})

    def assigned(self) -> Samples:
        """The time until assignment, by channel."""
        return self._of(lambda c: _buckets(c.assigned, [(each.value,) for each in Channel]))

    def hops(self) -> Samples:
        """The duration of hand-overs, by level and step."""
        keys = [(level.value, step) for level in UnitLevel for step in STEPS]
        return self._of(lambda c: _buckets(c.hops, keys))

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
