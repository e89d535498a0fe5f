"""What callers were told about their wait."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("told_place", sa.Integer))
    op.add_column("calls", sa.Column("told_minutes", sa.Integer))
    op.add_column("calls", sa.Column("told_error_seconds", sa.Double))


def downgrade() -> None:
    op.drop_column("calls", "told_error_seconds")
    op.drop_column("calls", "told_minutes")
    op.drop_column("calls", "told_place")
