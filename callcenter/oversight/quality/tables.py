"""The tables of samples and judgements."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

quality_samples = Table(
    "quality_samples",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("since", _TIME, nullable=False),
    Column("before", _TIME, nullable=False),
    Column("line", Text),
    Column("answered", Integer, nullable=False),  # number of calls from which the sample was drawn
    Column("drawn", Integer, nullable=False),
    Column("seed", Text, nullable=False),
    Column("drawn_by", Text, nullable=False),
    Column("drawn_at", _TIME, nullable=False),
)

quality_sheets = Table(
    "quality_sheets",
    metadata,
    Column("sample", ForeignKey("quality_samples.id"), primary_key=True),
    Column("call", Text, primary_key=True),
    Column("correct", Text),
    Column("complete", Text),
    Column("polite", Text),
    Column("note", Text, nullable=False),
    Column("judged_by", Text),
    Column("judged_at", _TIME),
    Index("ix_quality_sheets_judged_at", "judged_at"),
)
