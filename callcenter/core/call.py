"""The life of a call.

A caller is always in exactly one state. *Waiting* and *offered* callers hear music and keep their
place in line; an offer is one ring of one operator's phone and has an id of its own, so that what
happens to it late ("it was answered, but we had already taken it back") is recognised as stale and
hung up. Only when Asterisk confirms that both legs are in the operator's bridge is the call
*talking* and scored as answered. A call is scored once, at the moment its outcome is known; after
that it is *leaving* until its leg is gone.

The table `RULES` is total: every state has a cell for everything that can happen, with the rule and
the states it may lead to. A condition (the
ring time is spent, patience is spent) is something that happens, not a hidden `if`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from callcenter.core import open_line, routing
from callcenter.core import operator as desk
from callcenter.core.cell import Cell
from callcenter.core.change import changed
from callcenter.core.commands import BackToMusic, Bridge, Exit, HangUp, OpenDesk, SendOut
from callcenter.core.events import CallArrived, CallNeverBegan
from callcenter.core.facts import (
    CallEnded,
    CallMoved,
    CallPrioritized,
    CallQueued,
    CallReceived,
    CallReturned,
    CallScored,
    OfferAnswered,
    OfferEnded,
    OperatorState,
    TalkEnded,
)
from callcenter.core.ids import QueueName
from callcenter.core.legs import CallerLeg
from callcenter.core.outcome import (
    EndedBy,
    LegEnd,
    Loss,
    OfferResult,
    Outcome,
    Rejection,
    outcome_of_leaving,
)
from callcenter.core.state import UNKNOWN_LINE, Call, CallState, Operator
from callcenter.core.turn import Turn


class OnCall(StrEnum):
    """What can happen to a call."""

    ARRIVED = "caller arrived"
    LEFT = "caller left"
    PRIORITY = "priority changed"
    OFFER = "an operator is free"
    ANSWERED = "operator answered"
    LEG_ENDED = "operator's leg ended"
    PHONE_LOST = "operator's phone lost"
    RING_FAILED = "ringing failed"
    JOINED = "both legs bridged"
    BRIDGE_FAILED = "bridging failed"
    STATE_TIME = "time of this state spent"  # ringing, joining or leaving took too long
    PATIENCE = "longest wait reached"
    QUEUE_GONE = "queue not in the site any more"
    WITHDRAWN = "operator logged out"  # or the phone is in another call
    HANG_UP = "operator hangs up at the desk"
    CLOSED = "Asterisk is restarted now"


class Detail:
    """The particulars of what happened, where there are any."""

    __slots__ = ("end", "loss", "operator", "priority")

    def __init__(
        self,
        *,
        loss: Loss | None = None,
        end: LegEnd = LegEnd.ENDED,
        priority: int = 0,
        operator: Operator | None = None,
    ) -> None:
        self.loss = loss
        self.end = end
        self.priority = priority
        self.operator = operator


Rule = Callable[[Turn, Call, Detail], None]

_OFFER_RESULTS: Mapping[LegEnd, OfferResult] = {
    LegEnd.ENDED: OfferResult.UNREACHABLE,
    LegEnd.BUSY: OfferResult.BUSY,
    LegEnd.DECLINED: OfferResult.DECLINED,
    LegEnd.UNREACHABLE: OfferResult.UNREACHABLE,
    LegEnd.NO_ANSWER: OfferResult.NO_ANSWER,
    LegEnd.LOST: OfferResult.WITHDRAWN,
    LegEnd.DIED: OfferResult.UNREACHABLE,
}

_LOST_IN_ANSWER: Mapping[LegEnd, OfferResult] = {
    LegEnd.LOST: OfferResult.WITHDRAWN,
    LegEnd.DIED: OfferResult.UNREACHABLE,
}
"""Else the operator hung up."""


# --- arriving --------------------------------------------------------------------------------


def admit(turn: Turn, event: CallArrived | CallNeverBegan) -> None:
    """A call nobody knows: let it into its line's queue, or say why not."""
    line = turn.state.site.line_of_did.get(event.did)
    arrived = CallReceived(
        at=turn.now,
        call=event.call,
        line=line.name if line else UNKNOWN_LINE,
        did=event.did,
        caller=event.caller,
        arrived_at=turn.now - event.age_seconds,
        node=event.node,
    )
    turn.tell(arrived)
    if line is None:
        _reject(turn, arrived, Rejection.UNKNOWN_NUMBER, Exit.UNKNOWN_NUMBER)
        return
    if turn.state.closing is not None:
        _reject(turn, arrived, Rejection.RESTART, Exit.RESTART)
        return
    queue = turn.state.queue(line.queue)
    if queue.present >= queue.rules.waiting_limit:
        _reject(turn, arrived, Rejection.QUEUE_FULL, Exit.QUEUE_FULL)
        return
    turn.tell(
        CallQueued(
            at=turn.now,
            call=event.call,
            queue=line.queue,
            priority=line.priority,
            waiting=queue.present + 1,
        )
    )


