"""An operator consults a colleague during a talk: attended transfer, and a conference of three.

The caller is on hold and hears music. Operator and colleague talk in the operator's bridge. From
there the caller is given to the colleague, taken into the conference, or taken back alone. This is
the same on both ways to reach an operator. A colleague's phone is rung. A colleague's open line is
brought into the operator's bridge, and goes back to its own bridge afterwards.

The caller is never lost. If the colleague does not come or leaves, the caller stays with the
operator. If the operator leaves, the caller goes on with the colleague, or waits at the front of
the line if no colleague is there.
"""

from collections.abc import Mapping

from callcenter.core import leaving
from callcenter.core import open_line as line
from callcenter.core import operator as desk
from callcenter.core.change import changed
from callcenter.core.commands import Bridge, BringIn, StopRinging
from callcenter.core.conversation import Party
from callcenter.core.facts import (
    CallEnded,
    CallerHeld,
    CallerTakenBack,
    CallReturned,
    CallTransferred,
    ConsultAnswered,
    ConsultEnded,
    ConsultMade,
    LineStage,
    OfferAnswered,
    OfferMade,
    OperatorState,
    PartyJoined,
)
from callcenter.core.legs import DeskBridge, OfferLeg, channel_of
from callcenter.core.offers import rules
from callcenter.core.offers.rules import IN_TALK, NO_TIME, NOBODY_LISTENS
from callcenter.core.offers.table import (
    ConsultTable,
    OfferCell,
    OnConsult,
    OnOffer,
    Table,
    nothing,
    to,
)
from callcenter.core.outcome import ConsultResult, EndedBy, LegEnd, Loss, OfferResult
from callcenter.core.state import Call, CallState, Consult, Offer, OfferState, Operator
from callcenter.core.turn import Detail, Turn

# --- pieces ----------------------------------------------------------------------------------


def _consult(call: Call) -> Consult:
    assert call.consult is not None
    return call.consult


def _colleague(turn: Turn, call: Call) -> Operator:
    return turn.state.operators[_consult(call).operator]


def _hang_up(turn: Turn, call: Call) -> None:
    """Remove the colleague's leg: hang it up, or send an open line back to its own bridge."""
    consult, colleague = _consult(call), _colleague(turn, call)
    if consult.line is None:
        leg = OfferLeg(offer=consult.id, node=consult.node)
        rules.hang_up(turn, call, consult.id, leg, colleague)
    elif colleague.line_leg == consult.line:
        line.give_back(turn, colleague, call.id, call.desk)


def _end(turn: Turn, call: Call, offer: Offer, result: ConsultResult) -> None:
    consult = _consult(call)
    held = turn.now - consult.held_since if consult.held_since else 0.0
    turn.tell(
        ConsultEnded(
            at=turn.now,
            offer=consult.id,
            call=call.id,
            queue=call.queue,
            operator=offer.operator,
            asked=consult.operator,
            result=result,
            held_seconds=consult.held_seconds + held,
            number=call.consults + 1,
            earlier_seconds=call.consult_seconds,
        )
    )


def _let_colleague_go(turn: Turn, call: Call, offer: Offer, result: ConsultResult) -> None:
    _hang_up(turn, call)
    _end(turn, call, offer, result)
    desk.settle(turn, _colleague(turn, call))


def _colleague_did_not_come(turn: Turn, call: Call, offer: Offer, result: OfferResult) -> None:
    _hang_up(turn, call)
    _end(turn, call, offer, ConsultResult(result.value))
    desk.after_offer(turn, _colleague(turn, call), result)


