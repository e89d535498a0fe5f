"""How long lists, look-ups and files of cases take with very many of them, and what memory the
files take: `python -m tests.bench.desks`.

200,000 cases of the whole country, three in ten open, in a PostgreSQL of its own on a disk; each
request goes through the API as a browser's does, twenty times, by a province's supervisor and by
the ministry. The goal is one second at p95, and three for a province's file and a long paper. Files
of the whole country are made three times. The goal of every file is what memory it takes more while
it is made: less than 100 MB.
"""

import argparse
import asyncio
import gc
import math
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.desks.shared.numbers import NumberFault, read_number
from callcenter.storage.migrate import upgrade
from tests.bench.cost import machine
from tests.integration.desks.many_cases import fill
from tests.integration.desks.office import COMPLAINT, Office
from tests.integration.house import Answer, opened
from tests.parts import PrivatePostgres

GOAL_SECONDS = 1.0
FILE_SECONDS = 3.0
TIMES = 20
WEEK = timedelta(days=6)
LISTS = {
    "all that are open": "cases?open=true&limit=100",
    "at my offices": "cases?mine=true&limit=100",
    "overdue": "cases?overdue=true&limit=100",
    "of one holder": "cases?holder=d3301&limit=100",
    "of a district": "cases?area=3301&limit=100",
    "of one state and type": "cases?state=in_progress&type=complaint&limit=100",
    "a page far behind": "cases?limit=100&after=00000150000",
    "ageing by holder": "case-ageing",
}


WHOLE = "the whole country's cases"
WHOLE_TIMES = 3
PAPER = "open=true&holder=p33"
MEMORY_BYTES = 100_000_000  # more than that is no stream


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What it took to make one."""

    seconds: float
    bytes: int
    more_memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table. `more`: bytes of memory for a file; None: it is none."""

    what: str
    who: str
    times: list[float]
    more: int | None = None

    @property
    def p95(self) -> float:
        return self.times[max(0, math.ceil(len(self.times) * 0.95) - 1)]

    @property
    def reached(self) -> bool:
        goal = GOAL_SECONDS if self.more is None else FILE_SECONDS
        quick = self.p95 < goal or self.what.startswith(WHOLE)
        return quick and (self.more or 0) < MEMORY_BYTES


def right_number(many: int) -> str:
    """One of those that were made, whose check digit happens to be right."""
    for n in range(many // 2, many):
        try:
            return read_number(f"{n:011d}")
        except NumberFault:
            continue
    raise ValueError("none of the numbers is right")


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def file_of(office: Office, who: str, kind: str, query: str) -> File:
    """A whole list as a file; it is not kept here, so that the memory is that of its making."""
    gc.collect()
    url = f"{office.house.url}/api/v1/case-list/{kind}?{query}"
    headers = {"Authorization": f"Bearer {office.house.tokens[who]}"}
    before, most, size = resident(), 0, 0
    is_made = asyncio.Event()

    async def watch() -> None:
        nonlocal most
        while not is_made.is_set():
            most = max(most, resident())
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    async with office.house.http.get(url, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        async for piece in answer.content.iter_chunked(65_536):
            size += len(piece)
    seconds = time.perf_counter() - began
    is_made.set()
    await watching
    return File(seconds=seconds, bytes=size, more_memory=max(0, most - before))


async def files(office: Office, what: str, who: str, kind: str, query: str, times: int) -> Row:
    await office.get(who, "me")  # is logged in
    made = [await file_of(office, who, kind, query) for _ in range(times)]
    memory = max(each.more_memory for each in made)
    print(f"{what} as {kind}: {made[0].bytes / 1e6:.1f} MB", flush=True)
    return Row(
        what=f"{what} as {kind}", who=who, times=sorted(f.seconds for f in made), more=memory
    )


async def spent(what: str, ask: Callable[[], Awaitable[Answer]]) -> list[float]:
    """Seconds of each time, sorted. A request that fails has taken for ever."""
    found = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = await ask()
        is_good = answer.status in (200, 201)
        found.append(time.perf_counter() - began if is_good else math.inf)
        if not is_good:
            print(f"{what}: {answer.body}", flush=True)
    return sorted(found)


async def measured(office: Office, many: int) -> list[Row]:
    """What was asked, by whom, and how long it took."""
    rows = []
    for who in ("wichai", "central"):
        await office.get(who, "me")  # is logged in
        for what, path in LISTS.items():
            rows.append(
                Row(what=what, who=who, times=await spent(what, partial(office.get, who, path)))
            )
    for kind in ("csv", "xlsx"):
        rows.append(await files(office, "a province's cases", "wichai", kind, "", TIMES))
    rows.append(await files(office, "390 open cases", "wichai", "pdf", PAPER, TIMES))
    for kind in ("csv", "xlsx"):
        rows.append(await files(office, WHOLE, "central", kind, "", WHOLE_TIMES))
    number, today = right_number(many), datetime.now(UTC).date()
    for what, who, path, body in (
        ("look-up by number", "central", "case-search", {"number": number}),
        ("look-up by phone", "wichai", "case-search", {"phone": "0800000042"}),
        ("a new case, with those like it", "malee", "cases", {**COMPLAINT, "channel": "walk_in"}),
        (
            "figures of a bulletin, a week",
            "wichai",
            "bulletins",
            {"subject": "x", "first": str(today - WEEK), "last": str(today)},
        ),
    ):
        await office.get(who, "me")
        times = await spent(what, partial(office.post, who, path, body))
        rows.append(Row(what=what, who=who, times=times))
    return rows


async def rows_of(url: str, directory: Path, many: int) -> list[Row]:
    """Fill the database, open the house, measure."""
    engine = create_async_engine(url)
    await upgrade(engine)
    await fill(engine, many)
    limits = {"login_attempts_account": 100_000, "login_attempts_address": 100_000}
    async with opened(engine, directory, **limits) as house:
        office = Office(house)
        await office.open()
        rows = await measured(office, many)
    await engine.dispose()
    return rows


def main(many: int) -> bool:
    """Print the table. Whether all of it was quick enough."""
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with PrivatePostgres(directory / "s") as server:
            rows = asyncio.run(rows_of(server.url, directory, many))
    print(f"\n{many:,} cases; {machine()}; {TIMES} times each\n")
    print("| what | by | p50 | p95 | memory | |\n|---|---|---|---|---|---|")
    for row in rows:
        p50 = row.times[len(row.times) // 2]
        memory = "" if row.more is None else f"+{row.more / 1e6:.0f} MB"
        said = "reached" if row.reached else "**missed**"
        spent = f"{p50 * 1000:.0f} ms | {row.p95 * 1000:.0f} ms"
        print(f"| {row.what} | {row.who} | {spent} | {memory} | {said} |")
    return all(row.reached for row in rows)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--many", type=int, default=200_000)
    raise SystemExit(0 if main(options.parse_args().many) else 1)
