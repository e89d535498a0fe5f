"""Runs the tests against one mutant after the other, each in a process of its own.

The process is a copy (fork) of one that has imported everything, in which one thing is then broken.
The core's own unit tests come first, and the first that fails is enough; whoever survives them
meets the property tests, and then the other unit tests that go through the core.

Of the first stage only the tests are run that go through the broken function (or the one that is
not called any more), the quickest first: the others would do as before. Which those are is found
out once, on the whole code.
"""

import contextlib
import os
import pickle
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.mutants.broken import Mutant

STAGES = (
    ("tests/unit/core",),
    ("tests/properties", "tests/unit/telemetry", "tests/unit/journal", "tests/unit/oversight"),
)
LIMIT_SECONDS = 900.0  # of all its tests; one test that never ends has failed (--timeout)
LOOK_SECONDS = 0.05
OPTIONS = ("--no-header", "-p", "no:cacheprovider", "--timeout=240")
KILLED, SURVIVED, NOT_JUDGED = "killed", "SURVIVED", "NOT JUDGED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant; `seconds` is what it took."""

    mutant: Mutant
    result: str
    seconds: float


Reach = Mapping[tuple[str, str], Sequence[str]]
"""Of each function (its file and qualified name) the tests that go through it."""


def judge(
    mutants: Sequence[Mutant], stages: Sequence[Sequence[str]] = STAGES, at_once: int = 2
) -> Iterator[Verdict]:
    """One verdict after the other, as they come."""
    _import(stages)
    reach = _reach(stages[0]) if any(mutant.inside for mutant in mutants) else {}
    waiting, running = list(mutants)[::-1], dict[int, tuple[Mutant, float]]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                mutant = waiting.pop()
                running[_begin(mutant, stages, reach)] = (mutant, time.monotonic())
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


class _Watched:
    """A pytest plugin: notes which functions each test goes through, and how long it takes."""

    def __init__(self) -> None:
        self.through: dict[str, set[CodeType]] = {}
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Around all of one test, with its fixtures."""
        seen = self.through[item.nodeid] = set()

        def note(frame: FrameType, event: str, _: Any) -> None:
            if event == "call":
                seen.add(frame.f_code)

        began = time.process_time()
        sys.setprofile(note)
        yield
        sys.setprofile(None)
        self.seconds[item.nodeid] = time.process_time() - began

    def reach(self) -> dict[tuple[str, str], list[str]]:
        """Of each function the tests, the quickest first."""
        found: dict[tuple[str, str], list[str]] = {}
        for test in sorted(self.through, key=self.seconds.__getitem__):
            for code in self.through[test]:
                if "/callcenter/core/" in code.co_filename:
                    found.setdefault((code.co_filename, code.co_qualname), []).append(test)
        return found


class _Only:
    """A pytest plugin: runs these tests alone, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._place = {test: place for place, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort out the others."""
        items[:] = [item for item in items if item.nodeid in self._place]
        items.sort(key=lambda item: self._place[item.nodeid])


def _reach(tests: Sequence[str]) -> Reach:
    """Found out by a run of these tests, in a process of its own."""
    with tempfile.NamedTemporaryFile() as file:
        if not (pid := os.fork()):
            with contextlib.suppress(BaseException):
                watched = _Watched()
                with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
                    code = pytest.main(["-q", *OPTIONS, *tests], plugins=[watched])
                if code is pytest.ExitCode.OK:
                    Path(file.name).write_bytes(pickle.dumps(watched.reach()))
            os._exit(0)
        os.waitpid(pid, 0)
        told = Path(file.name).read_bytes()
    if not told:
        raise RuntimeError(f"the tests fail on code that is whole: {tests}")
    reach: Reach = pickle.loads(told)
    return reach


def _begin(mutant: Mutant, stages: Sequence[Sequence[str]], reach: Reach) -> int:
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    code = 70
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        code = _suffers(mutant, stages, reach)
    finally:
        os._exit(code)


def _suffers(mutant: Mutant, stages: Sequence[Sequence[str]], reach: Reach) -> int:
    """0 when no test noticed anything."""
    mutant.do()
    for number, tests in enumerate(stages):
        only: list[object] = []
        if number == 0 and mutant.inside:
            through = reach.get(mutant.inside, ())
            tests = sorted({test.split("::")[0] for test in through})
            only = [_Only(through)]
            if not through:
                continue
        if code := int(pytest.main(["-x", "-q", *OPTIONS, *tests], plugins=only)):
            return code
    return 0
