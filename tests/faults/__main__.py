"""`make faults`: every fault, at five random phases each. FAULT=F18 SEED=7 repeats one.

Also `python -m tests.faults F1 F5 --phases 2 --write`. Ends with 1 when a bound did not hold. Each
fault has a process of its own, and none is begun on what an earlier one has left behind.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import time
from subprocess import SubprocessError

from tests.faults.crowd import OPERATORS
from tests.faults.every import FAULTS
from tests.faults.fault import Fault
from tests.faults.leftovers import left_over, refusal
from tests.faults.play import suffers
from tests.faults.table import HEAD, Verdict, machine, write

LIMIT_SECONDS = 420.0  # of one fault
STOPPED = 130


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 1))
    parser.add_argument("--phases", type=int, default=int(os.environ.get("PHASES") or 5))
    parser.add_argument("--operators", type=int, default=OPERATORS)
    parser.add_argument("--write", action="store_true", help="put the rows into README.md")
    options = parser.parse_args()
    options.faults = options.faults or os.environ.get("FAULT", "").split() or list(FAULTS)
    if unknown := [name for name in options.faults if name not in FAULTS]:
        parser.error(f"there is no fault {', '.join(unknown)}; there are {', '.join(FAULTS)}")
    return options


async def _play(fault: Fault, options: argparse.Namespace) -> Verdict:
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"  {time.monotonic() - began:5.1f} s  {what}", flush=True)

    mine = asyncio.current_task()
    assert mine is not None
    for number in (signal.SIGINT, signal.SIGTERM):  # all that was started is ended first
        asyncio.get_running_loop().add_signal_handler(number, mine.cancel)
    async with asyncio.timeout(LIMIT_SECONDS):
        findings = await suffers(
            [fault] * options.phases, seed=options.seed, operators=options.operators, say=say
        )
    return Verdict(fault=fault, findings=findings, phases=options.phases, seed=options.seed)


def _one(name: str, options: argparse.Namespace) -> int:
    """Play one fault, and tell what came of it."""
    fault = FAULTS[name]
    if fault.needs_root and os.geteuid() != 0:
        print(f"not judged: {name}: only root can do this")
        return 1
    if refused := refusal(left_over()):
        print(f"not judged: {name}: {refused}")
        return 1
    print(f"{name}: {fault.says}", flush=True)
    try:
        verdict = asyncio.run(_play(fault, options))
    except asyncio.CancelledError:
        print("stopped", flush=True)
        return STOPPED
    except (OSError, AssertionError, RuntimeError, SubprocessError) as error:
        print(f"not judged: {name}: {type(error).__name__}: {error}"[:500])
        return 1
    print(verdict.row(), flush=True)
    for broken in verdict.broken:
        print(f"  {broken}")
    for what in ("cut", "lost", "records_lost", "contradicted", "double_rings", "silent"):
        for sentence in getattr(verdict.findings, what)[:3]:
            print(f"    {what}: {sentence}")
    for sentence in (*verdict.findings.orphans[:3], *verdict.findings.stuck[:5]):
        print(f"    {sentence}")
    if options.write:
        write([verdict])
    return 1 if verdict.broken else 0


def _each_in_its_own_process(options: argparse.Namespace) -> int:
    """One after the other; the rows stand together at the end."""
    told: list[str] = []
    failed = False
    for name in options.faults:
        how = ["--seed", str(options.seed), "--phases", str(options.phases)]
        how += ["--operators", str(options.operators), *(["--write"] if options.write else [])]
        command = [sys.executable, "-u", "-m", "tests.faults", name, *how]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as playing:
            assert playing.stdout is not None
            try:
                for line in playing.stdout:
                    print(line, end="", flush=True)
                    if line.startswith((f"| {name} |", "not judged: ")):
                        told.append(line.rstrip())
                status = playing.wait()
            except KeyboardInterrupt:  # it has heard of it, too
                return playing.wait()
        if status == STOPPED:
            return STOPPED
        failed = failed or status != 0
    rows = [line for line in told if line.startswith("|")]
    print("\n".join(["", *HEAD, *rows, *(line for line in told if line not in rows)]))
    return 1 if failed else 0


def main() -> int:
    """Play them, one after the other."""
    options = _options()
    if len(options.faults) > 1:
        return _each_in_its_own_process(options)
    print(f"seed {options.seed}, {options.phases} strikes, {machine()}", flush=True)
    return _one(options.faults[0], options)


if __name__ == "__main__":
    sys.exit(main())
