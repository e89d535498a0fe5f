"""The tables of reports: what a report has in addition to a document, and the lines of each
unit."""

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
    UniqueConstraint,
    text,
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

# Mail that came in: that it is handled once, and what became of it. A stranger's has nothing else.
mails_in = Table(
    "mails_in",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("validity", BigInteger, nullable=False),  # of the mailbox: a new one counts anew
    Column("uid", BigInteger, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("kind", Text, nullable=False),
    Column("fault", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("round", BigInteger, ForeignKey("rounds.id"), index=True),
    Column("unit", ForeignKey("units.id")),
    UniqueConstraint("validity", "uid"),
    Index("ix_mails_in_message_id", "message_id", postgresql_where=text("message_id <> ''")),
)

unit_lines = Table(
    "unit_lines",
    metadata,
    Column("unit", ForeignKey("units.id"), primary_key=True),
    Column("line", Text, primary_key=True),
)
