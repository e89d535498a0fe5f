"""Callers who asked in the menu about their callback: what was answered."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("callback_lookup", sa.Text))


def downgrade() -> None:
    op.drop_column("calls", "callback_lookup")
