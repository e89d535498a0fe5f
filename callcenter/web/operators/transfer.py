"""An operator gives the caller on, without a word to who answers next: a blind transfer.

The operator wraps up. The caller hears music, and waits at the place of the arrival; who was asked
for and is free is rung at once. Is nobody there, the caller is at the front of the queue where the
call came from.
"""

import msgspec
from msgspec import UNSET, UnsetType

from callcenter.core.events import TransferAsked
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId, OperatorId, QueueName
from callcenter.ports.people import Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, own_card, require_queues
from callcenter.web.operators.views import OperatorView, view
from callcenter.web.texts import CallName


class Transfer(msgspec.Struct, forbid_unknown_fields=True):
    """Which call, and where to: either to a queue, or to an operator (who need not serve the queue
    the call came from)."""

    call: CallName
    queue: str | UnsetType = UNSET
    operator: str | UnsetType = UNSET


@endpoints.post(
    "/operators/{operator}/call/transfer",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "unknown_queue", "no_call", "invalid", "busy"),
)
async def transfer_call(request: Request[Parts], body: Transfer) -> OperatorView:
    """Give the caller on to a queue or to another operator."""
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
    await request.tell(TransferAsked(operator=card.operator, call=call, queue=queue, to=to))
    await request.note("call.transfer", call, operator=card.operator, queue=queue, to=to)
    return view(card, request.engine, request.parts.windows)
