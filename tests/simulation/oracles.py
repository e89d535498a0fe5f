"""What queueing theory says exactly: Erlang B, C and A, priorities, finite queues, one server.

Notation: `agents` c, `load` a in erlangs (arrivals x mean talk), times in seconds. Functions of
fractions give fractions. The recurrences are the textbook ones; test_oracles.py holds them against
values computed elsewhere in exact rationals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log
from typing import TypeVar

Number = TypeVar("Number", float, Fraction)


def erlang_b(agents: int, load: Number) -> Number:
    """Share of callers turned away when nobody can wait (Erlang's loss formula)."""
    blocked = load / load
    for busy in range(1, agents + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def erlang_c(agents: int, load: Number) -> Number:
    """Share of callers who have to wait, when everybody waits for ever; `load` < `agents`."""
    blocked = erlang_b(agents, load)
    return agents * blocked / (agents - load * (1 - blocked))


def wait_c(agents: int, load: Number, talk: Number) -> Number:
    """Mean wait of all callers (average speed of answer) in seconds."""
    return erlang_c(agents, load) * talk / (agents - load)


def answered_within_c(agents: int, load: float, talk: float, seconds: float) -> float:
    """Share of callers answered within so many seconds."""
    return 1.0 - erlang_c(agents, load) * exp(-(agents - load) * seconds / talk)


def waiting_c(agents: int, load: Number) -> Number:
    """Mean number of callers waiting."""
    return erlang_c(agents, load) * load / (agents - load)


def quantile_c(agents: int, load: float, talk: float, share: float) -> float:
    """The wait that `share` of the callers do not exceed, in seconds."""
    waits = erlang_c(agents, load)
    return max(0.0, log(waits / (1.0 - share)) * talk / (agents - load))


def agents_needed(load: float, talk: float, share: float, seconds: float) -> int:
    """Fewest agents with whom `share` of the callers are answered within so many seconds."""
    agents = int(load) + 1
    while answered_within_c(agents, load, talk, seconds) < share:
        agents += 1
    return agents


@dataclass(frozen=True, slots=True, kw_only=True)
class Impatient:
    """Erlang A (M/M/c+M). Waits in seconds and shares are those of all arrivals."""

    waits: float
    abandons: float
    wait: float
    waiting: float
    answered_within: float


def erlang_a(
    agents: int, rate: float, talk: float, patience: float, seconds: float = 20.0
) -> Impatient:
    """Exponential patience: death rate min(k,c)/talk + max(0,k-c)/patience."""
    weights = _weights(agents, rate, talk, patience)
    total = sum(weights)
    waiting = sum((k - agents) * w for k, w in enumerate(weights) if k > agents) / total
    abandons = waiting / patience / rate
    return Impatient(
        waits=sum(weights[agents:]) / total,
        abandons=abandons,
        wait=waiting / rate,
        waiting=waiting,
        answered_within=_answered_within_a(weights, total, agents, talk, patience, seconds),
    )


def _weights(agents: int, rate: float, talk: float, patience: float) -> list[float]:
    """Stationary weights of 0, 1, 2, ... calls, until they no longer matter."""
    weights, largest = [1.0], 1.0
    while weights[-1] > 1e-18 * largest or len(weights) <= agents:
        k = len(weights)
        death = min(k, agents) / talk + max(0, k - agents) / patience
        weights.append(weights[-1] * rate / death)
        largest = max(largest, weights[-1])
    return weights


def _answered_within_a(
    weights: Sequence[float],
    total: float,
    agents: int,
    talk: float,
    patience: float,
    seconds: float,
) -> float:
    """Sum over what an arrival finds of the chance to be served in time.

    Who finds n in line leaves it by service at the (n+1)th of these events: an agent becomes free
    (rate c/talk) or somebody ahead, or the caller, loses patience. The time to be at the front and
    served before giving up is computed on the chain of those ahead, by uniformization.
    """
    served = sum(weights[:agents]) / total
    ahead = [w / total for w in weights[agents:]]
    return served + _absorbed(ahead, agents / talk, 1.0 / patience, seconds)


def _absorbed(ahead: list[float], service: float, giving_up: float, seconds: float) -> float:
    """Chance to reach service in time, from `ahead[n]` = chance to find n in line before one."""
    uniform = service + giving_up * (len(ahead) + 1)
    state, done, reached = list(ahead), 0.0, 0.0
    mean = uniform * seconds
    steps = int(mean + 12 * mean**0.5 + 40)
    log_poisson = -mean
    for step in range(steps + 1):
        reached += exp(log_poisson) * done
        log_poisson += log(mean) - log(step + 1)
        done, state = _one_event(state, done, service, giving_up, uniform)
    return reached


def _one_event(
    state: list[float], done: float, service: float, giving_up: float, uniform: float
) -> tuple[float, list[float]]:
    after = [0.0] * len(state)
    for n, chance in enumerate(state):
        forward = (service + n * giving_up) / uniform  # one less ahead; own patience is the rest
        gone = giving_up / uniform
        after[n] += chance * (1.0 - forward - gone)
        if n:
            after[n - 1] += chance * forward
        else:
            done += chance * forward
    return done, after


def waits_by_priority(agents: int, talk: Number, rates: Sequence[Number]) -> list[Number]:
    """Mean waits of the classes, most urgent first; non-preemptive, same talk time (Cobham)."""
    load = sum((rate * talk for rate in rates), start=talk * 0)
    first = erlang_c(agents, load) * talk / agents
    waits, below = [], talk * 0
    for rate in rates:
        upto = below + rate * talk / agents
        waits.append(first / ((1 - below) * (1 - upto)))
        below = upto
    return waits


def finite_queue(agents: int, load: Number, places: int) -> tuple[Number, Number]:
    """M/M/c/K, `places` = K calls in all: share turned away, mean number waiting."""
    weights = [load / load]
    for k in range(1, places + 1):
        weights.append(weights[-1] * load / min(k, agents))
    total = sum(weights[1:], start=weights[0])
    waiting = sum((w * (k - agents) for k, w in enumerate(weights) if k > agents), start=load * 0)
    return weights[-1] / total, waiting / total


def wait_one_server(load: Number, talk: Number, variation_squared: Number) -> Number:
    """M/G/1 (Pollaczek, Khinchine): mean wait; 0 for constant talk times, 1 for exponential."""
    return load * talk * (1 + variation_squared) / (2 * (1 - load))
