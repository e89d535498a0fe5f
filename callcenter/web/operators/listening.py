"""A supervisor listens to an operator's talk, whispers to the operator, barges in or takes over.

The supervisor's own phone is rung: the one on their operator's card (the console's page, or
another). The engine decides what happens (core/listening.py), and GET tells the stage. Each act is
in the audit. When a mode ends, the recorder adds from when to when it lasted.
"""

import msgspec

from callcenter.core.events import ListenAsked, ListenLeft
from callcenter.core.facts import (
    CallTransferred,
    LineStage,
    ListeningChanged,
    ListenMode,
    ListenStage,
    OperatorState,
)
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.state import Listening
from callcenter.ports.people import OperatorCard, Role
from callcenter.ports.phones import endpoint
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, find_card
from callcenter.web.texts import CallName


class Listen(msgspec.Struct, forbid_unknown_fields=True):
    """The call as the page shows it, and the wanted mode."""

    call: CallName
    mode: ListenMode


class ListeningView(msgspec.Struct):
    """The talk to which you listen. `ringing`: your phone rings. `joining`: you picked up.
    `listening`: you hear it. `leaving`: it is over, and your phone is let go."""

    operator: str
    call: str
    mode: ListenMode
    stage: ListenStage


class MyListening(msgspec.Struct):
    """Null if you listen to nobody."""

    listening: ListeningView | None


@endpoints.get("/listening", needs=Role.SUPERVISOR)
async def my_listening(request: Request[Parts]) -> MyListening:
    """Show the talk to which you listen."""
    return _mine(request)


@endpoints.post(
    "/operators/{operator}/call/listening",
    needs=Role.SUPERVISOR,
    problems=(
        "unknown_operator",
        "no_call",
        "no_phone",
        "phone_in_use",
        "listened_to",
        "busy",
    ),
)
async def listen_to_call(request: Request[Parts], body: Listen) -> MyListening:
    """Listen to an operator's talk, or change how you take part in it.

    Your own phone is rung; pick up to listen. `listen`: nobody hears you. `whisper`: the operator
    hears you. `barge`: both hear you. `take_over`: the caller goes on with you, and the operator
    wraps up. You can listen to the calls of the queues on your card, and to one talk at a time.
    Hang up, or send DELETE /api/v1/listening, to leave; the talk goes on.
    """
    card = await find_card(request)
    mine = await _own_phone(request)
    state, call = request.engine.state, CallId(body.call)
    found = state.calls.get(call)
    talks = found is not None and found.talks_now and found.operator == card.operator
    if found is None or not talks or found.is_ending:
        raise Problem("no_call", "That conversation is over.")
    if found.queue not in mine.queues:
        raise Problem("not_allowed", f"You may listen to calls of {', '.join(mine.queues)}.")
    _require_free(request, mine, card, call)
    asked = ListenAsked(
        supervisor=mine.operator,
        endpoint=endpoint(mine.operator),
        operator=card.operator,
        call=call,
        mode=body.mode,
    )
    held = state.listenings.get(mine.operator)
    same = held is not None and held.call == call and held.mode is body.mode
    facts = await request.tell(asked)
    if not same and not any(isinstance(f, ListeningChanged | CallTransferred) for f in facts):
        raise Problem("no_call", "That conversation is over, or your phone is not free any more.")
    if not same:
        await request.note("call.listen", call, operator=card.operator, mode=body.mode)
    return _mine(request)


@endpoints.delete("/listening", needs=Role.SUPERVISOR, status=204, problems=("busy",))
async def stop_listening(request: Request[Parts]) -> None:
    """Leave the talk. It goes on."""
    me = OperatorId(request.person.name)
    if me in request.engine.state.listenings:
        await request.tell(ListenLeft(supervisor=me))


async def _own_phone(request: Request[Parts]) -> OperatorCard:
    mine = (await request.parts.roster.cards()).get(OperatorId(request.person.name))
    if mine is None:
        detail = "You listen at your own phone: an administrator adds it under your name."
        raise Problem("no_phone", detail)
    if endpoint(mine.operator) in request.engine.state.away:
        raise Problem(
            "no_phone", "Your phone is not there: open it in the console, or switch it on."
        )
    return mine


def _require_free(
    request: Request[Parts], mine: OperatorCard, whom: OperatorCard, call: CallId
) -> None:
    """Problem listened_to or phone_in_use if the engine would not ring the supervisor."""
    state = request.engine.state
    held, other = state.listenings.get(mine.operator), state.listener_of(whom.operator)
    if held is not None and (held.call != call or held.stage is ListenStage.LEAVING):
        raise Problem("phone_in_use", "You listen to another talk: leave it first.")
    if other is not None and other.supervisor != mine.operator:
        raise Problem("listened_to", "Another supervisor listens to this talk.")
    if mine.operator == whom.operator:
        raise Problem("phone_in_use", "That is your own talk.")
    known = state.operators.get(mine.operator)
    if held is None and known is not None:
        if known.state in (OperatorState.RINGING, OperatorState.ON_CALL):
            raise Problem("phone_in_use", "End your own call first.")
        if known.line is not LineStage.DOWN:
            raise Problem("phone_in_use", "Your open line has your phone: log out as an operator.")


def _mine(request: Request[Parts]) -> MyListening:
    held = request.engine.state.listenings.get(OperatorId(request.person.name))
    return MyListening(listening=None if held is None else _view(held))


def _view(held: Listening) -> ListeningView:
    return ListeningView(operator=held.operator, call=held.call, mode=held.mode, stage=held.stage)
