"""The table of shifts of named people."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

duty_shifts = Table(
    "duty_shifts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("uid", Text, nullable=False, unique=True),  # its name in calendars
    Column("queue", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("begins_at", _TIME, nullable=False),
    Column("ends_at", _TIME, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("planned_by", Text, nullable=False),
    Column("planned_at", _TIME, nullable=False),
    CheckConstraint("ends_at > begins_at", name="in_order"),
    Index("ix_duty_shifts_ends_at", "ends_at"),
)
