"""The answer base, its versions, uses and misses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("withdrawn_at", _TIME),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("withdrawn_why", sa.Text, nullable=False),
        sa.Column("searched_title", sa.Text, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name="fk_answers_unit_units"),
    )
    op.create_table(
        "answer_versions",
        sa.Column("answer", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("written_by", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("keywords", ARRAY(sa.Text), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("review_by", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("answer", "version", name="pk_answer_versions"),
        sa.ForeignKeyConstraint(
            ["answer"], ["answers.id"], name="fk_answer_versions_answer_answers"
        ),
    )
    op.create_table(
        "answer_uses",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("answer", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("call", sa.Text),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answer_uses"),
        sa.ForeignKeyConstraint(["answer"], ["answers.id"], name="fk_answer_uses_answer_answers"),
    )
    op.create_index("ix_answer_uses_answer_at", "answer_uses", ["answer", "at"])
    op.create_index("ix_answer_uses_call", "answer_uses", ["call"])
    op.create_table(
        "answer_misses",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("searched", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("first_at", _TIME, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answer_misses"),
        sa.UniqueConstraint("searched", name="uq_answer_misses_searched"),
    )
    op.execute(
        "create trigger history_is_kept before update or delete or truncate on answer_versions "
        "for each statement execute function history_is_kept()"
    )


def downgrade() -> None:
    for table in ("answer_misses", "answer_uses", "answer_versions", "answers"):
        op.drop_table(table)
