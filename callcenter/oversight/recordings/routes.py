"""/api/v1/recordings…: recorded talks for supervisors; administrators hold and purge them.

The sound is decrypted for an authorised person piece by piece, and is nowhere stored unencrypted on
the way. A request of its own begins a playback, and is in the audit once, however often its sound
is requested.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.core.facts import RecordingEnd
from callcenter.core.ids import CallId
from callcenter.oversight.recordings import sound
from callcenter.oversight.recordings.keeper import Keeper
from callcenter.oversight.recordings.keys import KeysError, read_keys
from callcenter.oversight.recordings.model import (
    Hold,
    Recording,
    RecordingName,
    RecordingState,
    Wanted,
    Why,
)
from callcenter.oversight.recordings.people import purge
from callcenter.oversight.recordings.playbacks import Playbacks
from callcenter.oversight.recordings.resealing import reseal_some
from callcenter.oversight.recordings.sealing import Sealed, SealError
from callcenter.oversight.recordings.vault import NoRoomError
from callcenter.ports.people import Role
from callcenter.storage.recordings import RecordedKind
from callcenter.web.calls import Moment, moment
from callcenter.web.endpoint import Download, Endpoints, Pieces, Request
from callcenter.web.errors import Problem

endpoints = Endpoints("recordings")

_Reason = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=300,
        pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)",
        description="a text without control characters, and without a phone number",
        examples=["letter of the court, 3 March 2569"],
    ),
]
_Word = Annotated[str, Meta(min_length=1, max_length=150, pattern=r"^[A-Za-z0-9._-]*$(?!\n)")]

_Mark = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,10}\.[0-9]{6}~[A-Za-z0-9._-]{1,150}~[0-9]{1,6}$(?!\n)",
        description="`next` of a page",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`keeper` seals recordings, and has the rows and the files."""

    keeper: Keeper
    playbacks: Playbacks = field(default_factory=Playbacks)

    async def run(self) -> None:
        """Seal recordings that have ended. Runs for ever."""
        await self.keeper.run()


class RecordingView(msgspec.Struct):
    """A recorded talk, or a message of the voicemail, which has no operator. `seconds`: how long it
    lasted. `paused_seconds`: of these, in the operator's pauses. `sound_seconds`: how much sound
    there is; less if some was lost. `state`: running, ended (not sealed yet), kept, failed or
    purged, and `why`. `held_by`, `hold_reason`: who keeps it whatever its age. `kept_until`: when
    its time is over, and the next daily run removes its sound; null: it is held, or there is no
    sound."""

    call: str
    number: int
    kind: RecordedKind
    line: str
    queue: str
    operator: str
    began_at: datetime
    ended_at: datetime | None
    ending: RecordingEnd | None
    seconds: float | None
    paused_seconds: float | None
    sound_seconds: float | None
    state: RecordingState
    why: Why | None
    held_by: str | None
    hold_reason: str | None
    held_at: datetime | None
    kept_until: datetime | None


class RecordingPicture(msgspec.Struct):
    """A recording, and how loud each side was: 0 to 255, over equal parts of its time."""

    recording: RecordingView
    caller: list[int]
    operator: list[int]


class RecordingPage(msgspec.Struct):
    """Recordings, newest first. `next`: use it as `after` for the next page; null: there is none.
    `keep_days`: how long the sound is kept if nobody holds it."""

    recordings: list[RecordingView]
    next: str | None
    keep_days: int


class RecordingsQuery(msgspec.Struct):
    """`since` and `before`: when it began. `after`: the `next` of the previous page."""

    since: Moment | UnsetType = UNSET
    before: Moment | UnsetType = UNSET
    line: _Word | UnsetType = UNSET
    operator: _Word | UnsetType = UNSET
    call: _Word | UnsetType = UNSET
    state: RecordingState | UnsetType = UNSET
    kind: RecordedKind | UnsetType = UNSET
    held: bool | UnsetType = UNSET
    after: _Mark | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Because(msgspec.Struct, forbid_unknown_fields=True):
    """Why it must be kept or purged."""

    reason: _Reason


class NewResealing(msgspec.Struct, forbid_unknown_fields=True):
    """`after`: the `next` of the previous answer."""

    after: _Mark | None = None


class Unread(msgspec.Struct):
    """A recording that cannot be read, and stays as it is."""

    call: str
    number: int
    why: str


class ResealingView(msgspec.Struct):
    """`key`: the first in the file of keys. `resealed`: how many were sealed again with it. `left`:
    how many still need that. `next`: ask again with it; null: all were tried."""

    key: str
    resealed: int
    unreadable: list[Unread]
    left: int
    next: str | None


class PlaybackView(msgspec.Struct):
    """A playback that has begun. `sound`: the address of its sound, for the person who began it."""

    playback: str
    sound: str


