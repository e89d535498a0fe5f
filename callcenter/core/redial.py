"""Redial: a caller who left the line and soon calls again gets the old place (places.py).

The score of the first call stays as it was. The new call has a record and a wait of its own. Only
the order in line uses the first arrival. A place is valid once, for the queue that was chosen, and
for as long as the queue's rules say (`redial_seconds`). By hanging up and calling again nobody can
hold a place for longer than a caller may wait there plus `redial_seconds`.
"""

from callcenter.core import overflow
from callcenter.core.facts import PlaceKept
from callcenter.core.ids import QueueName
from callcenter.core.places import KeptPlace, number_of, place_name
from callcenter.core.state import Call
from callcenter.core.turn import Turn


def keep_place(turn: Turn, call: Call) -> None:
    """The caller is gone unanswered. Keep the place for a while."""
    own = overflow.own_queue(turn.state, call)
    rules = turn.state.queue(own).rules
    stands_since = call.rank[0]
    longest = rules.max_wait_seconds + rules.redial_seconds
    if not rules.redial_seconds or turn.now - stands_since > longest or not number_of(call.caller):
        return
    until = turn.now + rules.redial_seconds
    turn.tell(PlaceKept(at=turn.now, call=call.id, queue=own, until=until))


def place_of(turn: Turn, own: QueueName, caller: str) -> KeptPlace | None:
    """The place that is kept for this caller of a queue."""
    kept = turn.state.kept_places
    place = kept.get(place_name(own, caller)) if kept else None
    return place if place is not None and turn.now < place.until else None
