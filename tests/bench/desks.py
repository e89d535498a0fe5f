"""How long lists and look-ups of cases take with very many of them: `python -m tests.bench.desks`.

200,000 cases of the whole country, three in ten open, in a PostgreSQL of its own on a disk; each
request goes through the API as a browser's does, twenty times, by a province's supervisor and by
the ministry. The goal is one second at p95.
"""

import argparse
import asyncio
import math
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.desks.shared.numbers import NumberFault, read_number
from callcenter.storage.migrate import upgrade
from tests.bench.cost import machine
from tests.integration.desks.many_cases import fill
from tests.integration.desks.office import COMPLAINT, Office
from tests.integration.desks.test_case_lists import fetched
from tests.integration.house import Answer, opened
from tests.parts import PrivatePostgres

GOAL_SECONDS = 1.0
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


def right_number(many: int) -> str:
    """One of those that were made, whose check digit happens to be right."""
    for n in range(many // 2, many):
        try:
            return read_number(f"{n:011d}")
        except NumberFault:
            continue
    raise ValueError("none of the numbers is right")


async def file_of(office: Office, who: str) -> float:
    """Seconds until the whole list of somebody's cases has come as CSV."""
    began = time.perf_counter()
    body = await fetched(office, who, "csv")
    print(f"{who}: a file of {len(body.splitlines()) - 1:,} cases", flush=True)
    return time.perf_counter() - began


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


async def measured(office: Office, many: int) -> list[tuple[str, str, list[float]]]:
    """What was asked, by whom, and how long it took."""
    rows = []
    for who in ("wichai", "central"):
        await office.get(who, "me")  # is logged in
        for what, path in LISTS.items():
            rows.append((what, who, await spent(what, partial(office.get, who, path))))
    files = sorted([await file_of(office, "wichai") for _ in range(TIMES)])
    rows.append(("a province's cases as a file", "wichai", files))
    whole = await file_of(office, "central")
    print(f"the whole country's cases as a file: {whole:.1f} s", flush=True)
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
        rows.append((what, who, await spent(what, partial(office.post, who, path, body))))
    return rows


async def rows_of(url: str, directory: Path, many: int) -> list[tuple[str, str, list[float]]]:
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
    print("| what | by | p50 | p95 | |\n|---|---|---|---|---|")
    quick = True
    for what, who, times in rows:
        p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95) - 1]
        reached = p95 < GOAL_SECONDS
        quick = quick and reached
        said = "reached" if reached else "**missed**"
        print(f"| {what} | {who} | {p50 * 1000:.0f} ms | {p95 * 1000:.0f} ms | {said} |")
    return quick


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--many", type=int, default=200_000)
    raise SystemExit(0 if main(options.parse_args().many) else 1)
