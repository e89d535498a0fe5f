"""Recorded talks: their existence, the place of the sealed file, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0045"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_STATES = "state in ('running', 'ended', 'kept', 'failed', 'purged')"


def upgrade() -> None:
    op.create_table(
        "recordings",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("ending", sa.Text),
        sa.Column("seconds", sa.Double),
        sa.Column("paused_seconds", sa.Double),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False, server_default=""),
        sa.Column("file", sa.Text),
        sa.Column("key_id", sa.Text),
        sa.Column("bytes", sa.BigInteger),
        sa.Column("sound_seconds", sa.Double),
        sa.Column("peaks", sa.LargeBinary),
        sa.Column("sealed_at", _TIME),
        sa.Column("held_at", _TIME),
        sa.Column("held_by", sa.Text),
        sa.Column("hold_reason", sa.Text),
        sa.Column("purged_at", _TIME),
        sa.CheckConstraint(_STATES, name="state"),
    )
    op.create_index("ix_recordings_began_at", "recordings", ["began_at"])
    op.create_index(
        "ix_recordings_open",
        "recordings",
        ["began_at"],
        postgresql_where=sa.text("state in ('running', 'ended')"),
    )


def downgrade() -> None:
    op.drop_table("recordings")
