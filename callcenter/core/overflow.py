"""Where a call goes if its queue cannot take it: closed, nobody on duty, or too long.

A line has its *own* queue. The site file gives that queue *neighbours*, which answer at once if
nobody is on duty there, or if it is closed. It also gives it an `overflow_queue`, to which callers
go after the longest wait, or if too many wait. *Overflow rules* are for new callers: if the line or
the expected wait is long, or nobody is on duty, they go to another queue, hear a message, or are
offered a callback at once (overflow_rule.py). The rules here only look; core/entry.py, core/call.py
and core/onward.py act on their answers.

No call goes round for ever, as long as nobody comes on duty or leaves. A neighbour is chosen only
if somebody is on duty there. From a queue with somebody on duty a call goes on only along
`overflow_queue`, and never to a queue with nobody. Two queues may be each other's `overflow_queue`,
such as those of two hotlines. Longer circles are refused in the site file (config/site_checks.py).
A caller who reached the longest wait in a queue and went on is not sent back there for that reason.
Overflow rules are asked once, at entry.
"""

from collections.abc import Iterator
from typing import NamedTuple

from callcenter.core import estimate, outward
from callcenter.core.facts import LineStage, OperatorState
from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.menu import queues_of
from callcenter.core.outcome import Diversion, Rejection
from callcenter.core.overflow_rule import OverflowRule, OverflowTo
from callcenter.core.site import Line, Site
from callcenter.core.state import Call, Operator, Queue, State

AWAY_REASONS = frozenset({"rona", "phone_lost", "line"})
"""An operator paused for one of these reasons is not there: the phone rang and nobody answered, or
it is dead."""


class Newcomer(NamedTuple):
    """A caller to be let in. `stand`: the priority and the arrival. `needs_skills`: so the wait is
    unknown. `has_place`: an old place in line is kept for them. `was_here`: they were joined with
    an operator before, and no rule applies to them."""

    caller: str
    now: float
    stand: tuple[int, float]
    needs_skills: bool = False
    has_place: bool = False
    was_here: bool = False


class Standing(NamedTuple):
    """The queue of a new caller, why it is not the line's own, and the overflow rule that was
    followed."""

    queue: QueueName
    why: Diversion | None = None
    rule: OverflowRule | None = None


def is_on_duty(operator: Operator) -> bool:
    """Whether the operator answers calls, now or after a pause. That is not so if they go home
    after the present call, or are not at the phone."""
    if operator.state is _PAUSED:
        return operator.reason not in AWAY_REASONS
    return operator.state not in _ABSENT and operator.wish is not _OFFLINE


def has_staff(state: State, queue: Queue) -> bool:
    """Whether anybody is on duty in a queue."""
    for name in queue.staff:  # noqa: SIM110 - asked for every caller who has to wait
        if is_on_duty(state.operators[name]):
            return True
    return False


def takes_over(state: State, name: QueueName) -> bool:
    """Whether a caller transferred to this queue finds somebody on duty, there or at a
    neighbour."""
    return has_staff(state, state.queue(name)) or neighbour(state, name, name) is not None


def can_be_asked(state: State, call: Call, colleague: Operator) -> bool:
    """Whether an operator in this talk can consult that colleague. The colleague must be free. If
    they have an open line, it must be on the call's node."""
    here = colleague.line is LineStage.DOWN or colleague.line_node == call.node
    return state.is_free(colleague) and here


def whom_to_ask(
    state: State, call: Call, colleague: OperatorId | None, queue: QueueName | None
) -> Operator | None:
    """The colleague whom an operator in this talk consults: the one named, or the next of the
    queue. None: they are not free, or nobody is."""
    if colleague is None and queue in state.queues:
        colleague = state.first_free(state.queues[queue], ())
    found = state.operators.get(colleague) if colleague else None
    return found if found and can_be_asked(state, call, found) else None


def own_queue(state: State, call: Call) -> QueueName:
    """The queue that the caller chose, or that of the caller's area, or of the line. If the site
    does not have the line any more, or if an operator transferred the caller, it is the queue where
    the call stands."""
    if call.transfers:
        return call.queue
    if call.chosen_queue in state.site.queues:
        return QueueName(call.chosen_queue)
    line = state.site.line_of_did.get(call.did)
    return line.own_queue(call.caller) if line else call.queue


