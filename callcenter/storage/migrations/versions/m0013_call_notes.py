"""Operators' notes about calls."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = ("undisposed", "complaint", "help", "question", "tip_off", "suggestion", "other")


def upgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    op.create_table(
        "call_notes",
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_call_notes")),
        sa.CheckConstraint(f"kind in ({listed})", name=op.f("ck_call_notes_kind")),
    )


def downgrade() -> None:
    op.drop_table("call_notes")
