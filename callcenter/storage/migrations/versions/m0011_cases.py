"""Documents with their history, hand-overs and clocks; and cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_TABLES = (
    "documents",
    "document_events",
    "hops",
    "clocks",
    "involvements",
    "number_sequences",
    "clock_rules",
    "cases",
    "case_allegations",
    "case_notes",
    "case_persons",
)


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("rank", sa.SmallInteger, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(["holder"], ["units.id"], name="fk_documents_holder_units"),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name="fk_documents_unit_units"),
        sa.UniqueConstraint("number", name="uq_documents_number"),
    )
    op.create_index(
        "ix_documents_area", "documents", ["area"], postgresql_ops={"area": "text_pattern_ops"}
    )
    op.create_index(
        "ix_documents_call_id",
        "documents",
        ["call_id"],
        postgresql_where=sa.text("call_id is not null"),
    )
    op.create_index(
        "ix_documents_holder_rank_due_at_number",
        "documents",
        ["holder", "rank", "due_at", "number"],
    )
    op.create_index(
        "ix_documents_kind_rank_due_at_number", "documents", ["kind", "rank", "due_at", "number"]
    )
    op.create_index(
        "ix_documents_unit_rank_due_at_number", "documents", ["unit", "rank", "due_at", "number"]
    )
    op.create_table(
        "document_events",
        sa.Column("document", sa.Uuid),
        sa.Column("seq", sa.Integer),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("changes", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("document", "seq", name="pk_document_events"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_document_events_document_documents"
        ),
    )
    op.create_table(
        "hops",
        sa.Column("document", sa.Uuid),
        sa.Column("n", sa.Integer),
        sa.Column("from_unit", sa.Text, nullable=False),
        sa.Column("to_unit", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("sent_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME),
        sa.Column("received_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("document", "n", name="pk_hops"),
        sa.CheckConstraint(
            "received_at >= sent_at and ended_at >= sent_at", name=op.f("ck_hops_in_order")
        ),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name="fk_hops_document_documents"),
        sa.ForeignKeyConstraint(["from_unit"], ["units.id"], name="fk_hops_from_unit_units"),
        sa.ForeignKeyConstraint(["to_unit"], ["units.id"], name="fk_hops_to_unit_units"),
    )
    op.create_table(
        "clocks",
        sa.Column("document", sa.Uuid),
        sa.Column("n", sa.Integer),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hop", sa.Integer),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("met_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("paused_at", _TIME),
        sa.Column("paused_seconds", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("document", "n", name="pk_clocks"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_clocks_document_documents"
        ),
    )
    op.create_table(
        "involvements",
        sa.Column("unit", sa.Text),
        sa.Column("document", sa.Uuid),
        sa.Column("as_source", sa.SmallInteger),
        sa.PrimaryKeyConstraint("unit", "document", "as_source", name="pk_involvements"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_involvements_document_documents"
        ),
        sa.ForeignKeyConstraint(["unit"], ["units.id"], name="fk_involvements_unit_units"),
    )
    op.create_index("ix_involvements_document", "involvements", ["document"])
    op.create_table(
        "number_sequences",
        sa.Column("area", sa.Text),
        sa.Column("year", sa.Integer),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("area", "year", name="pk_number_sequences"),
    )
    op.create_table(
        "clock_rules",
        sa.Column("name", sa.Text),
        sa.Column("urgency", sa.Text),
        sa.Column("version", sa.Integer),
        sa.Column("counted", sa.Text, nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", "urgency", "version", name="pk_clock_rules"),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("wish", sa.Text, nullable=False),
        sa.Column("place_note", sa.Text, nullable=False),
        sa.Column("people_concerned", sa.Integer),
        sa.Column("source_unit", sa.Text),
        sa.Column("source_reference", sa.Text),
        sa.Column("source_received_at", _TIME),
        sa.Column("source_informed_at", _TIME),
        sa.Column("source_informed_how", sa.Text, nullable=False),
        sa.Column("citizen_informed_at", _TIME),
        sa.Column("citizen_informed_how", sa.Text, nullable=False),
        sa.Column("citizen_why_not", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("benefit", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("duplicate_of", sa.Text),
        sa.Column("reopened", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.CheckConstraint(
            "people_concerned between 0 and 100000", name=op.f("ck_cases_people_concerned")
        ),
        sa.ForeignKeyConstraint(["id"], ["documents.id"], name="fk_cases_id_documents"),
        sa.ForeignKeyConstraint(["source_unit"], ["units.id"], name="fk_cases_source_unit_units"),
    )
    op.create_index(
        "ix_cases_source_unit_source_reference",
        "cases",
        ["source_unit", "source_reference"],
        unique=True,
        postgresql_where=sa.text("source_reference is not null"),
    )
    op.create_table(
        "case_allegations",
        sa.Column("case", sa.Uuid),
        sa.Column("n", sa.Integer),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("conclusion", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case", "n", name="pk_case_allegations"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_allegations_case_cases"),
    )
    op.create_table(
        "case_notes",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("case", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_notes"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_notes_case_cases"),
    )
    op.create_index("ix_case_notes_case", "case_notes", ["case"])
    op.create_table(
        "case_persons",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True)),
        sa.Column("case", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("e164", sa.Text),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("anonymous", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_persons"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_persons_case_cases"),
    )
    op.create_index("ix_case_persons_case", "case_persons", ["case"])
    op.create_index(
        "ix_case_persons_e164",
        "case_persons",
        ["e164"],
        postgresql_where=sa.text("e164 is not null"),
    )
    op.execute(_REFUSE)
    op.execute(_KEEP)


_REFUSE = """
create function history_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'the history of documents is only added to';
end
$$
"""
_KEEP = """
create trigger history_is_kept before update or delete or truncate on document_events
for each statement execute function history_is_kept()
"""


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.execute("drop function history_is_kept()")