def never_began(turn: Turn, event: CallNeverBegan) -> None:
    """Received and ended in one: it stood in no line."""
    admit(turn, event)
    turn.commands.clear()  # nobody is there to be sent out
    queued = turn.facts[-1]
    if isinstance(queued, CallQueued):
        rules = turn.state.queue(queued.queue).rules
        left = outcome_of_leaving(event.age_seconds, rules.short_abandon_seconds)
        turn.tell(
            CallScored(
                at=turn.now,
                call=event.call,
                line=turn.state.site.line_of_did[event.did].name,
                queue=queued.queue,
                outcome=Outcome.FAILED if event.loss else left,
                reason=event.loss or "",
                wait_seconds=event.age_seconds,
                queue_wait_seconds=0.0,
                place=0,
            )
        )
    turn.tell(CallEnded(at=turn.now, call=event.call))


def _reject(turn: Turn, arrived: CallReceived, why: Rejection, way_out: Exit) -> None:
    turn.tell(
        CallScored(
            at=turn.now,
            call=arrived.call,
            line=arrived.line,
            queue=QueueName(""),
            outcome=Outcome.REJECTED,
            reason=why.value,
            wait_seconds=turn.now - arrived.arrived_at,
            queue_wait_seconds=0.0,
            place=0,
        )
    )
    leg = CallerLeg(call=arrived.call, node=arrived.node)
    turn.order(SendOut(lane=arrived.call, leg=leg, exit=way_out))


# --- pieces ----------------------------------------------------------------------------------


def _score(turn: Turn, call: Call, outcome: Outcome, reason: str = "", place: int = 0) -> None:
    turn.tell(
        CallScored(
            at=turn.now,
            call=call.id,
            line=call.line,
            queue=call.queue,
            outcome=outcome,
            reason=reason,
            wait_seconds=turn.now - call.arrived_at,
            queue_wait_seconds=turn.now - call.queued_at,
            place=place,
        )
    )


def _end_offer(turn: Turn, call: Call, result: OfferResult) -> None:
    assert call.offer is not None and call.operator is not None
    until = call.answered_at if call.state is CallState.CONNECTING else turn.now
    turn.tell(
        OfferEnded(
            at=turn.now,
            offer=call.offer,
            call=call.id,
            operator=call.operator,
            queue=call.queue,
            result=result,
            ring_seconds=until - call.offered_at,
        )
    )


def _hang_up_operator(turn: Turn, call: Call) -> None:
    if call.open_line is None:  # which stays, call after call
        turn.order(HangUp(lane=call.id, leg=call.offer_leg))


def _hang_up_caller(turn: Turn, call: Call) -> None:
    turn.order(HangUp(lane=call.id, leg=call.leg))


def _back_to_music(turn: Turn, call: Call) -> None:
    turn.order(BackToMusic(lane=call.id, caller=call.leg, bridge=call.desk))


def _take_back(turn: Turn, call: Call, result: OfferResult) -> None:
    """The offer came to nothing; the caller keeps the place in line."""
    _end_offer(turn, call, result)
    desk.after_offer(turn, turn.operator(call), result)


