"""How long a caller will wait. Pure; nothing is decided by it.

The estimator is the field's *queue length with abandonment*: who has n callers ahead is served at
the (n+1)th of these events: an operator becomes free (rate: operators at work / seconds a call),
or somebody ahead gives up (rate: those still ahead x leaving rate). Ibrahim and Whitt, Real-Time
Delay Estimation in Overloaded Multiserver Queues with Abandonments, Management Science 55 (2009).
Of those compared it is the best (`python -m tests.bench.estimate`).

It depends on the place in line, on who works and on how fast the queue has moved, and not on how
long anybody has waited: it does not rise because time goes by, as the mean of past waits and
the wait of the head of the line do. It rises when operators leave, when talks become longer, when
somebody more urgent comes, or when the caller will go on to a longer line.

Who needs skills is told nothing, and goes on nowhere for it: how fast those are served who need
the same is not known.

What is added for lines that are not alone: operators who serve other queues too are shared with
those who stand ahead there; of those who wait where callers go on to this queue, half are taken to
come; who will not be served here before the longest wait goes on to where the site sends them.
"""

from math import log, sqrt
from typing import NamedTuple

from callcenter.core.ids import QueueName
from callcenter.core.line import Rank
from callcenter.core.state import NEVER, Call, Queue, State

SHARE_THAT_COMES = 0.5  # of who waits in a queue that overflows into this one
ALL_BUT_A_TENTH = 1.2816  # deviations of a normal distribution: 90 % are below
UNSURE = 0.2  # deviation of the rates themselves (breaks, shifts, rushes), as a share


_Stand = tuple[int, Rank]
"""The priority and the rank with which somebody stands, or would."""


class Estimate(NamedTuple):
    """A caller's wait from now to the talk, in seconds. Nine of ten wait no longer than
    `at_most_seconds`."""

    expected_seconds: float
    at_most_seconds: float


def for_newcomer(
    state: State, name: QueueName, priority: int, arrived_at: float
) -> Estimate | None:
    """Of a caller who will stand in this queue. None: nothing is known, or nobody has to wait."""
    queue = state.queues.get(name)
    if queue is None or (queue.free and all(group.needs for group in queue.line.groups)):
        return None  # those who wait need somebody else
    longest = state.longest_waits.get(name, NEVER)
    return _estimate(state, queue, (priority, (arrived_at, state.seen + 1)), longest)


def if_it_stays(state: State, name: QueueName, priority: int, arrived_at: float) -> Estimate | None:
    """Of a caller who would wait in this queue to the end. None: nothing is known."""
    queue = state.queues.get(name)
    if queue is None:
        return None
    return _here(state, queue, (priority, (arrived_at, state.seen + 1)))


def of_caller(state: State, call: Call, now: float) -> Estimate | None:
    """Of one who stands in line. None: nothing is known, or the caller stands in none."""
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
    """`goes_on_in`: seconds until the longest wait here is reached. `spent`: where it is over."""
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
    """If the caller goes on there, in line by the same arrival, when the longest wait is over."""
    there = _here(state, state.queues[onward], stand)
    if there is None:
        return None
    ring = state.paces[onward].pick_up_seconds
    return Estimate(
        max(goes_on_in + ring, there.expected_seconds),
        max(goes_on_in + 2.0 * ring, there.at_most_seconds),
    )


def _here(state: State, queue: Queue, stand: _Stand) -> Estimate | None:
    """If the caller waits in this queue to the end."""
    pace = state.paces.get(queue.rules.name)
    if pace is None or not pace.is_known or not queue.serving:
        return None
    ahead = _ahead(state, queue, stand)
    rate = queue.serving / pace.seconds_a_call
    mean, variance = until_event(ahead + 1.0, rate, pace.leaving_rate)
    ring = pace.pick_up_seconds
    return Estimate(mean + ring, _at_most(mean, variance) + 2.0 * ring)


def _ahead(state: State, queue: Queue, stand: _Stand) -> float:
    """How many are served before, in callers of this queue."""
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
    the rate `rate + i x leaving_rate`, i from 0. All but the last one are summed up as an integral:
    a line of thousands takes no longer, and it is a part in a hundred off at most."""
    mean = 1.0 / rate
    variance = mean * mean
    before = number - 1.0
    if before > 0.0:
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
    """What is not exceeded in nine of ten cases: a gamma distribution with these moments, by the
    approximation of Wilson and Hilferty."""
    spread = (variance / (mean * mean) + UNSURE * UNSURE) / 9.0
    return float(mean * (1.0 - spread + ALL_BUT_A_TENTH * sqrt(spread)) ** 3)
