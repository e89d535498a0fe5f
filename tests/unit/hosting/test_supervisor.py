"""The supervisor's patience: when a part that died is started again. Time is an argument."""

import errno
import subprocess
from dataclasses import dataclass, field

import pytest

from callcenter.hosting.errors import HostingError
from callcenter.hosting.supervisor import Restarts, Supervisor

FAULTS = [
    HostingError("its port is taken"),
    OSError(errno.ENOSPC, "No space left on device", "/var/log/output"),
    subprocess.TimeoutExpired("postgres --version", 5),
]


@dataclass
class Frail:
    """A part that is dead whenever it is looked at."""

    name: str = "the part"
    launches: list[float] = field(default_factory=list)
    fault: Exception | None = None
    now: float = 0.0

    def start(self) -> None:
        self.launch()

    def launch(self) -> None:
        self.launches.append(self.now)
        if self.fault is not None:
            raise self.fault

    def stop(self) -> None:
        """Dead already."""

    def ended(self) -> bool:
        return True


def run_for(seconds: float, part: Frail) -> list[str]:
    said: list[str] = []
    supervisor = Supervisor([part], said.append)
    while part.now < seconds:
        supervisor.look_after(part, part.now)
        part.now += 0.05
    return said


def test_the_first_restart_comes_after_a_fifth_of_a_second() -> None:
    part = Frail()
    run_for(0.3, part)
    [first] = part.launches
    assert 0.2 <= first <= 0.3


def test_one_that_always_dies_is_tried_less_and_less_often_but_never_given_up() -> None:
    part = Frail()
    said = run_for(600, part)
    gaps = [later - sooner for sooner, later in zip(part.launches, part.launches[1:], strict=False)]
    assert max(gaps) <= 30.2
    assert gaps[-1] >= 1
    assert len(part.launches) < 100
    assert any("a restart does not mend it" in line for line in said)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_one_that_cannot_be_launched_is_tried_again(fault: Exception) -> None:
    part = Frail(fault=fault)
    said = run_for(5, part)
    assert len(part.launches) >= 3
    assert f"the part could not be started: {fault}" in said


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_the_others_go_on_without_one_that_is_not_needed(fault: Exception) -> None:
    said: list[str] = []
    Supervisor([], said.append).start_if_possible(Frail(fault=fault))
    assert said == [f"going on without the part: {fault}"]


def test_after_a_quiet_minute_the_patience_is_fresh() -> None:
    restarts = Restarts()
    assert restarts.plan(0.0) == 0.2
    assert restarts.plan(1.0) == 0.4
    assert restarts.plan(100.0) == 0.2
