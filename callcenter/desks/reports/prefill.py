"""What the system itself counts for a report: calls of the unit's lines, operators on duty, cases.

A call belongs to the period in which it arrived: from `since`, until before `before`. Numbers
without a record are left out, and never 0: a unit without lines has no figures of calls. The
formula has a version, and a report names the version with which it was counted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from callcenter.core.outcome import Outcome
from callcenter.desks.reports.model import Counts, Field

FORMULA = "hotline prefill 1"
ELIGIBLE = tuple(
    Outcome(word) for word in ("answered", "abandoned", "overflow", "callback", "failed")
)
"""The denominator of the hotline's own service level: offered calls without short abandons."""
OTHER_ENDED = tuple(
    Outcome(word)
    for word in ("overflow", "callback", "failed", "ivr_ended", "looked_up", "voicemail")
)
ON_DUTY = ("available", "ringing", "on_call", "wrapup")
_F = Field


def _count(*outcomes: Outcome, within: int | None = None) -> str:
    words = ", ".join(f"'{outcome.value}'" for outcome in outcomes)
    wait = "" if within is None else f" and wait_seconds <= {within}"
    return f"count(*) filter (where outcome in ({words}){wait})"


CALLS: Mapping[Field, str] = {
    _F.RECEIVED: "count(*)",
    _F.REJECTED: _count(Outcome.REJECTED),
    _F.ANSWERED: _count(Outcome.ANSWERED),
    _F.ABANDONED: _count(Outcome.ABANDONED),
    _F.ABANDONED_SHORT: _count(Outcome.ABANDONED_SHORT),
    _F.OTHER_ENDED: _count(*OTHER_ENDED),
    _F.ELIGIBLE: _count(*ELIGIBLE),
    _F.IN_20_SECONDS: _count(Outcome.ANSWERED, within=20),
    _F.IN_60_SECONDS: _count(Outcome.ANSWERED, within=60),
    _F.WAIT_SECONDS: "coalesce(sum(wait_seconds) filter (where outcome = 'answered'), 0)",
}
_CALLS_SQL = (
    f"select {', '.join(f'{said} as {name}' for name, said in CALLS.items())} from calls "
    "where line = any(:lines) and arrived_at >= :since and arrived_at < :before"
)
_STAFF_SQL = f"""
with names as (
    select account from grants where unit = any(:units) and role = 'operator'
), duty as (
    select greatest(began_at, :since) as b, least(coalesce(ended_at, :until), :until) as e
    from operator_states
    where operator in (select account from names)
      and state in ({", ".join(f"'{state}'" for state in ON_DUTY)})
      and began_at < :until and coalesce(ended_at, :until) > :since
), steps as (
    select b as at, 1 as d from duty where e > b
    union all select e, -1 from duty where e > b
    union all select :since, 0 union all select :until, 0
), course as (
    select at, sum(sum(d)) over (order by at) as n, lead(at) over (order by at) as next
    from steps group by at
)
select (select count(*) from names) as known,
    sum(n * extract(epoch from next - at)) / extract(epoch from (:until - :since)) as staff_mean,
    min(n) as staff_least,
    coalesce(sum(extract(epoch from next - at)) filter (where n = 0), 0) / 3600
        as hours_without_staff
from course where next > at
"""
_CASES_SQL = """
select count(*) as known,
    count(*) filter (where created_at >= :since) as cases_received,
    count(*) filter (where closed_at >= :since and closed_at < :before) as cases_ended,
    count(*) filter (where closed_at is null or closed_at >= :before) as cases_open
from documents where kind = 'case' and unit = any(:units) and created_at < :before
"""
_STAFF = (_F.STAFF_MEAN, _F.STAFF_LEAST, _F.HOURS_WITHOUT_STAFF)
_CASES = (_F.CASES_RECEIVED, _F.CASES_ENDED, _F.CASES_OPEN)


class Reader(Protocol):
    """A database for queries (storage/reader.py). Raises DatabaseAwayError, and TimeoutError if it
    answers but a query takes too long."""

    async def read(
        self, statement: str, values: Mapping[str, object]
    ) -> Sequence[Mapping[str, Any]]:
        """The rows of a `select` with `:named` values."""
        ...


@dataclass(frozen=True, slots=True)
class Prefill:
    """Counts for a unit."""

    reader: Reader

    async def counts(
        self,
        units: Collection[str],
        lines: Sequence[str],
        since: datetime,
        before: datetime,
        now: datetime,
    ) -> Counts:
        """Count. `units`: the reporting unit and those below it."""
        found: dict[Field, float] = {}
        listed = sorted(units)
        period = {"since": since, "before": before}
        if lines:
            [row] = await self.reader.read(_CALLS_SQL, {"lines": list(lines), **period})
            found |= {name: float(row[name.value]) for name in CALLS}
        until = min(before, now)
        if until > since:
            values = {"units": listed, "since": since, "until": until}
            [row] = await self.reader.read(_STAFF_SQL, values)
            if row["known"]:
                found |= {name: round(float(row[name.value]), 2) for name in _STAFF}
        [row] = await self.reader.read(_CASES_SQL, {"units": listed, **period})
        if row["known"]:
            found |= {name: float(row[name.value]) for name in _CASES}
        return Counts(
            formula=FORMULA,
            since=since,
            before=before,
            counted_at=now,
            lines=tuple(lines),
            numbers=found,
        )
