"""The state as plain values, for comparing one engine with another."""

from callcenter.core.facts import OperatorState
from callcenter.core.state import State


def picture(state: State) -> object:
    """Calls, operators and queues; what a snapshot tells anew is left out."""
    calls = {
        x.id: (
            x.line,
            x.queue,
            x.priority,
            x.state,
            x.offer,
            x.operator,
            x.arrived_at,
            x.outcome,
            None if x.outcome and not x.has_returned else x.offers,
            (x.talks, round(x.talked_seconds, 6)),
            x.until,
            x.open_line,
        )
        for x in state.calls.values()
    }
    operators = {
        x.id: (
            (x.state, x.reason, x.wish, x.wish_reason, x.endpoint, x.queues, x.until, x.call),
            (x.open_line, x.line, x.line_number),
        )
        for x in state.operators.values()
        if x.state is not OperatorState.OFFLINE
    }
    queues = {
        n: (list(q.line), list(q.free), q.present, q.returned) for n, q in state.queues.items()
    }
    ended = list(state.recent), list(state.from_ledger)
    return calls, operators, queues, state.unscored, ended
