"""The table of official letters. Each belongs to a document or to a round."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

letters = Table(
    "letters",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("document", ForeignKey("documents.id")),
    Column("round", ForeignKey("rounds.id")),
    Column("n", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("from_unit", ForeignKey("units.id")),
    Column("sender", Text, nullable=False),
    Column("to_unit", ForeignKey("units.id")),
    Column("recipient", Text, nullable=False),
    Column("file", Integer),
    Column("due_at", _TIME),
    Column("names_person", Boolean, nullable=False),
    Column("forgotten_at", _TIME),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_for", ForeignKey("units.id"), nullable=False),
    Column("recorded_at", _TIME, nullable=False),
    CheckConstraint("(document is null) <> (round is null)", name="of_one"),
    UniqueConstraint("document", "n"),
    UniqueConstraint("round", "n"),
)
