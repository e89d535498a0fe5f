"""Indexes to count stored recordings, and to find those whose time is over, without reading the
rows of all years."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_recordings_kept",
        "recordings",
        ["began_at"],
        postgresql_where=sa.text("state = 'kept'"),
        postgresql_include=["held_at", "bytes"],
    )


def downgrade() -> None:
    op.drop_index("ix_recordings_kept", "recordings")
