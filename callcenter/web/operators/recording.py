"""An operator pauses the recording of the present talk while the caller gives secrets, and resumes
it.

It resumes by itself after a while (set in the site file). `recording` of the operator and the live
feed show whether the talk is recorded.
"""

import msgspec

from callcenter.core.events import RecordingPauseAsked
from callcenter.core.ids import CallId
from callcenter.core.recording import is_between
from callcenter.ports.people import Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, own_card
from callcenter.web.operators.views import OperatorView, RecordingShown, recording_of, view
from callcenter.web.texts import CallName


class PauseOfRecording(msgspec.Struct, forbid_unknown_fields=True):
    """The call, and whether its recording must pause from now on."""

    call: CallName
    paused: bool


@endpoints.put(
    "/operators/{operator}/call/recording",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "no_call", "talk_not_recorded", "busy"),
)
async def pause_recording(request: Request[Parts], body: PauseOfRecording) -> OperatorView:
    """Pause the recording of the talk, or resume it."""
    card, name = await own_card(request), CallId(body.call)
    call = request.engine.state.calls.get(name)
    if call is None or call.operator != card.operator or not call.talks_now:
        raise Problem("no_call", "That conversation is over, or is a colleague's.")
    engine = request.engine
    if call.recording is None and not is_between(engine.state, call, engine.now()):
        raise Problem("talk_not_recorded", "This talk is not recorded.")
    asked = RecordingPauseAsked(operator=card.operator, call=name, on=body.paused)
    await request.tell(asked)
    shown = recording_of(engine.state, card.operator, engine.now())
    if body.paused is not (shown is RecordingShown.PAUSED):
        raise Problem("no_call", "That conversation is over.")
    action = "paused" if body.paused else "resumed"
    await request.note(f"recording.{action}", name, operator=card.operator)
    return view(card, engine, request.parts.windows, request.parts.unread)
