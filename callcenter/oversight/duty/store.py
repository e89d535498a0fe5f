"""Shifts in PostgreSQL, and who was there according to the record. Raises DatabaseAwayError.

A change locks the plan: two people who plan at the same time must not plan one person twice.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, case, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.core.facts import OperatorState
from callcenter.core.overflow import AWAY_REASONS
from callcenter.oversight.duty.model import Gap, NewShift, Shift, Spell
from callcenter.oversight.duty.tables import duty_shifts
from callcenter.storage.tables import cover_gaps, operator_states
from callcenter.storage.transactions import transaction

SHIFTS_MOST = 5_000  # of one roster
IMPORT_SECONDS = 30.0
_ALONE = text("lock table duty_shifts in share row exclusive mode")
ON_DUTY = [
    state.value
    for state in (
        OperatorState.AVAILABLE,
        OperatorState.RINGING,
        OperatorState.ON_CALL,
        OperatorState.WRAPUP,
    )
]


class TakenError(Exception):
    """The person already has a shift for this queue at that time."""

    def __init__(self, shift: Shift) -> None:
        super().__init__(shift.uid)
        self.shift = shift


class DutyInPostgres:
    """Keeps shifts."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def between(
        self,
        since: datetime,
        before: datetime,
        *,
        queue: str | None = None,
        operator: str | None = None,
    ) -> list[Shift]:
        """The shifts within a time, or partly in it, by their beginning."""
        shifts = duty_shifts.c
        wanted = select(duty_shifts).where(shifts.ends_at > since, shifts.begins_at < before)
        if queue is not None:
            wanted = wanted.where(shifts.queue == queue)
        if operator is not None:
            wanted = wanted.where(shifts.operator == operator)
        order = shifts.begins_at, shifts.queue, shifts.operator, shifts.id
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(*order).limit(SHIFTS_MOST))
            return [Shift(**row) for row in rows.mappings()]

    async def one(self, number: int) -> Shift | None:
        async with transaction(self._engine) as connection:
            return await _one(connection, number)

    async def plan(self, shifts: Sequence[NewShift], *, by: str, at: datetime) -> list[Shift]:
        """Add all of them or none. Raises TakenError."""
        async with transaction(self._engine, IMPORT_SECONDS) as connection:
            await connection.execute(_ALONE)
            return [await _add(connection, shift, by, at) for shift in shifts]

    async def take_calendar(
        self, shifts: Sequence[NewShift], cancelled: Collection[str], *, by: str, at: datetime
    ) -> tuple[int, int, int]:
        """Import shifts of a calendar, all or none: known UIDs are changed, others are added,
        cancelled ones are removed. Gives the number of each. Raises TakenError."""
        added = changed = 0
        async with transaction(self._engine, IMPORT_SECONDS) as connection:
            await connection.execute(_ALONE)
            gone = [*cancelled, *(shift.uid for shift in shifts if shift.uid)]
            known = {shift.uid: shift for shift in await _named(connection, gone)}
            for uid in known:  # remove all first, then add all: two shifts may have changed places
                await connection.execute(delete(duty_shifts).where(duty_shifts.c.uid == uid))
            for shift in shifts:
                former = known.get(shift.uid)
                if former is None:
                    await _add(connection, shift, by, at)
                    added += 1
                elif _same(former, shift):
                    await _put_back(connection, former)
                else:
                    await _add(connection, shift, by, at, former.version + 1)
                    changed += 1
        return added, changed, sum(uid in known for uid in set(cancelled))

    async def change(
        self, number: int, version: int, to: NewShift, *, by: str, at: datetime
    ) -> Shift | None:
        """The changed shift. None: its version is not the one that was read. Raises TakenError."""
        async with transaction(self._engine) as connection:
            await connection.execute(_ALONE)
            before = await _one(connection, number)
            if before is None or before.version != version:
                return None
            if taken := await _taken(connection, to, besides=number):
                raise TakenError(taken)
            values = {**_values(to, by, at), "version": version + 1}
            changed = update(duty_shifts).where(duty_shifts.c.id == number).values(**values)
            await connection.execute(changed)
            return await _one(connection, number)

    async def remove(self, number: int, version: int) -> bool:
        """Remove the shift. Gives False if its version is not the one that was read."""
        shifts = duty_shifts.c
        one = delete(duty_shifts).where(shifts.id == number, shifts.version == version)
        async with transaction(self._engine) as connection:
            return (await connection.execute(one)).rowcount == 1

    async def there(
        self, operators: Iterable[str], since: datetime, now: datetime
    ) -> dict[str, list[Spell]]:
        """When people were on duty. A time that goes on ends now."""
        held = operator_states.c
        ended = func.coalesce(held.ended_at, now)
        on_duty = or_(
            held.state.in_(ON_DUTY),
            and_(held.state == OperatorState.PAUSED.value, held.reason.not_in(AWAY_REASONS)),
        )
        wanted = (
            select(held.operator, held.began_at, case((held.ended_at.is_(None), now), else_=ended))
            .where(held.operator.in_(sorted({*operators})), on_duty)
            .where(ended > since, held.began_at <= now)
            .order_by(held.began_at)
        )
        found: dict[str, list[Spell]] = {}
        async with transaction(self._engine) as connection:
            for operator, began, end in await connection.execute(wanted):
                spells = found.setdefault(operator, [])
                if spells and spells[-1].ends_at >= began:
                    began = spells.pop().begins_at
                spells.append(Spell(began, max(began, end)))
        return found

    async def gaps(self, since: datetime, before: datetime) -> list[Gap]:
        """Past times when open queues had nobody on duty."""
        gaps = cover_gaps.c
        wanted = select(gaps.queue, gaps.planned, gaps.began_at, gaps.ended_at).where(
            gaps.ended_at > since, gaps.began_at < before
        )
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(gaps.began_at).limit(SHIFTS_MOST))
            return [Gap(queue=q, planned=p, begins_at=b, ends_at=e) for q, p, b, e in rows]


