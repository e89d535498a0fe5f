"""Runs the tests against one mutant after the other, each in a process of its own.

The process is a copy (fork) of one that has imported everything, in which one thing is then broken.
The core's own unit tests come first, and the first that fails is enough; whoever survives them
meets the property tests, and then the other unit tests that go through the core.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutants.broken import Mutant

STAGES = (
    ("tests/unit/core",),
    ("tests/properties", "tests/unit/telemetry", "tests/unit/journal", "tests/unit/oversight"),
)
LIMIT_SECONDS = 900.0  # of all its tests; one test that never ends has failed (--timeout)
AT_ONCE = 2
LOOK_SECONDS = 0.05
OPTIONS = ("--no-header", "-p", "no:cacheprovider", "--timeout=240")
KILLED, SURVIVED, NOT_JUDGED = "killed", "SURVIVED", "NOT JUDGED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant; `seconds` is what it took."""

    mutant: Mutant
    result: str
    seconds: float


def judge(mutants: Sequence[Mutant], stages: Sequence[Sequence[str]] = STAGES) -> Iterator[Verdict]:
    """One verdict after the other, as they come."""
    _import(stages)
    waiting, running = list(mutants)[::-1], dict[int, tuple[Mutant, float]]()
    try:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                mutant = waiting.pop()
                running[_begin(mutant, stages)] = (mutant, time.monotonic())
            for pid, (mutant, began) in list(running.items()):
                ended, status = os.waitpid(pid, os.WNOHANG)
                seconds = time.monotonic() - began
                if ended:
                    del running[pid]
                    yield Verdict(mutant, _result(status), seconds)
                elif seconds > LIMIT_SECONDS:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(LOOK_SECONDS)
    finally:
        for pid in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _result(status: int) -> str:
    match os.waitstatus_to_exitcode(status):
        case pytest.ExitCode.OK:
            return SURVIVED
        case pytest.ExitCode.TESTS_FAILED:
            return KILLED
        case _:
            return NOT_JUDGED  # the tests did not run, or not to their end in time


def _import(stages: Sequence[Sequence[str]]) -> None:
    """Have every test imported, once for all mutants."""
    paths = [path for tests in stages for path in tests]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        code = pytest.main(["--collect-only", "-q", *OPTIONS, *paths])
    if code is not pytest.ExitCode.OK:
        raise RuntimeError(f"pytest cannot collect {paths}: {code}")


def _begin(mutant: Mutant, stages: Sequence[Sequence[str]]) -> int:
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    code = 70
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        code = _suffers(mutant, stages)
    finally:
        os._exit(code)


def _suffers(mutant: Mutant, stages: Sequence[Sequence[str]]) -> int:
    """0 when no test noticed anything."""
    mutant.do()
    for tests in stages:
        if code := int(pytest.main(["-x", "-q", *OPTIONS, *tests])):
            return code
    return 0
