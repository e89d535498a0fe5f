"""When the personal data of a case was removed, and an index for calls that still have a number."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("person_removed_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_calls_with_number",
        "calls",
        ["arrived_at"],
        postgresql_where=sa.text("caller <> ''"),
    )


def downgrade() -> None:
    op.drop_index("ix_calls_with_number", "calls")
    op.drop_column("cases", "person_removed_at")
