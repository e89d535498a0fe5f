"""Callers who typed the number of a case: what was answered, and an outcome of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

BEFORE = (
    *("answered", "abandoned_short", "abandoned", "overflow", "callback"),
    *("failed", "rejected", "ivr_ended"),
)


def upgrade() -> None:
    op.add_column("calls", sa.Column("case_lookup", sa.Text))
    _outcomes(*BEFORE, "looked_up")


def downgrade() -> None:
    """Who looked a case up ended in the menu, as it was called before."""
    op.execute("update calls set outcome = 'ivr_ended' where outcome = 'looked_up'")
    _outcomes(*BEFORE)
    op.drop_column("calls", "case_lookup")


def _outcomes(*words: str) -> None:
    named = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f("ck_calls_outcome"), "calls")
    op.create_check_constraint("outcome", "calls", f"outcome in ({named})")
