"""What happens to an offer and its operator's leg, and what the operator asks for in a talk.

An event names its offer. If that offer is none of the call's present ones (several may ring) nor
that of a consulted colleague, the event is late.
"""

from callcenter.core import set_aside
from callcenter.core.call import OnCall
from callcenter.core.commands import HangUp
from callcenter.core.events import (
    BridgeFailed,
    ConsultAsked,
    ConsultDecided,
    Decision,
    HangUpAsked,
    OperatorAnswered,
    OperatorLegEnded,
    ParkAsked,
    PickUpAsked,
    RingFailed,
    TransferAsked,
)
from callcenter.core.handlers import find, strangers
from callcenter.core.ids import CallId, call_of_offer
from callcenter.core.legs import OfferLeg
from callcenter.core.offers import several
from callcenter.core.offers.table import OnConsult, OnOffer, OnSeveral
from callcenter.core.outcome import LegEnd
from callcenter.core.overflow import takes_over, whom_to_ask
from callcenter.core.state import Call, CallState, Offer, Operator
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def answered(work: Work, event: OperatorAnswered, now: float) -> None:
    if found := find.one_of(work.state, event.offer):
        one_of_several(work, *found, _ANSWERED, now)
    elif call := find.asking(work.state, event.offer):
        work.offer(call, OnConsult.ANSWERED, now)
    else:  # late: withdrawn before it was answered, or another phone was answered first
        leg = OfferLeg(offer=event.offer, node=event.node)
        held = work.state.letting_go.get(event.offer)
        elsewhere = held is not None and held.elsewhere
        work.order(HangUp(lane=call_of_offer(event.offer), leg=leg, elsewhere=elsewhere))


def one_of_several(
    work: Work,
    call: Call,
    offer: Offer,
    what: OnOffer,
    now: float,
    detail: Detail | None = None,
) -> None:
    """Something happened to this offer. If several phones ring, it becomes the call's main one when
    it is answered. If it ends while others ring, it is the main one no more, and only it ends."""
    if not call.beside:
        work.offer(call, what, now, detail)
        return
    end = several.ENDS.get(what)
    if (call.offer is offer) is (end is not None):
        main = offer if end is None else call.beside[0]
        work.offer(call, OnSeveral.CHOSEN, now, Detail(beside=main))
    if end is None:
        work.offer(call, what, now, detail)
    else:
        leg_end = detail.end if detail else LegEnd.ENDED
        work.offer(call, end, now, Detail(beside=offer, end=leg_end))


def leg_of_operator_ended(work: Work, event: OperatorLegEnded, now: float) -> None:
    if found := find.one_of(work.state, event.offer):
        leg_ended(work, *found, event.end, now)
        if event.gone:
            work.is_gone(event.offer, now)
        return
    if call := find.asking(work.state, event.offer):
        work.offer(call, OnConsult.GONE, now, Detail(end=event.end))
    if event.gone:
        work.is_gone(event.offer, now)
    lane = call_of_offer(event.offer)
    talk = work.state.strange_talks.get(lane)
    is_over = work.state.is_over(lane) and not (talk and talk.back)
    if lane not in work.state.calls and not is_over:
        # We know of this talk only from Asterisk (core/reconcile.py), and the citizen is alone now.
        strangers.operator_left(work, lane, event.node, now)


def ring_failed(work: Work, event: RingFailed, now: float) -> None:
    if found := find.one_of(work.state, event.offer):
        one_of_several(work, *found, OnOffer.RING_FAILED, now)
    elif call := find.asking(work.state, event.offer):
        work.offer(call, OnConsult.GONE, now, _UNREACHABLE)
    work.is_gone(event.offer, now)


def bridge_failed(work: Work, event: BridgeFailed, now: float) -> None:
    if call := find.current(work.state, event.offer):
        work.offer(call, OnOffer.BRIDGE_FAILED, now)
    elif call := find.asking(work.state, event.offer):
        work.offer(call, OnConsult.GONE, now, _UNREACHABLE)