@endpoints.get("/recordings", needs=Role.SUPERVISOR, problems=("invalid",))
async def list_recordings(request: Request[Parts], query: RecordingsQuery) -> RecordingPage:
    """List recorded talks by time, line, operator or call. The list has no phone numbers."""
    wanted = Wanted(
        since=moment("since", query.since),
        until=moment("before", query.before),
        line=None if query.line is UNSET else query.line,
        operator=None if query.operator is UNSET else query.operator,
        call=None if query.call is UNSET else query.call,
        state=None if query.state is UNSET else query.state,
        kind=None if query.kind is UNSET else query.kind,
        held=None if query.held is UNSET else query.held,
        after=None if query.after is UNSET else _place(query.after),
        limit=query.limit + 1,
    )
    found = await request.parts.keeper.rows.search(wanted)
    page = found[: query.limit]
    more = len(found) > query.limit
    return RecordingPage(
        recordings=[_view(request, one) for one in page],
        next=_name_of_place(page[-1]) if more else None,
        keep_days=_days(request),
    )


@endpoints.get(
    "/recordings/{call}/{recording}", needs=Role.SUPERVISOR, problems=("unknown_recording",)
)
async def show_recording(request: Request[Parts]) -> RecordingPicture:
    """Show one recorded talk, with the loudness of its sound."""
    found = await _found(request)
    caller, operator = sound.sides(found.peaks or b"")
    return RecordingPicture(
        recording=_view(request, found), caller=list(caller), operator=list(operator)
    )


@endpoints.post(
    "/recordings/{call}/{recording}/playbacks",
    needs=Role.SUPERVISOR,
    status=201,
    problems=("unknown_recording", "no_sound", "unreadable"),
)
async def begin_playback(request: Request[Parts]) -> PlaybackView:
    """Begin to play a recording. The audit notes once who played which recording and when."""
    found = await _found(request)
    (await opened(request.parts, found)).close()
    await request.audit(
        "recording.played",
        found.name.call,
        number=found.name.number,
        operator=found.operator,
        line=found.line,
    )
    request.parts.keeper.tally.played += 1
    name = request.parts.playbacks.begin(request.person.name, found.name, monotonic())
    return PlaybackView(playback=name, sound=f"/api/v1/recording-playbacks/{name}/sound")


@endpoints.get(
    "/recording-playbacks/{playback}/sound",
    needs=Role.OPERATOR,
    gives="audio/wav",
    problems=("unknown_playback", "unknown_recording", "no_sound", "unreadable"),
)
async def hear_recording(request: Request[Parts]) -> Download:
    """Get the sound as WAV, with the caller left and the operator right. Of a message: on both.

    A part of it can be requested (Range). Only the person who began the playback gets it.
    """
    named = request.parts.playbacks.find(request.path["playback"], request.person.name, monotonic())
    if named is None:
        raise Problem("unknown_playback", "Begin to hear it again.")
    found = await request.parts.keeper.rows.one(named)
    if found is None:
        raise Problem("unknown_recording", "It is not there any more.")
    sealed = await opened(request.parts, found)
    return Download(
        name=f"recording-{found.began_at:%Y%m%d-%H%M%S}-{found.name.number}.wav",
        body=_wav(sealed),
    )


@endpoints.put(
    "/recordings/{call}/{recording}/hold",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_recording", "no_sound"),
)
async def hold_recording(request: Request[Parts], body: Because) -> RecordingView:
    """Hold a recording: keep it whatever its age, because of a complaint or a court."""
    found = await _found(request)
    hold = Hold(at=request.wall(), by=request.person.name, reason=body.reason)
    return await _held(request, found, hold, "recording.held", body.reason)


@endpoints.delete(
    "/recordings/{call}/{recording}/hold",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_recording", "no_sound"),
)
async def release_recording(request: Request[Parts]) -> RecordingView:
    """End the hold. The recording is purged in its time again."""
    found = await _found(request)
    before = found.hold.reason if found.hold else ""
    return await _held(request, found, None, "recording.released", before)


@endpoints.post(
    "/recordings/{call}/{recording}/purge",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_recording", "no_sound", "held"),
)
async def purge_recording(request: Request[Parts], body: Because) -> RecordingView:
    """Remove the sound of a recording now, for ever.

    The audit and the row keep that it existed, and who removed it.
    """
    found = await _found(request)
    if found.hold is not None:
        raise Problem("held", f"{found.hold.by} holds it. Take that back first.")
    if not await purge(request.parts.keeper, found, Why.BY_HAND, request.wall()):
        raise Problem("no_sound", "There is no sealed sound of it.")
    number = found.name.number
    await request.note("recording.purged", found.name.call, number=number, reason=body.reason)
    return _view(request, await _found(request))


