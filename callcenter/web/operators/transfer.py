"""An operator transfers the caller without talking to the next operator: a blind transfer.

The operator wraps up. The caller hears music, and keeps the place of the arrival. The wanted
operator is rung at once. If they do not answer, the caller is at the front of the queue where the
call came from. If nobody would answer, the call is not transferred: the conversation goes on, and
the operator is told.
"""

import msgspec
from msgspec import UNSET, UnsetType

from callcenter.core.events import TransferAsked
from callcenter.core.facts import CallTransferred, OperatorState
from callcenter.core.ids import CallId, OperatorId, QueueName
from callcenter.core.overflow import takes_over
from callcenter.ports.people import Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, own_card, require_queues, shown
from callcenter.web.operators.views import OperatorView
from callcenter.web.texts import CallName


class Transfer(msgspec.Struct, forbid_unknown_fields=True):
    """The call and its destination: either a queue, or an operator (who need not serve the queue of
    the call)."""

    call: CallName
    queue: str | UnsetType = UNSET
    operator: str | UnsetType = UNSET


@endpoints.post(
    "/operators/{operator}/call/transfer",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "unknown_queue", "no_call", "nobody_there", "invalid", "busy"),
)
async def transfer_call(request: Request[Parts], body: Transfer) -> OperatorView:
    """Transfer the caller to a queue or to another operator."""
    card = await own_card(request)
    if (body.queue is UNSET) is (body.operator is UNSET):
        raise Problem("invalid", "Say either a queue or an operator.", faults=["queue", "operator"])
    queue = None if body.queue is UNSET else QueueName(body.queue)
    to = None if body.operator is UNSET else OperatorId(body.operator)
    if queue is not None:
        require_queues(request, (queue,))
    if to is not None and (to == card.operator or to not in await request.parts.roster.cards()):
        raise Problem("invalid", "There is no such other operator.", faults=["operator"])
    call = CallId(body.call)
    found = request.engine.state.operators.get(card.operator)
    if found is None or found.state is not OperatorState.ON_CALL or found.call != call:
        raise Problem("no_call", "That conversation is over.")
    _require_somebody(request, queue, to)
    asked = TransferAsked(operator=card.operator, call=call, queue=queue, to=to)
    if not any(isinstance(fact, CallTransferred) for fact in await request.tell(asked)):
        raise Problem("no_call", "That conversation is over, or nobody is free there any more.")
    await request.note("call.transfer", call, operator=card.operator, queue=queue, to=to)
    return shown(request, card)


def _require_somebody(
    request: Request[Parts], queue: QueueName | None, to: OperatorId | None
) -> None:
    """Problem nobody_there if there is nobody to answer the caller."""
    state = request.engine.state
    if queue is not None and not takes_over(state, queue):
        detail = "Nobody is on duty in that queue, nor at its neighbours. The conversation goes on."
        raise Problem("nobody_there", detail)
    if to is not None:
        found = state.operators.get(to)
        if found is None or not state.is_free(found):
            detail = "That operator is not free. The conversation goes on."
            raise Problem("nobody_there", detail)
