"""The first way to reach an operator: ring the phone, and join the two when it is answered.

The operator's leg is made for this one offer, and is hung up with it. Several phones may ring for a
call (several.py). The call's main offer then stands for all, and what ends all of them is here.
"""

from callcenter.core import hearing, leaving, survey
from callcenter.core.change import changed
from callcenter.core.commands import OpenDesk
from callcenter.core.facts import OfferAnswered, OfferMade, OperatorState, PromptKind
from callcenter.core.legs import OfferLeg
from callcenter.core.offers import consult, rules
from callcenter.core.offers.rules import (
    IN_TALK,
    JOINING,
    KEEPS_PLACE,
    NO_TALK,
    NO_TIME,
    NOBODY_LISTENS,
    OUT,
)
from callcenter.core.offers.table import OfferCell, OnOffer, Table, nothing, to
from callcenter.core.outcome import EndedBy, Loss, OfferResult
from callcenter.core.state import Call, CallState, Offer, OfferState, Operator
from callcenter.core.turn import Detail, Turn


def begin(turn: Turn, operator: Operator, call: Call, at_once: int = 1) -> None:
    """Ring the operator's phone for the call. The expected wait is not announced any more."""
    if call.prompt is not None and call.prompt.kind is PromptKind.WAIT:
        hearing.stop(turn, call)
    number = call.offers + 1
    this = call.offer_named(number)
    ring_seconds = turn.rules(call).ring_seconds
    turn.tell(
        OfferMade(
            at=turn.now,
            offer=this,
            call=call.id,
            operator=operator.id,
            queue=call.queue,
            number=number,
            until=turn.now + ring_seconds,
            at_once=at_once,
        ),
        changed(turn.now, operator, OperatorState.RINGING, call=call.id),
    )
    rules.ring(turn, call, this, operator)


def _hang_up(turn: Turn, call: Call, offer: Offer, *, elsewhere: bool = False) -> None:
    leg = offer.spy or OfferLeg(offer=offer.id, node=offer.node)
    operator = turn.state.operators[offer.operator]
    rules.hang_up(turn, call, offer.id, leg, operator, elsewhere=elsewhere)


def take_back(turn: Turn, call: Call, offer: Offer, result: OfferResult) -> None:
    """Take the offer back. The leg may be gone already. But a repeated request to ring, or one that
    was on its way when the snapshot was taken, makes the leg ring again for nobody. So hang it up
    first."""
    _hang_up(turn, call, offer, elsewhere=result is _ELSEWHERE)
    rules.take_back(turn, call, offer, turn.state.operators[offer.operator], result)


def _take_all_back(turn: Turn, call: Call, offer: Offer, result: OfferResult) -> None:
    """Take back this offer, and those beside it. It comes last: then the caller is in line."""
    for other in call.beside:
        take_back(turn, call, other, result)
    take_back(turn, call, offer, result)


# --- rules -----------------------------------------------------------------------------------


def answer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator answered: join the two. Other phones that rang for the call are silent now."""
    until = rules.joined_until(turn, call)
    turn.tell(OfferAnswered(at=turn.now, offer=offer.id, call=call.id, until=until))
    rules.join(turn, call, rules.bridge_of(call, offer))
    for other in call.beside:
        take_back(turn, call, other, _ELSEWHERE)


def not_reached(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The phone was busy, declined or unreachable: the caller goes back to the front."""
    take_back(turn, call, offer, rules.NOT_REACHED[detail.end])


