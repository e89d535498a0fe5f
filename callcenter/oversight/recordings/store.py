"""The rows of recordings in PostgreSQL. Each method raises DatabaseAwayError."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.facts import RecordingEnd
from callcenter.core.ids import CallId
from callcenter.oversight.recordings.model import (
    Hold,
    Recording,
    RecordingName,
    RecordingState,
    SealedFile,
    Stock,
    Wanted,
    Why,
)
from callcenter.ports.personal_data import Whose
from callcenter.storage.recordings import RecordedKind, recordings
from callcenter.storage.tables import calls
from callcenter.storage.transactions import transaction

S = RecordingState
_c = recordings.c


class RecordingsInPostgres:
    """The rows of recordings."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def one(self, name: RecordingName) -> Recording | None:
        """One recording. None if there is none with that name."""
        found = await self._read(_is(name), limit=1)
        return found[0] if found else None

    async def search(self, wanted: Wanted) -> Sequence[Recording]:
        """The matching recordings, newest first."""
        asked: list[ColumnElement[bool]] = [_c.why != Why.TOO_SHORT]
        if wanted.since:
            asked.append(_c.began_at >= wanted.since)
        if wanted.until:
            asked.append(_c.began_at < wanted.until)
        for column, value in (
            (_c.line, wanted.line),
            (_c.operator, wanted.operator),
            (_c.call_id, wanted.call),
            (_c.state, wanted.state),
            (_c.kind, wanted.kind),
        ):
            if value is not None:
                asked.append(column == value)
        if wanted.held is not None:
            asked.append(_c.held_at.is_not(None) if wanted.held else _c.held_at.is_(None))
        if wanted.after:
            place = tuple_(_c.began_at, _c.call_id, _c.number)
            asked.append(place < tuple_(*wanted.after))
        return await self._read(and_(*asked), limit=wanted.limit, newest_first=True)

    async def to_seal(self, limit: int) -> Sequence[Recording]:
        """Recordings that have ended and whose sound is still in Asterisk, oldest first."""
        return await self._read(_c.state == S.ENDED, limit=limit)

    async def waiting(self) -> int:
        """The number of recordings that have ended and whose sound is still in Asterisk."""
        return await self._count(_c.state == S.ENDED)

    async def stock(self, days: int) -> Stock:
        """What is stored, if recordings are kept for this many days."""
        free = _c.held_at.is_(None)
        oldest = func.min(_c.began_at).filter(free)
        asked = select(
            func.count(), func.count(_c.held_at), func.coalesce(func.sum(_c.bytes), 0), oldest
        ).where(_c.state == S.KEPT)
        async with transaction(self._engine) as connection:
            many, held, size, began = (await connection.execute(asked)).one()
        at = began.timestamp() if began else 0.0
        due = (began + timedelta(days=days)).timestamp() if began else 0.0
        return Stock(many=many, held=held, bytes=int(size), oldest=at, due=due)

    async def with_other_keys(
        self, key_id: str, after: tuple[datetime, str, int] | None, limit: int
    ) -> Sequence[Recording]:
        """Recordings sealed with another key than this, oldest first, after the one in `after`."""
        asked = [_c.state == S.KEPT, _c.key_id != key_id]
        if after:
            asked.append(tuple_(_c.began_at, _c.call_id, _c.number) > tuple_(*after))
        return await self._read(and_(*asked), limit=limit)

    async def count_of_other_keys(self, key_id: str) -> int:
        """The number of recordings sealed with another key than this."""
        return await self._count(and_(_c.state == S.KEPT, _c.key_id != key_id))

    async def resealed(self, name: RecordingName, before: str, file: str, key_id: str) -> bool:
        """The recording is in another file now. Gives False if it was purged or sealed again in the
        meantime."""
        same = and_(_is(name), _c.state == S.KEPT, _c.file == before)
        return await self._change(same, file=file, key_id=key_id)

    async def sealed(self, name: RecordingName, made: SealedFile, now: datetime) -> bool:
        """The recording is sealed. Gives False if it was not waiting for that any more."""
        return await self._change(
            and_(_is(name), _c.state == S.ENDED),
            state=S.KEPT,
            file=made.file,
            key_id=made.key_id,
            bytes=made.length,
            sound_seconds=made.sound_seconds,
            peaks=made.peaks,
            sealed_at=now,
        )

    async def failed(self, name: RecordingName, why: Why) -> bool:
        """The recording has no sound."""
        return await self._change(and_(_is(name), _c.state == S.ENDED), state=S.FAILED, why=why)

    async def lose(self, before: datetime, alive: Sequence[str]) -> int:
        """Mark recordings whose end was never told: those of other calls than `alive`, begun before
        `before`."""
        lost = (_c.state == S.RUNNING) & (_c.began_at < before) & _c.call_id.not_in(alive)
        return await self._change_many(lost, state=S.ENDED, ending=RecordingEnd.AWAY)

    async def hold(self, name: RecordingName, hold: Hold | None) -> bool:
        """Hold the recording, or end the hold. Gives False if there is no sound to keep."""
        return await self._change(
            and_(_is(name), _c.state.in_((S.RUNNING, S.ENDED, S.KEPT))),
            held_at=hold.at if hold else None,
            held_by=hold.by if hold else None,
            hold_reason=hold.reason if hold else None,
        )

    async def overdue(self, now: datetime, days: int, limit: int) -> Sequence[Recording]:
        """Recordings that were kept too long, and that nobody holds."""
        return await self._read(_old(now, days), limit=limit)

    async def count_overdue(self, now: datetime, days: int) -> int:
        """Their number."""
        return await self._count(_old(now, days))

    async def purged(self, name: RecordingName, why: Why, now: datetime) -> bool:
        """The file of the recording is removed. Gives False if somebody holds it, or if it was
        purged before."""
        return await self._change(
            and_(_is(name), _c.state == S.KEPT, _c.held_at.is_(None)),
            state=S.PURGED,
            why=why,
            file=None,
            peaks=None,
            purged_at=now,
        )

    async def files(self) -> set[str]:
        """The names of all sealed files."""
        async with transaction(self._engine) as connection:
            found = await connection.execute(select(_c.file).where(_c.file.is_not(None)))
            return {str(name) for (name,) in found}

    async def held_on(self, whose: Whose) -> Sequence[Recording]:
        """The recordings of the calls of a number."""
        same = calls.c.caller_e164 == whose.e164 if whose.e164 else calls.c.caller == whose.number
        theirs = select(calls.c.call_id).where(same)
        return await self._read(_c.call_id.in_(theirs), limit=10_000)

    async def _count(self, where: ColumnElement[bool]) -> int:
        counted = select(func.count()).select_from(recordings).where(where)
        async with transaction(self._engine) as connection:
            return int(await connection.scalar(counted) or 0)

    async def _read(
        self, where: ColumnElement[bool], *, limit: int, newest_first: bool = False
    ) -> list[Recording]:
        order = [_c.began_at, _c.call_id, _c.number]
        asked = select(recordings).where(where).limit(limit)
        asked = asked.order_by(*(one.desc() if newest_first else one for one in order))
        async with transaction(self._engine) as connection:
            return [recording_of(row) for row in (await connection.execute(asked)).mappings()]

    async def _change(self, where: ColumnElement[bool], **values: object) -> bool:
        return await self._change_many(where, **values) > 0

    async def _change_many(self, where: ColumnElement[bool], **values: object) -> int:
        async with transaction(self._engine) as connection:
            done = await connection.execute(update(recordings).where(where).values(**values))
            return int(done.rowcount)


