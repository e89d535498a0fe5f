"""Letting a caller into a queue, or saying why not: at the arrival, and behind the menu."""

from callcenter.core import estimate, overflow, redial
from callcenter.core.commands import Exit, SendOut
from callcenter.core.facts import CallQueued, CallScored
from callcenter.core.ids import LineName, QueueName
from callcenter.core.legs import CallerLeg
from callcenter.core.outcome import Outcome, Rejection
from callcenter.core.site import Line
from callcenter.core.turn import Turn


def let_in(
    turn: Turn,
    leg: CallerLeg,
    line: Line,
    own: QueueName,
    arrived_at: float,
    priority: int,
    caller: str,
) -> bool:
    """Into this queue, or another one in its stead; whether there was one. At the old place, if one
    is kept for the caller's number."""
    kept = redial.place_of(turn, own, caller)
    since = min(kept.first_arrived_at, arrived_at) if kept else arrived_at
    found = overflow.at_entry(turn.state, own, (priority, since))
    if isinstance(found, Rejection):
        reject(turn, leg, line.name, arrived_at, found)
        return False
    name, why = found
    wait = estimate.for_newcomer(turn.state, name, priority, since)
    turn.tell(
        CallQueued(
            at=turn.now,
            call=leg.call,
            queue=name,
            priority=priority,
            waiting=turn.state.queue(name).present + 1,
            instead_of=own if why else "",
            why=why or "",
            expected_seconds=wait.expected_seconds if wait else None,
            at_most_seconds=wait.at_most_seconds if wait else None,
            redial_of=kept.call if kept else "",
            first_arrived_at=since if kept else None,
        )
    )
    return True


def reject(turn: Turn, leg: CallerLeg, line: LineName, arrived_at: float, why: Rejection) -> None:
    """Not let in: the caller hears why."""
    never_offered(turn, leg, line, arrived_at, Outcome.REJECTED, why.value)
    turn.order(SendOut(lane=leg.call, leg=leg, exit=Exit(why.value)))


def never_offered(
    turn: Turn, leg: CallerLeg, line: LineName, arrived_at: float, outcome: Outcome, why: str
) -> None:
    """The outcome of a call that stood in no queue."""
    turn.tell(
        CallScored(
            at=turn.now,
            call=leg.call,
            line=line,
            queue=QueueName(""),
            outcome=outcome,
            reason=why,
            wait_seconds=turn.now - arrived_at,
            queue_wait_seconds=0.0,
            place=0,
        )
    )


def is_open(turn: Turn, line: Line) -> bool:
    """Whether any queue that a line's callers can choose lets them in."""
    found = (overflow.at_entry(turn.state, own) for own in overflow.entries(line))
    return any(not isinstance(each, Rejection) for each in found)
