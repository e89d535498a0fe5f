"""How often and how long a call was parked."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("parks", sa.Integer, nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("park_seconds", sa.Double, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("calls", "park_seconds")
    op.drop_column("calls", "parks")
