"""A run does not begin on what another one has left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.leftovers import Leftover, left_over, refusal

LEAVES_ONE = """
import subprocess, sys
child = subprocess.Popen(
    ["sleep", "600"],
    env={"WHERE": "/tmp/hotline-x1y2/data"},
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
    start_new_session=True,
)
print(child.pid, flush=True)
"""


def test_a_part_whose_test_has_ended_is_found_and_named() -> None:
    told = subprocess.run(
        [sys.executable, "-c", LEAVES_ONE], capture_output=True, text=True, check=True
    ).stdout
    pid = int(told)
    try:
        deadline = time.monotonic() + 10.0  # until it has another parent, and another name
        while Leftover(pid, "sleep") not in left_over() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert Leftover(pid, "sleep") in left_over()
    finally:
        os.kill(pid, signal.SIGKILL)
    assert f"kill {pid}" in refusal([Leftover(pid, "sleep")])
    assert refusal([]) == ""


def test_a_part_of_a_test_that_runs_is_none() -> None:
    with subprocess.Popen(["sleep", "600"], env={"WHERE": "/tmp/hotline-x1y2/data"}) as child:
        try:
            assert child.pid not in {one.pid for one in left_over()}
        finally:
            child.kill()


def test_who_has_ended_while_it_is_looked_at_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "4711").mkdir()
    assert left_over(tmp_path) == []
