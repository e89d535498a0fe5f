"""The second way to reach an operator: the open line is up already; join the caller there.

Nothing rings, and the line stays up, call after call (core/open_line.py). So the talk is over only
when the caller has left the bridge in which the next caller will be joined. Until then it is
*ending*.
"""

from callcenter.core import leaving, survey
from callcenter.core import open_line as line
from callcenter.core.change import changed
from callcenter.core.commands import Bridge
from callcenter.core.facts import LineStage, OfferAnswered, OfferEnding, OfferMade, OperatorState
from callcenter.core.legs import DeskBridge, channel_of
from callcenter.core.offers import consult, rules
from callcenter.core.offers.rules import IN_TALK, JOINING, NO_TIME, OUT
from callcenter.core.offers.table import OnOffer, Table, nothing, to
from callcenter.core.outcome import EndedBy, Loss, OfferResult
from callcenter.core.state import Call, CallState, Offer, OfferState, Operator
from callcenter.core.turn import Detail, Turn


def begin(turn: Turn, operator: Operator, call: Call) -> None:
    """Join the caller with the operator's open line."""
    number = call.offers + 1
    this = call.offer_named(number)
    until = rules.joined_until(turn, call)
    turn.tell(
        OfferMade(
            at=turn.now,
            offer=this,
            call=call.id,
            operator=operator.id,
            queue=call.queue,
            number=number,
            until=until,
            line=channel_of(operator.line_leg),
        ),
        OfferAnswered(at=turn.now, offer=this, call=call.id, until=until),
        changed(turn.now, operator, OperatorState.RINGING, call=call.id),
    )
    rules.join(
        turn,
        call,
        Bridge(
            lane=call.id,
            offer=this,
            bridge=DeskBridge(operator=operator.id, node=call.node),
            caller=call.leg,
            operator=operator.line_leg,
            rings=rules.may_ring(turn.state, operator),
        ),
    )


def begin_outside(turn: Turn, operator: Operator, call: Call) -> None:
    """The same, of a line that is not in its bridge since the last talk: it goes there first."""
    begin(turn, line.fetch(turn, operator, call.id), call)


def _alone(turn: Turn, call: Call) -> Operator:
    """Remove everybody but the operator from the bridge. The open line of a consulted colleague may
    still be leaving, and the next caller is joined at once."""
    operator = turn.operator(call)
    asked = turn.state.operators.get(call.consulted) if call.consulted else None
    leaves = asked is not None and asked.line is LineStage.LENT
    return line.clear_desk(turn, operator) if leaves else operator


# --- rules -----------------------------------------------------------------------------------