def at_entry(state: State, own: QueueName, who: Newcomer | None = None) -> Standing | Rejection:
    """The queue in which a new call of this queue's lines stands, and why it is not its own. `who`
    None: any call."""
    queue = state.queue(own)
    rules = queue.rules
    if own in state.closed:
        open_one = neighbour(state, own, own)
        return Standing(open_one, Diversion.CLOSED) if open_one else Rejection.CLOSED
    if rules.neighbours and not has_staff(state, queue):
        staffed = _staffed(state, rules.neighbours, own)
        if staffed:
            return Standing(staffed, Diversion.NO_STAFF)
    for rule in rules.overflow_rules:
        if _applies(state, queue, rule, who):
            found = _followed(state, queue, rule, who)
            if found is not None:
                return found
    if rules.overflow_at_waiting and queue.on_the_phone >= rules.overflow_at_waiting:
        shorter = onward(state, own, own)
        if shorter:
            return Standing(shorter, Diversion.LENGTH)
    if who is not None and not who.needs_skills and rules.overflow_at_expected_seconds:
        sooner = _sooner(state, own, who.stand)
        if sooner:
            return Standing(sooner, Diversion.EXPECTED)
    if queue.on_the_phone >= rules.waiting_limit:
        return Rejection.QUEUE_FULL
    return Standing(own)


def _applies(state: State, queue: Queue, rule: OverflowRule, who: Newcomer | None) -> bool:
    """Whether the rule's condition is true. A caller with an old place in line stands before new
    callers. So the length of the line does not matter for them, and no message sends them away."""
    if who is not None and (who.was_here or (who.has_place and rule.to in _OUT)):
        return False
    if rule.when is Diversion.NO_STAFF:
        return not has_staff(state, queue)
    if who is not None and who.has_place:
        return False
    if rule.when is Diversion.LENGTH:
        return _in_line(state, queue, who) >= rule.over
    if who is None or who.needs_skills or _answers_at_once(queue):
        return False
    here = estimate.if_it_stays(state, queue.rules.name, *who.stand)
    return here is not None and here.expected_seconds > rule.over


def _in_line(state: State, queue: Queue, who: Newcomer | None) -> int:
    """How many wait there for the rules on the length. Those behind whom an urgent caller does not
    have to wait do not count: the line is not long for them."""
    if who is None:
        return queue.on_the_phone
    priority, arrived_at = who.stand
    ahead = queue.line.ahead_of(priority, (arrived_at, state.seen + 1))
    return min(queue.on_the_phone, ahead)


def _followed(
    state: State, queue: Queue, rule: OverflowRule, who: Newcomer | None
) -> Standing | None:
    """The result of the rule, if it is possible for this caller."""
    own = queue.rules.name
    if rule.to is OverflowTo.MESSAGE:
        return Standing(own, None, rule)
    if rule.to is OverflowTo.VOICEMAIL:
        taken = queue.rules.voicemail and state.closing is None
        return Standing(own, None, rule) if taken else None
    if rule.to is OverflowTo.CALLBACK:
        full = queue.on_the_phone >= queue.rules.waiting_limit
        refused = who is None or outward.why_refused(state, who.caller, own, who.now)
        return None if full or refused else Standing(own, None, rule)
    there = rule.queue
    if there is None or not _lets_in(state, there) or not has_staff(state, state.queues[there]):
        return None
    if rule.when is Diversion.EXPECTED and not (who and _is_shorter(state, own, there, who)):
        return None
    return Standing(there, rule.when, rule)


def _is_shorter(state: State, own: QueueName, there: QueueName, who: Newcomer) -> bool:
    here = estimate.if_it_stays(state, own, *who.stand)
    return here is not None and _comes_sooner(state, there, who.stand, here)


