"""The line quality that a browser's phone measured during a call."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0020"
branch_labels = None
depends_on = None

VERDICTS = ("good", "fair", "bad", "caller_unheard", "operator_unheard")


def upgrade() -> None:
    listed = ", ".join(f"'{verdict}'" for verdict in VERDICTS)
    op.create_table(
        "call_quality",
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("loss", sa.Double, nullable=False),
        sa.Column("jitter_seconds", sa.Double, nullable=False),
        sa.Column("round_trip_seconds", sa.Double),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("call", "operator", name=op.f("pk_call_quality")),
        sa.CheckConstraint(f"verdict in ({listed})", name=op.f("ck_call_quality_verdict")),
    )
    op.create_index(
        "ix_call_quality_operator_measured_at", "call_quality", ["operator", "measured_at"]
    )


def downgrade() -> None:
    op.drop_table("call_quality")
