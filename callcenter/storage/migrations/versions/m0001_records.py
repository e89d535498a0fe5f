"""The record: calls, offers, operators' states, journal positions, dead letters."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of the record."""
    _calls()
    _offers()
    _operator_states()
    _journal()


def downgrade() -> None:
    """Drop the tables with all records."""
    for table in ("dead_letters", "journal_positions", "operator_states", "offers", "calls"):
        op.drop_table(table)


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Text, primary_key=True),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("did", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("caller_class", sa.Text, nullable=False),
        sa.Column("caller_e164", sa.Text),
        sa.Column("queue", sa.Text),
        sa.Column("priority", sa.Integer),
        sa.Column("arrived_at", STAMP, nullable=False),
        sa.Column("queued_at", STAMP),
        sa.Column("answered_at", STAMP),
        sa.Column("talk_ended_at", STAMP),
        sa.Column("ended_at", STAMP),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text, server_default="", nullable=False),
        sa.Column("wait_seconds", sa.Double),
        sa.Column("queue_wait_seconds", sa.Double),
        sa.Column("talk_seconds", sa.Double),
        sa.Column("place", sa.Integer),
        sa.Column("offers", sa.Integer, server_default="0", nullable=False),
        sa.Column("operator", sa.Text),
        sa.Column("ended_by", sa.Text),
        sa.Column("via", sa.Text, server_default="service", nullable=False),
        sa.Column("known_from_ledger", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "outcome in ('answered', 'abandoned_short', 'abandoned', 'overflow', 'callback', "
            "'failed', 'rejected', 'ivr_ended')",
            name="outcome",
        ),
        sa.CheckConstraint("ended_by in ('caller', 'operator', 'lost')", name="ended_by"),
        sa.CheckConstraint(
            "caller_class in ('national', 'intl', 'roaming698', 'voip697', 'withheld', 'invalid')",
            name="caller_class",
        ),
        sa.CheckConstraint("via in ('service', 'lifeboat')", name="via"),
    )
    _index("calls", "arrived_at", "call_id")
    _index("calls", "line", "arrived_at", "call_id")
    _index("calls", "operator", "arrived_at", "call_id")
    _index("calls", "caller_e164", "arrived_at")


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("offer_id", sa.Text, primary_key=True),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("made_at", STAMP, nullable=False),
        sa.Column("answered_at", STAMP),
        sa.Column("ended_at", STAMP),
        sa.Column("result", sa.Text),
        sa.Column("ring_seconds", sa.Double),
        sa.CheckConstraint(
            "result in ('answered', 'no_answer', 'declined', 'busy', 'unreachable', "
            "'caller_left', 'withdrawn')",
            name="result",
        ),
    )
    _index("offers", "call_id")
    _index("offers", "operator", "made_at")


def _operator_states() -> None:
    op.create_table(
        "operator_states",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text),
        sa.Column("began_at", STAMP, nullable=False),
        sa.Column("ended_at", STAMP),
        sa.Column("journal", sa.Text, nullable=False),
        sa.Column("began_engine_seconds", sa.Double, nullable=False),
        sa.Column("seconds", sa.Double),
        sa.CheckConstraint(
            "state in ('offline', 'available', 'ringing', 'on_call', 'wrapup', 'paused')",
            name="state",
        ),
    )
    _index("operator_states", "began_at")
    _index("operator_states", "operator", "began_at")
    op.create_index(
        "uq_operator_states_present",
        "operator_states",
        ["operator"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def _journal() -> None:
    op.create_table(
        "journal_positions",
        sa.Column("journal", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("updated_at", STAMP, server_default=sa.func.now(), nullable=False),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("journal", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("written_at", STAMP, nullable=False),
        sa.Column("noted_at", STAMP, server_default=sa.func.now(), nullable=False),
        sa.UniqueConstraint("journal", "seq"),
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
