"""Which of several free operators is offered the next caller: one strategy for each queue.

Each strategy gives an operator who becomes free a *place*, a number. The lowest is offered first.
The order of two free operators never changes by itself, so the passing of time costs nothing. If
places are equal, the operator who has been idle longer comes first. Only `random` chooses at the
moment of the offer. With `ring_several` the phones of several operators ring for one caller
(offers/several.py). An open line comes before all phones, because there the caller is joined at
once and nothing rings.

*Occupied* is the share of recent time that an operator spent with callers (ringing, talking,
wrap-up). The longer ago, the less it counts. While two are free, both shares sink at the same rate,
so their order stays. So the logarithm of the share, plus the time, is a place that need not change.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from math import exp, log
from typing import Protocol

from callcenter.core.ids import QueueName
from callcenter.core.skills import Skills

WHILE_SECONDS = 1800.0  # what was half an hour ago counts a little more than a third
_LEAST = 1e-12  # stands for a share of 0


class Strategy(StrEnum):
    """The strategies, with their words in the site file."""

    LONGEST_IDLE = "longest_idle"  # the operator who has been free longest
    FEWEST_CALLS = "fewest_calls"  # the operator who has answered the fewest calls since the log-in
    LEAST_OCCUPIED = "least_occupied"  # the operator with the lowest share of time with callers
    # the operator whose last offer was longest ago, whatever came between
    ROUND_ROBIN = "round_robin"
    # the operator with the highest level in the skill that has the queue's name (linear)
    LEVEL = "level"
    RANDOM = "random"
    RING_SEVERAL = "ring_several"  # several operators at the same time; who answers first has it


class Worked(Protocol):
    """What the strategies need of an operator. core/state.py has the whole operator."""

    calls: int
    load: float
    load_at: float
    turn: int
    skills: Skills
    open_line: bool


PHONE = 1.0
"""The place of a phone that rings with others. An open line has a lower one."""

Place = Callable[[Worked, QueueName], float]


def _same(operator: Worked, queue: QueueName) -> float:
    return 0.0


def _calls(operator: Worked, queue: QueueName) -> float:
    return operator.calls


def _occupied(operator: Worked, queue: QueueName) -> float:
    return log(max(operator.load, _LEAST)) + operator.load_at / WHILE_SECONDS


def _turn(operator: Worked, queue: QueueName) -> float:
    return operator.turn


def _level(operator: Worked, queue: QueueName) -> float:
    return -dict(operator.skills).get(queue, 0)


def _line_or_phone(operator: Worked, queue: QueueName) -> float:
    return 0.0 if operator.open_line else PHONE


PLACE: Mapping[Strategy, Place] = {
    Strategy.LONGEST_IDLE: _same,
    Strategy.FEWEST_CALLS: _calls,
    Strategy.LEAST_OCCUPIED: _occupied,
    Strategy.ROUND_ROBIN: _turn,
    Strategy.LEVEL: _level,
    Strategy.RANDOM: _same,
    Strategy.RING_SEVERAL: _line_or_phone,
}


def load_after(load: float, seconds: float, *, busy: bool) -> float:
    """The share of time with callers after this many more seconds."""
    faded = exp(-seconds / WHILE_SECONDS)
    return 1.0 - (1.0 - load) * faded if busy else load * faded


def draw(seed: int, number: int, many: int) -> int:
    """One of `many`, by the number of the draw: always the same for the same seed (splitmix64)."""
    mixed = (seed + number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ (mixed >> 31)) % many
