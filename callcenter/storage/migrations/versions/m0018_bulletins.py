"""Bulletins: issues about what a unit did for citizens in a period."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulletins",
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("background", sa.Text, nullable=False),
        sa.Column("results", sa.Text, nullable=False),
        sa.Column("benefit", sa.Text, nullable=False),
        sa.Column("contacts", sa.Text, nullable=False),
        sa.Column("votes", sa.Integer),
        sa.Column("figures", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("unit", "issue", name=op.f("pk_bulletins")),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name=op.f("fk_bulletins_unit_units")),
    )


def downgrade() -> None:
    op.drop_table("bulletins")
