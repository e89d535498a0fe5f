"""The tables of documents of every kind: the header, the history, hand-overs, clocks, and the units
that take part.

What a kind has in addition is in a table of its own with the same id. History can only be added to:
a trigger of the database refuses everything else.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

documents = Table(
    "documents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("unit", ForeignKey("units.id"), nullable=False),  # the responsible unit
    Column("holder", ForeignKey("units.id"), nullable=False),  # the unit that must act next
    Column("area", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("rank", SmallInteger, nullable=False),  # 0 urgent, 1 normal, 2 ended: the order of lists
    Column("due_at", _TIME, nullable=False),  # the next deadline; the year 9999 without one
    Column("version", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("call_id", Text),
    Column("created_at", _TIME, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("closed_at", _TIME),
    Index("ix_documents_kind_rank_due_at_number", "kind", "rank", "due_at", "number"),
    Index("ix_documents_holder_rank_due_at_number", "holder", "rank", "due_at", "number"),
    Index("ix_documents_unit_rank_due_at_number", "unit", "rank", "due_at", "number"),
    Index("ix_documents_area", "area", postgresql_ops={"area": "text_pattern_ops"}),
    Index("ix_documents_call_id", "call_id", postgresql_where=text("call_id is not null")),
)

document_events = Table(
    "document_events",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", _TIME, nullable=False),
    Column("actor", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
)

hops = Table(
    "hops",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("from_unit", ForeignKey("units.id"), nullable=False),
    Column("to_unit", ForeignKey("units.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sent_at", _TIME, nullable=False),
    Column("seen_at", _TIME),
    Column("received_at", _TIME),
    Column("ended_at", _TIME),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("answer", Text, nullable=False),
    CheckConstraint("received_at >= sent_at and ended_at >= sent_at", name="in_order"),
)

clocks = Table(
    "clocks",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hop", Integer),
    Column("rule", Text, nullable=False),
    Column("started_at", _TIME, nullable=False),
    Column("due_at", _TIME, nullable=False),
    Column("met_at", _TIME),
    Column("ended_at", _TIME),
    Column("paused_at", _TIME),
    Column("paused_seconds", Double, nullable=False),
    Column("letter", Integer),  # the letter of the document that set it
)

involvements = Table(
    "involvements",
    metadata,
    Column("unit", ForeignKey("units.id"), primary_key=True),
    Column("document", ForeignKey("documents.id"), primary_key=True),
    # 1: passed the document down, 0: works on it
    Column("as_source", SmallInteger, primary_key=True),
    Index("ix_involvements_document", "document"),
)

number_sequences = Table(
    "number_sequences",
    metadata,
    Column("area", Text, primary_key=True),
    Column("year", Integer, primary_key=True),  # Buddhist year
    Column("last", Integer, nullable=False),
)

clock_rules = Table(
    "clock_rules",
    metadata,
    Column("name", Text, primary_key=True),
    Column("urgency", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("counted", Text, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", _TIME, nullable=False),
)
