"""The demo's calls in the record: implements `ports.records.DemoCalls`.

Only marked calls are ever removed. Calls that real operators answered cannot be marked.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.records import DemoSpan
from callcenter.storage.notes import call_notes
from callcenter.storage.quality import call_quality
from callcenter.storage.tables import calls, offers, operator_states
from callcenter.storage.transactions import transaction
from callcenter.storage.withheld import withheld_numbers

OPERATORS = "demo-"
"""The beginning of the names of the demo's operators."""


class DemoCallsInPostgres:
    """See the protocol for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def mark(self, calls_: Sequence[str], since: datetime) -> int:
        of_the_demo = or_(
            calls.c.operator.is_(None), calls.c.operator.startswith(OPERATORS, autoescape=True)
        )
        marked = update(calls).where(
            calls.c.call_id.in_(calls_),
            calls.c.arrived_at >= since,
            calls.c.ended_at.is_not(None),
            of_the_demo,
        )
        async with transaction(self._engine) as connection:
            return (await connection.execute(marked.values(demo=True))).rowcount

    async def span(self) -> DemoSpan:
        arrived = calls.c.arrived_at
        asked = select(func.count(), func.min(arrived), func.max(arrived)).where(calls.c.demo)
        async with transaction(self._engine) as connection:
            count, first, last = (await connection.execute(asked)).one()
        return DemoSpan(calls=count, first_arrived_at=first, last_arrived_at=last)

    async def remove(self) -> int:
        marked = select(calls.c.call_id).where(calls.c.demo)
        async with transaction(self._engine) as connection:
            for of_call in (
                offers.c.call_id,
                operator_states.c.call_id,
                call_notes.c.call,
                call_quality.c.call,
                withheld_numbers.c.call_id,
            ):
                await connection.execute(delete(of_call.table).where(of_call.in_(marked)))
            return (await connection.execute(delete(calls).where(calls.c.demo))).rowcount