async def _one(connection: AsyncConnection, number: int) -> Shift | None:
    rows = await connection.execute(select(duty_shifts).where(duty_shifts.c.id == number))
    row = rows.mappings().first()
    return None if row is None else Shift(**row)


async def _named(connection: AsyncConnection, uids: Collection[str]) -> list[Shift]:
    wanted = select(duty_shifts).where(duty_shifts.c.uid.in_([*uids]))
    return [Shift(**row) for row in (await connection.execute(wanted)).mappings()]


async def _taken(
    connection: AsyncConnection, shift: NewShift, besides: int | None = None
) -> Shift | None:
    shifts = duty_shifts.c
    wanted = select(duty_shifts).where(
        shifts.queue == shift.queue,
        shifts.operator == shift.operator,
        shifts.begins_at < shift.ends_at,
        shifts.ends_at > shift.begins_at,
    )
    if besides is not None:
        wanted = wanted.where(shifts.id != besides)
    row = (await connection.execute(wanted.limit(1))).mappings().first()
    return None if row is None else Shift(**row)


async def _add(
    connection: AsyncConnection, shift: NewShift, by: str, at: datetime, version: int = 1
) -> Shift:
    if taken := await _taken(connection, shift):
        raise TakenError(taken)
    uid = shift.uid or f"{uuid4()}@duty.hotline"
    values = {**_values(shift, by, at), "uid": uid, "version": version}
    made = insert(duty_shifts).values(**values).returning(duty_shifts)
    return Shift(**(await connection.execute(made)).mappings().one())


async def _put_back(connection: AsyncConnection, shift: Shift) -> None:
    values: dict[str, Any] = {
        name: getattr(shift, name) for name in ("uid", "version", "planned_by", "planned_at")
    }
    same = NewShift(
        queue=shift.queue,
        operator=shift.operator,
        begins_at=shift.begins_at,
        ends_at=shift.ends_at,
        note=shift.note,
    )
    if taken := await _taken(connection, same):
        raise TakenError(taken)
    values |= {name: getattr(same, name) for name in _OWN}
    await connection.execute(insert(duty_shifts).values(**values))


_OWN = ("queue", "operator", "begins_at", "ends_at", "note")


def _values(shift: NewShift, by: str, at: datetime) -> dict[str, Any]:
    return {name: getattr(shift, name) for name in _OWN} | {"planned_by": by, "planned_at": at}


def _same(shift: Shift, other: NewShift) -> bool:
    return all(getattr(shift, name) == getattr(other, name) for name in _OWN)
