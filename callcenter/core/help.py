"""An operator asks a supervisor for help, in a talk or not.

The request stands until a supervisor hears the talk or answers otherwise, until it is withdrawn, or
until the operator goes home. It changes no call.
"""

from callcenter.core.facts import HelpAnswer, HelpAsked, HelpEnded, OperatorState
from callcenter.core.ids import OperatorId
from callcenter.core.state import State


def can_ask(state: State, operator: OperatorId) -> bool:
    """Whether the operator is at work and has not asked yet."""
    known = state.operators.get(operator)
    at_work = known is not None and known.state is not OperatorState.OFFLINE
    return at_work and operator not in state.helps


def asked(operator: OperatorId, now: float) -> HelpAsked:
    """The fact that the operator asks for help."""
    return HelpAsked(at=now, operator=operator)


def ended(
    state: State, operator: OperatorId, how: HelpAnswer, by: OperatorId, now: float
) -> HelpEnded:
    """The fact that the request is over. `by`: who answered or withdrew it."""
    waited = max(0.0, now - state.helps[operator])
    return HelpEnded(at=now, operator=operator, how=how, by=by, seconds=waited)
