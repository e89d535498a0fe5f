"""Who serves whom: the caller who is next gets the longest idle operator of the queue.

Next is, over all queues with a free operator, the caller whose turn is the earliest: the arrival,
less some minutes for each step of priority (line.py). Looked at after every change, for the queues
that changed; between steps nobody waits in a queue that has a free operator, so one look at the
heads is enough.
"""

from collections.abc import Iterable
from functools import lru_cache

from callcenter.core.ids import CallId, LineName, OperatorId, QueueName
from callcenter.core.line import Key
from callcenter.core.site import Site
from callcenter.core.state import Call, Operator, State

_NO_QUOTES = str.maketrans({'"': "'", "\\": "/", "<": "(", ">": ")"})


def next_pair(state: State, queues: Iterable[QueueName]) -> tuple[Operator, Call] | None:
    """The next offer to make in any of these queues, or None when there is none."""
    best: tuple[Key, CallId, OperatorId] | None = None
    for name in queues:
        queue = state.queues[name]
        operator = state.first_free(queue) if queue.free else None
        if operator is not None and (first := state.first_waiting(queue)):
            key, call = first
            if best is None or key < best[0]:
                best = key, call, operator
    if best is None:
        return None
    _, call, operator = best
    return state.operators[operator], state.calls[call]


def shown_on_phone(line: LineName, site: Site) -> str:
    """`"title" <line>`: both parts, because Asterisk fills a missing one in from the caller."""
    published = site.lines.get(line)
    return _caller_id(published.title if published else line, line)


def shown_by_number(site: Site) -> dict[str, str]:
    """What a phone shows, by the number that the caller dialled."""
    return {number: shown_on_phone(line.name, site) for number, line in site.line_of_did.items()}


@lru_cache(maxsize=256)
def _caller_id(title: str, line: LineName) -> str:
    return f'"{title.translate(_NO_QUOTES)}" <{line}>'
