"""The journal and the catching up of the database: `python -m tests.speed.records`, its figures."""

import asyncio
import re
import sys

from tests.bench.table import Options, Row

GOALS = (
    ("journal, append", "facts", "journal: facts a second, one step each", 20_000),
    ("recorder, catch up", "rows", "catch-up into PostgreSQL: rows a second", 50_000),
)


async def kept(options: Options) -> list[Row]:
    """By the clock on the wall; what else the machine does shows in the figures."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.speed.records", stdout=asyncio.subprocess.PIPE
    )
    said = (await process.communicate())[0].decode()
    print(said, flush=True)
    options.raw["records"] = said.splitlines()
    return [_row(said, *goal) for goal in GOALS]


def _row(said: str, name: str, unit: str, what: str, goal: int) -> Row:
    found = re.search(rf"^{name}: ([\d,]+) {unit}/s; ([\d,]+) {unit} per", said, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"tests.speed.records said nothing of {name!r}")
    rate = int(found[1].replace(",", ""))
    return Row(
        what=what,
        goal=f"≥ {goal:,}",
        ours=f"{found[1]}/s ({found[2]} a processor second)",
        reached=rate >= goal,
    )