def caller_gave_up(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller left at the moment of being joined."""
    rules.take_back(turn, call, offer, turn.operator(call), OfferResult.CALLER_LEFT)
    leaving.abandon(turn, call, detail.loss, 1)


def close(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Asterisk is restarted at the moment of joining."""
    operator = line.clear_desk(turn, turn.operator(call))
    rules.take_back(turn, call, offer, operator, OfferResult.WITHDRAWN)
    rules.send_out_for_restart(turn, call)


def undo(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The legs could not be joined. The caller hears music and has the same place in line; the
    bridge is emptied."""
    rules.back_to_music(turn, call)
    operator = line.clear_desk(turn, turn.operator(call))
    rules.give_up_joining(turn, call, offer, operator)


def fail(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A fault of ours: the bridge is emptied, and the caller goes to the lifeboat."""
    undo(turn, call, offer, detail)
    leaving.fail(turn, call)


def lost_in_answer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The line ended, or its phone died, at the moment of joining."""
    rules.back_to_music(turn, call)
    operator = line.clear_desk(turn, turn.operator(call))
    result = rules.LOST_IN_ANSWER.get(detail.end, OfferResult.DECLINED)
    rules.take_back(turn, call, offer, operator, result)


def caller_hung_up(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller hung up: the conversation is over."""
    rules.end_with_caller(turn, call, _alone(turn, call), EndedBy.CALLER, detail)


def operator_ends(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator hung up, at the phone or at the console. The talk is over when the caller has
    left. If there is a survey, the caller leaves at once, and the bridge is made again, as for a
    transfer."""
    if survey.is_asked(turn, call):
        rules.back_to_music(turn, call)
        rules.end_and_ask(turn, call, line.clear_desk(turn, turn.operator(call)))
        return
    leaving.hang_up_caller(turn, call)
    until = turn.now + turn.state.site.hang_up_seconds
    turn.tell(OfferEnding(at=turn.now, offer=offer.id, call=call.id, until=until))


def hang_up_again(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator hung up twice, and the caller has not left yet."""
    leaving.hang_up_caller(turn, call)


def caller_has_left(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller has left: the conversation that the operator ended is over."""
    rules.end_with_caller(turn, call, _alone(turn, call), EndedBy.OPERATOR, detail)


def break_off(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The talk cannot go on, or the caller has not left in time. Empty the bridge and hang up."""
    leaving.hang_up_caller(turn, call)
    operator = line.clear_desk(turn, turn.operator(call))
    rules.end_talk(turn, call, operator, EndedBy.OPERATOR)


def end_for_restart(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The limit for talks before the restart is over."""
    leaving.hang_up_caller(turn, call)
    operator = line.clear_desk(turn, turn.operator(call))
    rules.end_talk(turn, call, operator, EndedBy.LOST, Loss.RESTART)


def phone_lost(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator's phone died in the talk. The caller hears music at once, and is first in
    line."""
    rules.back_to_music(turn, call)
    rules.come_back(turn, call)


def transfer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator transfers the caller, who hears music. The bridge is made again, because the
    next caller may be joined there before this one is known to have left."""
    rules.back_to_music(turn, call)
    operator = line.clear_desk(turn, turn.operator(call))
    rules.give_on(turn, call, operator, detail)


def park(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator sets the caller aside. The bridge is made anew, as for a transfer."""
    rules.back_to_music(turn, call)
    operator = line.clear_desk(turn, turn.operator(call))
    rules.park(turn, call, operator, detail)


def taken_over(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A supervisor takes the caller over. The bridge is made again, as for a transfer."""
    operator = line.clear_desk(turn, turn.operator(call))
    rules.hand_to_supervisor(turn, call, operator, detail)


_E, _S, _C = OnOffer, OfferState, CallState

RULES: Table = {
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
        _E.LEG_ENDED: to(operator_ends, _S.ENDING, _C.SURVEY),
        _E.PHONE_LOST: to(phone_lost, _C.WAITING),
        _E.STATE_TIME: NO_TIME,
        _E.HANG_UP: to(operator_ends, _S.ENDING, _C.SURVEY),
        _E.TRANSFER: to(transfer, _C.WAITING),
        _E.PARKED: to(park, _C.SET_ASIDE),
        _E.TAKEN_OVER: to(taken_over, _S.JOINING),
        _E.CALLER_LEFT: to(caller_hung_up, _C.ENDED),
        _E.CLOSED: to(end_for_restart, _C.LEAVING),
        _E.FAULT: to(break_off, _C.LEAVING),
    },
    **consult.ROWS,
    _S.ENDING: {
        **IN_TALK,
        _E.LEG_ENDED: to(hang_up_again),
        _E.PHONE_LOST: to(break_off, _C.LEAVING),
        _E.STATE_TIME: to(break_off, _C.LEAVING),
        _E.HANG_UP: to(hang_up_again),
        _E.TRANSFER: nothing("the operator has hung up already"),
        _E.PARKED: nothing("the operator has hung up already"),
        _E.TAKEN_OVER: nothing("the operator has hung up already"),
        _E.CALLER_LEFT: to(caller_has_left, _C.ENDED),
        _E.CLOSED: to(end_for_restart, _C.LEAVING),
        _E.FAULT: to(break_off, _C.LEAVING),
    },
}
