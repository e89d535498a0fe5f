"""A second factor of an account: an authenticator app's secret, and recovery codes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0015"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("totp_secret", sa.Text))
    op.add_column("accounts", sa.Column("totp_since", sa.DateTime(timezone=True)))
    op.add_column("accounts", sa.Column("totp_pending", sa.Text))
    op.add_column("accounts", sa.Column("totp_step", sa.BigInteger))
    op.add_column(
        "accounts",
        sa.Column("recovery_hashes", ARRAY(sa.LargeBinary), nullable=False, server_default="{}"),
    )


def downgrade() -> None:
    for column in ("recovery_hashes", "totp_step", "totp_pending", "totp_since", "totp_secret"):
        op.drop_column("accounts", column)
