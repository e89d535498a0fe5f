"""The rows of messages that callers left, and the work on them. Each method raises
DatabaseAwayError."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.oversight.recordings.model import Recording, RecordingName, RecordingState
from callcenter.oversight.recordings.store import recording_of
from callcenter.storage.recordings import RecordedKind, recordings, voicemails
from callcenter.storage.tables import calls
from callcenter.storage.transactions import transaction

_c, _v = recordings.c, voicemails.c


class VoicemailState(StrEnum):
    """How far the work on a message is."""

    NEW = "new"
    TAKEN = "taken"
    DONE = "done"


class How(StrEnum):
    """How a message was finished."""

    HEARD = "heard"
    CALLED_BACK = "called_back"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, its caller, and the work on it."""

    recording: Recording
    caller: str
    did: str
    taken_by: str | None
    taken_at: datetime | None
    done_by: str | None
    done_at: datetime | None
    how: How | None

    @property
    def state(self) -> VoicemailState:
        """How far the work is."""
        if self.how is not None:
            return VoicemailState.DONE
        return VoicemailState.TAKEN if self.taken_by is not None else VoicemailState.NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A search. `queues` None: all. `after`: only those after this one."""

    queues: tuple[str, ...] | None
    done: bool
    after: tuple[float, str, int] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """The messages of one queue that are not done. `oldest`: seconds since 1970."""

    new: int
    taken: int
    oldest: float


_IS_MESSAGE = and_(
    _c.kind == RecordedKind.MESSAGE, _c.state.in_((RecordingState.KEPT, RecordingState.PURGED))
)
"""One in which somebody is heard; the others have failed (keeper.py)."""
_JOINED = recordings.outerjoin(
    voicemails, and_(_v.call_id == _c.call_id, _v.number == _c.number)
).outerjoin(calls, calls.c.call_id == _c.call_id)
_WORK = (_v.taken_by, _v.taken_at, _v.done_by, _v.done_at, _v.how)


class VoicemailsInPostgres:
    """The rows of messages."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def one(self, name: RecordingName) -> Message | None:
        """One message. None if there is none with that name."""
        found = await self._read(and_(_c.call_id == name.call, _c.number == name.number), 1)
        return found[0] if found else None

    async def search(self, wanted: Sought) -> Sequence[Message]:
        """The matching messages: those that are not done oldest first, the others newest first."""
        asked: list[ColumnElement[bool]] = [
            _v.done_at.is_not(None) if wanted.done else _v.done_at.is_(None)
        ]
        if wanted.queues is not None:
            asked.append(_c.queue.in_(wanted.queues))
        if wanted.after:
            began, call, number = wanted.after
            here, there = (
                tuple_(_c.began_at, _c.call_id, _c.number),
                tuple_(datetime.fromtimestamp(began, UTC), call, number),
            )
            asked.append(here < there if wanted.done else here > there)
        return await self._read(and_(*asked), wanted.limit, newest_first=wanted.done)

    async def take(self, name: RecordingName, who: str, now: datetime) -> bool:
        """Somebody works on the message. Gives False if a colleague does, or if it is done."""
        asked = insert(voicemails).values(
            call_id=name.call, number=name.number, taken_by=who, taken_at=now
        )
        return await self._change(
            asked.on_conflict_do_update(
                index_elements=[_v.call_id, _v.number],
                set_={"taken_by": who, "taken_at": now},
                where=and_(_v.done_at.is_(None), or_(_v.taken_by.is_(None), _v.taken_by == who)),
            )
        )

    async def give_back(self, name: RecordingName, who: str | None) -> bool:
        """The message is new again. `who` None: whoever has it. Gives False if they do not have
        it."""
        has_it = _v.taken_by.is_not(None) if who is None else _v.taken_by == who
        return await self._change(
            update(voicemails)
            .where(_v.call_id == name.call, _v.number == name.number, has_it, _v.done_at.is_(None))
            .values(taken_by=None, taken_at=None)
        )

    async def finish(self, name: RecordingName, who: str, how: How, now: datetime) -> bool:
        """The message is done. Gives False if it was."""
        done = {"done_by": who, "done_at": now, "how": how.value}
        asked = insert(voicemails).values(call_id=name.call, number=name.number, **done)
        return await self._change(
            asked.on_conflict_do_update(
                index_elements=[_v.call_id, _v.number], set_=done, where=_v.done_at.is_(None)
            )
        )

    async def waiting(self) -> Mapping[str, Waiting]:
        """The messages that are not done, by queue."""
        taken = func.count(_v.taken_by)
        asked = (
            select(_c.queue, func.count() - taken, taken, func.min(_c.began_at))
            .select_from(_JOINED)
            .where(_IS_MESSAGE, _v.done_at.is_(None))
            .group_by(_c.queue)
        )
        async with transaction(self._engine) as connection:
            rows = await connection.execute(asked)
            return {
                str(queue): Waiting(int(new), int(many), oldest.timestamp())
                for queue, new, many, oldest in rows
            }

    async def _read(
        self, where: ColumnElement[bool], limit: int, *, newest_first: bool = False
    ) -> list[Message]:
        order = [_c.began_at, _c.call_id, _c.number]
        asked = (
            select(recordings, *_WORK, calls.c.caller, calls.c.did)
            .select_from(_JOINED)
            .where(_IS_MESSAGE, where)
            .order_by(*(one.desc() if newest_first else one for one in order))
            .limit(limit)
        )
        async with transaction(self._engine) as connection:
            return [_message(row) for row in (await connection.execute(asked)).mappings()]

    async def _change(self, change: Any) -> bool:
        async with transaction(self._engine) as connection:
            return int((await connection.execute(change)).rowcount) > 0


def _message(row: Mapping[Any, Any]) -> Message:
    return Message(
        recording=recording_of(row),
        caller=row["caller"] or "",
        did=row["did"] or "",
        taken_by=row["taken_by"],
        taken_at=row["taken_at"],
        done_by=row["done_by"],
        done_at=row["done_at"],
        how=How(row["how"]) if row["how"] else None,
    )
