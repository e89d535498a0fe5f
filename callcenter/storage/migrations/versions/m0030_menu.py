"""What callers chose in the menu before they were served, and how long the menu took."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0034"
branch_labels = None
depends_on = None

WORDS = ("language", "kind", "topic", "province", "menu_path")


def upgrade() -> None:
    for name in WORDS:
        op.add_column("calls", sa.Column(name, sa.Text))
    op.add_column("calls", sa.Column("menu_seconds", sa.Double))


def downgrade() -> None:
    for name in (*WORDS, "menu_seconds"):
        op.drop_column("calls", name)
