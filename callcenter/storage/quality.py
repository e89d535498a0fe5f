"""Line quality measured by browsers' phones: implements `ports.quality.Qualities`."""

from collections.abc import Sequence

from sqlalchemy import CheckConstraint, Column, DateTime, Double, Index, Table, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import CallId, OperatorId
from callcenter.ports.quality import CallQuality, Verdict
from callcenter.storage.schema import metadata
from callcenter.storage.transactions import transaction

_VERDICTS = ", ".join(f"'{verdict.value}'" for verdict in Verdict)

call_quality = Table(
    "call_quality",
    metadata,
    Column("call", Text, primary_key=True),
    Column("operator", Text, primary_key=True),
    Column("measured_at", DateTime(timezone=True), nullable=False),
    Column("seconds", Double, nullable=False),
    Column("loss", Double, nullable=False),
    Column("jitter_seconds", Double, nullable=False),
    Column("round_trip_seconds", Double),
    Column(
        "verdict",
        Text,
        CheckConstraint(f"verdict in ({_VERDICTS})", name="verdict"),
        nullable=False,
    ),
    Index("ix_call_quality_operator_measured_at", "operator", "measured_at"),
)


class QualitiesInPostgres:
    """See `ports.quality.Qualities` for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, quality: CallQuality) -> bool:
        values = {
            "call": quality.call,
            "operator": quality.operator,
            "measured_at": quality.measured_at,
            "seconds": quality.seconds,
            "loss": quality.loss,
            "jitter_seconds": quality.jitter_seconds,
            "round_trip_seconds": quality.round_trip_seconds,
            "verdict": quality.verdict.value,
        }
        added = insert(call_quality).values(**values).on_conflict_do_nothing()
        async with transaction(self._engine) as connection:
            return (await connection.execute(added)).rowcount > 0

    async def of(self, call: CallId) -> Sequence[CallQuality]:
        wanted = select(call_quality).where(call_quality.c.call == call)
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted.order_by(call_quality.c.measured_at))
            return [
                CallQuality(
                    call=CallId(row["call"]),
                    operator=OperatorId(row["operator"]),
                    measured_at=row["measured_at"],
                    seconds=row["seconds"],
                    loss=row["loss"],
                    jitter_seconds=row["jitter_seconds"],
                    round_trip_seconds=row["round_trip_seconds"],
                    verdict=Verdict(row["verdict"]),
                )
                for row in rows.mappings()
            ]
