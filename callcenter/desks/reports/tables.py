"""The tables of reports: what a report has in addition to a document, and the lines of each
unit."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

reports = Table(
    "reports",
    metadata,
    Column("id", ForeignKey("documents.id"), primary_key=True),
    Column("round", BigInteger, ForeignKey("rounds.id"), nullable=False),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("system", JSONB),
    Column("first_at", _TIME),  # the time of submission that counts
    Column("submitted_at", _TIME),  # the latest submission
    Column("returned_at", _TIME),
    Column("returned_why", Text, nullable=False),
    Column("open_until", _TIME),  # opened again after the round was published
    Column("revision", Integer, nullable=False),
    UniqueConstraint("round", "unit"),
)

unit_lines = Table(
    "unit_lines",
    metadata,
    Column("unit", ForeignKey("units.id"), primary_key=True),
    Column("line", Text, primary_key=True),
)
