"""python -m tests.speed.records: how fast facts are kept, and how long a page of metrics takes.

Prints wall and processor time of: appending to the journal, reading it, replaying it, catching up
into a real PostgreSQL (in memory if there is /dev/shm), and printing 5,000 series; for the last two
also how long the event loop was held at worst. Other work on the machine shows in the figures.
"""

import asyncio
import gc
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvloop
from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.core.engine import Engine
from callcenter.core.ids import LineName, QueueName
from callcenter.core.site import Line, Site
from callcenter.runtime.journal import Journal
from callcenter.storage.migrate import upgrade
from callcenter.storage.recorder import Recorder
from callcenter.telemetry.metrics import Metrics
from tests.facts import answered_calls
from tests.parts import PrivatePostgres
from tests.site import rules

CALLS = 20_000
FACTS = CALLS * 12
ROWS = CALLS * 6  # one call, one offer, four intervals of the operator


@contextmanager
def timed(what: str, count: int, unit: str) -> Iterator[None]:
    """Print how many a second, by the clock on the wall and by this process's own work."""
    cpu = time.process_time()
    began = time.perf_counter()
    yield
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{what}: {count / wall:,.0f} {unit}/s; {count / cpu:,.0f} {unit} per processor second")


@asynccontextmanager
async def held() -> AsyncIterator[list[float]]:
    """Measure how long each turn of the event loop takes, in seconds."""
    turns: list[float] = []

    async def measure() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0)
            turns.append(time.perf_counter() - began)

    measuring = asyncio.create_task(measure())
    await asyncio.sleep(0)
    yield turns
    measuring.cancel()
    turns.sort()


def told(turns: list[float]) -> str:
    """The worst and the hundredth-worst turn."""
    return f"loop held {turns[-1] * 1e3:.1f} ms at worst, p99 {turns[-len(turns) // 100] * 1e3:.1f}"


async def journal_speed(directory: Path) -> None:
    """Append in steps of four facts, as the pump does; read; replay."""
    facts = answered_calls(CALLS, operators=200)
    journal = Journal.open(directory)
    journal.start(tuple)
    syncing = asyncio.create_task(journal.run())
    with timed("journal, append", FACTS, "facts"):
        for first in range(0, FACTS, 4):
            journal.append(facts[first : first + 4])
            if first % 400 == 0:
                await asyncio.sleep(0)
    await journal.durable_beyond(FACTS - 1)
    del facts
    reader = journal.reader(0)
    with timed("journal, read", FACTS, "facts"):
        while reader.seq < FACTS:
            await reader.read()
    syncing.cancel()
    await journal.close()
    with timed("journal, open and replay", FACTS, "facts"):
        sum(1 for _ in Journal.open(directory).replay())


async def catch_up_speed(directory: Path, url: str) -> None:
    """A backlog from nought, into empty tables."""
    engine = create_async_engine(url)
    await upgrade(engine)
    await engine.dispose()
    journal = Journal.open(directory)
    journal.start(tuple)
    syncing = asyncio.create_task(journal.run())
    for fact in answered_calls(CALLS, operators=200):
        journal.append([fact])
    await journal.durable_beyond(FACTS - 1)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as in the service (app.py)
    recorder = Recorder(journal, url)
    with timed("recorder, catch up", ROWS, "rows"):
        recording = asyncio.create_task(recorder.run())
        await recorder.caught_up()
    print(f"  {recorder.stored_facts:,} facts, {recorder.dead_letters} dead letters")
    recording.cancel()
    syncing.cancel()
    await asyncio.gather(recording, syncing, return_exceptions=True)
    await journal.close()


async def catch_up_hold(directory: Path, url: str) -> None:
    """The same backlog again as another journal's, now watching the event loop."""
    journal = Journal.open(directory)
    journal.start(tuple)
    syncing = asyncio.create_task(journal.run())
    for fact in answered_calls(CALLS // 4, operators=200):
        journal.append([fact])
    await journal.durable_beyond(FACTS // 4 - 1)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as in the service (app.py)
    recorder = Recorder(journal, url)
    async with held() as turns:
        recording = asyncio.create_task(recorder.run())
        await recorder.caught_up()
    print(f"recorder, {told(turns)}")
    recording.cancel()
    syncing.cancel()
    await asyncio.gather(recording, syncing, return_exceptions=True)
    await journal.close()


async def page_speed() -> None:
    """A page of more than 5,000 series: 17 lines with overflow between 20 queues."""
    names = [QueueName(f"queue-{n}") for n in range(20)]
    queues = {
        q: rules(q, overflow_queue=names[n - 1] if n % 3 else None) for n, q in enumerate(names)
    }
    lines = {
        LineName(f"line-{n}"): Line(
            name=LineName(f"line-{n}"), title="", dids=(), queue=names[n], priority=0
        )
        for n in range(17)
    }
    engine = Engine(Site(lines=lines, queues=queues))
    metrics = Metrics(engine.state.site, engine.state, lambda: 0.0)
    page = await metrics.render()
    series = sum(not line.startswith(b"#") for line in page.splitlines())
    with timed(f"metrics, {series:,} series", 1, "pages"):
        await metrics.render()
    async with held() as turns:
        await metrics.render()
    print(f"metrics, {told(turns)}")


def main() -> None:
    """All of it."""
    place = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path("/tmp")
    with tempfile.TemporaryDirectory(dir=place) as name:
        directory = Path(name)
        directory.chmod(0o755)
        uvloop.run(journal_speed(directory / "first"))
        with PrivatePostgres(directory / "pg") as server:
            uvloop.run(catch_up_speed(directory / "second", server.url))
            uvloop.run(catch_up_hold(directory / "third", server.url))
        asyncio.run(page_speed())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory {peak} MB")


if __name__ == "__main__":
    main()
