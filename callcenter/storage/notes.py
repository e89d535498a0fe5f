"""Operators' notes about calls: implements `ports.notes.Notes`."""

from collections.abc import Mapping, Sequence

from sqlalchemy import CheckConstraint, Column, DateTime, Table, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import CallId, OperatorId
from callcenter.ports.notes import CallNote, Kind
from callcenter.storage.schema import metadata
from callcenter.storage.transactions import transaction

_KINDS = ", ".join(f"'{kind.value}'" for kind in Kind)

call_notes = Table(
    "call_notes",
    metadata,
    Column("call", Text, primary_key=True),
    Column("operator", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, CheckConstraint(f"kind in ({_KINDS})", name="kind"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("note", Text, nullable=False),
)


class NotesInPostgres:
    """See `ports.notes.Notes` for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def save(self, note: CallNote) -> None:
        values = {
            "operator": note.operator,
            "changed_at": note.changed_at,
            "kind": note.kind.value,
            "topic": note.topic,
            "result": note.result,
            "note": note.note,
        }
        saved = insert(call_notes).values(call=note.call, **values)
        saved = saved.on_conflict_do_update(index_elements=[call_notes.c.call], set_=values)
        async with transaction(self._engine) as connection:
            await connection.execute(saved)

    async def of(self, calls: Sequence[CallId]) -> Mapping[CallId, CallNote]:
        wanted = select(call_notes).where(call_notes.c.call.in_(calls))
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return {
            CallId(row["call"]): CallNote(
                call=CallId(row["call"]),
                operator=OperatorId(row["operator"]),
                changed_at=row["changed_at"],
                kind=Kind(row["kind"]),
                topic=row["topic"],
                result=row["result"],
                note=row["note"],
            )
            for row in rows
        }
