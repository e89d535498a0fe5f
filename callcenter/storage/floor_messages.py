"""Messages to the floor: implements `ports.floor_messages.FloorMessages`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import OperatorId
from callcenter.ports.floor_messages import KEPT, FloorMessage
from callcenter.storage.schema import metadata
from callcenter.storage.transactions import transaction

floor_messages = Table(
    "floor_messages",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("sender", Text, nullable=False),
    Column("to", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_floor_messages_sent_at", "sent_at"),
)

floor_message_readers = Table(
    "floor_message_readers",
    metadata,
    Column(
        "message",
        ForeignKey("floor_messages.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("operator", Text, primary_key=True),
    Column("read_at", DateTime(timezone=True)),
    Index("ix_floor_message_readers_unread", "operator", postgresql_where=text("read_at is null")),
)
_M, _R = floor_messages.c, floor_message_readers.c


class FloorMessagesInPostgres:
    """See `ports.floor_messages.FloorMessages` for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def send(
        self, sender: str, to: str, text: str, readers: Sequence[OperatorId], at: datetime
    ) -> FloorMessage:
        added = insert(floor_messages).values(sent_at=at, sender=sender, to=to, text=text)
        async with transaction(self._engine) as connection:
            await connection.execute(delete(floor_messages).where(_M.sent_at < at - KEPT))
            number = (await connection.execute(added.returning(_M.id))).scalar_one()
            rows = [{"message": number, "operator": reader} for reader in readers]
            await connection.execute(insert(floor_message_readers), rows)
        unread = dict.fromkeys(readers)
        return FloorMessage(id=number, sent_at=at, sender=sender, to=to, text=text, readers=unread)

    async def recent(self, limit: int) -> Sequence[FloorMessage]:
        latest = select(floor_messages).order_by(_M.id.desc()).limit(limit)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(latest)).mappings().all()
            of = select(floor_message_readers).where(_R.message.in_([row["id"] for row in rows]))
            readers = (await connection.execute(of.order_by(_R.operator))).all()
        told: dict[int, dict[OperatorId, datetime | None]] = {row["id"]: {} for row in rows}
        for message, operator, read_at in readers:
            told[message][OperatorId(operator)] = read_at
        return [FloorMessage(**row, readers=told[row["id"]]) for row in rows]

    async def unread(self, operator: OperatorId) -> Sequence[FloorMessage]:
        wanted = (
            select(floor_messages)
            .join(floor_message_readers)
            .where(_R.operator == operator, _R.read_at.is_(None))
            .order_by(_M.id)
        )
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return [FloorMessage(**row) for row in rows]

    async def counts(self) -> Mapping[OperatorId, int]:
        wanted = select(_R.operator, func.count()).where(_R.read_at.is_(None))
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(wanted.group_by(_R.operator))).all()
        return {OperatorId(operator): many for operator, many in rows}

    async def read(self, message: int, operator: OperatorId, at: datetime) -> bool:
        this = (_R.message == message, _R.operator == operator)
        seen = update(floor_message_readers).where(*this)
        seen = seen.values(read_at=func.coalesce(_R.read_at, at))
        async with transaction(self._engine) as connection:
            return (await connection.execute(seen)).rowcount > 0
