"""Voicemail: an outcome of its own, recordings that are messages, and the work on them."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0053"
branch_labels = None
depends_on = None

BEFORE = (
    *("answered", "abandoned_short", "abandoned", "overflow", "callback"),
    *("failed", "rejected", "ivr_ended", "looked_up"),
)


def upgrade() -> None:
    _outcomes(*BEFORE, "voicemail")
    op.add_column("calls", sa.Column("voicemail", sa.Text))
    op.add_column("recordings", sa.Column("kind", sa.Text, nullable=False, server_default="talk"))
    op.create_check_constraint("kind", "recordings", "kind in ('talk', 'message')")
    op.create_index(
        "ix_recordings_messages",
        "recordings",
        ["began_at"],
        postgresql_where=sa.text("kind = 'message'"),
    )
    op.create_table(
        "voicemails",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("taken_by", sa.Text),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_by", sa.Text),
        sa.Column("how", sa.Text),
        sa.ForeignKeyConstraint(["call_id", "number"], ["recordings.call_id", "recordings.number"]),
        sa.CheckConstraint("how in ('heard', 'called_back', 'case')", name="how"),
        sa.CheckConstraint("(done_at is null) = (how is null)", name="done"),
    )


def downgrade() -> None:
    """Who was asked for a message was not let in, as it was called before."""
    op.drop_table("voicemails")
    op.drop_index("ix_recordings_messages", "recordings")
    op.drop_constraint(op.f("ck_recordings_kind"), "recordings")
    op.drop_column("recordings", "kind")
    op.drop_column("calls", "voicemail")
    op.execute("update calls set outcome = 'rejected' where outcome = 'voicemail'")
    _outcomes(*BEFORE)


def _outcomes(*words: str) -> None:
    named = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f("ck_calls_outcome"), "calls")
    op.create_check_constraint("outcome", "calls", f"outcome in ({named})")
