"""The tables about people: accounts, sessions, operators' cards, the audit of reads and changes.

SIP secrets are kept in plain text, not hashed: Asterisk needs the password itself to check a digest
(RFC 8760), and its file is written from this table.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from callcenter.storage.schema import metadata

_ROLES = "role in ('officer', 'operator', 'supervisor', 'administrator')"

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, CheckConstraint(_ROLES, name="role"), nullable=False),
    Column("password_hash", Text, nullable=False),  # argon2id, with its own salt and costs
    Column("must_change", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("password_at", DateTime(timezone=True), nullable=False),
    Column("totp_secret", Text),  # not hashed: RFC 6238 needs the secret itself
    Column("totp_since", DateTime(timezone=True)),
    Column("totp_pending", Text),
    Column("totp_step", BigInteger),  # codes up to this step have been used
    Column("recovery_hashes", ARRAY(LargeBinary), nullable=False, server_default=text("'{}'")),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)

sessions = Table(
    "sessions",
    metadata,
    # SHA-256; the token itself is not kept anywhere
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    # of the browser's phone; at most one session of an account has it
    Column("phone_secret", Text),
    Index(
        "uq_sessions_phone",
        "account",
        unique=True,
        postgresql_where=text("phone_secret is not null"),
    ),
)

operators = Table(
    "operators",
    metadata,
    Column("operator", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("queues", ARRAY(Text), nullable=False),
    Column("sip_secret", Text, nullable=False),
    Column("contact", Text),
    Column("open_line", Boolean, nullable=False, server_default=text("false")),
    # skills with their levels
    Column("skills", JSONB, nullable=False, server_default=text("'{}'")),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True)),  # kept because old calls still name the operator
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Index("ix_audit_at_id", "at", "id"),
)
