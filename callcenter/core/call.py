"""The life of a call.

A caller is always in exactly one state. *Waiting* callers hear music and keep their place in line.
An *engaged* one has an offer: an operator's phone rings, or they talk; what happens to it is in the
tables of the offers (offers/). An offer has an id of its own, so that what happens to it late ("it
was answered, but we had already taken it back") is recognised as stale and hung up. Only when
Asterisk confirms that both legs are in the operator's bridge is the call scored as answered. A call
is scored once, at the moment its outcome is known; after that it is *leaving* until its leg is
gone.

The table `RULES` is total: every state has a cell for everything that can happen, with the rule and
the states it may lead to. A condition (patience is spent) is something that happens, not a hidden
`if`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from callcenter.core import leaving, overflow
from callcenter.core.cell import Cell
from callcenter.core.commands import Exit, SendOut
from callcenter.core.events import CallArrived, CallNeverBegan
from callcenter.core.facts import (
    CallEnded,
    CallMoved,
    CallPrioritized,
    CallQueued,
    CallReceived,
    CallScored,
)
from callcenter.core.ids import QueueName
from callcenter.core.legs import CallerLeg
from callcenter.core.offers import ways
from callcenter.core.offers.rules import OUT
from callcenter.core.offers.table import OnOffer
from callcenter.core.outcome import Diversion, Outcome, Rejection, outcome_of_leaving
from callcenter.core.state import UNKNOWN_LINE, Call, CallState
from callcenter.core.turn import Detail, Turn


class OnCall(StrEnum):
    """What can happen to a call. What happens to its offer: offers/table.py."""

    ARRIVED = "caller arrived"
    LEFT = "caller left"
    PRIORITY = "priority changed"
    OFFER = "an operator is free"
    STATE_TIME = "time of this state spent"  # leaving took too long
    PATIENCE = "longest wait reached"
    QUEUE_GONE = "queue not in the site any more"
    NOBODY = "nobody is on duty any more"
    CLOSED = "Asterisk is restarted now"
    FAULT = "a fault of ours"


Rule = Callable[[Turn, Call, Detail], None]


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
    found = overflow.at_entry(turn.state, line.queue)
    if isinstance(found, Rejection):
        _reject(turn, arrived, found, Exit(found.value))
        return
    name, why = found
    turn.tell(
        CallQueued(
            at=turn.now,
            call=event.call,
            queue=name,
            priority=line.priority,
            waiting=turn.state.queue(name).present + 1,
            instead_of=line.queue if why else "",
            why=why or "",
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


# --- rules -----------------------------------------------------------------------------------


def ignore(turn: Turn, call: Call, detail: Detail) -> None:
    """Nothing is done; the cell says why."""


def leave_line(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller gave up waiting."""
    place = turn.state.queue(call.queue).line.place_of(call.id)
    leaving.abandon(turn, call, detail.loss, place)


def change_priority(turn: Turn, call: Call, detail: Detail) -> None:
    """Move up or down."""
    turn.tell(CallPrioritized(at=turn.now, call=call.id, priority=detail.priority))


def offer(turn: Turn, call: Call, detail: Detail) -> None:
    """An operator is free: make the phone ring, or join the two on an open line."""
    assert detail.operator is not None
    ways.begin(turn, detail.operator, call)


def waited_longest(turn: Turn, call: Call, detail: Detail) -> None:
    """Waited as long as the queue allows: on to the next queue, or out with a message."""
    onward = overflow.onward(turn.state, overflow.own_queue(turn.state, call), call.queue)
    if onward:
        _move(turn, call, onward, Diversion.MAX_WAIT)
        return
    place = turn.state.queue(call.queue).line.place_of(call.id)
    leaving.send_out(turn, call, Exit.MAX_WAIT, Outcome.OVERFLOW, place)


def move_on(turn: Turn, call: Call, detail: Detail) -> None:
    """Nobody will be served in this queue: on in line where the line's callers wait now."""
    line = turn.state.site.line_of_did.get(call.did)
    if line is not None:
        _move(turn, call, line.queue, Diversion.QUEUE_GONE)


