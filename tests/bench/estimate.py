"""How well a wait can be foretold: the estimators of the field side by side, on the same callers.

    python -m tests.bench.estimate [--write]     # about two minutes on one core

Plays the national day (national/) and queues of theory (M/M/n+M, tests/simulation/steady.py)
through the real engine. Each caller who has to wait and is answered is told a wait by every
estimator at the moment of standing in line; what was said is held against what came. `--write` puts
the tables into README.md.

The estimators: `app_queue` is the mean that Asterisk's app_queue announces ((3 x old + new) / 4,
whole seconds). `LES` is the wait of the last to enter service, `HOL` that of the head of the line
so far, `LCS` that of the last to complete service. `QL` is (n+1) x seconds a call / operators,
`QLm` the same with those who give up. `ours` is what the engine says: QLm, and where callers go on
to. `exact rates` is QLm with the rates of the law instead of measured ones: nobody does better.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Step
from callcenter.core.estimate import until_event
from callcenter.core.ids import CallId
from callcenter.core.outcome import Outcome
from callcenter.core.state import State
from tests.bench.national.country import CABINET, FIRST_HOUR, HOUR, NATIONAL, Plan
from tests.bench.national.world import World
from tests.simulation.steady import Law, Steady

README = Path(__file__).parent / "README.md"
BEGINS, ENDS = "<!-- estimate -->", "<!-- /estimate -->"
GOAL_ERROR, GOAL_HELD = 0.20, 0.90
NAMES = ("ours", "QLm", "QL", "LES", "HOL", "LCS", "app_queue", "exact rates")
RECOVERY_SECONDS = 23 * 60.0

LAWS = {
    f"M/M/{n}+M, load {load:g}": Law(
        agents=n,
        talk_seconds=180.0,
        rates={0: load * n / 180.0},
        patience_seconds=180.0,
    )
    for n, load in ((3, 1.0), (10, 1.1), (30, 1.0), (30, 1.3), (100, 1.0), (100, 1.5))
}
CALLS = 20_000


@dataclass(frozen=True, slots=True)
class Told:
    """What one caller was told by each estimator, in seconds, and what came."""

    queue: str
    at: float
    said: dict[str, float]
    at_most: float
    real: float


@dataclass(slots=True)
class _Past:
    """What the estimators that look back keep of one line."""

    entered: float | None = None  # the wait of the last to enter service
    completed: float | None = None  # of the last to complete it
    held: int = 0  # app_queue's


@dataclass(slots=True)
class Contest:
    """Watches an engine; `told` are the callers who waited and were answered."""

    exact: Callable[[float], float] | None = None  # the wait with so many ahead, by the law
    told: list[Told] = field(default_factory=list)
    all_queued: int = 0
    silent: int = 0  # had to wait, and the engine said nothing
    _open: dict[CallId, Told] = field(default_factory=dict)
    _past: dict[str, _Past] = field(default_factory=dict)
    _waits: dict[CallId, float] = field(default_factory=dict)

    def watch(self, state: State, facts: Sequence[f.Fact], now: float) -> None:
        """One step."""
        for fact in facts:
            match fact:
                case f.CallScored():
                    self._score(fact)
                case f.TalkEnded(call=call) if call in self._waits:
                    self._of(fact.line).completed = self._waits.pop(call)
                case f.CallQueued():
                    self.all_queued += 1
                    if fact.call in state.queues[fact.queue].line:
                        self._queue(state, fact, now)
                case _:
                    pass

    def _of(self, line: str) -> _Past:
        return self._past.setdefault(line, _Past())

    def _queue(self, state: State, fact: f.CallQueued, now: float) -> None:
        if fact.expected_seconds is None or fact.at_most_seconds is None:
            self.silent += 1
            return
        said = dict(self._said(state, fact, now)) | {"ours": fact.expected_seconds}
        self._open[fact.call] = Told(fact.queue, now, said, fact.at_most_seconds, 0.0)

    def _said(self, state: State, fact: f.CallQueued, now: float) -> Iterator[tuple[str, float]]:
        queue, past = state.queues[fact.queue], self._of(state.calls[fact.call].line)
        ahead = queue.line.place_of(fact.call) - 1
        first = queue.line.first()
        assert first is not None
        yield "HOL", now - state.calls[first[1]].queued_at
        yield "app_queue", past.held
        if past.entered is not None:
            yield "LES", past.entered
        if past.completed is not None:
            yield "LCS", past.completed
        pace = state.paces.get(fact.queue)
        if pace and pace.talks and queue.serving:
            rate = queue.serving / pace.seconds_a_call
            yield "QL", (ahead + 1) / rate + pace.pick_up_seconds
            yield "QLm", until_event(ahead + 1, rate, pace.leaving_rate)[0] + pace.pick_up_seconds
        if self.exact:
            yield "exact rates", self.exact(ahead)

    def _score(self, fact: f.CallScored) -> None:
        told, wait = self._open.pop(fact.call, None), fact.queue_wait_seconds
        if fact.outcome is not Outcome.ANSWERED:
            return
        past = self._of(fact.line)
        past.entered, past.held = wait, (3 * past.held + int(wait)) >> 2
        self._waits[fact.call] = wait
        if told and wait > 0:
            self.told.append(Told(told.queue, told.at, told.said, told.at_most, wait))


class _AtTheDay:
    """The contest as a witness of the national day."""

    def __init__(self, contest: Contest, state: Callable[[], State]) -> None:
        self._contest, self._state = contest, state

    def arrived(self, call: CallId, did: str, at: float) -> None:
        """Not asked for."""

    def hung_up(self, call: CallId) -> None:
        """Not asked for."""

    def joined(self, call: CallId) -> None:
        """Not asked for."""

    def step(self, event: e.Event, done: Step, now: float) -> None:
        """The engine decided."""
        self._contest.watch(self._state(), done.facts, now)


def national_day(plan: Plan) -> Contest:
    """The whole day."""
    contest = Contest()
    witnesses: list[_AtTheDay] = []
    world = World(plan, witnesses)  # type: ignore[arg-type]
    witnesses.append(_AtTheDay(contest, lambda: world.engine.state))
    for _ in world.minutes():
        pass
    return contest


def of_theory(law: Law, seed: int = 1, calls: int = CALLS) -> Contest:
    """So many calls of a queue whose exact rates are known."""
    rate, leaving = law.agents / law.talk_seconds, 1.0 / law.patience_seconds
    contest = Contest(exact=lambda ahead: until_event(ahead + 1, rate, leaving)[0])
    Steady(law, seed, contest.watch).batch(calls)
    return contest


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table."""

    what: str
    callers: int
    wait: float  # median, in seconds
    errors: dict[str, float]  # median of |said - real| / real
    seconds: float  # median of |said - real|, ours
    held: float  # share who waited no longer than the upper number
    wide: float  # median of upper number / expected


