"""An index for calls that were not answered: they are few among many, and are searched by
outcome."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = "ix_calls_outcome_arrived_at_call_id"


def upgrade() -> None:
    op.create_index(
        NAME,
        "calls",
        ["outcome", "arrived_at", "call_id"],
        postgresql_where=sa.text("outcome <> 'answered'"),
    )


def downgrade() -> None:
    op.drop_index(NAME, "calls")
