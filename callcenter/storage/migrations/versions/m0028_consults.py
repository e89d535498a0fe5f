"""How often a colleague was consulted in a call, how long the caller was on hold, and how the call
was transferred."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0031"
branch_labels = None
depends_on = None

_KINDS = "transfer_kind in ('blind', 'attended')"


def upgrade() -> None:
    op.add_column("calls", sa.Column("transfer_kind", sa.Text))
    op.add_column("calls", sa.Column("consults", sa.Integer, nullable=False, server_default="0"))
    op.add_column(
        "calls", sa.Column("consult_seconds", sa.Double, nullable=False, server_default="0")
    )
    op.create_check_constraint("transfer_kind", "calls", _KINDS)


def downgrade() -> None:
    for name in ("consult_seconds", "consults", "transfer_kind"):
        op.drop_column("calls", name)
