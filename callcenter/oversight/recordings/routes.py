"""/api/v1/recordings…: recorded talks, for supervisors; held and purged by administrators.

The sound is opened for who may hear it, piece by piece, and is nowhere in the clear on the way. A
hearing is begun by a request of its own, and is in the audit once, however often its sound is asked
for.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.core.facts import RecordingEnd, RecordingStage
from callcenter.core.ids import CallId
from callcenter.core.state import State
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
from callcenter.oversight.recordings.sealing import Sealed, SealError
from callcenter.ports.metrics import Kind, Samples, Series
from callcenter.ports.people import Role
from callcenter.web.calls import Moment, moment
from callcenter.web.endpoint import Download, Endpoints, Pieces, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

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
    """`keeper` seals what was recorded, and has the rows and the files."""

    keeper: Keeper
    playbacks: Playbacks = field(default_factory=Playbacks)

    async def run(self) -> None:
        """Seal what is over, for ever."""
        await self.keeper.run()


class RecordingView(msgspec.Struct):
    """A recorded talk. `seconds`: how long it went on; `paused_seconds`: of these, in the
    operator's pauses; `sound_seconds`: how much sound there is, less where some was lost. `state`:
    running, ended (not sealed yet), kept, failed or purged, and `why`. `held_by`, `hold_reason`:
    who keeps it whatever its age."""

    call: str
    number: int
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


class RecordingPicture(msgspec.Struct):
    """A recording, and how loud each side was: 0 to 255, over equal pieces of its time."""

    recording: RecordingView
    caller: list[int]
    operator: list[int]


class RecordingPage(msgspec.Struct):
    """The newest first. `next`: ask with it for those after these; null: there are none."""

    recordings: list[RecordingView]
    next: str | None


class RecordingsQuery(msgspec.Struct):
    """`since` and `before`: when it began. `after`: the `next` of the page before."""

    since: Moment | UnsetType = UNSET
    before: Moment | UnsetType = UNSET
    line: _Word | UnsetType = UNSET
    operator: _Word | UnsetType = UNSET
    call: _Word | UnsetType = UNSET
    state: RecordingState | UnsetType = UNSET
    after: _Mark | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class NewHold(msgspec.Struct, forbid_unknown_fields=True):
    """Why it must be kept."""

    reason: _Reason


class NewPurge(msgspec.Struct, forbid_unknown_fields=True):
    """Why it must go."""

    reason: _Reason


class PlaybackView(msgspec.Struct):
    """A hearing that has begun. `sound`: where its sound is, for who began it."""

    playback: str
    sound: str


@endpoints.get("/recordings", needs=Role.SUPERVISOR, problems=("invalid",))
async def list_recordings(request: Request[Parts], query: RecordingsQuery) -> RecordingPage:
    """Recorded talks by time, line, operator or call. Nobody's number is in it."""
    after = None
    if query.after is not UNSET:
        after = _place(query.after)
    wanted = Wanted(
        since=moment("since", query.since),
        until=moment("before", query.before),
        line=None if query.line is UNSET else query.line,
        operator=None if query.operator is UNSET else query.operator,
        call=None if query.call is UNSET else query.call,
        state=None if query.state is UNSET else query.state,
        after=after,
        limit=query.limit + 1,
    )
    found = await request.parts.keeper.rows.search(wanted)
    page = found[: query.limit]
    more = len(found) > query.limit
    return RecordingPage(
        recordings=[_view(one) for one in page],
        next=_name_of_place(page[-1]) if more else None,
    )


@endpoints.get(
    "/recordings/{call}/{recording}", needs=Role.SUPERVISOR, problems=("unknown_recording",)
)
async def show_recording(request: Request[Parts]) -> RecordingPicture:
    """One recorded talk, with a picture of its sound."""
    found = await _found(request)
    caller, operator = sound.sides(found.peaks or b"")
    return RecordingPicture(recording=_view(found), caller=list(caller), operator=list(operator))