def leg_ended(work: Work, call: Call, offer: Offer, end: LegEnd, now: float) -> None:
    """The operator's leg is gone. If the phone died, the caller must not lose the call."""
    operator = work.state.operators.get(offer.operator)
    away = operator is not None and operator.endpoint in work.state.away
    if end is LegEnd.DIED or (end is LegEnd.LOST and away):
        one_of_several(work, call, offer, OnOffer.PHONE_LOST, now, Detail(end=end))
    else:
        one_of_several(work, call, offer, OnOffer.LEG_ENDED, now, Detail(end=end))


def withdraw(work: Work, operator: Operator, call_id: CallId, now: float) -> None:
    """Withdraw the offer or consultation that rings at this operator."""
    call = work.state.calls.get(call_id)
    if call and call.asks(operator.id):
        work.offer(call, OnConsult.GONE, now, Detail(end=LegEnd.LOST))
    elif call and (offer := find.offer_at(call, operator.id)):
        one_of_several(work, call, offer, OnOffer.WITHDRAWN, now)


def hang_up_asked(work: Work, event: HangUpAsked, now: float) -> None:
    operator = work.state.operators.get(event.operator)
    call = work.state.calls.get(operator.call) if operator and operator.call else None
    if operator is None or call is None or event.call not in (None, call.id):
        return
    what = OnConsult.GONE if call.asks(operator.id) else OnOffer.HANG_UP
    work.offer(call, what, now)


def transfer_asked(work: Work, event: TransferAsked, now: float) -> None:
    """Transfer the call. If nobody would answer there, the talk goes on instead."""
    operator = work.state.operators.get(event.operator)
    call = work.state.calls.get(event.call)
    mine = operator is not None and operator.call == event.call
    mine = mine and call is not None and call.operator == event.operator
    known = event.queue is None or event.queue in work.state.site.queues
    if call is None or not (mine and known):
        return
    to = work.state.operators.get(event.to) if event.to else None
    if event.to:
        if to is None or not work.state.is_free(to) or call.node in work.state.lost:
            return
    elif not takes_over(work.state, event.queue or call.queue):
        return
    work.offer(call, OnOffer.TRANSFER, now, Detail(queue=event.queue, to=event.to))
    if to is not None and call.state is _WAITING:
        work.call(call, OnCall.OFFER, now, Detail(operator=to))


def park_asked(work: Work, event: ParkAsked, now: float) -> None:
    """Park the call. If there is no free place, the talk goes on."""
    call, place = work.state.calls.get(event.call), set_aside.free_place(work.state)
    if call is None or call.operator != event.operator or place is None:
        return
    if call.node not in work.state.lost:
        work.offer(call, OnOffer.PARKED, now, Detail(place=place))


def pick_up_asked(work: Work, event: PickUpAsked, now: float) -> None:
    """Offer the parked call to the operator who asks for it, at once, also before the next in
    line."""
    call = work.state.calls.get(event.call)
    operator = work.state.operators.get(event.operator)
    if call is None or operator is None or call.aside is None:
        return
    if set_aside.may_pick_up(work.state, operator, call):
        work.call(call, OnCall.PICKED_UP, now, Detail(operator=operator))
        if call.state is _WAITING:
            work.call(call, OnCall.OFFER, now, Detail(operator=operator))


def consult_asked(work: Work, event: ConsultAsked, now: float) -> None:
    """Consult a colleague, but only one who is free now. For a queue it is the colleague who would
    be offered its next caller."""
    call = work.state.calls.get(event.call)
    if call is None or call.operator != event.operator or call.node in work.state.lost:
        return
    to = whom_to_ask(work.state, call, event.to, event.queue)
    if to is not None:
        work.offer(call, OnConsult.ASKED, now, Detail(operator=to))


def consult_decided(work: Work, event: ConsultDecided, now: float) -> None:
    call = work.state.calls.get(event.call)
    if call is not None and call.operator == event.operator:
        work.offer(call, _DECIDED[event.decision], now)


_ANSWERED = OnOffer.ANSWERED
_WAITING = CallState.WAITING
_UNREACHABLE = Detail(end=LegEnd.UNREACHABLE)
_DECIDED = {
    Decision.COMPLETE: OnConsult.COMPLETED,
    Decision.CONFER: OnConsult.CONFERRED,
    Decision.CANCEL: OnConsult.CANCELLED,
}
