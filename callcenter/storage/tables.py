"""The tables of the record: calls, offers, operators' states, and how far the journal is stored.

Only the recorder writes them (`statements.py` has the SQL). The migrations create them, and a test
compares the two. Every `…_at` is UTC, for people to read. Every `…_seconds` comes from the engine's
monotonic time, not from two stamps.

Calls and offers are partitioned by the month of their arrival (`months.py`), so PostgreSQL keeps
their key unique only together with that column. The recorder alone inserts them, and looks first
in every month (`statements.py`).
"""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from callcenter.core.facts import OperatorState
from callcenter.core.outcome import EndedBy, OfferResult, Outcome
from callcenter.storage.caller_number import CallerClass
from callcenter.storage.schema import metadata

_NO = text("false")


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """The column has one of a closed set of words, or null."""
    return CheckConstraint(f"{column} in ({', '.join(repr(w.value) for w in words)})", name=column)


calls = Table(
    "calls",
    metadata,
    Column("call_id", Text, primary_key=True),  # Asterisk's uniqueid of the caller's channel
    Column("line", Text, nullable=False),
    Column("did", Text, nullable=False),
    Column("caller", Text, nullable=False),  # as the trunk gave it: untrusted text
    Column("caller_class", Text, nullable=False),
    Column("caller_e164", Text),
    Column("queue", Text),  # the last queue in which the call stood before it was answered
    Column("priority", Integer),
    Column("arrived_at", DateTime(timezone=True), primary_key=True),  # its month's partition
    Column("queued_at", DateTime(timezone=True)),
    Column("answered_at", DateTime(timezone=True)),
    Column("talk_ended_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("outcome", Text),
    Column("reason", Text, nullable=False, server_default=""),
    Column("wait_seconds", Double),  # from arrival
    Column("queue_wait_seconds", Double),  # from queueing
    Column("talk_seconds", Double),
    Column("place", Integer),  # place in line when the caller left unanswered; 1 was next
    Column("offers", Integer, nullable=False, server_default="0"),
    Column("operator", Text),  # who answered
    Column("ended_by", Text),
    Column("end_reason", Text),  # a Loss, if no person ended the call
    # More than one talk: a phone was lost in a talk, or the caller was transferred.
    Column("talks", Integer, nullable=False, server_default="0"),
    Column("transfers", Integer, nullable=False, server_default="0"),
    # estimated when the call was queued, from then to the talk
    Column("expected_wait_seconds", Double),
    Column("wait_at_most_seconds", Double),  # estimated limit for nine calls of ten
    Column("news", Text),  # the first prompt of the message of the day that the caller heard
    Column("news_more", Boolean),  # whether the caller asked for more of it
    # The last announcement of the wait to the caller, and that announcement minus the real wait.
    Column("told_place", Integer),
    Column("told_minutes", Integer),
    Column("told_error_seconds", Double),
    Column("transfer_kind", Text),  # of the last transfer
    # how often a colleague was consulted
    Column("consults", Integer, nullable=False, server_default="0"),
    # how long the caller was on hold
    Column("consult_seconds", Double, nullable=False, server_default="0"),
    # how often the call was parked, and for how long
    Column("parks", Integer, nullable=False, server_default="0"),
    Column("park_seconds", Double, nullable=False, server_default="0"),
    # What the caller chose in the menu, the keys pressed, and how long that took.
    Column("language", Text),
    Column("kind", Text),
    Column("topic", Text),
    Column("province", Text),
    Column("menu_path", Text),
    Column("menu_seconds", Double),
    Column("overflow", Text),  # the overflow rule that was followed at entry: why=to
    Column("callback_lookup", Text),  # what was answered about the callback to the caller's number
    Column("case_lookup", Text),  # what was answered to the last number of a case
    # The call whose kept place in line this one got, and since when that place is the caller's.
    Column("redial_of", Text),
    Column("first_arrived_at", DateTime(timezone=True)),
    # A request to be called back; null tries: there was none. The result is an outcome, or the
    # reason why there was none.
    Column("callback_asked_at", DateTime(timezone=True)),
    Column("callback_tries", Integer),
    Column("callback_result", Text),
    Column("voicemail", Text),  # the result of asking the caller for a message; null: not asked
    # The result of the survey after the talk (null: no survey), and the key that the caller
    # pressed.
    Column("survey", Text),
    Column("survey_score", Integer),
    Column("node", Text),  # the Asterisk that had the call; null in rows older than this column
    Column("via", Text, nullable=False, server_default="service"),
    Column("known_from_ledger", Boolean, nullable=False, server_default=_NO),
    Column("demo", Boolean, nullable=False, server_default=_NO),  # only storage/demo.py writes it
    _one_of("outcome", Outcome),
    _one_of("ended_by", EndedBy),
    _one_of("caller_class", CallerClass),
    CheckConstraint("transfer_kind in ('blind', 'attended')", name="transfer_kind"),
    CheckConstraint("survey_score between 1 and 5", name="survey_score"),
    CheckConstraint("via in ('service', 'lifeboat')", name="via"),
    CheckConstraint(
        "(answered_at is not null) = (outcome is not distinct from 'answered')",
        name="answered_once",
    ),
    CheckConstraint(
        "talk_ended_at is null or coalesce(outcome, 'answered') = 'answered'",
        name="talk_of_answered",
    ),
    CheckConstraint(
        "queued_at >= arrived_at and answered_at >= arrived_at "
        "and talk_ended_at >= coalesce(answered_at, arrived_at) "
        "and ended_at >= greatest(arrived_at, queued_at, answered_at, talk_ended_at)",
        name="in_order",
    ),
    CheckConstraint(
        "wait_seconds >= 0 and queue_wait_seconds >= 0 and talk_seconds >= 0", name="lasted"
    ),
    Index("ix_calls_arrived_at_call_id", "arrived_at", "call_id"),
    Index("ix_calls_line_arrived_at_call_id", "line", "arrived_at", "call_id"),
    Index("ix_calls_operator_arrived_at_call_id", "operator", "arrived_at", "call_id"),
    Index("ix_calls_caller_e164_arrived_at", "caller_e164", "arrived_at"),
    Index("ix_calls_with_number", "arrived_at", postgresql_where=text("caller <> ''")),
    Index("ix_calls_demo", "call_id", postgresql_where=text("demo")),
    Index(
        "ix_calls_outcome_arrived_at_call_id",
        "outcome",
        "arrived_at",
        "call_id",
        postgresql_where=text("outcome <> 'answered'"),
    ),
    postgresql_partition_by="range (arrived_at)",
)

offers = Table(
    "offers",
    metadata,
    Column("offer_id", Text, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("operator", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("number", Integer, nullable=False),  # 1 for the call's first offer
    Column("made_at", DateTime(timezone=True), primary_key=True),  # its month's partition
    Column("answered_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("result", Text),
    Column("ring_seconds", Double),
    _one_of("result", OfferResult),
    CheckConstraint(
        "answered_at >= made_at and ended_at >= greatest(made_at, answered_at)", name="in_order"
    ),
    CheckConstraint("ring_seconds >= 0", name="lasted"),
    Index("ix_offers_operator_made_at", "operator", "made_at"),
    postgresql_partition_by="range (made_at)",
)

operator_states = Table(
    "operator_states",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("operator", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("call_id", Text),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("journal", Text, nullable=False),  # the journal whose engine time the next column uses
    Column("began_engine_seconds", Double, nullable=False),  # `seconds` is counted from here
    Column("seconds", Double),
    _one_of("state", OperatorState),
    CheckConstraint("ended_at >= began_at", name="in_order"),
    CheckConstraint("seconds >= 0", name="lasted"),
    Index("ix_operator_states_operator_began_at", "operator", "began_at"),
    Index("ix_operator_states_began_at", "began_at"),
    Index(
        "uq_operator_states_present",
        "operator",
        unique=True,
        postgresql_where=text("ended_at is null"),
    ),
)

cover_gaps = Table(
    "cover_gaps",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("queue", Text, nullable=False),
    Column("planned", Boolean, nullable=False),  # whether somebody should have been there
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("ended_at >= began_at", name="in_order"),
    Index("ix_cover_gaps_ended_at", "ended_at"),
)

journal_positions = Table(
    "journal_positions",
    metadata,
    Column("journal", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),  # every fact up to this one is in the tables
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("journal", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),  # the unchanged fact in MessagePack
    Column("error", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("noted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("journal", "seq"),
)
