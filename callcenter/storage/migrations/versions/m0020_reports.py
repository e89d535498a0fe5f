"""Rounds, the units expected in them, reports and their revisions, and mail to be sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_TABLES = (
    "rounds",
    "expectations",
    "editions",
    "revisions",
    "outbox",
    "outbox_files",
    "reports",
    "unit_lines",
)
_KEPT = ("editions", "revisions")


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("letter_number", sa.Text, nullable=False),
        sa.Column("letter_date", sa.Text, nullable=False),
        sa.Column("letter_subject", sa.Text, nullable=False),
        sa.Column("period_from", _TIME, nullable=False),
        sa.Column("period_before", _TIME, nullable=False),
        sa.Column("opens_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("published_at", _TIME),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
    )
    op.create_table(
        "expectations",
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("excused_by", sa.Text),
        sa.Column("excuse", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("round", "unit", name="pk_expectations"),
        _foreign("expectations", "round", "rounds"),
        _foreign("expectations", "unit", "units"),
    )
    op.create_table(
        "editions",
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("round", "edition", name="pk_editions"),
        _foreign("editions", "round", "rounds"),
    )
    op.create_table(
        "revisions",
        sa.Column("document", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("document", "number", name="pk_revisions"),
        _foreign("revisions", "document", "documents"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        _foreign("outbox", "round", "rounds"),
        _foreign("outbox", "unit", "units"),
    )
    op.create_index(
        "ix_outbox_next_at", "outbox", ["next_at"], postgresql_where=sa.text("state = 'queued'")
    )
    op.create_table(
        "outbox_files",
        sa.Column("mail", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("mail", "name", name="pk_outbox_files"),
        _foreign("outbox_files", "mail", "outbox"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("round", sa.BigInteger, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("system", JSONB),
        sa.Column("first_at", _TIME),
        sa.Column("submitted_at", _TIME),
        sa.Column("returned_at", _TIME),
        sa.Column("returned_why", sa.Text, nullable=False),
        sa.Column("open_until", _TIME),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("round", "unit", name="uq_reports_round_unit"),
        _foreign("reports", "id", "documents"),
        _foreign("reports", "round", "rounds"),
        _foreign("reports", "unit", "units"),
    )
    op.create_table(
        "unit_lines",
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("unit", "line", name="pk_unit_lines"),
        _foreign("unit_lines", "unit", "units"),
    )
    for table in _KEPT:
        op.execute(
            f"create trigger history_is_kept before update or delete or truncate on {table} "
            "for each statement execute function history_is_kept()"
        )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
