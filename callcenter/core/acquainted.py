"""Try the operator first to whom the caller talked last, if that operator is free.

This is kept by number for as long as the queue's rules say (`last_operator_seconds`), so never for
a withheld number, and for at most `TALKS_LIMIT` numbers. Nobody waits for that operator: the next
caller is offered to somebody at once. An operator who was offered the call and did not answer is
not tried first again.
"""

from callcenter.core.facts import TalkRemembered
from callcenter.core.ids import OperatorId
from callcenter.core.places import number_of
from callcenter.core.site import QueueRules
from callcenter.core.state import Call, State
from callcenter.core.turn import Turn


def remember(turn: Turn, call: Call, operator: OperatorId) -> None:
    """Remember that caller and operator talk now."""
    seconds = turn.rules(call).last_operator_seconds
    number = number_of(call.caller) if seconds else ""
    if number:
        until = turn.now + seconds
        turn.tell(TalkRemembered(at=turn.now, call=call.id, operator=operator, until=until))


def of_caller(state: State, rules: QueueRules, caller: str, now: float) -> OperatorId | None:
    """The operator to whom a caller of this number talked last, if that is remembered for this
    queue."""
    if not rules.last_operator_seconds or not state.last_talks:
        return None
    talk = state.last_talks.get(number_of(caller))
    return talk.operator if talk is not None and now < talk.until else None
