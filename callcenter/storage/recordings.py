"""The table of recorded talks, and how the recorder writes what the engine reports of them.

A row begins with the recording, so that a recording that failed is known, too. The recorder changes
it from `running` to `ended` or `failed`. After that oversight/recordings writes what becomes of the
sound, and never goes back to an earlier state.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from callcenter.core.facts import RecordingEnd
from callcenter.storage.schema import metadata

_TIME = DateTime(timezone=True)


class RecordedKind(StrEnum):
    """What was recorded."""

    TALK = "talk"
    MESSAGE = "message"  # of a voicemail: there is no operator


STATES: Final = ("running", "ended", "kept", "failed", "purged")

recordings = Table(
    "recordings",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("began_at", _TIME, nullable=False),
    Column("ended_at", _TIME),
    Column("ending", Text),  # how it ended, as the engine saw it
    Column("seconds", Double),
    Column("paused_seconds", Double),
    Column(
        "state",
        Text,
        CheckConstraint(f"state in ({', '.join(repr(s) for s in STATES)})", name="state"),
        nullable=False,
    ),
    Column("why", Text, nullable=False, server_default=""),  # why it failed or was purged
    Column(
        "kind",
        Text,
        CheckConstraint(f"kind in ({', '.join(repr(k.value) for k in RecordedKind)})", name="kind"),
        nullable=False,
        server_default="talk",
    ),
    Column("file", Text),  # the name of the file on the disk
    Column("key_id", Text),
    Column("bytes", BigInteger),
    Column("sound_seconds", Double),  # the length of the sound
    Column("peaks", LargeBinary),
    Column("sealed_at", _TIME),
    Column("held_at", _TIME),  # a held recording is not purged
    Column("held_by", Text),
    Column("hold_reason", Text),
    Column("purged_at", _TIME),
    Index("ix_recordings_began_at", "began_at"),
    Index(
        "ix_recordings_kept",
        "began_at",
        postgresql_where=text("state = 'kept'"),
        postgresql_include=["held_at", "bytes"],
    ),
    Index(
        "ix_recordings_messages",
        "began_at",
        postgresql_where=text("kind = 'message'"),
    ),
    Index("ix_recordings_open", "began_at", postgresql_where=text("state in ('running', 'ended')")),
)


class Recorded(NamedTuple):
    """What a batch of facts reports of one recording. Stamps are seconds since 1970."""

    call_id: str
    number: int
    line: str
    queue: str
    operator: str
    began: float
    ended: float | None = None
    ending: RecordingEnd | None = None
    seconds: float | None = None
    paused_seconds: float | None = None
    kind: RecordedKind = RecordedKind.TALK

    @property
    def values(self) -> tuple[object, ...]:
        """The values in the order of RECORDED."""
        lost = {RecordingEnd.FAILED: "asterisk", RecordingEnd.TOO_SHORT: "too_short"}
        why = lost.get(self.ending, "") if self.ending else ""
        state = "running" if self.ending is None else "failed" if why else "ended"
        return (*self, state, why)


voicemails = Table(
    "voicemails",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("taken_at", _TIME),
    Column("taken_by", Text),
    Column("done_at", _TIME),
    Column("done_by", Text),
    Column("how", Text),
    ForeignKeyConstraint(["call_id", "number"], ["recordings.call_id", "recordings.number"]),
    CheckConstraint("how in ('heard', 'called_back', 'case')", name="how"),
    CheckConstraint("(done_at is null) = (how is null)", name="done"),
)
"""The work on messages. A message without a row here is new."""

RECORDED: Final = """
insert into recordings (call_id, number, line, queue, operator, began_at, ended_at, ending,
    seconds, paused_seconds, kind, state, why)
values ($1, $2, $3, $4, $5, to_timestamp($6),
    case when $7::double precision is not null then to_timestamp(greatest($6, $7)) end,
    $8, $9, $10, $11, $12, $13)
on conflict (call_id, number) do update set
    queue = excluded.queue, operator = excluded.operator, began_at = excluded.began_at,
    ended_at = excluded.ended_at, ending = excluded.ending, seconds = excluded.seconds,
    paused_seconds = excluded.paused_seconds, state = excluded.state, why = excluded.why
where recordings.state = 'running'
"""
