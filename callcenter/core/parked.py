"""Callers who will be called back: from the key in line until the citizen is on the phone again.

*Parked* callers stand in line without a leg. *Resting* ones wait for the next attempt. Neither
hears anything, and neither is lost if Asterisk is. offers/call_back.py has what happens while the
citizen is called.
"""

from callcenter.core import choosing, hearing, leaving, outward, overflow
from callcenter.core.commands import Exit
from callcenter.core.events import CallbackWanted
from callcenter.core.facts import (
    CallbackAsked,
    CallbackDue,
    CallbackHow,
    CallEnded,
    CallMoved,
    CallQueued,
    CallReceived,
)
from callcenter.core.outcome import Diversion, Outcome
from callcenter.core.state import Call
from callcenter.core.turn import Detail, Turn

KEY = "2"  # key 1 is for more of the message of the day (news.py)


def offer(turn: Turn, call: Call, detail: Detail) -> None:
    """Tell a caller in line that a callback is offered."""
    if outward.may_ask(turn.state, call, turn.now) and call.prompt is None:
        if detail.in_room:
            hearing.leave_room(turn, call)
        hearing.offer_callback(turn, call, call.prompts + 1)


def press(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller wants to be called back. The place is kept, and the leg is hung up."""
    told = call.callback_told and detail.key == KEY
    if not told or not outward.may_ask(turn.state, call, turn.now):
        return
    if choosing.is_asked(turn, call):
        choosing.begin(turn, call, detail)
    else:
        choosing.take(turn, call, CallbackHow.ASKED)


def ask_for(turn: Turn, event: CallbackWanted) -> None:
    """A person at the console asks for a callback. It is a call that stands in line from now on."""
    state, site = turn.state, turn.state.site
    if event.queue not in state.queues:
        return
    if outward.why_refused(state, event.caller, event.queue, turn.now):
        return
    due_at = turn.now + event.after_seconds if event.after_seconds else 0.0
    line = site.lines.get(event.line)
    turn.tell(
        CallReceived(
            at=turn.now,
            call=event.call,
            line=event.line,
            did=event.did,
            caller=event.caller,
            arrived_at=turn.now,
            node=event.node,
        ),
        CallQueued(
            at=turn.now,
            call=event.call,
            queue=event.queue,
            priority=line.priority if line else 0,
            waiting=state.queue(event.queue).present + 1,
            needs=line.needs if line else (),
            relax_seconds=site.relax_seconds if line and line.needs else 0.0,
        ),
        CallbackAsked(
            at=turn.now,
            call=event.call,
            queue=event.queue,
            until=max(turn.now, due_at) + site.callbacks.expires_seconds,
            due_at=due_at,
        ),
    )


def due(turn: Turn, call: Call, detail: Detail) -> None:
    """The pause after an attempt is over. The caller is in line again, at the old place."""
    turn.tell(CallbackDue(at=turn.now, call=call.id, queue=call.queue))


def cancel(turn: Turn, call: Call, detail: Detail) -> None:
    """The callback is cancelled: a supervisor said so, or the citizen calls."""
    _end(turn, call, Outcome.CALLBACK, detail.reason)


def expire(turn: Turn, call: Call, detail: Detail) -> None:
    """The callback was not possible for so long that nobody waits for it any more."""
    _end(turn, call, Outcome.CALLBACK, "expired")


def fail(turn: Turn, call: Call, detail: Detail) -> None:
    """A fault of ours: the callback is lost and counted."""
    _end(turn, call, Outcome.FAILED, Exit.ERROR.value)


def nobody_on_duty(turn: Turn, call: Call, detail: Detail) -> None:
    """Move the callback to a queue with somebody on duty. If there is none, it stays: somebody will
    come before it expires."""
    own = overflow.own_queue(turn.state, call)
    staffed = overflow.neighbour(turn.state, own, call.queue)
    if staffed:
        why = Diversion.NO_STAFF
        turn.tell(CallMoved(at=turn.now, call=call.id, queue=staffed, left=call.queue, why=why))


def _end(turn: Turn, call: Call, outcome: Outcome, why: str) -> None:
    leaving.score(turn, call, outcome, why)
    turn.tell(CallEnded(at=turn.now, call=call.id))
