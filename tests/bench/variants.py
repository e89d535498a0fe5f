"""What was tried on a raw Asterisk, without the service: `python -m tests.bench.variants`.

Ways to let callers wait, and ways to send a hand-off's requests, beside each other on the same
settings (dialplans/), each on a fresh Asterisk, in an order drawn anew each round. It decides what
the adapter and the dial plan do; the product itself is measured by `python -m tests.bench`.
Ports 16800 to 16850, RTP 40000 to 45999: it does not disturb a bench that runs at the same time,
except by its load.
"""

import argparse
import asyncio
import os
import random
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.cost import cpu_seconds, machine, memory_bytes
from tests.bench.hand_off import WAYS, hand_off
from tests.bench.raw import ALONE, OURS, THEIRS, Raw, Rooms

CALLERS = 1000
IDLE_SECONDS, REST_SECONDS = 8.0, 3.0
PLACES = {
    "dial plan alone (MusicOnHold)": (ALONE, 0),
    "app_queue": (THEIRS, 0),
    "Stasis()": (OURS, 0),
    "Stasis(), holding bridges of 32": (OURS, 32),
}
OPERATORS = 200


async def idle(number: str, seats: int, folder: Path) -> tuple[float, float]:
    """Milliseconds of processor time a second of CALLERS who wait, and kB of each."""
    async with Raw(folder) as raw, Rooms(raw, seats) as rooms:
        await raw.fill(number, 5)  # what the first caller needs is there then
        await raw.callers_go()
        pids = [raw.pid]
        empty = memory_bytes(pids)
        await raw.fill(number, CALLERS)
        await asyncio.sleep(REST_SECONDS)
        taken = (memory_bytes(pids) - empty) / CALLERS / 1024
        before = cpu_seconds(pids)
        await asyncio.sleep(IDLE_SECONDS)
        used = (cpu_seconds(pids) - before) / IDLE_SECONDS * 1000
        if rooms.refused:
            raise RuntimeError(f"{rooms.refused} callers found no room")
        await raw.callers_go()
        return used, taken


async def run(place: Path, rounds: int, rate: float, seed: int) -> None:
    """All variants so many times; prints a line each, then the medians."""
    draw = random.Random(seed)
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}", flush=True)
    waited: dict[str, list[tuple[float, ...]]] = {name: [] for name in PLACES}
    handed: dict[str, list[tuple[float, ...]]] = {name: [] for name in WAYS}
    for turn in range(rounds):
        for name in draw.sample(list(PLACES), len(PLACES)):
            number, seats = PLACES[name]
            waited[name].append(await idle(number, seats, place / f"w{turn}-{number}-{seats}"))
            print(f"  {name}: {_figures(waited[name][-1])}", flush=True)
        for name in draw.sample(list(WAYS), len(WAYS)):
            seen = await hand_off(name, place / f"h{turn}-{WAYS[name]}", OPERATORS, rate)
            handed[name].append(seen)
            print(f"  {name}: {_figures(seen)}", flush=True)
    _table(f"{CALLERS} wait", ("ms/s", "kB a caller"), waited)
    what = ("bridged/s", "p50 ms", "p99 ms", "Asterisk ms a call")
    _table(f"hand-off, {rate:.0f} calls/s, {OPERATORS} operators", what, handed)


def _figures(values: tuple[float, ...]) -> str:
    return " | ".join(f"{value:.1f}" for value in values)


def _table(title: str, heads: tuple[str, ...], seen: dict[str, list[tuple[float, ...]]]) -> None:
    print(f"\n| {title} | {' | '.join(heads)} |\n|{'---|' * (len(heads) + 1)}")
    for name, held in seen.items():
        print(f"| {name} | {_figures(tuple(median(one) for one in zip(*held, strict=True)))} |")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=40.0, help="calls a second of the hand-off")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="variants-") as folder:
        place = Path(folder)
        place.chmod(0o755)  # Asterisk runs as a user of its own
        asyncio.run(run(place, told.rounds, told.rate, told.seed))


if __name__ == "__main__":
    main()
