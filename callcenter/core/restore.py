"""Rebuilds the state from the journal, even if the journal is incomplete.

A journal of a later version has facts that this one cannot read, and a disk that was full for long
has lost some. Facts that refer to lost ones are skipped, and a call or operator that then breaks an
invariant is let go. A service that does not start, or an operator who rings for ever, would be
worse than a caller whom Asterisk's next snapshot shows as new. This repair is the only change of a
state without a fact.
"""

import gc
from collections import Counter
from collections.abc import Iterable

from callcenter.core.change import changed
from callcenter.core.facts import Fact, LineStage, OperatorChanged, OperatorState
from callcenter.core.fold import apply
from callcenter.core.invariants import wrong_with_call, wrong_with_operator
from callcenter.core.open_line import LINE
from callcenter.core.snapshot import Piece, derive, put
from callcenter.core.state import CallState, Operator, State


def restore(state: State, told: Iterable[Piece | Fact]) -> int:
    """Fold a snapshot and the facts after it into a new state; gives how many facts did not fit."""
    collecting = gc.isenabled()
    gc.disable()  # nothing made here is garbage, and searching for it takes a third of the time
    try:
        return _restore(state, told)
    finally:
        if collecting:
            gc.enable()


def _restore(state: State, told: Iterable[Piece | Fact]) -> int:
    unfit, is_derived, nodes_are_told = 0, True, False
    for one in told:
        if isinstance(one, Piece):
            if one.field == "nodes" and not nodes_are_told:
                nodes_are_told = True
                state.nodes.clear()  # the node of a new state may not be among them
            put(state, one)
            is_derived = False
            continue
        if not is_derived:
            derive(state)
            is_derived = True
        try:
            apply(state, one)
        except LookupError:  # about a call that the journal does not have
            unfit += 1
    if unfit or not is_derived or not _counts_are_right(state):
        derive(state)
    wrong = [
        call
        for call in state.calls.values()
        if call.state not in (CallState.WAITING, CallState.PARKED)
        and any(wrong_with_call(state, call))
    ]
    for call in wrong:
        del state.calls[call.id]
    if wrong:
        derive(state)
    for operator in list(state.operators.values()):
        if any(wrong_with_operator(state, operator)):
            apply(state, _at_rest(operator))
    return unfit


def _at_rest(operator: Operator) -> OperatorChanged:
    """The right state for an operator with no call, whatever else is known."""
    wish, line = (operator.wish, operator.wish_reason), operator.line
    if wish[0] is OperatorState.OFFLINE or not operator.open_line:
        line = LineStage.DOWN  # if the line is there all the same, the snapshot hangs it up
    elif wish[0] is OperatorState.AVAILABLE and line is not LineStage.SEATED:
        wish = OperatorState.PAUSED, LINE
    return changed(operator.since, operator, wish[0], reason=wish[1], wish=wish, line=line)


def _counts_are_right(state: State) -> bool:
    """Whether lines and counts agree with the calls. A lost fact leaves no other trace."""
    unscored = [call for call in state.calls.values() if call.outcome is None]
    present = Counter(call.queue for call in unscored)
    returned = Counter(call.queue for call in state.calls.values() if call.has_returned)
    in_line = (CallState.WAITING, CallState.PARKED)
    waiting = Counter(c.queue for c in state.calls.values() if c.state in in_line)
    parked = Counter(c.queue for c in state.calls.values() if c.is_parked)
    return state.unscored == len(unscored) and all(
        (queue.present, queue.returned, len(queue.line), queue.parked)
        == (present[name], returned[name], waiting[name], parked[name])
        for name, queue in state.queues.items()
    )
