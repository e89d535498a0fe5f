"""How much the loops of others look at, counted: ideas of app_queue and mod_callcenter in small.

Only what their sources do to decide who is served is here, none of their code; one operation is one
look at a waiting caller or at an operator. Queue, operators and talk times are the same for all.

- app_queue (apps/app_queue.c, 22.10.1): every waiting caller wakes once a second, takes the queue's
  lock and counts the free members to see whether it is its turn; an attempt to ring goes over all
  members again, and whoever leaves makes the others count their places anew.
- mod_callcenter (mod_callcenter.c): ten times a second at most, for every waiting caller, one
  SELECT over all agents of the queue, without an index.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random


@dataclass(slots=True)
class Floor:
    """Operators who are always given a next call; whoever is served is replaced in line."""

    waiting: int
    operators: int
    talk_seconds: float
    rng: Random = field(default_factory=lambda: Random(1))
    busy: list[float] = field(default_factory=list)  # when a talk ends

    def __post_init__(self) -> None:
        for _ in range(self.operators):
            self.talk(0.0)

    def talk(self, now: float) -> None:
        """One more operator talks."""
        heappush(self.busy, now + self.rng.expovariate(1 / self.talk_seconds))

    def freed(self, now: float) -> int:
        """How many operators have become free until now."""
        count = 0
        while self.busy and self.busy[0] <= now:
            heappop(self.busy)
            count += 1
        return count


def app_queue(floor: Floor, seconds: int) -> float:
    """Operations per call served."""
    looks = served = 0
    for second in range(1, seconds + 1):
        free = floor.freed(float(second))
        for place in range(floor.waiting):
            looks += floor.operators  # is_our_turn: how many members are free?
            if place < free:
                looks += floor.operators  # one attempt to ring: all members
                looks += floor.waiting  # leaving: the places are numbered anew
                served += 1
                floor.talk(float(second))
    return looks / served


def mod_callcenter(floor: Floor, seconds: int) -> float:
    """Operations per call served."""
    looks = served = 0
    for tick in range(1, seconds * 10 + 1):
        now = tick / 10
        free = floor.freed(now)
        looks += floor.waiting  # SELECT of the members, ordered
        for place in range(floor.waiting):
            looks += floor.operators  # SELECT of the agents for this member
            if place < free:
                served += 1
                floor.talk(now)
    return looks / served
