"""The tables of rounds, expected units, submissions, and mail to be sent."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

rounds = Table(
    "rounds",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("letter_number", Text, nullable=False),
    Column("letter_date", Text, nullable=False),
    Column("letter_subject", Text, nullable=False),
    Column("period_from", _TIME, nullable=False),
    Column("period_before", _TIME, nullable=False),
    Column("opens_at", _TIME, nullable=False),
    Column("due_at", _TIME, nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("address", Text),
    Column("published_at", _TIME),
    Column("made_by", Text, nullable=False),
    Column("made_at", _TIME, nullable=False),
)

expectations = Table(
    "expectations",
    metadata,
    Column("round", ForeignKey("rounds.id"), primary_key=True),
    Column("unit", ForeignKey("units.id"), primary_key=True),
    Column("excused_by", Text),
    Column("excuse", Text, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("round", ForeignKey("rounds.id"), primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("at", _TIME, nullable=False),
    Column("by", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", JSONB, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("document", ForeignKey("documents.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", _TIME, nullable=False),
    Column("by", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", JSONB, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # names what is sent once: a reminder to a unit, or a revision
    Column("key", Text, nullable=False),
    Column("round", ForeignKey("rounds.id"), nullable=False),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),  # queued, sent, failed, bounced
    Column("tries", Integer, nullable=False),
    Column("made_at", _TIME, nullable=False),
    Column("next_at", _TIME, nullable=False),
    Column("sent_at", _TIME),
    Column("message_id", Text, nullable=False),
    Column("error", Text, nullable=False),
    UniqueConstraint("key"),
    Index("ix_outbox_next_at", "next_at", postgresql_where=text("state = 'queued'")),
)

outbox_files = Table(
    "outbox_files",
    metadata,
    Column("mail", ForeignKey("outbox.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