def _is(name: RecordingName) -> ColumnElement[bool]:
    return and_(_c.call_id == name.call, _c.number == name.number)


def _old(now: datetime, days: int) -> ColumnElement[bool]:
    old = _c.began_at < now - timedelta(days=days)
    return and_(old, _c.state == S.KEPT, _c.held_at.is_(None))


def recording_of(row: Mapping[Any, Any]) -> Recording:
    """The recording of a row."""
    hold = None
    if row["held_at"] is not None:
        hold = Hold(at=row["held_at"], by=row["held_by"], reason=row["hold_reason"])
    return Recording(
        name=RecordingName(CallId(row["call_id"]), row["number"]),
        line=row["line"],
        queue=row["queue"],
        operator=row["operator"],
        began_at=row["began_at"],
        ended_at=row["ended_at"],
        ending=RecordingEnd(row["ending"]) if row["ending"] else None,
        seconds=row["seconds"],
        paused_seconds=row["paused_seconds"],
        state=RecordingState(row["state"]),
        why=Why(row["why"]) if row["why"] else None,
        file=row["file"],
        key_id=row["key_id"],
        length=row["bytes"],
        sound_seconds=row["sound_seconds"],
        peaks=row["peaks"],
        hold=hold,
        purged_at=row["purged_at"],
        kind=RecordedKind(row["kind"]),
    )
