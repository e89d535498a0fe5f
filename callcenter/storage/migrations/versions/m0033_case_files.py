"""Descriptions of the files of cases. The files themselves are in a folder."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0021"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "case_files",
        sa.Column("case", sa.Uuid, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("shows_person", sa.Boolean, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("added_at", _TIME, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("size", sa.Integer),
        sa.Column("sha256", sa.Text),
        sa.Column("stored_at", _TIME),
        sa.Column("removed_at", _TIME),
        sa.Column("removed_by", sa.Text),
        sa.Column("removed_why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case", "n", name="pk_case_files"),
        sa.UniqueConstraint("id", name="uq_case_files_id"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_files_case_cases"),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name="fk_case_files_unit_units"),
    )


def downgrade() -> None:
    op.drop_table("case_files")
