"""Find the call or operator that has this leg or offer now. None means that the event is late."""

from callcenter.core.facts import LineStage
from callcenter.core.ids import OfferId, OperatorId, call_of_offer
from callcenter.core.legs import LineLeg, SpyLeg
from callcenter.core.state import Call, Listening, Offer, Operator, State


def current(state: State, offer: OfferId) -> Call | None:
    call = state.calls.get(call_of_offer(offer))
    return call if call and call.offer and call.offer.id == offer else None


def one_of(state: State, offer: OfferId) -> tuple[Call, Offer] | None:
    """The call of this offer and the offer itself, which may be one of several that ring."""
    call = state.calls.get(call_of_offer(offer))
    if call is None or call.offer is None:
        return None
    if call.offer.id == offer:
        return call, call.offer
    return next(((call, each) for each in call.beside if each.id == offer), None)


def offer_at(call: Call, operator: OperatorId) -> Offer | None:
    """The offer of the call to this operator. The main one if it is none of those beside."""
    beside = (each for each in call.beside if each.operator == operator)
    return next(beside, call.offer)


def asking(state: State, offer: OfferId) -> Call | None:
    """The call whose operator consults the colleague of this offer."""
    call = state.calls.get(call_of_offer(offer))
    return call if call and call.consult and call.consult.id == offer else None


def line(state: State, leg: LineLeg) -> Operator | None:
    """The operator whose present open line this is."""
    operator = state.operators.get(leg.operator)
    if operator is None or operator.line is LineStage.DOWN or operator.line_leg != leg:
        return None
    return operator


def listener(state: State, leg: SpyLeg) -> Listening | None:
    held = state.listenings.get(leg.supervisor)
    return held if held and held.leg == leg else None


def taken_over(state: State, leg: SpyLeg) -> Call | None:
    """The call that a supervisor took over on this leg."""
    operator = state.operators.get(leg.supervisor)
    call = state.calls.get(operator.call) if operator and operator.call else None
    return call if call and call.offer and call.offer.spy == leg else None
