"""Samples in PostgreSQL. Every method raises DatabaseAwayError.

A sample is drawn by the order of md5(seed and call): nobody knows it in advance, and everybody can
draw it again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, and_, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.outcome import Outcome
from callcenter.oversight.quality.model import Aspect, Judgement, Sample, Sheet
from callcenter.oversight.quality.rules import TALK_LEAST_SECONDS
from callcenter.oversight.quality.tables import quality_samples, quality_sheets
from callcenter.storage.tables import calls
from callcenter.storage.transactions import transaction

RECENT = timedelta(days=30)
DRAW_SECONDS = 30.0  # enough to count a month of a large line


class QualityInPostgres:
    """Draws samples and keeps judgements."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def draw(
        self,
        since: datetime,
        before: datetime,
        line: str | None,
        many: int,
        *,
        seed: str,
        by: str,
        at: datetime,
    ) -> Sample | None:
        """A sample of that many answered calls, or of all if there are fewer. None: there is no
        call."""
        which = and_(
            calls.c.arrived_at >= since,
            calls.c.arrived_at < before,
            calls.c.outcome == Outcome.ANSWERED.value,
            calls.c.talk_seconds >= TALK_LEAST_SECONDS,
            ~calls.c.demo,
            calls.c.operator.is_not(None),
        )
        if line is not None:
            which = and_(which, calls.c.line == line)
        order = func.md5(func.concat(seed, calls.c.call_id))
        drawn = select(calls.c.call_id).where(which).order_by(order, calls.c.call_id).limit(many)
        async with transaction(self._engine, DRAW_SECONDS) as connection:
            there = await connection.scalar(select(func.count()).select_from(calls).where(which))
            found = list(await connection.scalars(drawn))
            if not found:
                return None
            row = {
                "since": since,
                "before": before,
                "line": line,
                "answered": there,
                "drawn": len(found),
                "seed": seed,
                "drawn_by": by,
                "drawn_at": at,
            }
            made = insert(quality_samples).values(**row).returning(quality_samples.c.id)
            number = await connection.scalar(made)
            sheets = [{"sample": number, "call": call, "note": ""} for call in found]
            await connection.execute(insert(quality_sheets), sheets)
        return await self.sample(int(number or 0))

    async def sample(self, number: int) -> Sample | None:
        async with transaction(self._engine) as connection:
            found = await connection.execute(_samples().where(quality_samples.c.id == number))
            row = found.mappings().first()
            return None if row is None else Sample(**row)

    async def samples(self, limit: int) -> list[Sample]:
        """Samples, latest first."""
        latest = _samples().order_by(quality_samples.c.id.desc()).limit(limit)
        async with transaction(self._engine) as connection:
            return [Sample(**row) for row in (await connection.execute(latest)).mappings()]

    async def sheets(self, sample: int, call: str | None = None) -> list[Sheet]:
        """The calls of a sample, in the order in which they were drawn."""
        columns = (calls.c.operator, calls.c.line, calls.c.arrived_at, calls.c.talk_seconds)
        order = func.md5(func.concat(quality_samples.c.seed, quality_sheets.c.call))
        wanted = (
            select(quality_sheets, *columns)
            .join(quality_samples, quality_samples.c.id == quality_sheets.c.sample)
            .join(calls, calls.c.call_id == quality_sheets.c.call)
            .where(quality_sheets.c.sample == sample)
            .order_by(order, quality_sheets.c.call)
        )
        if call is not None:
            wanted = wanted.where(quality_sheets.c.call == call)
        async with transaction(self._engine) as connection:
            return [_sheet(row) for row in (await connection.execute(wanted)).mappings()]

    async def judge(
        self, sheet: Sheet, verdicts: Mapping[Aspect, Judgement], note: str, by: str, at: datetime
    ) -> None:
        """Store a judgement. It replaces the earlier one."""
        values: dict[str, Any] = {aspect.value: word.value for aspect, word in verdicts.items()}
        one = and_(quality_sheets.c.sample == sheet.sample, quality_sheets.c.call == sheet.call)
        changed = update(quality_sheets).where(one)
        changed = changed.values(**values, note=note, judged_by=by, judged_at=at)
        async with transaction(self._engine) as connection:
            await connection.execute(changed)

    async def counts(
        self, since: datetime, before: datetime, line: str | None = None
    ) -> dict[tuple[Aspect, Judgement], int]:
        """How often each verdict was given to calls that arrived in the time. A call in two samples
        counts once, with its last judgement."""
        latest = (
            select(quality_sheets)
            .join(calls, calls.c.call_id == quality_sheets.c.call)
            .where(
                quality_sheets.c.judged_at.is_not(None),
                calls.c.arrived_at >= since,
                calls.c.arrived_at < before,
            )
            .ext(distinct_on(quality_sheets.c.call))
            .order_by(quality_sheets.c.call, quality_sheets.c.judged_at.desc())
        )
        if line is not None:
            latest = latest.where(calls.c.line == line)
        found: dict[tuple[Aspect, Judgement], int] = {}
        async with transaction(self._engine) as connection:
            for aspect in Aspect:
                column = latest.subquery().c[aspect.value]
                rows = await connection.execute(select(column, func.count()).group_by(column))
                found |= {(aspect, Judgement(row[0])): int(row[1]) for row in rows}
        return found

    async def recent(self, now: datetime) -> dict[tuple[Aspect, Judgement], int]:
        """The same for the last thirty days."""
        return await self.counts(now - RECENT, now)


def _samples() -> Select[Any]:
    judged = (
        select(func.count())
        .where(
            quality_sheets.c.sample == quality_samples.c.id,
            quality_sheets.c.judged_at.is_not(None),
        )
        .scalar_subquery()
    )
    return select(quality_samples, judged.label("judged"))


def _sheet(row: RowMapping) -> Sheet:
    return Sheet(
        sample=row["sample"],
        call=row["call"],
        operator=row["operator"],
        line=row["line"],
        arrived_at=row["arrived_at"],
        talk_seconds=row["talk_seconds"],
        verdicts={a: Judgement(row[a.value]) for a in Aspect if row[a.value] is not None},
        note=row["note"],
        judged_by=row["judged_by"],
        judged_at=row["judged_at"],
    )
