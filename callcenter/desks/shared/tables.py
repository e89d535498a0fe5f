"""The tables that every desk uses: units, grants, holidays."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from callcenter.storage.schema import metadata

units = Table(
    "units",
    metadata,
    Column("id", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("functions", ARRAY(Text), nullable=False),
    Column("name_th", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("area", Text, nullable=False),  # a DOPA code; empty: the whole country
    Column("parent", ForeignKey("units.id")),
    Column("email", Text),
    Column("active_from", Date, nullable=False),
    Column("active_to", Date),
    CheckConstraint("active_to > active_from", name="in_order"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account", ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False),
    Column("role", Text, nullable=False),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("given_by", Text, nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Index("ix_grants_account", "account"),
    Index("ix_grants_unit", "unit"),
)

holiday_years = Table(
    "holiday_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),  # of the common era
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False),
)

holidays = Table(
    "holidays",
    metadata,
    Column("day", Date, primary_key=True),
    Column("year", ForeignKey("holiday_years.year", ondelete="CASCADE"), nullable=False),
    Column("name_th", Text, nullable=False),
    Index("ix_holidays_year", "year"),
)