def _colleague_left(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The colleague's leg is gone: hung up, or the phone died."""
    _hang_up(turn, call)
    _end(turn, call, offer, ConsultResult.LEFT)
    colleague = _colleague(turn, call)
    if detail.end is LegEnd.DIED:
        desk.phone_lost(turn, colleague)
    else:
        desk.settle(turn, colleague)


def _take_back(turn: Turn, call: Call, offer: Offer) -> None:
    until = turn.now + turn.state.site.bridge_seconds
    turn.tell(CallerTakenBack(at=turn.now, offer=offer.id, call=call.id, until=until))
    turn.order(rules.bridge_of(call, offer))


def _release(turn: Turn, call: Call, offer: Offer) -> Operator:
    """Remove the operator's leg, so that nobody is left in the bridge for the next caller."""
    if offer.line is not None:
        return line.clear_desk(turn, turn.operator(call))
    operator = turn.operator(call)
    leg = offer.spy or OfferLeg(offer=offer.id, node=offer.node)
    rules.hang_up(turn, call, offer.id, leg, operator)
    return operator


def _to_the_front(turn: Turn, call: Call, offer: Offer, loss: Loss | None) -> None:
    """The operator is gone and nobody else is there: the caller is first in line."""
    rules.back_to_music(turn, call)
    rules.end_talk(turn, call, _release(turn, call, offer), EndedBy.OPERATOR, loss)
    turn.tell(CallReturned(at=turn.now, call=call.id, queue=call.queue))


def _hand_over(turn: Turn, call: Call, offer: Offer, loss: Loss | None = None) -> None:
    """The colleague has the call from now on, like an offer that is answered. The caller leaves the
    operator's bridge first: it must be empty when the next caller is joined there."""
    consult = _consult(call)
    colleague = turn.state.operators[consult.operator]
    until = turn.now + turn.state.site.bridge_seconds
    if not call.is_held:
        rules.back_to_music(turn, call)
    line.give_back(turn, colleague, call.id, call.desk)
    turn.order(
        Bridge(
            lane=call.id,
            offer=consult.id,
            bridge=DeskBridge(operator=colleague.id, node=call.node),
            caller=call.leg,
            operator=consult.leg,
        )
    )
    _end(turn, call, offer, ConsultResult.GIVEN)
    rules.end_talk(turn, call, _release(turn, call, offer), EndedBy.OPERATOR, loss)
    turn.tell(
        CallTransferred(
            at=turn.now,
            call=call.id,
            operator=offer.operator,
            from_queue=call.queue,
            queue=call.queue,
            to_operator=colleague.id,
            number=call.transfers + 1,
            attended=True,
        ),
        OfferMade(
            at=turn.now,
            offer=consult.id,
            call=call.id,
            operator=colleague.id,
            queue=call.queue,
            number=call.offers,
            until=until,
            line=channel_of(consult.line) if consult.line else "",
        ),
        OfferAnswered(at=turn.now, offer=consult.id, call=call.id, until=until),
        changed(turn.now, colleague, OperatorState.RINGING, call=call.id),
    )


# --- rules of the colleague ------------------------------------------------------------------


def ask(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Play music to the caller, and ring the colleague's phone or bring in the open line."""
    assert detail.operator is not None
    colleague, number = detail.operator, call.offers + 1
    this, ring_seconds = call.offer_named(number), turn.rules(call).ring_seconds
    if colleague.line is LineStage.SEATED:
        _ask_on_line(turn, call, offer, colleague)
        return
    turn.tell(
        ConsultMade(
            at=turn.now,
            offer=this,
            call=call.id,
            operator=offer.operator,
            asked=colleague.id,
            number=number,
            until=turn.now + ring_seconds,
        ),
        changed(turn.now, colleague, OperatorState.RINGING, call=call.id),
    )
    rules.back_to_music(turn, call)
    rules.ring(turn, call, this, colleague)


def _ask_on_line(turn: Turn, call: Call, offer: Offer, colleague: Operator) -> None:
    number, until = call.offers + 1, turn.now + turn.state.site.bridge_seconds
    this, leg = call.offer_named(number), colleague.line_leg
    turn.tell(
        ConsultMade(
            at=turn.now,
            offer=this,
            call=call.id,
            operator=offer.operator,
            asked=colleague.id,
            number=number,
            until=until,
            line=channel_of(leg),
        ),
        ConsultAnswered(at=turn.now, offer=this, call=call.id, until=until),
        changed(turn.now, line.lend(colleague), OperatorState.RINGING, call=call.id),
    )
    rules.back_to_music(turn, call)
    if rules.may_ring(turn.state, colleague):
        turn.order(StopRinging(lane=call.id, leg=leg))
    turn.order(BringIn(lane=call.id, offer=this, leg=leg, bridge=call.desk))


def bring_in(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The colleague picked up. Join them in the operator's bridge."""
    consult, until = _consult(call), turn.now + turn.state.site.bridge_seconds
    turn.tell(ConsultAnswered(at=turn.now, offer=consult.id, call=call.id, until=until))
    turn.order(BringIn(lane=call.id, offer=consult.id, leg=consult.leg, bridge=call.desk))


def joined(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The two operators talk."""
    consult = _consult(call)
    colleague = turn.state.operators[consult.operator]
    turn.tell(
        PartyJoined(at=turn.now, offer=consult.id, call=call.id, party=Party.CONSULTED),
        changed(turn.now, colleague, OperatorState.ON_CALL, call=call.id),
    )


def not_reached(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The colleague was busy, declined, was unreachable, or hung up at the moment of answering."""
    result = rules.NOT_REACHED[detail.end]
    if _consult(call).answered_at:
        result = rules.LOST_IN_ANSWER.get(detail.end, OfferResult.DECLINED)
    _colleague_did_not_come(turn, call, offer, result)
    _take_back(turn, call, offer)


def no_answer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Nobody answered the phone, or the colleague who did could not be joined in time."""
    answered = _consult(call).answered_at > 0
    result = OfferResult.UNREACHABLE if answered else OfferResult.NO_ANSWER
    _colleague_did_not_come(turn, call, offer, result)
    _take_back(turn, call, offer)


def colleague_hung_up(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The colleague hung up: the caller comes back to the operator."""
    _colleague_left(turn, call, offer, detail)
    _take_back(turn, call, offer)


def colleague_left(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The colleague left: caller and operator go on."""
    _colleague_left(turn, call, offer, detail)


def cancel(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The colleague is hung up, and the caller comes back to the operator."""
    _let_colleague_go(turn, call, offer, ConsultResult.CANCELLED)
    _take_back(turn, call, offer)


def let_go(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The colleague is hung up; caller and operator go on."""
    _let_colleague_go(turn, call, offer, ConsultResult.CANCELLED)


def complete(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The colleague has the caller now, and the operator wraps up."""
    _hand_over(turn, call, offer)


def confer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller joins the two: a conference."""
    _take_back(turn, call, offer)


# --- rules of caller and operator ------------------------------------------------------------


def retaken(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller is in the bridge again, with the operator or with both."""
    turn.tell(PartyJoined(at=turn.now, offer=offer.id, call=call.id, party=Party.CALLER))


def not_retaken(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller could not be joined. Back on hold, or to the front of the line."""
    if call.consult is None:
        _to_the_front(turn, call, offer, Loss.CUT_OFF)
        return
    turn.tell(CallerHeld(at=turn.now, offer=offer.id, call=call.id))
    rules.back_to_music(turn, call)


def leaves_nobody(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator hung up before the colleague was there."""
    _let_colleague_go(turn, call, offer, ConsultResult.BROKEN_OFF)
    _to_the_front(turn, call, offer, None)


def dies_alone(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator's phone died before the colleague was there."""
    _let_colleague_go(turn, call, offer, ConsultResult.BROKEN_OFF)
    _to_the_front(turn, call, offer, Loss.PHONE_LOST)


def leaves(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator hung up: the caller goes on with the colleague."""
    _hand_over(turn, call, offer)


def dies(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator's phone died: the caller goes on with the colleague."""
    _hand_over(turn, call, offer, Loss.PHONE_LOST)


def leaves_in_between(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator hung up while the caller was being joined. The caller goes on with the
    colleague, or waits at the front of the line."""
    if call.consult is None:
        _to_the_front(turn, call, offer, None)
    else:
        _hand_over(turn, call, offer)


def dies_in_between(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator's phone died while the caller was being joined: as above."""
    if call.consult is None:
        _to_the_front(turn, call, offer, Loss.PHONE_LOST)
    else:
        _hand_over(turn, call, offer, Loss.PHONE_LOST)


def caller_hung_up(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller hung up, so both operators are let go. An open line that is entering its bridge at
    this moment stays there. If the bridge were closed now, we would think that the line is in
    it."""
    if call.consult is not None:
        _let_colleague_go(turn, call, offer, ConsultResult.CALLER_LEFT)
    goes_in = offer.line is not None and offer.state is OfferState.RETAKING
    operator = turn.operator(call) if goes_in else _release(turn, call, offer)
    rules.end_talk(turn, call, operator, EndedBy.CALLER, detail.loss)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def end_for_restart(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The limit for talks before the restart is over."""
    _break_off(turn, call, offer, EndedBy.LOST, Loss.RESTART)


def break_off(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A fault of ours: the talk cannot go on."""
    _break_off(turn, call, offer, EndedBy.OPERATOR, None)


def _break_off(turn: Turn, call: Call, offer: Offer, by: EndedBy, loss: Loss | None) -> None:
    leaving.hang_up_caller(turn, call)
    if call.consult is not None:
        _let_colleague_go(turn, call, offer, ConsultResult.BROKEN_OFF)
    rules.end_talk(turn, call, _release(turn, call, offer), by, loss)


# --- cells -----------------------------------------------------------------------------------

_E, _K, _S, _C = OnOffer, OnConsult, OfferState, CallState
_NO_ROOM: OfferCell = nothing("a colleague is asked: that comes first")
_TWICE: OfferCell = nothing("told twice, or the button was pressed twice")
_TOO_SOON: OfferCell = nothing("the colleague is not there yet")
_TOO_LATE: OfferCell = nothing("the button was pressed when the colleague was gone already")
_NOBODY: OfferCell = nothing("cannot come: no colleague is asked")
_MOMENT: OfferCell = nothing("the caller is being joined: asked again a moment later")

_COMMON: Mapping[OnOffer, OfferCell] = {
    **IN_TALK,
    _E.STATE_TIME: NO_TIME,
    _E.TRANSFER: _NO_ROOM,
    _E.PARKED: _NO_ROOM,
    _E.TAKEN_OVER: NOBODY_LISTENS,
    _E.CALLER_LEFT: to(caller_hung_up, _C.ENDED),
    _E.CLOSED: to(end_for_restart, _C.LEAVING),
    _E.FAULT: to(break_off, _C.LEAVING),
}
_WITH_COLLEAGUE: Mapping[OnOffer, OfferCell] = {
    **_COMMON,
    _E.LEG_ENDED: to(leaves, _S.JOINING),
    _E.PHONE_LOST: to(dies, _S.JOINING),
    _E.HANG_UP: to(leaves, _S.JOINING),
}

ROWS: Table = {
    _S.ASKING: {
        **_COMMON,
        _E.LEG_ENDED: to(leaves_nobody, _C.WAITING),
        _E.PHONE_LOST: to(dies_alone, _C.WAITING),
        _E.HANG_UP: to(leaves_nobody, _C.WAITING),
        _E.STATE_TIME: to(no_answer, _S.RETAKING),
    },
    _S.CONSULTING: _WITH_COLLEAGUE,
    _S.RETAKING: {
        **_COMMON,
        _E.JOINED: to(retaken, _S.TALKING, _S.CONFERRING),
        _E.BRIDGE_FAILED: to(not_retaken, _S.CONSULTING, _C.WAITING),
        _E.STATE_TIME: to(not_retaken, _S.CONSULTING, _C.WAITING),
        _E.LEG_ENDED: to(leaves_in_between, _S.JOINING, _C.WAITING),
        _E.PHONE_LOST: to(dies_in_between, _S.JOINING, _C.WAITING),
        _E.HANG_UP: _MOMENT,
    },
    _S.CONFERRING: _WITH_COLLEAGUE,
}
"""Cells of the offer's table, for both ways: what happens to caller and operator."""

RULES: ConsultTable = {
    _S.TALKING: {
        _K.ASKED: to(ask, _S.ASKING),
        _K.ANSWERED: _NOBODY,
        _K.JOINED: _NOBODY,
        _K.GONE: _NOBODY,
        _K.COMPLETED: _TOO_LATE,
        _K.CONFERRED: _TOO_LATE,
        _K.CANCELLED: _TOO_LATE,
    },
    _S.ASKING: {
        _K.ASKED: _NO_ROOM,
        _K.ANSWERED: to(bring_in),
        _K.JOINED: to(joined, _S.CONSULTING),
        _K.GONE: to(not_reached, _S.RETAKING),
        _K.COMPLETED: _TOO_SOON,
        _K.CONFERRED: _TOO_SOON,
        _K.CANCELLED: to(cancel, _S.RETAKING),
    },
    _S.CONSULTING: {
        _K.ASKED: _NO_ROOM,
        _K.ANSWERED: _TWICE,
        _K.JOINED: _TWICE,
        _K.GONE: to(colleague_hung_up, _S.RETAKING),
        _K.COMPLETED: to(complete, _S.JOINING),
        _K.CONFERRED: to(confer, _S.RETAKING),
        _K.CANCELLED: to(cancel, _S.RETAKING),
    },
    _S.RETAKING: {
        _K.ASKED: _NO_ROOM,
        _K.ANSWERED: _TWICE,
        _K.JOINED: _TWICE,
        _K.GONE: to(colleague_left),
        _K.COMPLETED: _MOMENT,
        _K.CONFERRED: _TWICE,
        _K.CANCELLED: _MOMENT,
    },
    _S.CONFERRING: {
        _K.ASKED: _NO_ROOM,
        _K.ANSWERED: _TWICE,
        _K.JOINED: _TWICE,
        _K.GONE: to(colleague_left, _S.TALKING),
        _K.COMPLETED: to(complete, _S.JOINING),
        _K.CONFERRED: _TWICE,
        _K.CANCELLED: to(let_go, _S.TALKING),
    },
}
"""Cells for the colleague, and for the operator's buttons about the colleague."""