def _end_talk(
    turn: Turn, call: Call, by: EndedBy, *, loss: Loss | None = None, clear: bool = False
) -> None:
    operator = turn.operator(call)
    if clear:
        operator = open_line.clear_desk(turn, operator)
    turn.tell(
        TalkEnded(
            at=turn.now,
            call=call.id,
            line=call.line,
            queue=call.queue,
            operator=operator.id,
            talk_seconds=turn.now - call.connected_at,
            ended_by=EndedBy.LOST if loss else by,
            reason=loss or "",
            number=call.talks + 1,
            earlier_seconds=call.talked_seconds,
        )
    )
    if loss is Loss.PHONE_LOST:
        desk.phone_lost(turn, operator)
    else:
        desk.wrap_up(turn, operator, call.id, turn.rules(call).wrapup_seconds)


def _abandon(turn: Turn, call: Call, detail: Detail, place: int) -> None:
    if call.outcome is not None:
        pass  # was answered before, and is not scored twice
    elif detail.loss:
        _score(turn, call, Outcome.FAILED, detail.loss, place)
    else:
        short = turn.rules(call).short_abandon_seconds
        _score(turn, call, outcome_of_leaving(turn.now - call.arrived_at, short), "", place)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def _send_out(turn: Turn, call: Call, why: Exit, outcome: Outcome, place: int = 0) -> None:
    """Nobody here serves the caller any more. Who was answered before has an outcome already."""
    if call.outcome is None:
        _score(turn, call, outcome, why.value, place)
    else:
        turn.tell(CallEnded(at=turn.now, call=call.id))
    turn.order(SendOut(lane=call.id, leg=call.leg, exit=why))


def fail(turn: Turn, call: Call) -> None:
    """A bug of ours: the call is lost to us, and goes on in the lifeboat."""
    _send_out(turn, call, Exit.ERROR, Outcome.FAILED)


# --- rules -----------------------------------------------------------------------------------


def ignore(turn: Turn, call: Call, detail: Detail) -> None:
    """Nothing is done; the cell says why."""


