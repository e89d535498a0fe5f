"""The call whose place in line a returning caller got back, and since when the place is theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("redial_of", sa.Text))
    op.add_column("calls", sa.Column("first_arrived_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("calls", "first_arrived_at")
    op.drop_column("calls", "redial_of")
