"""/api/v1/voicemails…: messages that callers left, as tasks of the operators of that queue.

An operator sees the messages of the queues in which they work; supervisors see all. Somebody takes
a message, hears it, and finishes it: it was heard, a case was made of it, or its caller is to be
called back. Each hearing is in the audit once. The sound is that of the recordings: it is purged
with them, and held by them.
"""

import secrets
from datetime import datetime
from time import monotonic
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.core import outward
from callcenter.core.events import CallbackWanted
from callcenter.core.ids import CallId, LineName, OperatorId, QueueName
from callcenter.oversight.recordings import sound
from callcenter.oversight.recordings.model import RecordingName, RecordingState
from callcenter.oversight.recordings.routes import (
    Parts,
    PlaybackView,
    endpoints,
    opened,
)
from callcenter.oversight.recordings.voicemail_store import (
    How,
    Message,
    Sought,
    VoicemailState,
)
from callcenter.ports.people import Role
from callcenter.web.callbacks import REFUSED, CallbackMade
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.masking import masked
from callcenter.web.texts import QueueId

__all__ = ["endpoints"]

_Mark = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,10}\.[0-9]{6}~[A-Za-z0-9._-]{1,150}~[0-9]{1,6}$(?!\n)",
        description="`next` of a page",
    ),
]


class VoicemailView(msgspec.Struct):
    """A message. `caller` is masked. `seconds`: how long its sound is; `has_sound`: it can be
    played, and was not purged. `state`: new, taken by somebody, or done; `how`: heard,
    called_back or case."""

    call: str
    number: int
    line: str
    queue: str
    caller: str
    left_at: datetime
    seconds: float | None
    has_sound: bool
    state: VoicemailState
    taken_by: str | None
    taken_at: datetime | None
    done_by: str | None
    done_at: datetime | None
    how: How | None


class VoicemailPage(msgspec.Struct):
    """Messages: those that are not done oldest first, those that are done newest first. `next`: use
    it as `after` for the next page; null: there is none."""

    voicemails: list[VoicemailView]
    next: str | None


class VoicemailQuery(msgspec.Struct):
    """`done` false: the messages that are not done. `after`: the `next` of the previous page."""

    done: bool = False
    queue: QueueId | UnsetType = UNSET
    after: _Mark | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class VoicemailPicture(msgspec.Struct):
    """A message, and how loud it is: 0 to 255, over equal parts of its time."""

    voicemail: VoicemailView
    caller: list[int]


class Completion(msgspec.Struct, forbid_unknown_fields=True):
    """How the message was finished: heard, or a case was made of it."""

    how: Annotated[
        str, Meta(pattern=r"^(heard|case)$(?!\n)", description="heard or case", examples=["heard"])
    ]


@endpoints.get("/voicemails", needs=Role.OPERATOR)
async def list_voicemails(request: Request[Parts], query: VoicemailQuery) -> VoicemailPage:
    """List the messages of one's queues. The numbers are masked."""
    queues = _queues(request)
    if query.queue is not UNSET:
        queues = (query.queue,) if queues is None or query.queue in queues else ()
    wanted = Sought(
        queues=queues,
        done=query.done,
        after=None if query.after is UNSET else _place(query.after),
        limit=query.limit + 1,
    )
    found = await request.parts.keeper.messages.search(wanted)
    page = found[: query.limit]
    more = len(found) > query.limit
    return VoicemailPage(
        voicemails=[_view(one) for one in page], next=_name_of_place(page[-1]) if more else None
    )


@endpoints.get(
    "/voicemails/{call}/{recording}", needs=Role.OPERATOR, problems=("unknown_voicemail",)
)
async def show_voicemail(request: Request[Parts]) -> VoicemailPicture:
    """Show one message, with the loudness of its sound."""
    found = await _found(request)
    caller, _ = sound.sides(found.recording.peaks or b"")
    return VoicemailPicture(voicemail=_view(found), caller=list(caller))


@endpoints.post(
    "/voicemails/{call}/{recording}/playbacks",
    needs=Role.OPERATOR,
    status=201,
    problems=("unknown_voicemail", "no_sound", "unreadable"),
)
async def begin_voicemail(request: Request[Parts]) -> PlaybackView:
    """Begin to play a message. The audit notes once who played which message and when."""
    found = (await _found(request)).recording
    (await opened(request.parts, found)).close()
    await request.audit(
        "voicemail.played", found.name.call, number=found.name.number, queue=found.queue
    )
    request.parts.keeper.tally.played += 1
    name = request.parts.playbacks.begin(request.person.name, found.name, monotonic())
    return PlaybackView(playback=name, sound=f"/api/v1/recording-playbacks/{name}/sound")


