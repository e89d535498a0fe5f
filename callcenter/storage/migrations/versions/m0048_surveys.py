"""The survey after the talk: its result, and the key that the caller pressed."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("survey", sa.Text))
    op.add_column("calls", sa.Column("survey_score", sa.Integer))
    op.create_check_constraint("survey_score", "calls", "survey_score between 1 and 5")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_calls_survey_score"), "calls")
    op.drop_column("calls", "survey_score")
    op.drop_column("calls", "survey")
