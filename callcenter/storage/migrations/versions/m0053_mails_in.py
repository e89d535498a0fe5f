"""Mail that came in for report rounds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0053"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mails_in",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("validity", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        sa.Column("round", sa.BigInteger, sa.ForeignKey("rounds.id"), index=True),
        sa.Column("unit", sa.Text, sa.ForeignKey("units.id")),
        sa.UniqueConstraint("validity", "uid"),
    )
    op.create_index(
        "ix_mails_in_message_id",
        "mails_in",
        ["message_id"],
        postgresql_where=sa.text("message_id <> ''"),
    )


def downgrade() -> None:
    op.drop_table("mails_in")
