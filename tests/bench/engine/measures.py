"""The measurements, one function each. Best of several short rounds: other work on the machine can
only make a round slower. `table.py` runs them and says what was to be reached."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import count
from math import ceil, log2
from random import Random
from time import process_time

from callcenter.core import events as e
from callcenter.core.engine import Engine, Step
from callcenter.core.facts import AsteriskConnected, OperatorState
from callcenter.core.fold import apply
from callcenter.core.ids import CallId, OperatorId, QueueName
from callcenter.core.line import Key, Line, Needs, Rank
from callcenter.core.routing import next_pair
from callcenter.core.state import Call, Operator, Queue, State
from tests.bench.engine.day import Day, wide
from tests.kept import read_again, written
from tests.site import DAMRONG, site

ROUNDS = 15


def best_rate(work: Callable[[], object], count: int, rounds: int = ROUNDS) -> float:
    """Operations a second of processor time in the best round; `work` does `count` of them."""
    best = 0.0
    for _ in range(rounds):
        began = process_time()
        work()
        best = max(best, count / (process_time() - began))
    return best


def anchor() -> float:
    """heapq pop and push at 100 entries, a second: how fast this machine is at this moment."""
    rng = Random(1)
    heap = sorted(rng.random() for _ in range(100))
    steps = [rng.random() for _ in range(20_000)]

    def work() -> None:
        for step in steps:
            heappush(heap, heappop(heap) + step)

    return best_rate(work, 20_000, rounds=20)


# --- the engine --------------------------------------------------------------------------------


def steps_per_second(waiting: int, calls: int = 12_000) -> float:
    """Whole steps, everything on; the events are made beforehand."""
    told: list[tuple[e.Event, float]] = []
    recorded = Day(waiting)
    recorded.go_on(200)
    whole = recorded.step

    def record(event: e.Event, now: float) -> Step:
        told.append((event, now))
        return whole(event, now)

    recorded.step = record
    recorded.go_on(calls)
    del recorded
    day = Day(waiting)
    day.go_on(200)
    return max(_rates(day.engine, told))


def _rates(engine: Engine, told: list[tuple[e.Event, float]], size: int = 800) -> Iterator[float]:
    step = engine.step
    for start in range(0, len(told) - size, size):
        part = told[start : start + size]
        began = process_time()
        for event, now in part:
            step(event, now)
        yield size / (process_time() - began)


def slowest_steps(waiting: int, calls: int) -> tuple[float, float]:
    """p99.9 and the worst of single steps, in milliseconds, garbage collection included."""
    day = Day(waiting)
    day.go_on(200)
    whole, seconds = day.step, []

    def timed(event: e.Event, now: float) -> Step:
        began = process_time()
        done = whole(event, now)
        seconds.append(process_time() - began)
        return done

    day.step = timed
    day.go_on(calls)
    seconds.sort()
    return seconds[int(len(seconds) * 0.999)] * 1e3, seconds[-1] * 1e3


def bytes_per_caller(waiting: int) -> float:
    """All memory a waiting caller takes in the engine: call, place in line, timer, names."""
    engine = Engine(site(wide(DAMRONG)))
    engine.step(e.SnapshotTaken(boot="1", legs=(), bridges=()), 1000.0)
    with _traced() as used:
        for number in range(waiting):
            call = CallId(f"asterisk-1795000000.{number}")
            caller = f"08{number:08}"
            engine.step(
                e.CallArrived(call=call, did="1567", caller=caller, age_seconds=3.0),
                1000.0 + number * 0.001,
            )
        return used() / waiting


def rebuild_seconds(waiting: int) -> tuple[float, float]:
    """To write the snapshot of so many open calls, and to become it again when it is read."""
    day = Day(waiting)
    day.go_on(200)
    began = process_time()
    blob = written(day.engine)
    told = process_time() - began
    again, snapshot = Engine(site(wide(DAMRONG))), list(read_again(blob))
    began = process_time()
    again.restore(snapshot)
    return told, process_time() - began


def best_rebuild_seconds(waiting: int) -> tuple[float, float]:
    """The better of three."""
    rounds = [rebuild_seconds(waiting) for _ in range(3)]
    return min(told for told, _ in rounds), min(became for _, became in rounds)


@contextmanager
def _traced() -> Iterator[Callable[[], int]]:
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield lambda: tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


# --- deciding ----------------------------------------------------------------------------------


def decisions_per_second(waiting: int, queues: int = 1, operators: int = 50) -> float:
    """A free operator and the next caller are found; the caller leaves, another comes."""
    names = [QueueName(f"queue{n}") for n in range(queues)]
    state = _state(waiting, names, operators)
    apply(state, AsteriskConnected(at=0.0, boot="1", adopted=0, missing=0))
    many, number = 2_000, [waiting]

    def work() -> None:
        for _ in range(many):
            pair = next_pair(state, names)
            assert pair is not None
            _, call = pair
            line = state.queues[call.queue].line
            line.remove(call.id)
            del state.calls[call.id]
            number[0] += 1
            _add(state, names, number[0])

    return best_rate(work, many, rounds=40)


def _state(waiting: int, names: list[QueueName], operators: int) -> State:
    state = State(site())
    state.queues = {name: Queue(wide(name)) for name in names}
    for number in range(operators):
        name = OperatorId(f"operator{number}")
        state.operators[name] = Operator(
            id=name, state=OperatorState.AVAILABLE, queues=tuple(names)
        )
        for queue in state.queues.values():
            state.stand_by(state.operators[name], queue)
    for number in range(waiting):
        _add(state, names, number)
    return state


def _add(state: State, names: list[QueueName], number: int) -> None:
    call = CallId(f"call-{number}")
    queue, rank = names[number % len(names)], (float(number), number)
    line = state.site.lines[next(iter(state.site.lines))].name
    state.calls[call] = Call(
        id=call,
        line=line,
        did="",
        caller="",
        arrived_at=rank[0],
        rank=rank,
        waits_since=rank[0],
        queue=queue,
    )
    state.queues[queue].line.add(call, 5 * (number % 10 == 0), rank)


# --- the line ----------------------------------------------------------------------------------


def _line(waiting: int) -> Line:
    line = Line()
    for number in range(waiting):
        line.add(CallId(f"call-{number}"), 0, (float(number), number))
    return line


def line_rates(waiting: int) -> dict[str, float]:
    """Operations on the line, a second: join, leave from anywhere, return to one's place, and join
    between others (seen late)."""
    many, rng = 2_000, Random(1)
    line = _line(waiting)
    there = [CallId(f"call-{rng.randrange(waiting)}") for _ in range(many)]
    there = list(dict.fromkeys(there))
    ranks = {call: (float(call[5:]), int(call[5:])) for call in there}
    late = [(CallId(f"late-{n}"), (waiting / 2 + n / many, 10**9 + n)) for n in range(many)]
    fresh = [(CallId(f"new-{n}"), (1e9 + n, 10**9 + n)) for n in range(many)]

    def join(callers: list[tuple[CallId, tuple[float, int]]]) -> None:
        for call, rank in callers:
            line.add(call, 0, rank)

    def leave(callers: list[CallId]) -> None:
        for call in callers:
            line.remove(call)

    def back() -> None:
        for call in there:
            line.add(call, 0, ranks[call])

    rates = dict.fromkeys(("join", "leave", "return", "join late"), 0.0)
    for _ in range(ROUNDS):
        for name, work, number in (
            ("join", lambda: join(fresh), many),
            ("leave", lambda: leave(there), len(there)),
            ("return", back, len(there)),
            ("join late", lambda: join(late), many),
        ):
            rates[name] = max(rates[name], best_rate(work, number, rounds=1))
        leave([call for call, _ in (*fresh, *late)])
    return rates


def place_seconds(waiting: int) -> tuple[float, float, float]:
    """To tell a caller's place: one alone, each of all of them, and by looking through a list."""
    line, plain = _line(waiting), [CallId(f"call-{n}") for n in range(waiting)]
    rng = Random(1)
    asked = [rng.choice(plain) for _ in range(500)]
    alone = best_rate(lambda: [line.place_of(call) for call in asked], len(asked))
    together = best_rate(lambda: dict(zip(line, count(1), strict=False)), waiting)
    search = best_rate(lambda: [plain.index(call) for call in asked], len(asked), rounds=3)
    return 1 / alone, 1 / together, 1 / search