@endpoints.post(
    "/recording-resealings", needs=Role.ADMINISTRATOR, problems=("no_keys", "recordings_full")
)
async def reseal_recordings(request: Request[Parts], body: NewResealing) -> ResealingView:
    """Seal recordings again that were sealed with another key than the first.

    It works for some seconds, the oldest first. Ask again with `next` until that is null.
    """
    keeper = request.parts.keeper
    try:
        keys = await asyncio.to_thread(read_keys, keeper.key_file)
        after = None if body.after is None else _place(body.after)
        done = await reseal_some(keeper, keys, after)
    except KeysError as error:
        raise Problem("no_keys", "`callcenter doctor` says why.") from error
    except NoRoomError as error:
        raise Problem("recordings_full", f"It cannot be sealed anew: {error}.") from error
    if done.many:
        await request.note("recording.resealed", keys.first.id, many=done.many)
    return ResealingView(
        key=keys.first.id,
        resealed=done.many,
        unreadable=[
            Unread(call=one.name.call, number=one.name.number, why=why) for one, why in done.unread
        ],
        left=await keeper.rows.count_of_other_keys(keys.first.id),
        next=_name_of_place(done.last) if done.last else None,
    )


async def _held(
    request: Request[Parts], found: Recording, hold: Hold | None, action: str, reason: str
) -> RecordingView:
    if not await request.parts.keeper.rows.hold(found.name, hold):
        raise Problem("no_sound", "There is no sound of it to keep.")
    await request.note(action, found.name.call, number=found.name.number, reason=reason)
    return _view(request, await _found(request))


async def _found(request: Request[Parts]) -> Recording:
    name = RecordingName(CallId(request.path["call"]), int(request.path["recording"]))
    found = await request.parts.keeper.rows.one(name)
    if found is None:
        raise Problem("unknown_recording", "No talk of that call was recorded under that number.")
    return found


async def opened(parts: Parts, found: Recording) -> Sealed:
    """Open the sealed file. Problem no_sound or unreadable, which says what a person can do."""
    if found.state is not RecordingState.KEPT or found.file is None:
        raise Problem("no_sound", _NO_SOUND.get(found.state, "There is no sound of it."))
    keeper = parts.keeper
    try:
        keys = await asyncio.to_thread(read_keys, keeper.key_file)
        place = keeper.vault.place(found.file)
        sealed = await asyncio.to_thread(Sealed.open, place, keys, found.name.sealed_as)
    except KeysError as error:
        raise Problem("unreadable", _NO_KEYS) from error
    except SealError as error:
        now = await keeper.rows.one(found.name)
        if error.why == "gone" and now is not None and now.file != found.file:
            return await opened(parts, now)  # it was sealed again, or purged, at this moment
        raise Problem("unreadable", f"{error}.".capitalize()) from error
    if sealed.length != found.length:
        sealed.close()
        raise Problem("unreadable", "The file is not the one that was sealed.")
    return sealed


def _wav(opened: Sealed) -> Pieces:
    head = sound.header(opened.length)

    def cut(start: int, end: int) -> bytes:
        place, many, early = sound.kept_place(start, end)
        try:
            body = sound.linear(opened.read(place, many))[early:]
        except SealError as error:
            raise Problem("unreadable", f"{error}.".capitalize()) from error
        wav = head[start:end] + body
        return wav[: end - start]

    def read(start: int, end: int) -> Awaitable[bytes]:
        return asyncio.to_thread(cut, start, end)

    return Pieces(length=sound.wav_bytes(opened.length), read=read, close=opened.close)


def _name_of_place(one: Recording) -> str:
    return f"{one.began_at.timestamp():.6f}~{one.name.call}~{one.name.number}"


def _place(text: str) -> tuple[datetime, str, int]:
    began, call, number = text.split("~")
    return datetime.fromtimestamp(float(began), UTC), call, int(number)


def _days(request: Request[Parts]) -> int:
    return request.engine.state.site.recordings.keep_days


def _kept_until(one: Recording, days: int) -> datetime | None:
    ends = one.state not in _WITHOUT_SOUND and one.hold is None
    return one.began_at + timedelta(days=days) if ends else None


def _view(request: Request[Parts], one: Recording) -> RecordingView:
    return RecordingView(
        call=one.name.call,
        number=one.name.number,
        kind=one.kind,
        line=one.line,
        queue=one.queue,
        operator=one.operator,
        began_at=one.began_at,
        ended_at=one.ended_at,
        ending=one.ending,
        seconds=one.seconds,
        paused_seconds=one.paused_seconds,
        sound_seconds=one.sound_seconds,
        state=one.state,
        why=one.why,
        held_by=one.hold.by if one.hold else None,
        hold_reason=one.hold.reason if one.hold else None,
        held_at=one.hold.at if one.hold else None,
        kept_until=_kept_until(one, _days(request)),
    )


_NO_KEYS = "The file of keys cannot be used. `callcenter doctor` says why."
_WITHOUT_SOUND = (RecordingState.FAILED, RecordingState.PURGED)
_NO_SOUND = {
    RecordingState.RUNNING: "They still talk.",
    RecordingState.ENDED: "It is being sealed. Try again in a moment.",
    RecordingState.PURGED: "Its sound was purged.",
}
