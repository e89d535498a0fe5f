"""Messages of supervisors to the floor, and who has read them."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0043"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "floor_messages",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("sent_at", _TIME, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("to", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_floor_messages"),
    )
    op.create_index("ix_floor_messages_sent_at", "floor_messages", ["sent_at"])
    op.create_table(
        "floor_message_readers",
        sa.Column("message", sa.BigInteger, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("read_at", _TIME),
        sa.PrimaryKeyConstraint("message", "operator", name="pk_floor_message_readers"),
        sa.ForeignKeyConstraint(
            ["message"],
            ["floor_messages.id"],
            name="fk_floor_message_readers_message_floor_messages",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_floor_message_readers_unread",
        "floor_message_readers",
        ["operator"],
        postgresql_where=sa.text("read_at is null"),
    )


def downgrade() -> None:
    op.drop_table("floor_message_readers")
    op.drop_table("floor_messages")
