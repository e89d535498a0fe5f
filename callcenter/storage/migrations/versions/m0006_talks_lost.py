"""The reason why a talk ended without anybody hanging up, the number of a call's talks, and phones
that are away."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = ("offline", "available", "ringing", "on_call", "wrapup", "paused")
AFTER = (*BEFORE, "phone_away")


def upgrade() -> None:
    op.add_column("calls", sa.Column("end_reason", sa.Text))
    talks = sa.Column("talks", sa.Integer, nullable=False, server_default="0")
    op.add_column("calls", talks)
    op.execute("update calls set talks = 1 where talk_ended_at is not null")
    _states(AFTER)


def downgrade() -> None:
    op.execute(
        "update operator_states set state = 'paused', reason = 'phone_away' "
        "where state = 'phone_away'"
    )
    _states(BEFORE)
    op.drop_column("calls", "talks")
    op.drop_column("calls", "end_reason")


def _states(words: tuple[str, ...]) -> None:
    """Set the words that the column may have. All existing rows have been checked."""
    name = op.f("ck_operator_states_state")
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute(f"alter table operator_states drop constraint {name}")
    op.execute(
        f"alter table operator_states add constraint {name} check (state in ({listed})) not valid"
    )
    op.execute(f"alter table operator_states validate constraint {name}")
