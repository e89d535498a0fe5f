"""Withheld numbers in PostgreSQL: implements `ports.withheld_numbers.WithheldNumbers`.

They have a table of their own, which no report, search or export reads.
"""

from datetime import datetime

from sqlalchemy import Column, DateTime, Table, Text, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import CallId
from callcenter.ports.withheld_numbers import WithheldNumber
from callcenter.storage.schema import metadata
from callcenter.storage.transactions import transaction

withheld_numbers = Table(
    "withheld_numbers",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("kept_until", DateTime(timezone=True), nullable=False),
)


class WithheldNumbersInPostgres:
    """See `ports.withheld_numbers.WithheldNumbers` for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(self, number: WithheldNumber) -> None:
        row = {"call_id": number.call, "number": number.number, "kept_until": number.kept_until}
        kept = insert(withheld_numbers).values(**row).on_conflict_do_nothing()
        async with transaction(self._engine) as connection:
            await connection.execute(kept)

    async def of(self, call: CallId, now: datetime) -> WithheldNumber | None:
        wanted = select(withheld_numbers).where(
            withheld_numbers.c.call_id == call, withheld_numbers.c.kept_until > now
        )
        async with transaction(self._engine) as connection:
            row = (await connection.execute(wanted)).mappings().first()
        if row is None:
            return None
        return WithheldNumber(call=call, number=row["number"], kept_until=row["kept_until"])

    async def forget(self, now: datetime) -> int:
        over = delete(withheld_numbers).where(withheld_numbers.c.kept_until <= now)
        async with transaction(self._engine) as connection:
            return (await connection.execute(over)).rowcount
