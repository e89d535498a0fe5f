"""Estimates how long a caller will wait. Pure; nothing is decided by it.

The estimator is the *queue length with abandonment* of the literature. A caller with n callers
ahead is served at the (n+1)th of these events: an operator becomes free (rate: operators at work /
seconds a call), or somebody ahead gives up (rate: those still ahead x leaving rate). Ibrahim and
Whitt, Real-Time Delay Estimation in Overloaded Multiserver Queues with Abandonments, Management
Science 55 (2009). It is the best of those compared (`python -m tests.bench.estimate`).

It depends on the place in line, on who works and on how fast the queue has moved, not on how long
anybody has waited. So it does not rise as time passes, unlike the mean of past waits or the wait of
the first caller in line. It rises when operators leave, when talks become longer, when somebody
more urgent comes, or when the caller will move to a longer line.

A caller who needs skills gets no estimate, and moves to no other queue because of one: it is
unknown how fast callers with the same needs are served.

Lines that are not alone are corrected. Operators who also serve other queues are shared with
callers who stand ahead there. Of the callers in queues that overflow into this one, half are
assumed to come. A caller who will not be served here before the longest wait moves to where the
site sends them.
"""

from math import log, sqrt
from typing import NamedTuple

from callcenter.core.ids import QueueName
from callcenter.core.line import Rank
from callcenter.core.state import NEVER, Call, Queue, State

SHARE_THAT_COMES = 0.5  # of callers who wait in a queue that overflows into this one
ALL_BUT_A_TENTH = 1.2816  # standard deviations of a normal distribution below which 90 % lie
UNSURE = 0.2  # relative deviation of the rates themselves (breaks, shifts, rushes)


_Stand = tuple[int, Rank]
"""The priority and the rank that somebody has in line, or would have."""


class Estimate(NamedTuple):
    """A caller's wait from now to the talk, in seconds. Nine of ten callers wait no longer than
    `at_most_seconds`."""

    expected_seconds: float
    at_most_seconds: float


def for_newcomer(
    state: State, name: QueueName, priority: int, arrived_at: float
) -> Estimate | None:
    """The estimate for a caller who will join this queue. None if nothing is known, or if nobody
    has to wait."""
    queue = state.queues.get(name)
    if queue is None or (queue.free and all(group.needs for group in queue.line.groups)):
        return None  # those who wait need other operators
    longest = state.longest_waits.get(name, NEVER)
    return _estimate(state, queue, (priority, (arrived_at, state.seen + 1)), longest)


def if_it_stays(state: State, name: QueueName, priority: int, arrived_at: float) -> Estimate | None:
    """The estimate for a caller who would wait in this queue to the end. None if nothing is
    known."""
    queue = state.queues.get(name)
    if queue is None:
        return None
    return _here(state, queue, (priority, (arrived_at, state.seen + 1)))


def of_caller(state: State, call: Call, now: float) -> Estimate | None:
    """The estimate for a caller who stands in line. None if nothing is known, or if they stand in
    no line."""
    queue = state.queues.get(call.queue)
    if queue is None or call.needs or call.id not in queue.line:
        return None
    stand = (call.priority, call.rank)
    return _estimate(state, queue, stand, call.patience_until - now, call.spent)


def _estimate(
    state: State,
    queue: Queue,
    stand: _Stand,
    goes_on_in: float,
    spent: tuple[QueueName, ...] = (),
) -> Estimate | None:
    """`goes_on_in`: seconds until the longest wait here is reached. `spent`: queues in which it is
    over."""
    here = _here(state, queue, stand)
    onward = queue.rules.overflow_queue
    if onward is None or onward not in state.queues or onward in spent:
        return here
    if here is not None and here.at_most_seconds <= goes_on_in:
        return here
    later = _after(state, onward, stand, goes_on_in)
    if here is None or later is None:
        return here or later
    is_late = here.expected_seconds > goes_on_in
    return Estimate(
        later.expected_seconds if is_late else here.expected_seconds, later.at_most_seconds
    )


def _after(state: State, onward: QueueName, stand: _Stand, goes_on_in: float) -> Estimate | None:
    """The estimate if the caller moves to that queue when the longest wait is over, and stands in
    line there by the same arrival."""
    there = _here(state, state.queues[onward], stand)
    if there is None:
        return None
    ring = state.paces[onward].pick_up_seconds
    return Estimate(
        max(goes_on_in + ring, there.expected_seconds),
        max(goes_on_in + 2.0 * ring, there.at_most_seconds),
    )


def _here(state: State, queue: Queue, stand: _Stand) -> Estimate | None:
    """The estimate if the caller waits in this queue to the end."""
    pace = state.paces.get(queue.rules.name)
    if pace is None or not pace.is_known or not queue.serving:
        return None
    ahead = _ahead(state, queue, stand)
    rate = queue.serving / pace.seconds_a_call
    mean, variance = until_event(ahead + 1.0, rate, pace.leaving_rate)
    ring = pace.pick_up_seconds
    return Estimate(mean + ring, _at_most(mean, variance) + 2.0 * ring)


def _ahead(state: State, queue: Queue, stand: _Stand) -> float:
    """How many callers are served before, counted in callers of this queue."""
    priority, rank = stand
    ahead: float = queue.line.ahead_of(priority, rank)
    for name, operators in queue.beside.items():
        other = state.queues[name]
        if other.present:
            ahead += other.line.ahead_of(priority, rank) * operators / queue.serving
    for name in state.feeders.get(queue.rules.name, ()):
        other = state.queues[name]
        if other.present:
            ahead += other.line.ahead_of(priority, rank) * SHARE_THAT_COMES
    return ahead


def until_event(number: float, rate: float, leaving_rate: float) -> tuple[float, float]:
    """Mean and variance of the time to the nth event, in seconds. The i-th from the end comes at
    the rate `rate + i x leaving_rate`, i from 0. All but the last one are summed up as an integral.
    So a line of thousands takes no longer to estimate, and the error is at most 1 %."""
    mean = 1.0 / rate
    variance = mean * mean
    before = number - 1.0
    low = rate + 0.5 * leaving_rate
    growth = before * leaving_rate
    if growth > 1e-6 * low:
        mean += log((low + growth) / low) / leaving_rate
        variance += (1.0 / low - 1.0 / (low + growth)) / leaving_rate
    else:
        mean += before / low
        variance += before / (low * low)
    return mean, variance


def _at_most(mean: float, variance: float) -> float:
    """The value that nine of ten cases do not exceed: a gamma distribution with these moments, by
    the approximation of Wilson and Hilferty."""
    spread = (variance / (mean * mean) + UNSURE * UNSURE) / 9.0
    return float(mean * (1.0 - spread + ALL_BUT_A_TENTH * sqrt(spread)) ** 3)
