"""Pairs callers and operators: the next caller gets the operator that the queue's strategy names.

Over all queues with a free operator, the next caller is the one with the earliest turn: the arrival
minus some minutes for each step of priority (line.py). After every change the changed queues are
checked. Between steps no caller waits for whom a free operator exists. So it is enough to look at
the first caller of each group with the same priority and needs (line.py), and at the first operator
of each group with the same skills (free.py). The operator to whom the caller talked last comes
before the strategy's choice, if free (acquainted.py).
"""

from collections.abc import Iterable
from functools import lru_cache

from callcenter.core.ids import CallId, LineName, OperatorId, QueueName
from callcenter.core.line import Key, Needs
from callcenter.core.site import Site
from callcenter.core.state import Call, Operator, Queue, State
from callcenter.core.strategy import Strategy

_RANDOM = Strategy.RANDOM
_NO_QUOTES = str.maketrans({'"': "'", "\\": "/", "<": "(", ">": ")"})


def next_pair(
    state: State, queues: Iterable[QueueName], seed: int = 0
) -> tuple[Operator, Call] | None:
    """The next offer to make in any of these queues, or None. `seed` is for the strategy
    `random`."""
    best: tuple[Key, CallId] | None = None
    found: tuple[Queue, Needs, OperatorId] | None = None
    for name in queues:
        queue = state.queues[name]
        if not queue.free:
            continue
        for group in queue.line.groups:
            first = state.first_waiting(queue, group)
            if first is None or (best is not None and best < first):
                continue
            operator = state.first_free(queue, group.needs)
            if operator is not None:
                best, found = first, (queue, group.needs, operator)
    if best is None or found is None:
        return None
    queue, needs, operator = found
    if queue.rules.strategy is _RANDOM:
        operator = state.drawn(queue, needs, seed) or operator
    call = state.calls[best[1]]
    return state.operators[state.acquainted(queue, call) or operator], call


def shown_on_phone(line: LineName, site: Site) -> str:
    """`"title" <line>`: both parts are needed, because Asterisk fills a missing one from the
    caller."""
    published = site.lines.get(line)
    return _caller_id(published.title if published else line, line)


def shown_by_number(site: Site) -> dict[str, str]:
    """What a phone shows, for each number that callers dial."""
    return {number: shown_on_phone(line.name, site) for number, line in site.line_of_did.items()}


@lru_cache(maxsize=256)
def _caller_id(title: str, line: LineName) -> str:
    return f'"{title.translate(_NO_QUOTES)}" <{line}>'
