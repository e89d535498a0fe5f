"""Which rule of the queue was followed for a new caller, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("overflow", sa.Text))


def downgrade() -> None:
    op.drop_column("calls", "overflow")
