"""An operator consults a colleague during a talk: attended transfer, and a conference of three.

The caller hears music in the meantime. Then the caller is given to the colleague, taken into the
conference, or taken back. If the colleague does not answer or leaves, the caller stays with the
operator. `consult` of the operator and the live feed show the stage and the result.
"""

import msgspec
from msgspec import UNSET, UnsetType

from callcenter.core.events import ConsultAsked, ConsultDecided, Decision
from callcenter.core.facts import CallerTakenBack, ConsultEnded, ConsultMade, OperatorState
from callcenter.core.ids import CallId, OperatorId, QueueName
from callcenter.core.overflow import whom_to_ask
from callcenter.core.state import Call
from callcenter.ports.people import OperatorCard, Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, own_card, require_queues, shown
from callcenter.web.operators.views import OperatorView
from callcenter.web.texts import CallName, OperatorName, QueueId


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """The call, and whom to ask: a free colleague of any queue, or whoever would be offered the
    next caller of a queue."""

    call: CallName
    operator: OperatorName | UnsetType = UNSET
    queue: QueueId | UnsetType = UNSET


class OfCall(msgspec.Struct, forbid_unknown_fields=True):
    """The call that is meant."""

    call: CallName


_PROBLEMS = ("unknown_operator", "no_call", "no_consult", "busy")


@endpoints.post(
    "/operators/{operator}/call/consult",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "unknown_queue", "no_call", "nobody_there", "invalid", "busy"),
)
async def consult_colleague(request: Request[Parts], body: Question) -> OperatorView:
    """Put the caller on hold and ring a colleague, or bring in one who has an open line."""
    card = await own_card(request)
    if (body.queue is UNSET) is (body.operator is UNSET):
        raise Problem("invalid", "Say either a queue or an operator.", faults=["queue", "operator"])
    queue = None if body.queue is UNSET else QueueName(body.queue)
    to = None if body.operator is UNSET else OperatorId(body.operator)
    if queue is not None:
        require_queues(request, (queue,))
    call = _own_talk(request, card, body.call)
    if to is not None and (to == card.operator or to not in await request.parts.roster.cards()):
        raise Problem("invalid", "There is no such other operator.", faults=["operator"])
    if call.consult is not None:
        raise Problem("nobody_there", "A colleague is asked already.")
    if whom_to_ask(request.engine.state, call, to, queue) is None:
        detail = "That operator is not free, or nobody of that queue is. The conversation goes on."
        raise Problem("nobody_there", detail)
    asked = ConsultAsked(operator=card.operator, call=call.id, to=to, queue=queue)
    made = [fact for fact in await request.tell(asked) if isinstance(fact, ConsultMade)]
    if not made:
        raise Problem("no_call", "That conversation is over, or that operator is not free now.")
    about = {"operator": card.operator, "to": made[0].asked}
    await request.note("call.consult", call.id, **about, **({"queue": queue} if queue else {}))
    return shown(request, card)


@endpoints.post(
    "/operators/{operator}/call/consult/completion", needs=Role.OPERATOR, problems=_PROBLEMS
)
async def complete_consult(request: Request[Parts], body: OfCall) -> OperatorView:
    """Give the caller to the consulted colleague."""
    return await _decide(request, body, Decision.COMPLETE)


@endpoints.post(
    "/operators/{operator}/call/consult/conference", needs=Role.OPERATOR, problems=_PROBLEMS
)
async def confer(request: Request[Parts], body: OfCall) -> OperatorView:
    """Make a conference: all three hear each other."""
    return await _decide(request, body, Decision.CONFER)


@endpoints.post(
    "/operators/{operator}/call/consult/cancellation", needs=Role.OPERATOR, problems=_PROBLEMS
)
async def cancel_consult(request: Request[Parts], body: OfCall) -> OperatorView:
    """Let the colleague go. The caller is with the operator again."""
    return await _decide(request, body, Decision.CANCEL)


async def _decide(request: Request[Parts], body: OfCall, decision: Decision) -> OperatorView:
    card = await own_card(request)
    call = _own_talk(request, card, body.call)
    colleague = call.consult.operator if call.consult else None
    decided = ConsultDecided(operator=card.operator, call=call.id, decision=decision)
    facts = await request.tell(decided)
    if not any(isinstance(fact, ConsultEnded | CallerTakenBack) for fact in facts):
        raise Problem("no_consult", "The colleague is not there (yet), or not any more.")
    about = {"operator": card.operator, "to": colleague}
    await request.note(f"call.consult_{decision.value}", call.id, **about)
    return shown(request, card)


def _own_talk(request: Request[Parts], card: OperatorCard, name: str) -> Call:
    """The talk of this operator. Problem no_call if there is none, or if the operator is the
    consulted colleague in it."""
    state, call = request.engine.state, request.engine.state.calls.get(CallId(name))
    found = state.operators.get(card.operator)
    talks = found is not None and found.state is OperatorState.ON_CALL
    if call is None or not talks or call.operator != card.operator or not call.talks_now:
        raise Problem("no_call", "That conversation is over, or is a colleague's.")
    return call
