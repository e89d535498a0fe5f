"""How often operators transferred a call."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("transfers", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("calls", "transfers")