def leave_line(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller gave up waiting."""
    _abandon(turn, call, detail, turn.state.queue(call.queue).line.place_of(call.id))


def leave_ringing(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller gave up while an operator's phone rang, or in the very instant of answer."""
    _hang_up_operator(turn, call)
    _take_back(turn, call, OfferResult.CALLER_LEFT)
    _abandon(turn, call, detail, 1)


def change_priority(turn: Turn, call: Call, detail: Detail) -> None:
    """Move up or down; an offered caller keeps the offer."""
    turn.tell(CallPrioritized(at=turn.now, call=call.id, priority=detail.priority))


def join(turn: Turn, call: Call, detail: Detail) -> None:
    """The operator is there: join the two."""
    assert call.offer is not None
    until = turn.now + turn.state.site.bridge_seconds
    turn.tell(OfferAnswered(at=turn.now, offer=call.offer, call=call.id, until=until))
    turn.order(
        Bridge(
            lane=call.id,
            offer=call.offer,
            bridge=call.desk,
            caller=call.leg,
            operator=call.offer_leg,
        )
    )


def not_reached(turn: Turn, call: Call, detail: Detail) -> None:
    """The phone was busy, declined or not there: the caller goes back to the front.

    The leg is gone, but a request to ring that was repeated, or was still on its way when the
    snapshot was taken, makes it ring again for nobody: hang that up before the next offer.
    """
    _hang_up_operator(turn, call)
    _take_back(turn, call, _OFFER_RESULTS[detail.end])


def ring_refused(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk would not ring the phone. If it rings after all, that leg is unknown: hang it up."""
    _hang_up_operator(turn, call)
    _take_back(turn, call, OfferResult.UNREACHABLE)


def rona(turn: Turn, call: Call, detail: Detail) -> None:
    """Ring, no answer: the caller back to the front, the operator paused."""
    _hang_up_operator(turn, call)
    _take_back(turn, call, OfferResult.NO_ANSWER)


def withdraw(turn: Turn, call: Call, detail: Detail) -> None:
    """The operator logged out while the phone rang, or it is in another call: rung into a talk."""
    _hang_up_operator(turn, call)
    _take_back(turn, call, OfferResult.WITHDRAWN)


def connected(turn: Turn, call: Call, detail: Detail) -> None:
    """Both are in the bridge: this, and nothing earlier, is an answered call. It is scored once,
    at the first answer."""
    operator = turn.operator(call)
    _end_offer(turn, call, OfferResult.ANSWERED)
    if call.outcome is None:
        _score(turn, call, Outcome.ANSWERED)
    turn.tell(changed(turn.now, operator, OperatorState.ON_CALL, call=call.id))


def undo_bridge(turn: Turn, call: Call, detail: Detail) -> None:
    """The legs did not come together: music again, the place in line again, a fresh bridge."""
    operator = turn.operator(call)
    bridge = call.desk
    _hang_up_operator(turn, call)
    _back_to_music(turn, call)
    if call.open_line:
        operator = open_line.clear_desk(turn, operator)
    else:
        turn.order(OpenDesk(lane=bridge, bridge=bridge))
    _end_offer(turn, call, OfferResult.WITHDRAWN)
    desk.short_pause(turn, operator, "bridge_failed", turn.state.site.pauses.unreachable_seconds)


def lost_in_answer(turn: Turn, call: Call, detail: Detail) -> None:
    """The operator hung up, or the phone died, in the very instant of answer."""
    operator = turn.operator(call)
    _back_to_music(turn, call)
    if call.open_line:
        operator = open_line.clear_desk(turn, operator)
    result = _LOST_IN_ANSWER.get(detail.end, OfferResult.DECLINED)
    _end_offer(turn, call, result)
    desk.after_offer(turn, operator, result)


def overflow(turn: Turn, call: Call, detail: Detail) -> None:
    """Waited as long as the queue allows: on to the next queue, or out with a message."""
    onward = turn.rules(call).overflow_queue
    if onward and turn.state.queue(onward).present < turn.state.queue(onward).rules.waiting_limit:
        turn.tell(CallMoved(at=turn.now, call=call.id, queue=onward))
        return
    place = turn.state.queue(call.queue).line.place_of(call.id)
    _send_out(turn, call, Exit.MAX_WAIT, Outcome.OVERFLOW, place)


def move_on(turn: Turn, call: Call, detail: Detail) -> None:
    """Nobody will be served in this queue: on in line where the line's callers wait now."""
    line = turn.state.site.line_of_did.get(call.did)
    if line is not None:
        turn.tell(CallMoved(at=turn.now, call=call.id, queue=line.queue))


def caller_hung_up(turn: Turn, call: Call, detail: Detail) -> None:
    """The conversation is over by the caller."""
    _hang_up_operator(turn, call)
    by = EndedBy.OPERATOR if call.ended_here else EndedBy.CALLER
    _end_talk(turn, call, by, loss=detail.loss)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def operator_hung_up(turn: Turn, call: Call, detail: Detail) -> None:
    """The conversation is over by the operator's phone. On an open line: when the caller, who is
    in the bridge where the next one will be joined, has left."""
    _hang_up_caller(turn, call)
    if call.open_line is None:
        _end_talk(turn, call, EndedBy.OPERATOR)


def phone_lost(turn: Turn, call: Call, detail: Detail) -> None:
    """The operator's phone died in the talk: music at once, and the caller is the first in line."""
    if call.ended_here:  # the operator had ended it
        break_off(turn, call)
        return
    _back_to_music(turn, call)
    _hang_up_operator(turn, call)
    _end_talk(turn, call, EndedBy.LOST, loss=Loss.PHONE_LOST)
    turn.tell(CallReturned(at=turn.now, call=call.id, queue=call.queue))


def phone_gone(turn: Turn, call: Call, detail: Detail) -> None:
    """The phone that was rung is not there any more: the caller goes to another one."""
    _hang_up_operator(turn, call)
    _take_back(turn, call, OfferResult.UNREACHABLE)


def desk_hung_up(turn: Turn, call: Call, detail: Detail) -> None:
    """The conversation is over by the operator's console.

    The caller first: who is still at the desk when the phone is free would meet the next caller.
    """
    _hang_up_caller(turn, call)
    if call.open_line is None:
        _hang_up_operator(turn, call)
        _end_talk(turn, call, EndedBy.OPERATOR)


def not_left(turn: Turn, call: Call, detail: Detail) -> None:
    """Was hung up on, and is still at the desk: everyone out of it, and hung up on once more."""
    if call.ended_here:
        break_off(turn, call)


def break_off(turn: Turn, call: Call) -> None:
    """The conversation cannot go on: both are hung up, and an open line is emptied and kept."""
    _hang_up_caller(turn, call)
    _hang_up_operator(turn, call)
    _end_talk(turn, call, EndedBy.OPERATOR, clear=call.open_line is not None)


def let_go(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk is restarted: the caller hears so, and is hung up on."""
    place = turn.state.queue(call.queue).line.place_of(call.id)
    _send_out(turn, call, Exit.RESTART, Outcome.FAILED, place)


def let_go_ringing(turn: Turn, call: Call, detail: Detail) -> None:
    """The same while an operator's phone rings, or in the very instant of answer."""
    operator = turn.operator(call)
    _hang_up_operator(turn, call)
    if call.open_line:
        operator = open_line.clear_desk(turn, operator)
    _end_offer(turn, call, OfferResult.WITHDRAWN)
    desk.after_offer(turn, operator, OfferResult.WITHDRAWN)
    _send_out(turn, call, Exit.RESTART, Outcome.FAILED, 1)


def end_for_restart(turn: Turn, call: Call, detail: Detail) -> None:
    """The time for the talk to come to its end is over."""
    _hang_up_caller(turn, call)
    _hang_up_operator(turn, call)
    on_line = call.open_line is not None
    _end_talk(turn, call, EndedBy.LOST, loss=Loss.RESTART, clear=on_line)


def gone(turn: Turn, call: Call, detail: Detail) -> None:
    """The leg of a call already scored is gone."""
    turn.tell(CallEnded(at=turn.now, call=call.id))


def put_out(turn: Turn, call: Call, detail: Detail) -> None:
    """Should have left long ago: hang up and forget."""
    _hang_up_caller(turn, call)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def offer(turn: Turn, call: Call, detail: Detail) -> None:
    """An operator is free: make the phone ring, or join the two on an open line."""
    assert detail.operator is not None
    routing.offer(turn, detail.operator, call)


_C, _S = OnCall, CallState
CallCell = Cell[Rule, CallState]


def _to(rule: Rule, *targets: CallState) -> CallCell:
    return Cell(rule, targets)


def _nothing(why: str) -> CallCell:
    return Cell(ignore, (), why)


_KNOWN = _nothing("cannot come: who is known is not let in again")
_TWICE = _nothing("told twice, by an event and by a snapshot")
_NO_OFFER = _nothing("cannot come: what is told of an earlier offer stops at the engine's door")
_OFFERED_ALREADY = _nothing("cannot come: only who stands in line is offered")
_NOT_IN_LINE = _nothing("cannot come: it is asked of those alone who stand in line")
_NO_TIME = _nothing("cannot come: this state has no time of its own")
_NO_TALK = _nothing("the button was pressed a moment before the talk, or after it")
_NO_OPERATOR = _nothing("cannot come: no operator has this call")
_ANSWER_LOST = _nothing("only Asterisk's answer was lost: the request was carried out")
_TOO_LATE = _nothing("the operator has answered: the wish comes true after the call")
_OVER = _nothing("cannot come: nothing of a call that has ended is handed on")

RULES: Mapping[CallState, Mapping[OnCall, CallCell]] = {
    _S.WAITING: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(leave_line, _S.ENDED),
        _C.PRIORITY: _to(change_priority),
        _C.OFFER: _to(offer, _S.OFFERED, _S.CONNECTING),
        _C.ANSWERED: _NO_OFFER,
        _C.LEG_ENDED: _NO_OFFER,
        _C.PHONE_LOST: _NO_OFFER,
        _C.RING_FAILED: _NO_OFFER,
        _C.JOINED: _NO_OFFER,
        _C.BRIDGE_FAILED: _NO_OFFER,
        _C.STATE_TIME: _NO_TIME,
        _C.PATIENCE: _to(overflow, _S.LEAVING, _S.WAITING, _S.ENDED),
        _C.QUEUE_GONE: _to(move_on, _S.WAITING),
        _C.WITHDRAWN: _NO_OFFER,
        _C.HANG_UP: _NO_OPERATOR,
        _C.CLOSED: _to(let_go, _S.LEAVING, _S.ENDED),
    },
    _S.OFFERED: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(leave_ringing, _S.ENDED),
        _C.PRIORITY: _to(change_priority),
        _C.OFFER: _OFFERED_ALREADY,
        _C.ANSWERED: _to(join, _S.CONNECTING),
        _C.LEG_ENDED: _to(not_reached, _S.WAITING),
        _C.PHONE_LOST: _to(phone_gone, _S.WAITING),
        _C.RING_FAILED: _to(ring_refused, _S.WAITING),
        _C.JOINED: _nothing("cannot come: legs are counted while they are being joined"),
        _C.BRIDGE_FAILED: _nothing("nobody was to be joined yet"),
        _C.STATE_TIME: _to(rona, _S.WAITING),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.WITHDRAWN: _to(withdraw, _S.WAITING),
        _C.HANG_UP: _NO_TALK,
        _C.CLOSED: _to(let_go_ringing, _S.LEAVING, _S.ENDED),
    },
    _S.CONNECTING: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(leave_ringing, _S.ENDED),
        _C.PRIORITY: _to(change_priority),
        _C.OFFER: _OFFERED_ALREADY,
        _C.ANSWERED: _TWICE,
        _C.LEG_ENDED: _to(lost_in_answer, _S.WAITING),
        _C.PHONE_LOST: _to(lost_in_answer, _S.WAITING),
        _C.RING_FAILED: _ANSWER_LOST,
        _C.JOINED: _to(connected, _S.TALKING),
        _C.BRIDGE_FAILED: _to(undo_bridge, _S.WAITING),
        _C.STATE_TIME: _to(undo_bridge, _S.WAITING),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.WITHDRAWN: _TOO_LATE,
        _C.HANG_UP: _NO_TALK,
        _C.CLOSED: _to(let_go_ringing, _S.LEAVING, _S.ENDED),
    },
    _S.TALKING: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(caller_hung_up, _S.ENDED),
        _C.PRIORITY: _nothing("a supervisor moved somebody who was just answered"),
        _C.OFFER: _OFFERED_ALREADY,
        _C.ANSWERED: _TWICE,
        _C.LEG_ENDED: _to(operator_hung_up, _S.LEAVING, _S.TALKING),
        _C.PHONE_LOST: _to(phone_lost, _S.WAITING, _S.LEAVING),
        _C.RING_FAILED: _ANSWER_LOST,
        _C.JOINED: _nothing("cannot come: legs are counted while they are being joined"),
        _C.BRIDGE_FAILED: _ANSWER_LOST,
        _C.STATE_TIME: _to(not_left, _S.LEAVING),  # on an open line, of who was hung up on
        _C.PATIENCE: _NOT_IN_LINE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.WITHDRAWN: _nothing("cannot come: only what rings is taken back"),
        _C.HANG_UP: _to(desk_hung_up, _S.LEAVING, _S.TALKING),
        _C.CLOSED: _to(end_for_restart, _S.LEAVING),
    },
    _S.LEAVING: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(gone, _S.ENDED),
        _C.PRIORITY: _nothing("a supervisor moved somebody who is on the way out"),
        _C.OFFER: _NOT_IN_LINE,
        _C.ANSWERED: _NO_OFFER,
        _C.LEG_ENDED: _NO_OFFER,
        _C.PHONE_LOST: _NO_OFFER,
        _C.RING_FAILED: _NO_OFFER,
        _C.JOINED: _NO_OFFER,
        _C.BRIDGE_FAILED: _NO_OFFER,
        _C.STATE_TIME: _to(put_out, _S.ENDED),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.WITHDRAWN: _NO_OFFER,
        _C.HANG_UP: _NO_TALK,
        _C.CLOSED: _nothing("is on the way out already"),
    },
    _S.ENDED: dict.fromkeys(OnCall, _OVER),
}