@endpoints.put(
    "/voicemails/{call}/{recording}/taker",
    needs=Role.OPERATOR,
    problems=("unknown_voicemail", "voicemail_taken"),
)
async def take_voicemail(request: Request[Parts]) -> VoicemailView:
    """Take a message, so that nobody else works on it."""
    found = await _found(request)
    name, me = found.recording.name, request.person.name
    if not await request.parts.keeper.messages.take(name, me, request.wall()):
        raise Problem("voicemail_taken", "A colleague has it, or it is done.")
    await request.note("voicemail.taken", name.call, number=name.number)
    return _view(await _found(request))


@endpoints.delete(
    "/voicemails/{call}/{recording}/taker",
    needs=Role.OPERATOR,
    problems=("unknown_voicemail", "voicemail_taken"),
)
async def give_voicemail_back(request: Request[Parts]) -> VoicemailView:
    """Give a message back, so that it is new again. Supervisors may do that for others."""
    found = await _found(request)
    name, me = found.recording.name, None if _supervises(request) else request.person.name
    if not await request.parts.keeper.messages.give_back(name, me):
        raise Problem("voicemail_taken", "You do not have it, or it is done.")
    await request.note("voicemail.given_back", name.call, number=name.number)
    return _view(await _found(request))


@endpoints.post(
    "/voicemails/{call}/{recording}/completion",
    needs=Role.OPERATOR,
    problems=("unknown_voicemail", "voicemail_taken"),
)
async def complete_voicemail(request: Request[Parts], body: Completion) -> VoicemailView:
    """Finish a message: it was heard, or a case was made of it."""
    return await _done(request, await _found(request), How(body.how))


@endpoints.post(
    "/voicemails/{call}/{recording}/callback",
    needs=Role.OPERATOR,
    status=201,
    problems=("unknown_voicemail", "voicemail_taken", "not_called_back", "busy"),
)
async def call_voicemail_back(request: Request[Parts]) -> CallbackMade:
    """Have the caller of a message called back in turn, at the number they called from.

    The message is done.
    """
    found = await _found(request)
    if not _may_work_on(request, found):
        raise Problem("voicemail_taken", "A colleague has it, or it is done.")
    state, now, recording = request.engine.state, request.engine.now(), found.recording
    queue = QueueName(recording.queue)
    why = outward.why_refused(state, found.caller, queue, now)
    if why or not state.site.callbacks.prefixes or queue not in state.site.queues:
        raise Problem("not_called_back", REFUSED.get(why, REFUSED["number"]))
    name = CallId(f"asked-{secrets.token_hex(8)}")
    await request.tell(
        CallbackWanted(
            call=name,
            line=LineName(recording.line),
            did=found.did,
            caller=found.caller,
            queue=queue,
            after_seconds=0.0,
        )
    )
    if name not in state.calls:
        raise Problem("not_called_back", REFUSED["number"])
    await request.note("voicemail.called_back", recording.name.call, callback=name)
    await _done(request, found, How.CALLED_BACK)
    return CallbackMade(call=name)


async def _done(request: Request[Parts], found: Message, how: How) -> VoicemailView:
    name, me = found.recording.name, request.person.name
    if not _may_work_on(request, found) or not await request.parts.keeper.messages.finish(
        name, me, how, request.wall()
    ):
        raise Problem("voicemail_taken", "A colleague has it, or it is done.")
    await request.note("voicemail.done", name.call, number=name.number, how=how.value)
    return _view(await _found(request))


async def _found(request: Request[Parts]) -> Message:
    name = RecordingName(CallId(request.path["call"]), int(request.path["recording"]))
    found = await request.parts.keeper.messages.one(name)
    queues = _queues(request)
    if found is None or (queues is not None and found.recording.queue not in queues):
        raise Problem("unknown_voicemail", "It is of another queue, or nobody left it.")
    return found


def _supervises(request: Request[Parts]) -> bool:
    return request.person.role in (Role.SUPERVISOR, Role.ADMINISTRATOR)


def _may_work_on(request: Request[Parts], found: Message) -> bool:
    free = found.taken_by in (None, request.person.name) or _supervises(request)
    return found.state is not VoicemailState.DONE and free


def _queues(request: Request[Parts]) -> tuple[str, ...] | None:
    """The queues in which the person works; None: all of them."""
    if _supervises(request):
        return None
    operator = request.engine.state.operators.get(OperatorId(request.person.name))
    return tuple(operator.queues) if operator else ()


def _name_of_place(one: Message) -> str:
    found = one.recording
    return f"{found.began_at.timestamp():.6f}~{found.name.call}~{found.name.number}"


def _place(text: str) -> tuple[float, str, int]:
    began, call, number = text.split("~")
    return float(began), call, int(number)


def _view(one: Message) -> VoicemailView:
    found = one.recording
    return VoicemailView(
        call=found.name.call,
        number=found.name.number,
        line=found.line,
        queue=found.queue,
        caller=masked(one.caller),
        left_at=found.began_at,
        seconds=found.sound_seconds,
        has_sound=found.state is RecordingState.KEPT,
        state=one.state,
        taken_by=one.taken_by,
        taken_at=one.taken_at,
        done_by=one.done_by,
        done_at=one.done_at,
        how=one.how,
    )
