"""An operator's notes about a call, during the call and for some time after it.

The page sends them a moment after the last key, so that nothing is lost with a window. They are a
citizen's words: only the operator who wrote them can read them without an entry in the audit.
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
"""After the last change: for a long wrap-up, and for what a window sends late."""

_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$(?!\n)"
Line = Annotated[str, Meta(max_length=200, pattern=_PATTERN, description="up to 200 characters")]
Words = Annotated[str, Meta(max_length=8_000, pattern=_PATTERN, description="up to 8,000")]


class CallNoteText(msgspec.Struct, forbid_unknown_fields=True):
    """The whole note of one call. Fields that are left out are empty."""

    call: CallName
    kind: Kind = Kind.UNDISPOSED
    topic: Line = ""
    result: Line = ""
    note: Words = ""


class WhichCallNote(msgspec.Struct):
    """The call that is meant."""

    call: CallName


class CallNoteView(msgspec.Struct):
    """The note of a call. `changed_at` null: there is none yet."""

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
    """Keep the note of one's present call, or of one of one's last ones.

    It replaces the previous note. The kind `undisposed` says that nothing was chosen yet.
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
    """Read the note of one's present call, or of one of one's last ones.

    A new window goes on with it.
    """
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
    """The operator who writes. Operators write only for themselves."""
    if request.person.name != request.path["operator"]:
        raise Problem("not_allowed", "Notes are written by the operator who has the call.")
    return (await find_card(request)).operator


async def _require_own(
    request: Request[Parts], operator: OperatorId, call: CallId
) -> CallNote | None:
    """The note of the operator's present call, or of one that ended within STILL_HIS_OWN."""
    found = (await request.parts.notes.of([call])).get(call)
    known, present = (
        request.engine.state.operators.get(operator),
        request.engine.state.calls.get(call),
    )
    # the operator who consults has the call, and writes the note
    asked = present is not None and present.asks(operator)
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
