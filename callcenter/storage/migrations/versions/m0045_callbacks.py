"""Requests to be called back, and their results."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("callback_asked_at", sa.DateTime(timezone=True)))
    op.add_column("calls", sa.Column("callback_tries", sa.Integer))
    op.add_column("calls", sa.Column("callback_result", sa.Text))


def downgrade() -> None:
    op.drop_column("calls", "callback_result")
    op.drop_column("calls", "callback_tries")
    op.drop_column("calls", "callback_asked_at")
