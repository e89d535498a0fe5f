"""A mark for calls that the demo made."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no = sa.text("false")
    op.add_column("calls", sa.Column("demo", sa.Boolean, nullable=False, server_default=no))
    op.create_index("ix_calls_demo", "calls", ["call_id"], postgresql_where=sa.text("demo"))


def downgrade() -> None:
    op.drop_index("ix_calls_demo", "calls")
    op.drop_column("calls", "demo")
