"""Samples of calls, and the supervisors' findings about them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0026"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "quality_samples",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("before", _TIME, nullable=False),
        sa.Column("line", sa.Text),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("drawn", sa.Integer, nullable=False),
        sa.Column("seed", sa.Text, nullable=False),
        sa.Column("drawn_by", sa.Text, nullable=False),
        sa.Column("drawn_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quality_samples"),
    )
    op.create_table(
        "quality_sheets",
        sa.Column("sample", sa.BigInteger, nullable=False),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("correct", sa.Text),
        sa.Column("complete", sa.Text),
        sa.Column("polite", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("judged_by", sa.Text),
        sa.Column("judged_at", _TIME),
        sa.PrimaryKeyConstraint("sample", "call", name="pk_quality_sheets"),
        sa.ForeignKeyConstraint(
            ["sample"], ["quality_samples.id"], name="fk_quality_sheets_sample_quality_samples"
        ),
    )
    op.create_index("ix_quality_sheets_judged_at", "quality_sheets", ["judged_at"])


def downgrade() -> None:
    op.drop_table("quality_sheets")
    op.drop_table("quality_samples")
