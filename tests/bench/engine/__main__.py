"""`make bench-engine`: prints what the engine can do alone, beside what it has to reach.

Processor time of one core, the best of several rounds; the first line says how fast the machine is
at this moment, for comparing figures of different machines. Takes about a minute.
"""

import platform
import sys

from tests.bench.engine import measures as m
from tests.bench.engine.rivals import Floor, app_queue, mod_callcenter

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)


class Table:
    """Lines of: what, measured, goal, reached or not."""

    def __init__(self) -> None:
        self.missed = 0

    def line(self, what: str, measured: str, goal: str = "", reached: bool = True) -> None:
        """Print one line."""
        self.missed += not reached
        verdict = "" if not goal else "reached" if reached else "MISSED"
        print(f"{what:58} {measured:>24}  {goal:22} {verdict}", flush=True)

    def rate(self, what: str, rate: float, goal: float = 0.0) -> None:
        """So many a second, and at least how many."""
        self.line(what, f"{rate:,.0f} /s", f">= {goal:,.0f}" if goal else "", rate >= goal)

    def amount(self, what: str, amount: float, unit: str, limit: float = 0.0) -> None:
        """So much, and at most how much."""
        goal = f"<= {limit:g} {unit}" if limit else ""
        self.line(what, f"{amount:,.3g} {unit}", goal, not limit or amount <= limit)

    def times(self, what: str, ratio: float, at_least: float) -> None:
        """So many times as good."""
        goal = f">= {at_least:,.0f} x" if at_least else ""
        self.line(what, f"{ratio:,.0f} x", goal, ratio >= at_least)


def main() -> int:
    """0 when every goal is reached."""
    table = Table()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    table.rate("   heapq pop and push at 100, for comparing machines", m.anchor())
    _steps(table)
    _decisions(table)
    _line(table)
    _memory(table)
    _rivals(table)
    print("all goals reached" if not table.missed else f"{table.missed} goals missed")
    return 1 if table.missed else 0


def _steps(table: Table) -> None:
    for waiting, goal in ((100, 100_000.0), (10_000, 0.0), (100_000, 70_000.0)):
        rate = m.steps_per_second(waiting)
        table.rate(f"   whole steps, {waiting:,} waiting", rate, goal)
    late, worst = m.slowest_steps(100_000, 5_000)
    table.amount("M7 a step, p99.9, 100,000 waiting", late, "ms", 1.0)
    table.amount("   a step, the slowest (garbage collection)", worst, "ms")
    told, became = m.best_rebuild_seconds(100_000)
    table.amount("M8 snapshot of 100,000 open calls written", told, "s")
    table.amount("M8 and become again", became, "s", 1.0)


def _decisions(table: Table) -> None:
    rates = [m.decisions_per_second(waiting) for waiting in SIZES]
    for waiting, rate in zip(SIZES, rates, strict=True):
        goal = {100: 200_000.0, 1_000_000: 60_000.0}.get(waiting, 0.0)
        table.rate(f"M1 decisions, {waiting:,} waiting", rate, goal)
    table.amount("M1 slower at a million than at a hundred", rates[0] / rates[-1], "x", 4.0)
    eight = [m.decisions_per_second(waiting, 8, 1_000) for waiting in (100, 100_000)]
    table.rate("M2 decisions, 8 queues, 1,000 operators, 100 waiting", eight[0], 50_000.0)
    table.rate("M2 decisions, 8 queues, 1,000 operators, 100,000", eight[1], 20_000.0)


def _line(table: Table) -> None:
    for waiting in (100, 10_000, 100_000, 1_000_000):
        goal = 300_000.0 if waiting <= 10_000 else 0.0
        for what, rate in m.line_rates(waiting).items():
            table.rate(f"M3 {what}, {waiting:,} waiting", rate, goal)
    for waiting in (10_000, 100_000):
        alone, together, search = m.place_seconds(waiting)
        table.amount(f"M4 one caller's place, {waiting:,} waiting", alone * 1e6, "us")
        table.amount("M4 each of all callers' places", together * 1e6, "us")
        table.times("M4 looking through a list for one takes", search / alone, 0.0)
        table.times("M4 and for all", search / together, 100.0)


def _memory(table: Table) -> None:
    table.amount("M5 a place in line, 100,000 waiting", m.bytes_per_place(100_000), "bytes", 400)
    whole = m.bytes_per_caller(100_000)
    table.amount("   a waiting caller in all, 100,000 waiting", whole, "bytes", 4096)


def _rivals(table: Table) -> None:
    waiting, operators = 1_000, 200
    ours = m.looks_per_call(waiting, operators)
    table.amount("M6 looks per call served, 1,000 waiting, 200 operators", ours, "looks")
    theirs = app_queue(Floor(waiting, operators, talk_seconds=180.0), seconds=120)
    table.times("M6 app_queue's loop takes", theirs / ours, 1_000.0)
    theirs = mod_callcenter(Floor(waiting, operators, talk_seconds=180.0), seconds=60)
    table.times("M6 mod_callcenter's loop takes", theirs / ours, 1_000.0)


if __name__ == "__main__":
    sys.exit(main())
