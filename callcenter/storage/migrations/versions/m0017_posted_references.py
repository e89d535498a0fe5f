"""A source's reference is the source's own if the source posted it. Otherwise a person entered it.

Existing references count as posted if the case's first hand-over came from the source.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = ["source_unit", "source_reference"]
SOME = "source_reference is not null"


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("source_itself", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.execute(
        "update cases set source_itself = true from hops where hops.document = cases.id "
        "and hops.n = 1 and hops.from_unit = cases.source_unit"
    )
    op.alter_column("cases", "source_itself", server_default=None)
    op.drop_index("ix_cases_source_unit_source_reference", "cases")
    op.create_index(
        "ix_cases_source_unit_source_reference", "cases", KEY, postgresql_where=sa.text(SOME)
    )
    op.create_index(
        "ix_cases_posted_reference",
        "cases",
        KEY,
        unique=True,
        postgresql_where=sa.text(f"source_itself and {SOME}"),
    )


def downgrade() -> None:
    op.drop_index("ix_cases_posted_reference", "cases")
    op.drop_index("ix_cases_source_unit_source_reference", "cases")
    op.create_index(
        "ix_cases_source_unit_source_reference",
        "cases",
        KEY,
        unique=True,
        postgresql_where=sa.text(SOME),
    )
    op.drop_column("cases", "source_itself")