def unreachable(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Asterisk could not ring the phone, or the phone is gone."""
    take_back(turn, call, offer, OfferResult.UNREACHABLE)


def rona(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Ring, no answer: the caller goes back to the front, the operator is paused."""
    take_back(turn, call, offer, OfferResult.NO_ANSWER)


def withdraw(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator logged out while the phone rang, or the phone is in another call and rings
    during that talk."""
    take_back(turn, call, offer, OfferResult.WITHDRAWN)


def caller_gave_up(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller left while the phone rang, or at the moment of the answer."""
    _take_all_back(turn, call, offer, OfferResult.CALLER_LEFT)
    leaving.abandon(turn, call, detail.loss, 1)


def close(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Asterisk is restarted while the phone rings, or at the moment of the answer."""
    _take_all_back(turn, call, offer, OfferResult.WITHDRAWN)
    rules.send_out_for_restart(turn, call)


def fail(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A fault of ours: the operator is free, and the caller goes to the lifeboat."""
    _take_all_back(turn, call, offer, OfferResult.WITHDRAWN)
    leaving.fail(turn, call)


def undo(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The legs could not be joined. The caller hears music and has the same place in line; the
    bridge is made again."""
    _hang_up(turn, call, offer)
    rules.back_to_music(turn, call)
    turn.order(OpenDesk(lane=call.desk, bridge=call.desk))
    rules.give_up_joining(turn, call, offer, turn.operator(call))


def lost_in_answer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator hung up, or the phone died, at the moment of the answer."""
    rules.back_to_music(turn, call)
    result = rules.LOST_IN_ANSWER.get(detail.end, OfferResult.DECLINED)
    rules.take_back(turn, call, offer, turn.operator(call), result)


def caller_hung_up(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller hung up: the conversation is over."""
    _hang_up(turn, call, offer)
    rules.end_with_caller(turn, call, turn.operator(call), EndedBy.CALLER, detail)


def operator_hung_up(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator hung up the phone: the conversation is over. If there is a survey, the caller
    leaves the bridge."""
    if survey.is_asked(turn, call):
        rules.back_to_music(turn, call)
        rules.end_and_ask(turn, call, turn.operator(call))
        return
    leaving.hang_up_caller(turn, call)
    rules.end_talk(turn, call, turn.operator(call), EndedBy.OPERATOR)


def operator_ends(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator ends the talk at the console. The caller is hung up, or gets the survey."""
    if survey.is_asked(turn, call):
        rules.back_to_music(turn, call)
        _hang_up(turn, call, offer)
        rules.end_and_ask(turn, call, turn.operator(call))
    else:
        break_off(turn, call, offer, detail)


def break_off(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The talk cannot go on, or the operator ends it at the console. Hang up the caller first: a
    caller who is still in the bridge when the phone is free would meet the next caller."""
    leaving.hang_up_caller(turn, call)
    _hang_up(turn, call, offer)
    rules.end_talk(turn, call, turn.operator(call), EndedBy.OPERATOR)


def end_for_restart(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The limit for talks before the restart is over."""
    leaving.hang_up_caller(turn, call)
    _hang_up(turn, call, offer)
    rules.end_talk(turn, call, turn.operator(call), EndedBy.LOST, Loss.RESTART)


def phone_lost(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator's phone died in the talk. The caller hears music at once, and is first in
    line."""
    rules.back_to_music(turn, call)
    _hang_up(turn, call, offer)
    rules.come_back(turn, call)


def transfer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator transfers the caller, who hears music. The phone is free."""
    rules.back_to_music(turn, call)
    _hang_up(turn, call, offer)
    rules.give_on(turn, call, turn.operator(call), detail)


def park(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator sets the caller aside: music for the caller, and the phone is free."""
    rules.back_to_music(turn, call)
    _hang_up(turn, call, offer)
    rules.park(turn, call, turn.operator(call), detail)


def taken_over(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A supervisor takes the caller over. The operator's leg is hung up after the caller has left
    it."""
    rules.hand_to_supervisor(turn, call, turn.operator(call), detail)
    _hang_up(turn, call, offer)


_ELSEWHERE = OfferResult.ELSEWHERE
_E, _S, _C = OnOffer, OfferState, CallState
_NOT_YET: OfferCell = nothing("nobody was to be joined yet")

RULES: Table = {
    _S.RINGING: {
        _E.ANSWERED: to(answer, _S.JOINING),
        _E.LEG_ENDED: to(not_reached, _C.WAITING),
        _E.PHONE_LOST: to(unreachable, _C.WAITING),
        _E.RING_FAILED: to(unreachable, _C.WAITING),
        _E.PARTY_JOINED: rules.NOT_JOINING,
        _E.JOINED: rules.NOT_JOINING,
        _E.HEARD: to(rules.go_on),
        _E.BRIDGE_FAILED: _NOT_YET,
        _E.STATE_TIME: to(rona, _C.WAITING),
        _E.WITHDRAWN: to(withdraw, _C.WAITING),
        _E.HANG_UP: NO_TALK,
        _E.TRANSFER: NO_TALK,
        _E.PARKED: NO_TALK,
        _E.TAKEN_OVER: NOBODY_LISTENS,
        _E.CALLER_LEFT: to(caller_gave_up, _C.ENDED),
        _E.PRIORITY: KEEPS_PLACE,
        _E.CLOSED: to(close, *OUT),
        _E.FAULT: to(fail, *OUT),
    },
    _S.JOINING: {
        **JOINING,
        _E.LEG_ENDED: to(lost_in_answer, _C.WAITING),
        _E.PHONE_LOST: to(lost_in_answer, _C.WAITING),
        _E.BRIDGE_FAILED: to(undo, _C.WAITING),
        _E.STATE_TIME: to(undo, _C.WAITING),
        _E.CALLER_LEFT: to(caller_gave_up, _C.ENDED),
        _E.CLOSED: to(close, *OUT),
        _E.FAULT: to(fail, *OUT),
    },
    _S.TALKING: {
        **IN_TALK,
        _E.LEG_ENDED: to(operator_hung_up, _C.LEAVING, _C.SURVEY),
        _E.PHONE_LOST: to(phone_lost, _C.WAITING),
        _E.STATE_TIME: NO_TIME,
        _E.HANG_UP: to(operator_ends, _C.LEAVING, _C.SURVEY),
        _E.TRANSFER: to(transfer, _C.WAITING),
        _E.PARKED: to(park, _C.SET_ASIDE),
        _E.TAKEN_OVER: to(taken_over, _S.JOINING),
        _E.CALLER_LEFT: to(caller_hung_up, _C.ENDED),
        _E.CLOSED: to(end_for_restart, _C.LEAVING),
        _E.FAULT: to(break_off, _C.LEAVING),
    },
    **consult.ROWS,
}
