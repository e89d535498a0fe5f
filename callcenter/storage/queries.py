"""Answers questions about the record: implements `ports.records.CallRecords`.

Reads only. The next page of a list begins after the key of the last row seen, not after a number of
rows, so that page 1,000 costs as much as page 1. A test checks the query plans.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    any_,
    cast,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import CallId, OperatorId
from callcenter.core.outcome import Outcome
from callcenter.ports.records import CallFilter, CallRecord, OfferRecord
from callcenter.storage.caller_number import caller_number
from callcenter.storage.tables import calls, journal_positions, offers, operator_states
from callcenter.storage.transactions import transaction

_CALL = (
    calls.c.call_id.label("call"),
    *(calls.c[name] for name in CallRecord.__dataclass_fields__ if name != "call"),
)
_OFFER = (
    offers.c.offer_id.label("offer"),
    *(offers.c[name] for name in OfferRecord.__dataclass_fields__ if name != "offer"),
)
_UNANSWERED = calls.c.outcome != literal_column(f"'{Outcome.ANSWERED.value}'")
"""The condition of the index with the value written out: the plan of a prepared statement does not
know which outcome is searched for."""


class CallRecordsInPostgres:
    """See the protocol for what each method promises. The other methods are for the back office."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def calls(self, wanted: CallFilter) -> Sequence[CallRecord]:
        async with transaction(self._engine) as connection:
            rows = await connection.execute(calls_query(wanted))
            return [CallRecord(**row) for row in rows.mappings()]

    async def call(self, call: str) -> CallRecord | None:
        async with transaction(self._engine) as connection:
            rows = await connection.execute(select(*_CALL).where(calls.c.call_id == call))
            row = rows.mappings().first()
            return None if row is None else CallRecord(**row)

    async def earlier(self, caller: str, before: datetime, limit: int) -> Sequence[CallRecord]:
        number = caller_number(caller).e164
        if number is None:
            return []
        return await self.calls(CallFilter(caller_e164=number, arrived_before=before, limit=limit))

    async def outcomes(self, wanted: Sequence[CallId]) -> Mapping[CallId, str]:
        """The outcome of each of these calls that has ended. Other calls are left out."""
        query = select(calls.c.call_id, func.coalesce(calls.c.outcome, "unknown")).where(
            calls.c.call_id == any_(cast(list(wanted), ARRAY(Text))), calls.c.ended_at.is_not(None)
        )
        async with transaction(self._engine) as connection:
            rows = await connection.execute(query)
            return {CallId(call): outcome for call, outcome in rows}

    async def position(self, journal: str) -> int:
        """The last fact of this journal that is stored; 0 if the journal is not known."""
        query = select(journal_positions.c.seq).where(journal_positions.c.journal == journal)
        async with transaction(self._engine) as connection:
            return int(await connection.scalar(query) or 0)

    async def at_work(self) -> Sequence[tuple[OperatorId, str, str]]:
        """Operators who are not offline now: id, state and reason."""
        held = operator_states.c
        query = select(held.operator, held.state, held.reason).where(
            held.ended_at.is_(None), held.state != "offline"
        )
        async with transaction(self._engine) as connection:
            rows = await connection.execute(query.order_by(held.began_at))
            return [(OperatorId(operator), state, reason) for operator, state, reason in rows]

    async def offers(self, call: str) -> Sequence[OfferRecord]:
        query = select(*_OFFER).where(offers.c.call_id == call).order_by(offers.c.number)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(query)
            return [OfferRecord(**row) for row in rows.mappings()]


def calls_query(wanted: CallFilter) -> Select[tuple[object, ...]]:
    """The list of calls, latest arrival first."""
    query = select(*_CALL).where(*_conditions(wanted))
    if wanted.after is not None:
        place = tuple_(calls.c.arrived_at, calls.c.call_id)
        query = query.where(place < tuple_(*wanted.after))
    return query.order_by(calls.c.arrived_at.desc(), calls.c.call_id.desc()).limit(wanted.limit)


def _conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    equal = {
        calls.c.line: wanted.line,
        calls.c.queue: wanted.queue,
        calls.c.operator: wanted.operator,
        calls.c.outcome: wanted.outcome,
        calls.c.caller_e164: wanted.caller_e164,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.outcome not in (None, Outcome.ANSWERED.value):
        conditions.append(_UNANSWERED)
    if wanted.arrived_from is not None:
        conditions.append(calls.c.arrived_at >= wanted.arrived_from)
    if wanted.arrived_before is not None:
        conditions.append(calls.c.arrived_at < wanted.arrived_before)
    return conditions
