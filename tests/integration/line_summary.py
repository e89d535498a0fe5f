"""A line's figures for a period, from the stored calls: what the counting identities are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.outcome import Outcome
from callcenter.storage.tables import calls

_NEVER_OFFERED = tuple(
    outcome.value
    for outcome in (Outcome.REJECTED, Outcome.IVR_ENDED, Outcome.LOOKED_UP, Outcome.VOICEMAIL)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSummary:
    """A line's calls by the time they arrived.

    received = rejected + ivr_ended + looked_up + voicemail + offered + in_greeting;
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
    looked_up: int
    voicemail: int
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


async def line_summaries(
    engine: AsyncEngine, begin: datetime, end: datetime
) -> Sequence[LineSummary]:
    """One for each line that had a call in [begin, end)."""
    async with engine.connect() as connection:
        rows = await connection.execute(summary_query(begin, end))
        return [LineSummary(**row) for row in rows.mappings()]


def summary_query(begin: datetime, end: datetime) -> Select[tuple[object, ...]]:
    """The counting identities, per line, of the calls that arrived in [begin, end)."""
    outcome, wait = calls.c.outcome, calls.c.wait_seconds
    was_queued = and_(
        calls.c.queued_at.is_not(None), or_(outcome.is_(None), outcome.not_in(_NEVER_OFFERED))
    )
    answered = outcome == Outcome.ANSWERED.value
    counts = [func.count().filter(outcome == o.value).label(o.value) for o in Outcome]
    return (
        select(
            calls.c.line,
            func.count().label("received"),
            func.count().filter(was_queued).label("offered"),
            *counts,
            func.count().filter(and_(was_queued, outcome.is_(None))).label("waiting"),
            func.count().filter(and_(~was_queued, outcome.is_(None))).label("in_greeting"),
            func.count().filter(and_(answered, wait <= 20)).label("answered_in_20_seconds"),
            func.count().filter(and_(answered, wait <= 60)).label("answered_in_60_seconds"),
            func.avg(wait).filter(answered).label("mean_wait_seconds"),
            func.max(wait).label("longest_wait_seconds"),
            func.avg(calls.c.talk_seconds).label("mean_talk_seconds"),
        )
        .where(calls.c.arrived_at >= begin, calls.c.arrived_at < end)
        .group_by(calls.c.line)
        .order_by(calls.c.line)
    )
