"""The phone in the browser: its SIP password is valid as long as its log-in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("phone_secret", sa.Text))
    op.create_index(
        "uq_sessions_phone",
        "sessions",
        ["account"],
        unique=True,
        postgresql_where=sa.text("phone_secret is not null"),
    )


def downgrade() -> None:
    op.drop_index("uq_sessions_phone", "sessions")
    op.drop_column("sessions", "phone_secret")
