"""Call park: the operator sets the caller aside in a numbered place, and the phone is free.

The caller hears music there, until an operator of the queue picks the call up, or for
`ParkRules.seconds` at most: then it stands in line again at the place of its arrival, and whoever
parked it is tried first, if free. (In this code *parked* is who is to be called back, parked.py.)
"""

from callcenter.core import leaving
from callcenter.core.commands import Exit
from callcenter.core.facts import (
    AsideEnding,
    CallEnded,
    CallReturned,
    CallSetAside,
    OperatorState,
    SetAsideEnded,
)
from callcenter.core.open_line import LINE
from callcenter.core.outcome import Outcome
from callcenter.core.state import Call, Operator, State
from callcenter.core.turn import Detail, Turn


def free_place(state: State) -> int | None:
    """The lowest place where nobody is. None: all are taken, calls are not parked here, or Asterisk
    is about to be restarted."""
    rules = state.site.park
    if rules.seconds <= 0 or state.closing is not None:
        return None
    return next((each for each in range(1, rules.places + 1) if each not in state.aside), None)


def may_pick_up(state: State, operator: Operator, call: Call) -> bool:
    """Whether this operator may have this caller, and could be joined now."""
    mine = call.aside is not None and call.aside.operator == operator.id
    if not (mine or call.queue in operator.queues) or call.node in state.lost:
        return False
    if operator.state is OperatorState.PAUSED and operator.reason == LINE:
        return False  # the open line is on its way
    if operator.has_line_held:
        return False
    return operator.state in PICKS_UP and state.can_be_reached(operator)


def set_aside(turn: Turn, call: Call, operator: Operator, place: int) -> None:
    """The talk is over for now; the caller is in this place."""
    until = turn.now + turn.state.site.park.seconds
    turn.tell(
        CallSetAside(
            at=turn.now,
            call=call.id,
            queue=call.queue,
            operator=operator.id,
            place=place,
            until=until,
        )
    )


# --- rules -----------------------------------------------------------------------------------


def pick_up(turn: Turn, call: Call, detail: Detail) -> None:
    """An operator wants this caller: in line again, and offered in the same step (handlers/)."""
    assert detail.operator is not None
    _end(turn, call, AsideEnding.PICKED_UP, detail.operator)
    turn.tell(CallReturned(at=turn.now, call=call.id, queue=call.queue))


def time_spent(turn: Turn, call: Call, detail: Detail) -> None:
    """Nobody came: in line again, at the front."""
    _end(turn, call, AsideEnding.TIME)
    turn.tell(CallReturned(at=turn.now, call=call.id, queue=call.queue))


def hang_up(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller is gone; with a loss, no person did that."""
    _end(turn, call, AsideEnding.LOST if detail.loss else AsideEnding.LEFT, loss=detail.loss or "")
    turn.tell(CallEnded(at=turn.now, call=call.id))


def let_go(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk is restarted: the caller hears so, and is hung up on."""
    _end(turn, call, AsideEnding.CUT)
    leaving.send_out(turn, call, Exit.RESTART, Outcome.FAILED)


def fail(turn: Turn, call: Call, detail: Detail) -> None:
    """A fault of ours: on to the lifeboat."""
    _end(turn, call, AsideEnding.CUT)
    leaving.fail(turn, call)


def _end(
    turn: Turn,
    call: Call,
    how: AsideEnding,
    by: Operator | None = None,
    loss: str = "",
) -> None:
    held = call.aside
    assert held is not None
    turn.tell(
        SetAsideEnded(
            at=turn.now,
            call=call.id,
            queue=call.queue,
            operator=held.operator,
            place=held.place,
            how=how,
            by=by.id if by else "",
            seconds=turn.now - held.since,
            number=call.asides + 1,
            earlier_seconds=call.aside_seconds,
            loss=loss,
        )
    )


PICKS_UP = (OperatorState.AVAILABLE, OperatorState.PAUSED, OperatorState.WRAPUP)
"""Who can have a parked caller: also on a pause or in the wrap-up, because they ask for it."""
