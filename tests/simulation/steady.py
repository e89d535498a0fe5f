"""The real engine with ideal people, for as long as it takes: does it wait as theory says?

Everybody picks up at once, both legs are joined at once, there is no wrap-up, and nothing breaks:
what is left is the queue itself, and that must agree with the oracles. Means are taken over batches
of calls, so that their own error is known.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf, sqrt
from random import Random
from typing import TypeVar

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.ids import CallId, LineName, OperatorId, QueueName
from callcenter.core.legs import CallerLeg
from callcenter.core.outcome import LegEnd, Outcome
from callcenter.core.site import Line, QueueRules, Site
from callcenter.core.state import State

QUEUE = QueueName("queue")
BATCHES = 30
CLOSE_ENOUGH = 0.02  # standard error, as a share of the exact value
SIGMAS = 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """How calls come and go. Times in seconds; `rates` in calls a second, by priority."""

    agents: int
    talk_seconds: float
    rates: dict[int, float]
    patience_seconds: float = inf
    places: int = 10**9  # who may wait at the same time
    no_waiting: bool = False  # who cannot be served at once goes on elsewhere
    phases: int = 1  # of the talk time: 1 exponential, k Erlang, 0 constant


@dataclass(slots=True)
class Tally:
    """What became of a batch of calls, by priority; sums and counts."""

    calls: dict[int, int] = field(default_factory=dict)
    wait_seconds: dict[int, float] = field(default_factory=dict)
    waited: int = 0
    within: int = 0  # answered within 20 s
    lost: int = 0  # abandoned, rejected, overflowed

    def total(self) -> int:
        """All calls."""
        return sum(self.calls.values())

    def __add__(self, other: "Tally") -> "Tally":
        """Two batches as one."""
        return Tally(
            _sum(self.calls, other.calls),
            _sum(self.wait_seconds, other.wait_seconds),
            self.waited + other.waited,
            self.within + other.within,
            self.lost + other.lost,
        )


Number = TypeVar("Number", int, float)


def _sum(one: dict[int, Number], other: dict[int, Number]) -> dict[int, Number]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in one.keys() | other.keys()}


Watch = Callable[[State, Sequence[f.Fact], float], None]
"""Is told of every step."""


class Steady:
    """Endless calls through one engine."""

    def __init__(self, law: Law, seed: int, watch: Watch | None = None) -> None:
        self._law = law
        self._watch = watch
        self._rng = Random(seed)
        self._engine = Engine(_site(law))
        self._now = 1000.0
        self._coming: list[tuple[float, int, e.Event]] = []
        self._number = 0
        self._priority: dict[str, int] = {}
        self._tally = Tally()
        self._dids = {priority: f"did{priority}" for priority in law.rates}
        self._step(e.SnapshotTaken(boot="1", legs=(), bridges=()))
        for agent in range(law.agents):
            name = OperatorId(f"op{agent}")
            self._step(e.OperatorLoggedIn(operator=name, endpoint="PJSIP/x", queues=(QUEUE,)))
        for priority, rate in law.rates.items():
            self._next_call(priority, rate)

    def batch(self, calls: int) -> Tally:
        """Let so many calls be scored."""
        self._tally = Tally()
        while self._tally.total() < calls:
            due = self._engine.next_deadline()
            if due is not None and due <= self._coming[0][0]:
                self._now = max(self._now, due)
                self._step(e.TimePassed())
            else:
                self._now, _, event = heappop(self._coming)
                if isinstance(event, e.CallArrived):
                    priority = int(event.did.removeprefix("did"))
                    self._next_call(priority, self._law.rates[priority])
                self._step(event)
        return self._tally

    # --- people ------------------------------------------------------------------------------

    def _next_call(self, priority: int, rate: float) -> None:
        self._number += 1
        at = self._now + self._rng.expovariate(rate)
        call = CallId(f"{self._number}")
        self._priority[call] = priority
        did = self._dids[priority]
        self._later(at, e.CallArrived(call=call, did=did, caller="", age_seconds=0.0))
        if self._law.patience_seconds != inf:
            gives_up = at + self._rng.expovariate(1 / self._law.patience_seconds)
            self._later(gives_up, e.CallerLeft(call=call))

    def _later(self, at: float, event: e.Event) -> None:
        self._number += 1
        heappush(self._coming, (at, self._number, event))

    def _talk_seconds(self) -> float:
        mean, phases = self._law.talk_seconds, self._law.phases
        if phases == 0:
            return mean
        return sum(self._rng.expovariate(phases / mean) for _ in range(phases))

    # --- the engine --------------------------------------------------------------------------

    def _step(self, event: e.Event) -> None:
        todo: list[e.Event] = [event]
        for each in todo:
            if isinstance(each, e.CallerLeft) and self._talks(each.call):
                continue  # patience is for waiting
            done = self._engine.step(each, self._now)
            if self._watch:
                self._watch(self._engine.state, done.facts, self._now)
            for command in done.commands:
                todo += self._obeyed(command)
            for fact in done.facts:
                if isinstance(fact, f.CallScored):
                    self._count(fact)

    def _talks(self, call: CallId) -> bool:
        held = self._engine.state.calls.get(call)
        return held is None or held.outcome is Outcome.ANSWERED

    def _obeyed(self, command: c.Command) -> Iterator[e.Event]:
        match command:
            case c.RingOperator(offer=offer):
                yield e.OperatorAnswered(offer=offer)
            case c.Bridge(caller=caller, operator=operator, bridge=bridge):
                yield e.LegEnteredBridge(leg=caller, bridge=bridge)
                yield e.LegEnteredBridge(leg=operator, bridge=bridge)
                end = e.OperatorLegEnded(offer=command.offer, end=LegEnd.ENDED)
                self._later(self._now + self._talk_seconds(), end)
            case c.HangUp(leg=CallerLeg(call=call)) | c.SendOut(leg=CallerLeg(call=call)):
                yield e.CallerLeft(call=call)

    def _count(self, fact: f.CallScored) -> None:
        tally, priority = self._tally, self._priority.pop(fact.call)
        tally.calls[priority] = tally.calls.get(priority, 0) + 1
        waits = tally.wait_seconds.get(priority, 0.0)
        answered = fact.outcome is Outcome.ANSWERED
        tally.waited += fact.wait_seconds > 0 or not answered
        tally.lost += not answered
        tally.within += answered and fact.wait_seconds <= 20.0
        tally.wait_seconds[priority] = waits + fact.wait_seconds


Measure = Callable[[Tally], float]


@dataclass(frozen=True, slots=True)
class Found:
    """A measured mean, and how sure it is."""

    mean: float
    error: float  # standard error over the batches
    batches: int

    def agrees(self, exact: float) -> bool:
        """Within the tolerance, and sure enough to say so."""
        return abs(self.mean - exact) <= SIGMAS * self.error and self.error <= CLOSE_ENOUGH * exact


def measure(
    law: Law, exact: dict[str, tuple[Measure, float]], *, seed: int, calls_limit: int
) -> dict[str, Found]:
    """Play until every measure is sure enough, or so many calls were made.

    A batch is at least as long as the warm-up, so that neighbours hardly depend on each other; when
    there are twice as many batches as needed and it is still not enough, two become one.
    """
    load = sum(law.rates.values()) * law.talk_seconds / law.agents
    endless = law.patience_seconds == inf and law.places == 10**9 and not law.no_waiting
    slack = max(1 - load, 0.05) if endless else 1.0
    size = int(20 * law.talk_seconds / slack * sum(law.rates.values())) + 500
    steady = Steady(law, seed)
    steady.batch(size)
    tallies: list[Tally] = []
    while True:
        tallies.append(steady.batch(size))
        if len(tallies) < BATCHES:
            continue
        found = {n: _found([measured(t) for t in tallies]) for n, (measured, _) in exact.items()}
        sure = all(found[n].error <= CLOSE_ENOUGH * value for n, (_, value) in exact.items())
        if sure or len(tallies) * size >= calls_limit:
            return found
        if len(tallies) == 2 * BATCHES:
            size *= 2
            tallies = [one + two for one, two in zip(tallies[::2], tallies[1::2], strict=True)]


def _found(values: list[float]) -> Found:
    count = len(values)
    mean = sum(values) / count
    variance = sum((v - mean) ** 2 for v in values) / max(1, count - 1)
    return Found(mean, sqrt(variance / count), count)


def _site(law: Law) -> Site:
    lines = [
        Line(
            name=LineName(f"did{priority}"),
            title="",
            dids=(f"did{priority}",),
            queue=QUEUE,
            priority=priority,
        )
        for priority in law.rates
    ]
    rules = QueueRules(
        name=QUEUE,
        title="",
        waiting_limit=law.places,
        max_wait_seconds=0.0 if law.no_waiting else 1e12,
        overflow_queue=None,
        ring_seconds=15.0,
        wrapup_seconds=0.0,
        short_abandon_seconds=0.0,
    )
    return Site(
        lines={line.name: line for line in lines},
        queues={QUEUE: rules},
        line_of_did={line.dids[0]: line for line in lines},
    )
