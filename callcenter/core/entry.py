"""Lets a caller into a queue, or tells why not: at the arrival, and after the menu."""

from callcenter.core import (
    acquainted,
    callback_lookup,
    estimate,
    hearing,
    overflow,
    parked,
    redial,
    voicemail,
)
from callcenter.core.commands import Exit, SendOut
from callcenter.core.facts import CallOverflowed, CallQueued, CallScored
from callcenter.core.ids import LineName, QueueName
from callcenter.core.legs import CitizenLeg
from callcenter.core.line import Needs
from callcenter.core.offers import ways
from callcenter.core.offers.table import OnBack
from callcenter.core.outcome import Outcome, Rejection
from callcenter.core.overflow_rule import OverflowRule, OverflowTo
from callcenter.core.places import KeptPlace
from callcenter.core.site import Line
from callcenter.core.skills import together
from callcenter.core.state import NEVER, Call
from callcenter.core.turn import Detail, Turn


def let_in(
    turn: Turn,
    leg: CitizenLeg,
    line: Line,
    own: QueueName,
    arrived_at: float,
    priority: int,
    caller: str,
    needs: Needs = (),
    was_here: bool = False,
    language: str = "",
) -> bool:
    """Let the caller into this queue, or into another one in its place; gives whether there was
    one. If a place is kept for the caller's number, the caller gets it. `needs`: the skills that
    the caller's menu choice needs. `was_here`: this is no new caller, and no rule of the queue
    applies. `language`: the one just chosen, if any."""
    needs = together((line.needs, needs)) if needs else line.needs
    pending = _pending(turn, own, caller)
    kept = redial.place_of(turn, own, caller)
    if pending is not None:
        kept = KeptPlace(pending.id, pending.rank[0], NEVER)
    since = min(kept.first_arrived_at, arrived_at) if kept else arrived_at
    stand = priority, since
    who = overflow.Newcomer(caller, turn.now, stand, bool(needs), kept is not None, was_here)
    found = overflow.at_entry(turn.state, own, who)
    if isinstance(found, Rejection):
        if voicemail.is_taken(turn.state, own) and not was_here:
            take_message(turn, leg, line, own, arrived_at, found.value, language)
        else:
            reject(turn, leg, line.name, arrived_at, found)
        return False
    name, why, rule = found
    if pending is not None:
        end_callback(turn, pending, "claimed")
    wait = None if needs else estimate.for_newcomer(turn.state, name, priority, since)
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
            callback_at=_callback_at(turn, name, wait, rule),
            needs=needs,
            relax_seconds=turn.state.site.relax_seconds if needs else 0.0,
            last_operator=acquainted.of_caller(
                turn.state, turn.state.queue(name).rules, caller, turn.now
            )
            or "",
        )
    )
    if rule is None:
        return True
    turn.tell(CallOverflowed(at=turn.now, call=leg.call, queue=own, why=rule.when, to=rule.to))
    if rule.to not in (OverflowTo.MESSAGE, OverflowTo.VOICEMAIL):
        return True
    why_out = voicemail.REASON if rule.to is OverflowTo.VOICEMAIL else Exit.MESSAGE.value
    _score_at_once(turn, leg, line.name, own, arrived_at, why_out)
    if rule.to is OverflowTo.VOICEMAIL:
        _ask_for_message(turn, leg, line, own, language)
    else:
        turn.order(SendOut(lane=leg.call, leg=leg, exit=Exit.MESSAGE, keys=rule.message))
    return False


def take_message(
    turn: Turn,
    leg: CitizenLeg,
    line: Line,
    own: QueueName,
    arrived_at: float,
    why: str,
    language: str = "",
) -> None:
    """Ask the caller for a message of this queue's voicemail. They never stood in line."""
    never_offered(turn, leg, line.name, arrived_at, Outcome.VOICEMAIL, why)
    _ask_for_message(turn, leg, line, own, language)


def _ask_for_message(
    turn: Turn, leg: CitizenLeg, line: Line, own: QueueName, language: str
) -> None:
    call = turn.state.calls.get(leg.call)
    if not language:
        language = hearing.language(turn, call) if call else line.language
    voicemail.begin(turn, leg, line.name, own, (call.prompts if call else 0) + 1, language)


def _score_at_once(
    turn: Turn, leg: CitizenLeg, line: LineName, own: QueueName, arrived_at: float, reason: str
) -> None:
    """A rule sends the caller out of the line at once. They do not count as abandoned."""
    turn.tell(
        CallScored(
            at=turn.now,
            call=leg.call,
            line=line,
            queue=own,
            outcome=Outcome.OVERFLOW,
            reason=reason,
            wait_seconds=turn.now - arrived_at,
            queue_wait_seconds=0.0,
            place=turn.state.queue(own).present + 1,
        )
    )


def _pending(turn: Turn, own: QueueName, caller: str) -> Call | None:
    """The open callback to the same number in the same queue."""
    call = callback_lookup.pending(turn.state, caller)
    return call if call and overflow.own_queue(turn.state, call) == own else None


def end_callback(turn: Turn, call: Call, why: str) -> None:
    """The citizen is on the phone, and is not called back any more: they get the place in line, or
    want no callback."""
    if call.offer is not None:
        cancelled = ways.cell_of(call.offer, OnBack.CANCELLED)
        cancelled.rule(turn, call, call.offer, Detail(reason=why))
    else:
        parked.cancel(turn, call, Detail(reason=why))


def _callback_at(
    turn: Turn, queue: QueueName, wait: estimate.Estimate | None, rule: OverflowRule | None
) -> float | None:
    """When a callback is offered: at once, if the expected wait is long or a rule says so."""
    rules = turn.state.queue(queue).rules
    if rule is not None and rule.to is OverflowTo.CALLBACK:
        return turn.now
    if not turn.state.site.callbacks.prefixes:
        return None
    above = rules.callback_above_seconds
    if above and wait is not None and wait.expected_seconds >= above:
        return turn.now
    return turn.now + rules.callback_after_seconds if rules.callback_after_seconds else None


def reject(turn: Turn, leg: CitizenLeg, line: LineName, arrived_at: float, why: Rejection) -> None:
    """Do not let the call in. The caller is told why."""
    never_offered(turn, leg, line, arrived_at, Outcome.REJECTED, why.value)
    turn.order(SendOut(lane=leg.call, leg=leg, exit=Exit(why.value)))


def never_offered(
    turn: Turn, leg: CitizenLeg, line: LineName, arrived_at: float, outcome: Outcome, why: str
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
