"""The expected wait of a call when it was queued."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("expected_wait_seconds", sa.Double))
    op.add_column("calls", sa.Column("wait_at_most_seconds", sa.Double))


def downgrade() -> None:
    op.drop_column("calls", "wait_at_most_seconds")
    op.drop_column("calls", "expected_wait_seconds")
