"""`python -m tests.mutants`: break each rule in turn, and say which of them nobody noticed."""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.mutants.broken import Mutant, all_mutants
from tests.mutants.judge import KILLED, STAGES, judge


def main(arguments: Sequence[str]) -> int:
    """The exit code: 1 when a mutant survives."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose name holds one of these")
    parser.add_argument("--list", action="store_true", help="tell their names and run none")
    parser.add_argument("--share", default="1/1", help="2/5: the second of five equal shares")
    parser.add_argument("--unit", action="store_true", help="by the core's own unit tests alone")
    parser.add_argument("--at-once", type=int, default=2, help="how many processes (default 2)")
    chosen = parser.parse_args(arguments)
    part, of = map(int, chosen.share.split("/"))
    mutants = _named(all_mutants(), chosen.words)[part - 1 :: of]
    if chosen.list:
        print("\n".join(mutant.name for mutant in mutants))
        return 0
    return _run(mutants, STAGES[:1] if chosen.unit else STAGES, chosen.at_once)


def _named(mutants: Sequence[Mutant], words: Sequence[str]) -> list[Mutant]:
    return [one for one in mutants if not words or any(word in one.name for word in words)]


def _run(mutants: Sequence[Mutant], stages: Sequence[Sequence[str]], at_once: int) -> int:
    began, survivors = time.monotonic(), list[str]()
    for number, verdict in enumerate(judge(mutants, stages, at_once), 1):
        if verdict.result != KILLED:
            survivors.append(f"{verdict.result}  {verdict.mutant.name}")
        told = f"{verdict.result} {verdict.seconds:5.1f} s  {verdict.mutant.name}"
        print(f"{number}/{len(mutants)} {told}", flush=True)
    minutes = (time.monotonic() - began) / 60
    print(f"{len(mutants)} mutants in {minutes:.0f} min, {len(survivors)} not killed")
    print("\n".join(sorted(survivors)))
    return 1 if survivors or not mutants else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
