"""Units, grants, holidays, and accounts that work only at desks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0010"
down_revision = "0012"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_BEFORE = ("operator", "supervisor", "administrator")


def upgrade() -> None:
    _roles(("officer", *_BEFORE))
    op.create_table(
        "units",
        sa.Column("id", sa.Text),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("functions", ARRAY(sa.Text), nullable=False),
        sa.Column("name_th", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("active_from", sa.Date, nullable=False),
        sa.Column("active_to", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.ForeignKeyConstraint(["parent"], ["units.id"], name="fk_units_parent_units"),
        sa.CheckConstraint("active_to > active_from", name=op.f("ck_units_in_order")),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("given_by", sa.Text, nullable=False),
        sa.Column("given_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.ForeignKeyConstraint(
            ["account"], ["accounts.name"], name="fk_grants_account_accounts", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name="fk_grants_unit_units"),
    )
    op.create_index("ix_grants_account", "grants", ["account"])
    op.create_index("ix_grants_unit", "grants", ["unit"])
    op.create_table(
        "holiday_years",
        sa.Column("year", sa.Integer, autoincrement=False),
        sa.Column("confirmed_by", sa.Text, nullable=False),
        sa.Column("confirmed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_holiday_years"),
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("name_th", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_holidays"),
        sa.ForeignKeyConstraint(
            ["year"],
            ["holiday_years.year"],
            name="fk_holidays_year_holiday_years",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_holidays_year", "holidays", ["year"])


def downgrade() -> None:
    for table in ("holidays", "holiday_years", "grants", "units"):
        op.drop_table(table)
    op.execute("update accounts set role = 'operator', disabled = true where role = 'officer'")
    _roles(_BEFORE)


def _roles(words: tuple[str, ...]) -> None:
    name = op.f("ck_accounts_role")
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute(f"alter table accounts drop constraint {name}")
    op.execute(f"alter table accounts add constraint {name} check (role in ({listed}))")
