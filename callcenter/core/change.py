"""Makes the fact OperatorChanged from the operator as it was."""

from callcenter.core.facts import LineStage, OperatorChanged, OperatorState
from callcenter.core.ids import CallId
from callcenter.core.state import NEVER, Operator, State

Wish = tuple[OperatorState, str]
"""The state that an operator asked for, and the reason (a pause reason, otherwise empty)."""

OTHER_CALL = "other_call"
LINE_HELD = "line_held"
_AVAILABLE = OperatorState.AVAILABLE


def for_now(state: State, operator: Operator, wish: Wish) -> Wish:
    """The operator's state now, given the wish. An operator whose phone is away, or is in a call
    that is not ours, is never available. Nor is one whose phone has the open line on hold: the next
    caller would hear nothing."""
    if wish[0] is _AVAILABLE and operator.endpoint in state.elsewhere:
        return OperatorState.PAUSED, OTHER_CALL
    if wish[0] is _AVAILABLE and operator.endpoint in state.away:
        return OperatorState.PHONE_AWAY, ""
    if wish[0] is _AVAILABLE and operator.has_line_held:
        return OperatorState.PAUSED, LINE_HELD
    return wish


def changed(
    now: float,
    operator: Operator,
    state: OperatorState,
    *,
    reason: str = "",
    until: float = 0.0,
    call: CallId | None = None,
    wish: Wish | None = None,
    line: LineStage | None = None,
    line_number: int = 0,
) -> OperatorChanged:
    """The operator in another state, everything else as before."""
    return OperatorChanged(
        at=now,
        operator=operator.id,
        state=state,
        reason=reason,
        wish=wish[0] if wish else operator.wish,
        wish_reason=wish[1] if wish else operator.wish_reason,
        endpoint=operator.endpoint,
        queues=operator.queues,
        until=until,
        call=call or "",
        open_line=operator.open_line,
        line=line or operator.line,
        line_number=line_number or operator.line_number,
        line_node=operator.line_node,
        skills=operator.skills,
    )


def same(
    now: float, operator: Operator, *, wish: Wish | None = None, line: LineStage | None = None
) -> OperatorChanged:
    """The operator in the same state, with another wish or another stage of the open line."""
    return changed(
        now,
        operator,
        operator.state,
        reason=operator.reason,
        until=0.0 if operator.until == NEVER else operator.until,
        call=operator.call,
        wish=wish,
        line=line,
    )