@endpoints.post(
    "/recordings/{call}/{recording}/playbacks",
    needs=Role.SUPERVISOR,
    status=201,
    problems=("unknown_recording", "no_sound", "unreadable"),
)
async def begin_playback(request: Request[Parts]) -> PlaybackView:
    """Begin to hear a recording. Who, when and which is in the audit, once."""
    found = await _found(request)
    (await _opened(request.parts, found)).close()
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
    needs=Role.SUPERVISOR,
    gives="audio/wav",
    problems=("unknown_playback", "unknown_recording", "no_sound", "unreadable"),
)
async def hear_recording(request: Request[Parts]) -> Download:
    """The sound, as WAV with the caller left and the operator right; also a part of it (Range)."""
    named = request.parts.playbacks.find(request.path["playback"], request.person.name, monotonic())
    if named is None:
        raise Problem("unknown_playback", "Begin to hear it again.")
    found = await request.parts.keeper.rows.one(named)
    if found is None:
        raise Problem("unknown_recording", "It is not there any more.")
    opened = await _opened(request.parts, found)
    return Download(
        name=f"recording-{found.began_at:%Y%m%d-%H%M%S}-{found.name.number}.wav",
        body=_wav(opened),
    )


@endpoints.put(
    "/recordings/{call}/{recording}/hold",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_recording", "no_sound"),
)
async def hold_recording(request: Request[Parts], body: NewHold) -> RecordingView:
    """Keep it whatever its age, because of a complaint or a court; until that is taken back."""
    found = await _found(request)
    hold = Hold(at=request.wall(), by=request.person.name, reason=body.reason)
    return await _held(request, found, hold, "recording.held", body.reason)


@endpoints.delete(
    "/recordings/{call}/{recording}/hold",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_recording", "no_sound"),
)
async def release_recording(request: Request[Parts]) -> RecordingView:
    """It is purged in its time again."""
    found = await _found(request)
    before = found.hold.reason if found.hold else ""
    return await _held(request, found, None, "recording.released", before)


@endpoints.post(
    "/recordings/{call}/{recording}/purge",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_recording", "no_sound", "held"),
)
async def purge_recording(request: Request[Parts], body: NewPurge) -> RecordingView:
    """Remove its sound now, for ever. That it was there, and who removed it, stays known."""
    found = await _found(request)
    if found.hold is not None:
        raise Problem("held", f"{found.hold.by} holds it. Take that back first.")
    if not await purge(request.parts.keeper, found, Why.BY_HAND, request.wall()):
        raise Problem("no_sound", "There is no sealed sound of it.")
    number = found.name.number
    await request.note("recording.purged", found.name.call, number=number, reason=body.reason)
    return _view(await _found(request))


async def _held(
    request: Request[Parts], found: Recording, hold: Hold | None, action: str, reason: str
) -> RecordingView:
    if not await request.parts.keeper.rows.hold(found.name, hold):
        raise Problem("no_sound", "There is no sound of it to keep.")
    await request.note(action, found.name.call, number=found.name.number, reason=reason)
    return _view(await _found(request))


async def _found(request: Request[Parts]) -> Recording:
    name = RecordingName(CallId(request.path["call"]), int(request.path["recording"]))
    found = await request.parts.keeper.rows.one(name)
    if found is None:
        raise Problem("unknown_recording", "No talk of that call was recorded under that number.")
    return found


async def _opened(parts: Parts, found: Recording) -> Sealed:
    """Problem no_sound or unreadable, which says what a person can do."""
    if found.state is not RecordingState.KEPT or found.file is None:
        raise Problem("no_sound", _NO_SOUND.get(found.state, "There is no sound of it."))
    keeper = parts.keeper
    try:
        keys = await asyncio.to_thread(read_keys, keeper.key_file)
        place = keeper.vault.place(found.file)
        opened = await asyncio.to_thread(Sealed.open, place, keys, found.name.sealed_as)
    except KeysError as error:
        detail = "The file of keys cannot be used. `callcenter doctor` says why."
        raise Problem("unreadable", detail) from error
    except SealError as error:
        raise Problem("unreadable", f"{error}.".capitalize()) from error
    if opened.length != found.length:
        opened.close()
        raise Problem("unreadable", "The file is not the one that was sealed.")
    return opened


def _wav(opened: Sealed) -> Pieces:
    head = sound.header(opened.length)

    def cut(start: int, end: int) -> bytes:
        place, many, early = sound.kept_place(start, end)
        body = sound.linear(opened.read(place, many))[early:]
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


