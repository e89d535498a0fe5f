"""Shifts of named people, and times when an open queue had nobody on duty."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0037"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "duty_shifts",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("begins_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("planned_by", sa.Text, nullable=False),
        sa.Column("planned_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_shifts"),
        sa.UniqueConstraint("uid", name="uq_duty_shifts_uid"),
        sa.CheckConstraint("ends_at > begins_at", name="in_order"),
    )
    op.create_index("ix_duty_shifts_ends_at", "duty_shifts", ["ends_at"])
    op.create_table(
        "cover_gaps",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("planned", sa.Boolean, nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cover_gaps"),
        sa.CheckConstraint("ended_at >= began_at", name="in_order"),
    )
    op.create_index("ix_cover_gaps_ended_at", "cover_gaps", ["ended_at"])


def downgrade() -> None:
    op.drop_table("cover_gaps")
    op.drop_table("duty_shifts")
