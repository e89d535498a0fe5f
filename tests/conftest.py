"""Which tests may run beside each other when `make test` runs several at a time.

The tests of one group share ports or a fixture, and go to one worker, one after the other.

The stories mostly wait for people; unit tests only compute. So every second worker begins at the
other end of the list: some tell stories while the others compute, until they meet in the middle.
What takes long stands at an end, and the small groups are in the middle: no worker is alone at the
end.

Tests marked `rare` take half a minute or more, and show what seldom changes. `make faults` runs
them, `make test` does not (pyproject.toml); one of them: `pytest -m rare FILE`.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler.loadscope import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

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

# One group: its tests share a fixture that is dear to make. It is begun first.
TOGETHER = ("tests/contract/",)
# Each test is a group: one of them takes as long as other files. They are at the other end.
APART = ("tests/integration/test_api_document.py",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long groups to the ends; else it stays in the order of the folders."""
    items.sort(key=lambda item: item.nodeid.startswith(APART) - item.nodeid.startswith(TOGETHER))


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """A file is one group, unless TOGETHER or APART says otherwise."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        if int(node.gateway.id.removeprefix("gw")) % 2:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return nodeid
        return next(
            (folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.split("::")[0]
        )


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Asked by xdist."""
    return Together(config, log)
