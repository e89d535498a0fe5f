"""Becoming what the journal says, also when it does not say everything.

Used by the engine at start. A journal of a later version has facts this one cannot read, and a disk
that was full for long has lost some. What refers to them is passed over, and a call or operator
that then breaks an invariant is let go: a service that does not start, or an operator who rings for
ever, would cost more than a caller whom the next snapshot shows as new.
"""

import gc
from collections import Counter
from collections.abc import Iterable

from callcenter.core.change import changed
from callcenter.core.facts import Fact, LineStage, OperatorChanged, OperatorState
from callcenter.core.fold import apply
from callcenter.core.invariants import wrong_with_call, wrong_with_operator
from callcenter.core.line import Line
from callcenter.core.open_line import LINE
from callcenter.core.state import CallState, Operator, State


def restore(state: State, facts: Iterable[Fact]) -> int:
    """Fold the facts into a new state; how many of them fitted nowhere."""
    collecting = gc.isenabled()
    gc.disable()  # nothing made here is garbage: looking for it takes a third of the time
    try:
        return _restore(state, facts)
    finally:
        if collecting:
            gc.enable()


def _restore(state: State, facts: Iterable[Fact]) -> int:
    unfit = 0
    for fact in facts:
        try:
            apply(state, fact)
        except LookupError:  # about a call of which the journal does not tell
            unfit += 1
    if unfit or not _counts_are_right(state):
        _count_anew(state)
    wrong = [
        call
        for call in state.calls.values()
        if call.state is not CallState.WAITING and any(wrong_with_call(state, call))
    ]
    for call in wrong:
        del state.calls[call.id]
    if wrong:
        _count_anew(state)
    for operator in list(state.operators.values()):
        if any(wrong_with_operator(state, operator)):
            apply(state, _at_rest(operator))
    return unfit


def _at_rest(operator: Operator) -> OperatorChanged:
    """What is right for an operator with no call, whatever else is known."""
    wish, line = (operator.wish, operator.wish_reason), operator.line
    if wish[0] is OperatorState.OFFLINE or not operator.open_line:
        line = LineStage.DOWN  # if it is there all the same, the snapshot has it hung up
    elif wish[0] is OperatorState.AVAILABLE and line is not LineStage.SEATED:
        wish = OperatorState.PAUSED, LINE
    return changed(operator.since, operator, wish[0], reason=wish[1], wish=wish, line=line)


def _counts_are_right(state: State) -> bool:
    """Whether lines and counts are what the calls say; a lost fact leaves no other trace."""
    unscored = [call for call in state.calls.values() if call.outcome is None]
    present = Counter(call.queue for call in unscored)
    returned = Counter(call.queue for call in state.calls.values() if call.has_returned)
    waiting = Counter(c.queue for c in state.calls.values() if c.state is CallState.WAITING)
    return state.unscored == len(unscored) and all(
        (queue.present, queue.returned, len(queue.line))
        == (present[name], returned[name], waiting[name])
        for name, queue in state.queues.items()
    )


def _count_anew(state: State) -> None:
    """Lines and counts as the calls have them: a fact that did not fit may have done half."""
    state.unscored = 0
    for queue in state.queues.values():
        queue.present, queue.returned, queue.line = 0, 0, Line()
    for call in state.calls.values():
        if call.outcome is None:
            state.unscored += 1
            if call.queue:
                state.queues[call.queue].present += 1
        if call.has_returned:
            state.queues[call.queue].returned += 1
        if call.state is CallState.WAITING:
            state.queues[call.queue].line.add(call.id, call.priority, call.rank)
