"""The Asterisk node that had the call."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("node", sa.Text))


def downgrade() -> None:
    op.drop_column("calls", "node")
