"""`python -m tests.simulation --seed 7 --hours 1` or `--seeds 0..1000`: play, say how it went."""

import argparse
import sys
import time
from collections import Counter

import structlog

from tests.simulation.play import Failed, Play, play

CRITICAL = 50


def main() -> int:
    """0 when every play went well, else 1."""
    asked = _arguments()
    # A play is full of faults, and each is a warning: what counts is what the auditor says.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    began_at, failed = time.perf_counter(), []
    outcomes: Counter[str] = Counter()
    offers: Counter[str] = Counter()
    steps = 0
    for seed in asked.seeds:
        try:
            done = play(seed, asked.hours)
        except Failed as failure:
            print(failure, flush=True)
            failed.append(seed)
            continue
        outcomes.update(done.auditor.books.outcomes)
        offers.update(done.auditor.books.offers)
        steps += done.service.steps
        if len(asked.seeds) == 1:
            _tell(done)
    seconds = time.perf_counter() - began_at
    hours = asked.hours * len(asked.seeds)
    print(f"{len(asked.seeds)} plays, {hours:.1f} hours in {seconds:.1f} s, {steps} steps")
    print("calls:  ", ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())))
    print("offers: ", ", ".join(f"{count} {name}" for name, count in sorted(offers.items())))
    print(f"failed: {failed or 'none'}")
    return 1 if failed else 0


def _tell(done: Play) -> None:
    script = done.script
    print(f"{len(script.operators)} operators, {len(script.site.queues)} queues, {script.habits}")
    for fault in script.faults:
        print(f"at {fault.at:7.1f} s for {fault.seconds:4.1f} s: {fault.kind}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seed", type=lambda text: range(int(text), int(text) + 1), dest="seeds")
    which.add_argument("--seeds", type=_range, help="A..B, B not included")
    parser.add_argument("--hours", type=float, default=0.05, help="how long callers come")
    return parser.parse_args()


def _range(text: str) -> range:
    first, _, last = text.partition("..")
    return range(int(first), int(last))


if __name__ == "__main__":
    sys.exit(main())