def _sooner(state: State, own: QueueName, stand: tuple[int, float]) -> QueueName | None:
    """The next queue, if the wait here would be longer than this queue allows, and is shorter
    there. If a wait is unknown, no caller goes on for it."""
    if _answers_at_once(state.queue(own)):
        return None
    here = estimate.if_it_stays(state, own, *stand)
    if here is None or here.expected_seconds <= state.queue(own).rules.overflow_at_expected_seconds:
        return None
    next_one = onward(state, own, own)
    if next_one is None:
        return None
    return next_one if _comes_sooner(state, next_one, stand, here) else None


def _comes_sooner(
    state: State, name: QueueName, stand: tuple[int, float], here: estimate.Estimate
) -> bool:
    if _answers_at_once(state.queue(name)):
        return True
    there = estimate.if_it_stays(state, name, *stand)
    return there is not None and there.expected_seconds < here.expected_seconds


def _answers_at_once(queue: Queue) -> bool:
    """Whether an operator is free and nobody waits: a new caller is offered now. The estimate knows
    only how fast callers are served."""
    return bool(queue.free) and not len(queue.line)


def neighbour(state: State, own: QueueName, present: QueueName) -> QueueName | None:
    """The queue that answers in place of the one where a call stands: its own queue, or the first
    of its stand-ins with somebody on duty and with room."""
    return _staffed(state, (own, *state.queue(own).rules.stand_ins), present)


def _staffed(state: State, names: tuple[QueueName, ...], present: QueueName) -> QueueName | None:
    for name in names:
        if name != present and _lets_in(state, name) and has_staff(state, state.queues[name]):
            return name
    return None


def onward(
    state: State, own: QueueName, present: QueueName, spent: tuple[QueueName, ...] = ()
) -> QueueName | None:
    """The next queue along `overflow_queue` with room and somebody on duty. One with nobody is
    taken only if the present queue has nobody either. From a queue that the site does not have any
    more, it is the line's own. `spent`: queues in which the caller has reached the longest wait
    already."""
    if present not in state.site.queues:
        return own if own != present and _lets_in(state, own) else None
    along = _along(state, present)
    open_ones = [name for name in along if name not in spent and _lets_in(state, name)]
    staffed = [name for name in open_ones if has_staff(state, state.queues[name])]
    if not staffed and not has_staff(state, state.queue(present)):
        staffed = open_ones
    return staffed[0] if staffed else None


def owners(site: Site, queue: QueueName) -> set[QueueName]:
    """The own queues of all callers who can stand in a queue."""
    return {queue} | {
        own
        for line in site.lines.values()
        for own in entries(line)
        if queue in _reach_from(site, own)
    }


def reach(site: Site, line: Line) -> set[QueueName]:
    """Every queue in which a line's callers can stand."""
    return set().union(*(_reach_from(site, own) for own in entries(line)))


def entries(line: Line) -> tuple[QueueName, ...]:
    """The own queues that a line's callers can have: the line's, those of areas, and those to which
    its menu leads."""
    chosen = queues_of(line.menu) if line.menu else ()
    return tuple(dict.fromkeys((line.queue, *line.areas.values(), *chosen)))


def _reach_from(site: Site, own: QueueName) -> set[QueueName]:
    rules = site.queues[own]
    found: set[QueueName] = set()
    for name in (own, *rules.neighbours, *rules.rule_queues()):
        onward: QueueName | None = name
        while onward is not None and onward not in found:
            found.add(onward)
            onward = site.queues[onward].overflow_queue
    return found


def _along(state: State, name: QueueName) -> Iterator[QueueName]:
    """Every queue along `overflow_queue` after this one, each once."""
    seen = {name}
    onward = state.queue(name).rules.overflow_queue
    while onward is not None and onward not in seen:
        yield onward
        seen.add(onward)
        onward = state.queue(onward).rules.overflow_queue


def _lets_in(state: State, name: QueueName) -> bool:
    queue = state.queues.get(name)
    if queue is None or name in state.closed or name not in state.site.queues:
        return False
    return queue.on_the_phone < queue.rules.waiting_limit


_OUT = (OverflowTo.MESSAGE, OverflowTo.VOICEMAIL)
_PAUSED, _OFFLINE = OperatorState.PAUSED, OperatorState.OFFLINE
_ABSENT = (_OFFLINE, OperatorState.PHONE_AWAY)
