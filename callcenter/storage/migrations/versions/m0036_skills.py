"""Operators' skills with levels, on their cards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("skills", JSONB, nullable=False, server_default=sa.text("'{}'"))
    op.add_column("operators", column)


def downgrade() -> None:
    op.drop_column("operators", "skills")
