"""`python -m tests.simulation.agreement`: every law of the oracles held against the engine's waits.

A standard error of 2 % of a mean wait near saturation takes millions of calls: minutes here, so the
test suite plays the laws that are quick and this plays them all.
"""

import sys
from collections.abc import Iterator

from tests.simulation.oracles import (
    erlang_a,
    erlang_b,
    erlang_c,
    finite_queue,
    wait_c,
    wait_one_server,
    waits_by_priority,
)
from tests.simulation.steady import Law, Measure, Tally, measure

Exact = dict[str, tuple[Measure, float]]
Case = tuple[str, Law, Exact]


def _mean_wait(tally: Tally) -> float:
    return sum(tally.wait_seconds.values()) / tally.total()


def _share_waiting(tally: Tally) -> float:
    return tally.waited / tally.total()


def _share_lost(tally: Tally) -> float:
    return tally.lost / tally.total()


def _share_within(tally: Tally) -> float:
    return tally.within / tally.total()


def loss(agents: int, load: float) -> Case:
    """Erlang B: who cannot be served at once goes on elsewhere."""
    law = Law(agents=agents, talk_seconds=180.0, rates={0: load / 180.0}, no_waiting=True)
    return f"B {agents} {load:g}", law, {"lost": (_share_lost, erlang_b(agents, load))}


def delay(agents: int, load: float, talk: float) -> Case:
    """Erlang C."""
    law = Law(agents=agents, talk_seconds=talk, rates={0: load / talk})
    exact: Exact = {
        "waits": (_share_waiting, erlang_c(agents, load)),
        "wait": (_mean_wait, wait_c(agents, load, talk)),
    }
    return f"C {agents} {load:g}", law, exact


def waiting(agents: int, load: float, talk: float) -> Case:
    """Erlang C, only how many wait: their mean wait takes three times as many calls."""
    name, law, exact = delay(agents, load, talk)
    return name, law, {"waits": exact["waits"]}


def impatience(agents: int, rate: float, talk: float, patience: float) -> Case:
    """Erlang A."""
    law = Law(agents=agents, talk_seconds=talk, rates={0: rate}, patience_seconds=patience)
    found = erlang_a(agents, rate, talk, patience)
    exact: Exact = {
        "waits": (_share_waiting, found.waits),
        "abandons": (_share_lost, found.abandons),
        "wait": (_mean_wait, found.wait),
        "within 20 s": (_share_within, found.answered_within),
    }
    return f"A {agents} {rate * talk:g} {patience:g}", law, exact


def priorities(agents: int, talk: float, rates: list[float]) -> Case:
    """Cobham: the first rate is the most urgent."""
    by_priority = {len(rates) - 1 - place: rate for place, rate in enumerate(rates)}
    waits = waits_by_priority(agents, talk, rates)

    def of(priority: int) -> Measure:
        return lambda tally: tally.wait_seconds.get(priority, 0.0) / tally.calls.get(priority, 1)

    exact: Exact = {
        f"wait {priority}": (of(priority), wait)
        for priority, wait in zip(by_priority, waits, strict=True)
    }
    law = Law(agents=agents, talk_seconds=talk, rates=by_priority)
    return f"priority {agents} {len(rates)}", law, exact


def finite(agents: int, load: float, places: int) -> Case:
    """M/M/c/K."""
    blocked, waiting = finite_queue(agents, load, places)
    law = Law(agents=agents, talk_seconds=60.0, rates={0: load / 60.0}, places=places - agents)
    exact: Exact = {
        "lost": (_share_lost, blocked),
        "wait": (_mean_wait, waiting / (load / 60.0)),
    }
    return f"K {agents} {load:g} {places}", law, exact


def one_server(load: float, phases: int) -> Case:
    """M/D/1 (no phases) and M/E2/1 (two)."""
    variation = 1.0 / phases if phases else 0.0
    law = Law(agents=1, talk_seconds=60.0, rates={0: load / 60.0}, phases=phases)
    exact: Exact = {"wait": (_mean_wait, wait_one_server(load, 60.0, variation))}
    return f"G {load:g} {phases}", law, exact


def quick() -> Iterator[Case]:
    """Laws whose means are sure after some ten thousand calls."""
    yield loss(2, 1.0)
    yield waiting(2, 1.0, 180.0)
    yield impatience(1, 1 / 180, 180.0, 180.0)
    yield impatience(5, 5 / 180, 180.0, 120.0)
    yield finite(1, 1.0, 3)
    yield finite(2, 2.0, 4)


def slow() -> Iterator[Case]:
    """The others."""
    for agents, load in ((1, 1.0), (5, 3.0), (10, 5.0), (10, 8.0), (20, 15.0), (50, 40.0)):
        yield loss(agents, load)
    yield loss(100, 90.0)
    yield delay(1, 0.8, 180.0)
    yield delay(2, 1.0, 180.0)
    yield delay(5, 4.0, 180.0)
    yield delay(10, 8.0, 240.0)
    yield delay(14, 10.0, 180.0)
    yield delay(20, 18.0, 180.0)
    yield delay(50, 45.0, 300.0)
    yield delay(100, 95.0, 300.0)
    yield impatience(2, 2 / 180, 180.0, 60.0)
    yield impatience(10, 10 / 240, 240.0, 120.0)
    yield impatience(20, 20 / 180, 180.0, 60.0)
    yield impatience(20, 24 / 180, 180.0, 90.0)
    yield impatience(50, 50 / 300, 300.0, 180.0)
    yield impatience(100, 95 / 300, 300.0, 300.0)
    yield impatience(100, 105 / 300, 300.0, 60.0)
    yield impatience(200, 220 / 240, 240.0, 120.0)
    yield priorities(1, 1.0, [0.3, 0.4])
    yield priorities(2, 1.0, [0.5, 1.0])
    yield priorities(5, 180.0, [1 / 180, 3 / 180])
    yield priorities(10, 240.0, [2 / 240, 3 / 240, 3 / 240])
    yield finite(10, 9.0, 15)
    yield finite(20, 22.0, 40)
    for load in (0.5, 0.8, 0.9):
        for phases in (0, 2):
            yield one_server(load, phases)


def main() -> int:
    """0 when all agree."""
    disagree = 0
    for name, law, exact in (*quick(), *slow()):
        found = measure(law, exact, seed=1, calls_limit=4_000_000)
        for what, (_, value) in exact.items():
            one = found[what]
            verdict = "agrees" if one.agrees(value) else "DOES NOT AGREE"
            disagree += not one.agrees(value)
            told = f"{one.mean:.6g} +- {one.error:.2g}"
            print(f"{name:20} {what:12} exact {value:.6g}  found {told:24} {verdict}", flush=True)
    return 1 if disagree else 0


if __name__ == "__main__":
    sys.exit(main())