def result(what: str, told: Sequence[Told]) -> Result:
    """The row of these callers."""
    errors = {}
    for name in NAMES:
        off = [abs(t.said[name] - t.real) / t.real for t in told if name in t.said]
        if off:
            errors[name] = median(off)
    return Result(
        what,
        len(told),
        median(t.real for t in told),
        errors,
        median(abs(t.said["ours"] - t.real) for t in told),
        sum(t.real <= t.at_most for t in told) / len(told),
        median(t.at_most / t.said["ours"] for t in told),
    )


def day_rows(plan: Plan, told: Sequence[Told]) -> Iterator[Result]:
    """The day in parts."""
    rush = (plan.hour - FIRST_HOUR) * HOUR
    over = rush + HOUR + RECOVERY_SECONDS
    national = (NATIONAL, CABINET)
    ordinary = [t for t in told if not rush <= t.at < over]
    yield result("ordinary hours, 1567 and 1111", [t for t in ordinary if t.queue in national])
    yield result("ordinary hours, provinces", [t for t in ordinary if t.queue not in national])
    hour = [t for t in told if rush <= t.at < rush + HOUR]
    yield result("hour of 10x, 1567 and 1111", [t for t in hour if t.queue in national])
    yield result("hour of 10x, provinces", [t for t in hour if t.queue not in national])
    yield result("recovery", [t for t in told if rush + HOUR <= t.at < over])
    yield result("**the day**", told)


def table(rows: Sequence[Result]) -> str:
    """In Markdown."""
    head = ["", "callers", "wait p50", *NAMES, "off, p50", "≤ upper", "upper / said"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        best = min(error for name, error in row.errors.items() if name != NAMES[-1])
        errors = [_percent(row.errors.get(name), best) for name in NAMES]
        cells = [row.what, f"{row.callers:,}", f"{row.wait:.0f} s", *errors]
        cells += [f"{row.seconds:.1f} s", f"{row.held:.0%}", f"{row.wide:.2f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _percent(error: float | None, best: float) -> str:
    if error is None:
        return ""
    return f"**{error:.0%}**" if error == best else f"{error:.0%}"


def main() -> None:
    """Print, and write if asked."""
    asked = argparse.ArgumentParser(description="compare estimators of waits")
    asked.add_argument("--write", action="store_true", help="put the tables into README.md")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    plan = Plan(seed=options.seed)
    day = national_day(plan)
    rows = list(day_rows(plan, day.told))
    rows += [result(what, of_theory(law, options.seed).told) for what, law in LAWS.items()]
    text = table(rows)
    print(text)
    print(f"{day.all_queued:,} stood in line, of {day.silent:,} nothing was known")
    if options.write:
        page = README.read_text()
        before, rest = page.split(BEGINS)
        _, after = rest.split(ENDS)
        README.write_text(f"{before}{BEGINS}\n{text}\n{ENDS}{after}")


if __name__ == "__main__":
    main()
