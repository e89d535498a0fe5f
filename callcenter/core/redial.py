"""Redial: who left the line and calls again soon returns to the old place (places.py).

The call that was left is scored as it was; the new one has a record and a wait of its own. Only the
order in line goes by the first arrival. A place is good once, for the queue that was chosen, and
for so long as the queue's rules say (`redial_seconds`). Nobody holds one by hanging up and calling
again for longer than a caller may wait there, and once that time more.
"""

from callcenter.core import overflow
from callcenter.core.facts import PlaceKept
from callcenter.core.ids import QueueName
from callcenter.core.places import KeptPlace, number_of, place_name
from callcenter.core.state import Call
from callcenter.core.turn import Turn


def keep_place(turn: Turn, call: Call) -> None:
    """The caller is gone unanswered: the place is kept for a while."""
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
