"""`make bench-national`: plays the day, audits it, sizes the parts, prints the page. Three minutes.

    python -m tests.bench.national [--seed N] [--cost name=value] [--node-cores N] [--write]

`--write` puts the page between the marks of README.md beside this file, and the picture where the
page shows it.
"""

import argparse
import asyncio
import re
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from callcenter.core import events as e
from callcenter.core.engine import Step
from callcenter.core.invariants import broken
from callcenter.telemetry.metrics import Metrics
from tests.bench.cost import machine
from tests.bench.national.books import Books, Wrong
from tests.bench.national.costs import FILE, costs, measured
from tests.bench.national.country import FIRST_HOUR, HOUR, Plan
from tests.bench.national.course import Course
from tests.bench.national.findings import periods, provinces, row
from tests.bench.national.page import PICTURE, page
from tests.bench.national.picture import picture
from tests.bench.national.told import Scrape, Sooner, Told
from tests.bench.national.world import World

README = Path(__file__).resolve().parent / "README.md"
PICTURES = Path(__file__).resolve().parents[3]
TITLE = "วันหนึ่งของทั้งประเทศ (แบบจำลอง) · A national day (a model)"
LOOK_SECONDS = 300  # the invariants look at everybody, which takes a while with a long line


class Counted:
    """A witness: the service's own metrics, folded as in the service."""

    def __init__(self) -> None:
        self.metrics: Metrics | None = None

    def arrived(self, call: str, did: str, at: float) -> None:
        """Not told to metrics."""

    def hung_up(self, call: str) -> None:
        """Not told to metrics."""

    def joined(self, call: str) -> None:
        """Not told to metrics."""

    def step(self, event: e.Event, done: Step, now: float) -> None:
        """Facts are."""
        assert self.metrics is not None
        self.metrics.fold(done.facts)

    async def scrape(self) -> Scrape:
        """One page, the better of two."""
        assert self.metrics is not None
        best = float("inf")
        for _ in range(2):
            began = time.perf_counter()
            body = await self.metrics.render()
            best = min(best, time.perf_counter() - began)
        return Scrape(
            series=sum(not line.startswith(b"#") for line in body.splitlines()),
            kilobytes=len(body) / 1e3,
            milliseconds=1000 * best,
            mismatch=self.metrics.mismatch,
        )


def play(plan: Plan, *, say: bool = True) -> tuple[Course, Scrape, int]:
    """The day, audited: its course, a page of its metrics, how often the invariants were asked.
    Raises Wrong."""
    books, course, counted = Books(), Course(plan.greeting_seconds), Counted()
    world = World(plan, [books, course, counted])
    counted.metrics = Metrics(world.engine.state.site, world.engine.state, lambda: world.now)
    looked, began = 0, time.monotonic()
    for seconds in world.minutes():
        books.agree(world.engine.state.unscored)
        if seconds % LOOK_SECONDS == 0:
            looked += 1
            if faults := broken(world.engine.state):
                raise Wrong("; ".join(faults))
        if say and seconds % HOUR == 0:
            _progress(course, seconds, time.monotonic() - began)
    books.close(world.people)
    return course, asyncio.run(counted.scrape()), looked


def _progress(course: Course, seconds: float, took: float) -> None:
    hour = slice(int(seconds - HOUR), int(seconds))
    by = course.seconds
    print(
        f"{(int(seconds // HOUR) - 1 + FIRST_HOUR) % 24:02}:00  {sum(by.arrivals[hour]):6,} calls"
        f" {sum(by.answered[hour]):6,} answered  {max(by.waiting[hour]):5,} waited at most"
        f"  ({took:.0f} s)",
        file=sys.stderr,
        flush=True,
    )


def main() -> None:
    """Everything."""
    asked = _arguments()
    plan = Plan(
        seed=asked.seed,
        calls=asked.calls,
        hour=asked.hour,
        times=asked.times,
        overflow_seconds=asked.overflow,
    )
    figures = measured(asked.costs)
    prices, began = costs(figures, asked.cost), time.monotonic()
    course, scrape, looked = play(plan)
    took = time.monotonic() - began
    sooner = _sooner(plan, asked.sooner)
    told = Told(
        plan=plan,
        course=course,
        parts=periods(plan, course),
        figures=figures,
        costs=prices,
        node_cores=asked.node_cores,
        scrape=scrape,
        command=" ".join(["python -m tests.bench.national", *sys.argv[1:]]),
        when=datetime.now(UTC).date().isoformat(),
        machine=machine().rpartition(", ")[0],  # without the kernel
        seconds=took,
        looked=looked,
        sooner=sooner,
    )
    text = page(told)
    print(text)
    if asked.write:
        (PICTURES / PICTURE).write_text(picture(course, told.parts.rush, TITLE))
        README.write_text(placed(README.read_text(), text))


def _sooner(plan: Plan, seconds: float) -> Sooner:
    """The same day once more, with another limit in the provinces."""
    print(f"the same day, overflow after {seconds:g} s", file=sys.stderr)
    course, _, _ = play(other := replace(plan, overflow_seconds=seconds))
    parts = periods(other, course)
    stories = course.stories.values()
    ordinary = [story for story in stories if parts.is_ordinary(story.at)]
    return Sooner(
        overflow_seconds=seconds,
        ordinary=row(ordinary),
        rush=row([story for story in stories if parts.rush.holds(story.at)]),
        provinces=provinces(other, ordinary),
    )


def placed(readme: str, text: str) -> str:
    """The README with this page between its marks."""
    place = re.compile(r"(<!-- national day -->\n).*?(<!-- end of national day -->)", re.DOTALL)
    readme, found = place.subn(lambda m: f"{m[1]}{text}\n{m[2]}", readme)
    if found != 1:
        raise ValueError("the README has no place for the national day")
    return readme


def _arguments() -> argparse.Namespace:
    usual = Plan()
    parser = argparse.ArgumentParser(description="A national day, and the size of the parts.")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--calls", type=int, default=usual.calls, help="of an ordinary day")
    parser.add_argument("--hour", type=int, default=usual.hour, help="of the rush, 0 to 23")
    parser.add_argument("--times", type=float, default=usual.times, help="as many in that hour")
    parser.add_argument(
        "--overflow", type=float, default=usual.overflow_seconds, help="seconds in a province"
    )
    parser.add_argument("--sooner", type=float, default=5.0, help="the same, played beside it")
    parser.add_argument("--node-cores", type=int, default=8, help="of an Asterisk node")
    parser.add_argument("--costs", type=Path, default=FILE, help="another costs.json")
    parser.add_argument("--cost", action="append", default=[], help="name=value, instead of it")
    parser.add_argument("--write", action="store_true", help="into the README, with the picture")
    return parser.parse_args()


if __name__ == "__main__":
    main()
