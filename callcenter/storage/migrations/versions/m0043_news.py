"""Whether callers heard the message of the day."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("news", sa.Text))
    op.add_column("calls", sa.Column("news_more", sa.Boolean))


def downgrade() -> None:
    op.drop_column("calls", "news_more")
    op.drop_column("calls", "news")
