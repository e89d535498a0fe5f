"""The tables of cases. Names, phones and addresses are only in `case_persons`, and in files
(`case_files` describes them; they are in a folder, see vault.py)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)

cases = Table(
    "cases",
    metadata,
    Column("id", ForeignKey("documents.id"), primary_key=True),
    Column("type", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("wish", Text, nullable=False),
    Column("place_note", Text, nullable=False),
    Column("people_concerned", Integer),
    Column("source_unit", ForeignKey("units.id")),
    Column("source_reference", Text),
    Column("source_itself", Boolean, nullable=False),
    Column("source_received_at", _TIME),
    Column("source_informed_at", _TIME),
    Column("source_informed_how", Text, nullable=False),
    Column("citizen_informed_at", _TIME),
    Column("citizen_informed_how", Text, nullable=False),
    Column("citizen_why_not", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("benefit", Text, nullable=False),
    Column("outcome", Text),
    Column("duplicate_of", Text),
    Column("reopened", Integer, nullable=False),
    # when the complainant, the files and the place were removed
    Column("person_removed_at", _TIME),
    CheckConstraint("people_concerned between 0 and 100000", name="people_concerned"),
    Index(
        "ix_cases_source_unit_source_reference",
        "source_unit",
        "source_reference",
        postgresql_where=text("source_reference is not null"),
    ),
    Index(
        "ix_cases_posted_reference",
        "source_unit",
        "source_reference",
        unique=True,
        postgresql_where=text("source_itself and source_reference is not null"),
    ),
)

case_allegations = Table(
    "case_allegations",
    metadata,
    Column("case", ForeignKey("cases.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("conclusion", Text),
    Column("note", Text, nullable=False),
)

case_notes = Table(
    "case_notes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("unit", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_case_notes_case", "case"),
)

case_persons = Table(
    "case_persons",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("e164", Text),
    Column("address", Text, nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Index("ix_case_persons_case", "case"),
    Index("ix_case_persons_e164", "e164", postgresql_where=text("e164 is not null")),
)

case_files = Table(
    "case_files",
    metadata,
    Column("case", ForeignKey("cases.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),  # its name on the disk
    Column("name", Text, nullable=False),
    Column("shows_person", Boolean, nullable=False),
    Column("unit", ForeignKey("units.id"), nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", _TIME, nullable=False),
    Column("kind", Text),
    Column("size", Integer),
    Column("sha256", Text),
    Column("stored_at", _TIME),
    Column("removed_at", _TIME),
    Column("removed_by", Text),
    Column("removed_why", Text, nullable=False),
)

bulletins = Table(
    "bulletins",
    metadata,
    Column("unit", ForeignKey("units.id"), primary_key=True),
    Column("issue", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("subject", Text, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("background", Text, nullable=False),
    Column("results", Text, nullable=False),
    Column("benefit", Text, nullable=False),
    Column("contacts", Text, nullable=False),
    Column("votes", Integer),
    Column("figures", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("published_at", _TIME),
)
