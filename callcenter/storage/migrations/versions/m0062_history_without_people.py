"""The history of cases keeps no words about people: it is only added to, so it could not forget.

How a citizen was told, or why not, and where exactly a matter was, are forgotten with who complains
after the time of retention. Copies of both stood in the history and stayed for ever. What is in the
cases themselves is not touched.
"""

from alembic import op

revision = "0062"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table document_events disable trigger history_is_kept")
    op.execute(
        "update document_events set reason = '' where action = 'inform_citizen' and reason <> ''"
    )
    op.execute(
        "update document_events set changes = jsonb_set(changes, '{place_note}', '[]') "
        "where action = 'correct' and changes ? 'place_note'"
    )
    op.execute("alter table document_events enable trigger history_is_kept")


def downgrade() -> None:
    """What was forgotten cannot come back."""
