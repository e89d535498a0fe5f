"""An operator parks a call in a numbered place, and operators pick up calls that are parked.

The caller hears music there. Which calls are parked is in `parked` of their queue (GET
/api/v1/queues, live feed). Nobody comes for `park_seconds` of the site file: the call stands in
line again, and whoever parked it is tried first.
"""

from callcenter.core.events import ParkAsked, PickUpAsked
from callcenter.core.facts import CallSetAside, OfferMade
from callcenter.core.ids import CallId
from callcenter.core.set_aside import free_place, may_pick_up
from callcenter.core.state import OfferState
from callcenter.ports.people import Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.consult import OfCall
from callcenter.web.operators.parts import Parts, endpoints, own_card, require_at_work, shown
from callcenter.web.operators.views import OperatorView


@endpoints.post(
    "/operators/{operator}/call/park",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "no_call", "no_place", "busy"),
)
async def park_call(request: Request[Parts], body: OfCall) -> OperatorView:
    """Put the caller into a free parking place, with music; the operator is free."""
    card = await own_card(request)
    state, call = request.engine.state, request.engine.state.calls.get(CallId(body.call))
    offer = call.offer if call else None
    if call is None or offer is None or offer.operator != card.operator:
        raise Problem("no_call", "That conversation is over, or is a colleague's.")
    if offer.state is not OfferState.TALKING:
        raise Problem("no_call", "Only a talk of two is parked: not yet, or let the colleague go.")
    if free_place(state) is None:
        detail = "All parking places are taken, or calls are not parked here. The talk goes on."
        raise Problem("no_place", detail)
    asked = ParkAsked(operator=card.operator, call=call.id)
    done = [fact for fact in await request.tell(asked) if isinstance(fact, CallSetAside)]
    if not done:
        raise Problem("no_call", "That conversation is over, or Asterisk is away.")
    await request.note("call.park", call.id, operator=card.operator, place=done[0].place)
    return shown(request, card)


@endpoints.post(
    "/operators/{operator}/call/pick-up",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "not_parked", "not_at_work", "phone_in_use", "busy"),
)
async def pick_up_call(request: Request[Parts], body: OfCall) -> OperatorView:
    """Take a call that is parked: the operator's phone rings, or the open line is joined."""
    card = await own_card(request)
    require_at_work(request, card)
    state, call = request.engine.state, request.engine.state.calls.get(CallId(body.call))
    operator = state.operators[card.operator]
    aside = call.aside if call else None
    ours = call is not None and call.queue in operator.queues
    mine = aside is not None and aside.operator == card.operator
    if call is None or aside is None or not (ours or mine):
        raise Problem("not_parked", "It was picked up by somebody, or is of another queue.")
    if not may_pick_up(state, operator, call):
        raise Problem(
            "phone_in_use", "You have a call, or your phone is not there or has the line on hold."
        )
    asked = PickUpAsked(operator=card.operator, call=call.id)
    if not any(isinstance(fact, OfferMade) for fact in await request.tell(asked)):
        raise Problem("not_parked", "It was picked up by somebody a moment ago.")
    await request.note("call.pick_up", call.id, operator=card.operator, place=aside.place)
    return shown(request, card)
