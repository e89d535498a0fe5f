"""Which tests may run beside each other when `make test` runs several at a time.

The tests of one group share ports or a fixture, and go to one worker, one after the other. The
stories mostly wait for people, so that something else can use the processor meanwhile. Groups begin
in the order of the folders: the stories, which take longest, first, and the small ones last.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler.loadscope import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.cells import watch_the_cells

# How fast it is is proven elsewhere. What is run for a commit is the same each time; whoever
# develops searches anew at each run.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("any machine")

watch_the_cells()

# One group: its tests share a fixture that is dear to make.
TOGETHER = ("tests/contract/",)
# Each test is a group: one of them takes as long as other files.
APART = ("tests/integration/test_api_document.py",)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """A file is one group, unless TOGETHER or APART says otherwise."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return nodeid
        return next(
            (folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.split("::")[0]
        )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Asked by xdist."""
    return Together(config, log)
