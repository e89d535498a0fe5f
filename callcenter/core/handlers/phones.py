"""Phones that are in another call, away, back, or lost during a talk."""

from callcenter.core.change import OTHER_CALL
from callcenter.core.events import HoldPressed, LineFailed, PhoneLost, PhonesSeen
from callcenter.core.facts import LineStage, OperatorState, PhonesChanged
from callcenter.core.handlers import find, lines, listeners, offers, recordings
from callcenter.core.legs import LineLeg
from callcenter.core.offers.table import OnConsult, OnOffer
from callcenter.core.operator import Ask, OnOperator
from callcenter.core.outcome import LegEnd
from callcenter.core.state import OfferState, Operator
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def seen(work: Work, event: PhonesSeen, now: float) -> None:
    were_elsewhere, were_away = work.state.elsewhere, work.state.away
    node = work.state.node(event.node)
    seen = PhonesChanged(
        at=now,
        elsewhere=tuple(sorted(event.elsewhere - node.elsewhere)),
        free=tuple(sorted(node.elsewhere - event.elsewhere)),
        away=tuple(sorted(event.away - node.away)),
        back=tuple(sorted(node.away - event.away)),
        node=event.node,
    )
    is_new = event.node not in work.state.nodes
    if is_new or seen.elsewhere or seen.free or seen.away or seen.back:
        work.tell(seen)
    elsewhere, away = work.state.elsewhere, work.state.away
    otherwise = (were_elsewhere ^ elsewhere) | (were_away ^ away)
    for operator in list(work.state.operators.values()):
        free = operator.endpoint not in elsewhere and operator.reason == OTHER_CALL
        there = operator.endpoint not in away and operator.state is _PHONE_AWAY
        if operator.endpoint in otherwise or free or there:
            work.operator(Ask(operator=operator.id), OnOperator.PHONE_SEEN, now)
        rings = operator.state is OperatorState.RINGING and operator.call
        if rings and operator.endpoint in elsewhere:
            offers.withdraw(work, operator, rings, now)
        if operator.endpoint in away and operator.state is OperatorState.RINGING:
            _is_gone(work, operator, _RUNG, now)


def hold_pressed(work: Work, event: HoldPressed, now: float) -> None:
    recordings.hold_pressed(work, event, now)
    if isinstance(event.leg, LineLeg):
        lines.held(work, event.leg, now, on=event.on)


def lost(work: Work, event: PhoneLost, now: float) -> None:
    for held in list(work.state.listenings.values()):
        if held.endpoint == event.endpoint:
            listeners.leave(work, held, now)
    for operator in list(work.state.operators.values()):
        if operator.endpoint == event.endpoint:
            _is_gone(work, operator, _TALKS, now)
            if operator.line is not LineStage.DOWN:  # an open line without a caller
                lines.failed(work, LineFailed(leg=operator.line_leg), now, sure=True)


def _is_gone(work: Work, operator: Operator, of: tuple[OfferState, ...], now: float) -> None:
    call = work.state.calls.get(operator.call) if operator.call else None
    if call and call.asks(operator.id):
        work.offer(call, OnConsult.GONE, now, Detail(end=LegEnd.DIED))
    elif call and call.offer and call.offer.state in of:
        offer = find.offer_at(call, operator.id) or call.offer
        offers.one_of_several(work, call, offer, OnOffer.PHONE_LOST, now)


_RINGING, _JOINING = OfferState.RINGING, OfferState.JOINING
_RUNG = (_RINGING, OfferState.OPERATOR_RINGS)
_TALKS = tuple(state for state in OfferState if state not in (*_RUNG, _JOINING))
_PHONE_AWAY = OperatorState.PHONE_AWAY
