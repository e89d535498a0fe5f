"""python -m tests.bench: our queue beside app_queue, one table at the end (`make bench`).

    python -m tests.bench                          # all, ten blocks an arm: two to three hours
    python -m tests.bench --quick                  # two short blocks each: does it run at all?
    python -m tests.bench --only dispatch,drain    # some of it

Rules: tests/bench/__init__.py. The table is also written to --out, the figures behind it, as JSON,
to --json.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import (
    asking,
    consoles,
    dispatch,
    drain,
    erlang,
    phones,
    records,
    restart,
    soak,
    sound,
    standing,
    throughput,
    wire,
)
from tests.bench.cost import machine
from tests.bench.table import Options, Row, markdown

MEASUREMENTS: dict[str, Callable[[Options], Awaitable[list[Row]]]] = {
    "dispatch": dispatch.free_to_ring,
    "bridge": dispatch.answer_to_both_bridged,
    "open-lines": dispatch.free_to_bridged,
    "prototype": dispatch.hundred_a_second,
    "drain": drain.drain,
    "no-queue": throughput.no_queue,
    "standing": throughput.standing_queue,
    "cost": throughput.cost_of_a_call,
    "idle": standing.idle_line,
    "memory": standing.memory_of_a_caller,
    "asking": asking.asking,
    "restart": restart.start_to_answer,
    "records": records.kept,
    "consoles": consoles.changes_on_screens,
    "silent-talks": sound.silent_talks,
    "real-phones": phones.real_phones,
    "sound": sound.cost_of_sound,
    "erlang": erlang.live,
    "soak": soak.soak,
}
WITHOUT_CAPTURE = {
    *("idle", "memory", "asking", "records", "consoles"),
    *("silent-talks", "real-phones", "sound", "erlang"),
}


def main() -> None:
    """Parse, run, print."""
    asked = _arguments()
    options = Options(
        blocks=2 if asked.quick else asked.blocks,
        seconds=5.0 if asked.quick else asked.seconds,
        seed=asked.seed,
        soak_seconds=120.0 if asked.quick else asked.soak_seconds,
        erlang_seconds=120.0 if asked.quick else asked.erlang_seconds,
    )
    names = asked.only.split(",") if asked.only else list(MEASUREMENTS)
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        sys.exit(f"there is no measurement {', '.join(unknown)}: {', '.join(MEASUREMENTS)}")
    if not WITHOUT_CAPTURE.issuperset(names):
        _require_capture()
    rows, faults = asyncio.run(_measured(names, options))
    text = "\n".join([_headline(options), "", markdown(rows), *faults, ""])
    print(text)
    if asked.out:
        asked.out.write_text(text)
    if asked.json:
        asked.json.write_text(json.dumps(options.raw))
    sys.exit(1 if faults else 0)


def _require_capture() -> None:
    """Known before hours of measuring, not after."""
    try:
        wire.try_capture()
    except (RuntimeError, OSError) as error:
        sys.exit(f"{error}. Run this as root, with tcpdump installed")


async def _measured(names: list[str], options: Options) -> tuple[list[Row], list[str]]:
    """Each in turn; one that fails does not cost the others."""
    rows: list[Row] = []
    faults: list[str] = []
    for name in names:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        try:
            found = await MEASUREMENTS[name](options)
        except (RuntimeError, AssertionError, OSError) as error:
            faults.append(f"\n{name} did not come to its end: {error}")
            print(faults[-1], flush=True)
            continue
        rows += found
        print(markdown(found), f"({time.monotonic() - began:.0f} s)", sep="\n", flush=True)
    return rows, faults


def _headline(options: Options) -> str:
    command = " ".join(["python -m tests.bench", *sys.argv[1:]])
    when = datetime.now(UTC).date().isoformat()
    return (
        f"{when}, {machine()}; {options.blocks} blocks an arm of {options.seconds:g} s, "
        f"order drawn by seed {options.seed}: `{command}`"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Our queue beside app_queue, measured.")
    parser.add_argument("--blocks", type=int, default=10, help="blocks of each arm")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a block")
    parser.add_argument("--seed", type=int, default=1, help="draws the order of the blocks")
    parser.add_argument("--only", default="", help=f"some of {','.join(MEASUREMENTS)}")
    parser.add_argument("--quick", action="store_true", help="two short blocks an arm")
    parser.add_argument("--soak-seconds", type=float, default=600.0)
    parser.add_argument("--erlang-seconds", type=float, default=900.0)
    parser.add_argument("--out", type=Path, help="write the table here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