def bytes_per_place(waiting: int) -> float:
    """Memory of one place in line, the names and ranks not counted: the call has those anyway."""
    callers = [(CallId(f"call-{n}"), (float(n), n)) for n in range(waiting)]
    with _traced() as used:
        line = Line()
        for call, rank in callers:
            line.add(call, 0, rank)
        return used() / waiting


class Counted(Line):
    """A line that counts, in the manner of rivals.py, what is looked at: the heads of the queue,
    and what bisection probes when a caller stands in line or leaves it."""

    looks = 0

    def first(self) -> tuple[Key, CallId] | None:
        """The caller at the head, and the operator at the head."""
        Counted.looks += 2
        return super().first()

    def add(self, call: CallId, priority: int, rank: Rank, needs: Needs = ()) -> None:
        """One bisection for the piece, one within."""
        Counted.looks += 2 * ceil(log2(len(self) + 2))
        super().add(call, priority, rank, needs)

    def remove(self, call: CallId) -> None:
        """The same."""
        Counted.looks += 2 * ceil(log2(len(self) + 2))
        super().remove(call)


def looks_per_call(waiting: int, operators: int) -> float:
    """Callers and operators looked at per call served."""
    day = Day(waiting, operators, Counted)
    day.go_on(500)
    served, looks = day.answered, Counted.looks
    day.go_on(2_000)
    return (Counted.looks - looks) / (day.answered - served)
