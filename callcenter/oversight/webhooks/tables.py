"""The tables of webhooks and their messages.

The secrets are kept in plain text, because a signature needs the secret itself.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("numbers", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", _TIME, nullable=False),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("webhook", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("call", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made_at", _TIME, nullable=False),
    Column("next_at", _TIME, nullable=False),
    Column("sent_at", _TIME),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Index(
        "ix_webhook_deliveries_queued",
        "webhook",
        "call",
        "id",
        postgresql_where=text("state = 'queued'"),
    ),
    Index("ix_webhook_deliveries_webhook_id", "webhook", "id"),
)