def _view(one: Recording) -> RecordingView:
    return RecordingView(
        call=one.name.call,
        number=one.name.number,
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
    )


_NO_SOUND = {
    RecordingState.RUNNING: "They still talk.",
    RecordingState.ENDED: "It is being sealed. Try again in a moment.",
    RecordingState.PURGED: "Its sound was purged.",
}

# --- figures -----------------------------------------------------------------------------------

NOW = Series(
    name="hotline_recordings_now",
    kind=Kind.GAUGE,
    labels=("state",),
    help="Talks that are recorded now: starting, running, silent (on hold or paused).",
)
KEPT = Series(
    name="hotline_recordings_kept",
    kind=Kind.COUNTER,
    labels=(),
    help="Recordings that were sealed.",
)
SHORT = Series(
    name="hotline_recordings_short",
    kind=Kind.COUNTER,
    labels=(),
    help="Recordings that were sealed with less sound than the talk was long.",
)
FAILED = Series(
    name="hotline_recordings_failed",
    kind=Kind.COUNTER,
    labels=("why",),
    help="Recordings of which there is no sound, by why.",
)
PURGED = Series(
    name="hotline_recordings_purged",
    kind=Kind.COUNTER,
    labels=("why",),
    help="Recordings whose sound was removed, in time (retention) or by hand.",
)
BYTES = Series(
    name="hotline_recordings_bytes",
    kind=Kind.COUNTER,
    labels=(),
    help="Bytes of sound that were sealed.",
)
SECONDS = Series(
    name="hotline_recordings_seconds",
    kind=Kind.COUNTER,
    labels=(),
    help="Seconds of talk that were sealed.",
)
PLAYED = Series(
    name="hotline_recordings_played",
    kind=Kind.COUNTER,
    labels=(),
    help="Hearings of recordings.",
)
WAITING = Series(
    name="hotline_recordings_waiting",
    kind=Kind.GAUGE,
    labels=(),
    help="Recordings that are over and not sealed yet; for long: disk, keys or Asterisk fail.",
)
PAUSES = Series(
    name="hotline_recording_pauses",
    kind=Kind.COUNTER,
    labels=(),
    help="Pauses of recordings, so that secrets are not kept.",
)

_FAILURES = (Why.ASTERISK, Why.NO_SOUND, Why.NO_KEY, Why.DISK_FULL)


def running(state: State) -> Samples:
    """How many there are now."""
    found: dict[tuple[str, ...], float] = {
        (word,): 0.0 for word in ("starting", "running", "silent")
    }
    for call in state.calls.values():
        if call.recording is not None:
            runs = call.recording.stage is RecordingStage.RUNNING
            word = "starting" if not runs else "silent" if call.recording.silent else "running"
            found[word,] += 1
    return found


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_recording": ProblemKind(404, "There is no such recording"),
        "unknown_playback": ProblemKind(404, "That hearing is over, or another's"),
        "no_sound": ProblemKind(409, "There is no sound"),
        "held": ProblemKind(409, "Somebody holds it"),
        "unreadable": ProblemKind(503, "The recording cannot be read"),
    },
    path_patterns={
        "call": r"[A-Za-z0-9._-]{1,150}",
        "recording": r"[1-9][0-9]{0,3}",
        "playback": r"[A-Za-z0-9_-]{32}",
    },
    listeners=lambda parts: [parts.keeper.hear],
    metrics={
        NOW: lambda parts: running(parts.keeper.state()),
        KEPT: lambda parts: {(): parts.keeper.tally.kept},
        SHORT: lambda parts: {(): parts.keeper.tally.short},
        FAILED: lambda parts: {(why.value,): parts.keeper.tally.failed[why] for why in _FAILURES},
        PURGED: lambda parts: {
            (why.value,): parts.keeper.tally.purged[why] for why in (Why.RETENTION, Why.BY_HAND)
        },
        BYTES: lambda parts: {(): parts.keeper.tally.bytes},
        SECONDS: lambda parts: {(): parts.keeper.tally.seconds},
        PLAYED: lambda parts: {(): parts.keeper.tally.played},
        WAITING: lambda parts: {(): parts.keeper.waiting},
        PAUSES: lambda parts: {(): parts.keeper.tally.pauses},
    },
    run=Parts.run,
)
