"""Several phones ring for one caller: a result of the offers that another phone ended."""

from alembic import op

revision = "0058"
down_revision = "0060"
branch_labels = None
depends_on = None

BEFORE = (
    *("answered", "no_answer", "declined", "busy", "unreachable"),
    *("caller_left", "withdrawn"),
)


def upgrade() -> None:
    _results(*BEFORE, "elsewhere")


def downgrade() -> None:
    """We ended those offers, as it was called before."""
    op.execute("update offers set result = 'withdrawn' where result = 'elsewhere'")
    _results(*BEFORE)


def _results(*words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f("ck_offers_result"), "offers")
    op.create_check_constraint("result", "offers", f"result in ({listed})")
