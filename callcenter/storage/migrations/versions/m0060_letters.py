"""Official letters of cases and rounds, and the letter that set a deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0063"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("document", sa.Uuid, sa.ForeignKey("documents.id")),
        sa.Column("round", sa.BigInteger, sa.ForeignKey("rounds.id")),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("from_unit", sa.Text, sa.ForeignKey("units.id")),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("to_unit", sa.Text, sa.ForeignKey("units.id")),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("file", sa.Integer),
        sa.Column("due_at", _TIME),
        sa.Column("names_person", sa.Boolean, nullable=False),
        sa.Column("forgotten_at", _TIME),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("recorded_for", sa.Text, sa.ForeignKey("units.id"), nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.CheckConstraint("(document is null) <> (round is null)", name="of_one"),
        sa.UniqueConstraint("document", "n"),
        sa.UniqueConstraint("round", "n"),
    )
    op.add_column("clocks", sa.Column("letter", sa.Integer))


def downgrade() -> None:
    op.drop_column("clocks", "letter")
    op.drop_table("letters")