def nobody_on_duty(turn: Turn, call: Call, detail: Detail) -> None:
    """The last operator is gone: on to where somebody is. Where nobody is, somebody may still come,
    unless it is closed here."""
    own = overflow.own_queue(turn.state, call)
    staffed = overflow.neighbour(turn.state, own, call.queue)
    if staffed:
        _move(turn, call, staffed, Diversion.NO_STAFF)
    elif call.queue in turn.state.closed:
        place = turn.state.queue(call.queue).line.place_of(call.id)
        leaving.send_out(turn, call, Exit.CLOSED, Outcome.OVERFLOW, place)


def _move(turn: Turn, call: Call, queue: QueueName, why: Diversion) -> None:
    turn.tell(CallMoved(at=turn.now, call=call.id, queue=queue, left=call.queue, why=why))


def let_go(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk is restarted: the caller hears so, and is hung up on."""
    place = turn.state.queue(call.queue).line.place_of(call.id)
    leaving.send_out(turn, call, Exit.RESTART, Outcome.FAILED, place)


def fail(turn: Turn, call: Call, detail: Detail) -> None:
    """A fault of ours must not leave a citizen in silence: on to the lifeboat."""
    leaving.fail(turn, call)


def gone(turn: Turn, call: Call, detail: Detail) -> None:
    """The leg of a call already scored is gone."""
    turn.tell(CallEnded(at=turn.now, call=call.id))


def put_out(turn: Turn, call: Call, detail: Detail) -> None:
    """Should have left long ago: hang up and forget."""
    leaving.hang_up_caller(turn, call)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def to_offer(what: OnOffer) -> Rule:
    """The table of the offer sees to it."""

    def rule(turn: Turn, call: Call, detail: Detail) -> None:
        assert call.offer is not None
        ways.cell_of(call.offer, what).rule(turn, call, call.offer, detail)

    return rule


_C, _S = OnCall, CallState
CallCell = Cell[Rule, CallState]


def _to(rule: Rule, *targets: CallState) -> CallCell:
    return Cell(rule, targets)


def _nothing(why: str) -> CallCell:
    return Cell(ignore, (), why)


_KNOWN = _nothing("cannot come: who is known is not let in again")
_OFFERED_ALREADY = _nothing("cannot come: only who stands in line is offered")
_NOT_IN_LINE = _nothing("cannot come: it is asked of those alone who stand in line")
_NO_TIME = _nothing("cannot come: this state has no time of its own")
_OVER = _nothing("cannot come: nothing of a call that has ended is handed on")

RULES: Mapping[CallState, Mapping[OnCall, CallCell]] = {
    _S.WAITING: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(leave_line, _S.ENDED),
        _C.PRIORITY: _to(change_priority),
        _C.OFFER: _to(offer, _S.ENGAGED),
        _C.STATE_TIME: _NO_TIME,
        _C.PATIENCE: _to(waited_longest, _S.LEAVING, _S.WAITING, _S.ENDED),
        _C.QUEUE_GONE: _to(move_on, _S.WAITING),
        _C.NOBODY: _to(nobody_on_duty, _S.WAITING, *OUT),
        _C.CLOSED: _to(let_go, *OUT),
        _C.FAULT: _to(fail, *OUT),
    },
    _S.ENGAGED: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(to_offer(OnOffer.CALLER_LEFT), _S.ENDED),
        _C.PRIORITY: _to(to_offer(OnOffer.PRIORITY)),
        _C.OFFER: _OFFERED_ALREADY,
        _C.STATE_TIME: _NO_TIME,
        _C.PATIENCE: _NOT_IN_LINE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _to(to_offer(OnOffer.CLOSED), *OUT),
        _C.FAULT: _to(to_offer(OnOffer.FAULT), *OUT),
    },
    _S.LEAVING: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(gone, _S.ENDED),
        _C.PRIORITY: _nothing("a supervisor moved somebody who is on the way out"),
        _C.OFFER: _NOT_IN_LINE,
        _C.STATE_TIME: _to(put_out, _S.ENDED),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _nothing("is on the way out already"),
        _C.FAULT: _nothing("is on the way out already: its time will be spent"),
    },
    _S.ENDED: dict.fromkeys(OnCall, _OVER),
}
