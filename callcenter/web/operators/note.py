"""What an operator writes down of a call, while it goes on and some time after it.

The page sends it a moment after the last key, so that nothing is lost with a window. The words of
a citizen: nobody but the operator who wrote them reads them without a line in the audit.
"""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from callcenter.core.ids import CallId, OperatorId
from callcenter.ports.notes import CallNote, Kind
from callcenter.ports.people import Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, find_card
from callcenter.web.texts import CallName

STILL_HIS_OWN = timedelta(hours=1)
"""After the last change: for a wrap-up that takes long, and for what a window sends late."""

_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$(?!\n)"
Line = Annotated[str, Meta(max_length=200, pattern=_PATTERN, description="up to 200 characters")]
Words = Annotated[str, Meta(max_length=8_000, pattern=_PATTERN, description="up to 8,000")]


class CallNoteText(msgspec.Struct, forbid_unknown_fields=True):
    """All that is written down of one call; what is left out is empty."""

    call: CallName
    kind: Kind = Kind.UNDISPOSED
    topic: Line = ""
    result: Line = ""
    note: Words = ""


class WhichCallNote(msgspec.Struct):
    """The call that is meant."""

    call: CallName


class CallNoteView(msgspec.Struct):
    """What is written down of a call. `changed_at` null: nothing yet."""

    call: str
    kind: Kind
    topic: str
    result: str
    note: str
    operator: str | None
    changed_at: datetime | None


@endpoints.put(
    "/operators/{operator}/note", needs=Role.OPERATOR, problems=("unknown_operator", "no_call")
)
async def write_note(request: Request[Parts], body: CallNoteText) -> CallNoteView:
    """Keep what is written down of the present call, or of one's last ones.

    It takes the place of what was there. The kind `undisposed` says that nothing was chosen yet.
    """
    operator, call = await _writer(request), CallId(body.call)
    await _require_own(request, operator, call)
    note = CallNote(
        call=call,
        operator=operator,
        changed_at=request.wall(),
        kind=body.kind,
        topic=body.topic.strip(),
        result=body.result.strip(),
        note=body.note,
    )
    await request.parts.notes.save(note)
    for told in request.parts.note_listeners:
        told(note)
    return _view(note)


@endpoints.get(
    "/operators/{operator}/note", needs=Role.OPERATOR, problems=("unknown_operator", "no_call")
)
async def read_note(request: Request[Parts], query: WhichCallNote) -> CallNoteView:
    """What is written down of the present call, or of one's last ones: a new window goes on."""
    operator, call = await _writer(request), CallId(query.call)
    found = await _require_own(request, operator, call)
    if found is None:
        return CallNoteView(
            call=call,
            kind=Kind.UNDISPOSED,
            topic="",
            result="",
            note="",
            operator=None,
            changed_at=None,
        )
    if found.operator != operator:
        await request.audit("note.read", call)
    return _view(found)


async def _writer(request: Request[Parts]) -> OperatorId:
    """An operator writes for themself."""
    if request.person.name != request.path["operator"]:
        raise Problem("not_allowed", "Notes are written by the operator who has the call.")
    return (await find_card(request)).operator


async def _require_own(
    request: Request[Parts], operator: OperatorId, call: CallId
) -> CallNote | None:
    """The note of the operator's present call, or of one that was it an hour ago at most."""
    found = (await request.parts.notes.of([call])).get(call)
    known, present = (
        request.engine.state.operators.get(operator),
        request.engine.state.calls.get(call),
    )
    asked = present is not None and present.asks(operator)  # by who has the call, and writes
    if known is not None and known.call == call and not asked:
        return found
    mine = found is not None and found.operator == operator
    if found is None or not mine or request.wall() - found.changed_at > STILL_HIS_OWN:
        raise Problem("no_call", "Only the present call, and those just before, can be noted.")
    return found


def _view(note: CallNote) -> CallNoteView:
    return CallNoteView(
        call=note.call,
        kind=note.kind,
        topic=note.topic,
        result=note.result,
        note=note.note,
        operator=note.operator,
        changed_at=note.changed_at,
    )
