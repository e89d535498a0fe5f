"""The tables of the answer base. Versions can only be added; a trigger refuses everything else."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

answers = Table(
    "answers",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("version", Integer, nullable=False),  # the latest version
    Column("withdrawn_at", _TIME),
    Column("withdrawn_by", Text),
    Column("withdrawn_why", Text, nullable=False),
    Column("searched_title", Text, nullable=False),  # of the latest version, folded
    Column("searched", Text, nullable=False),
)

answer_versions = Table(
    "answer_versions",
    metadata,
    Column("answer", ForeignKey("answers.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("since", _TIME, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("keywords", ARRAY(Text), nullable=False),
    Column("source", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("review_by", Date, nullable=False),
)

answer_uses = Table(
    "answer_uses",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("answer", ForeignKey("answers.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("call", Text),
    Column("account", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    Index("ix_answer_uses_answer_at", "answer", "at"),
    Index("ix_answer_uses_call", "call"),
)

answer_misses = Table(
    "answer_misses",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("searched", Text, nullable=False),
    Column("text", Text, nullable=False),  # as it was typed last
    Column("times", Integer, nullable=False),
    Column("first_at", _TIME, nullable=False),
    Column("last_at", _TIME, nullable=False),
    UniqueConstraint("searched"),
)
