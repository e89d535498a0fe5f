"""Many short plays, every one different; and the plays that once went wrong, by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.play import play

SHORT_HOURS = 0.012
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("block", range(10))
def test_every_play_goes_well(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        play(seed, SHORT_HOURS)


_TELL = """
import structlog
from tests.simulation.play import play
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
for fact in play(17, 0.03, keep_facts=True).facts:
    print(fact)
"""


def test_one_seed_is_one_play_whatever_the_order_of_sets() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _TELL],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(told) == 1
    assert len(told.pop()) > 10_000
