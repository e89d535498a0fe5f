"""Operators who work on an open line say so on their cards."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("open_line", sa.Boolean, nullable=False, server_default=sa.text("false"))
    op.add_column("operators", column)


def downgrade() -> None:
    op.drop_column("operators", "open_line")
