"""The clock on the wall steps: the service runs under libfaketime, Asterisk has the right time."""

from pathlib import Path
from random import Random

from tests.faults.fault import Fault
from tests.faults.lab import Lab

STEPS_SECONDS = (3600, -3600, 86_400, -60, 5)


def offset_file(lab: Lab) -> Path:
    return lab.hotline.directory / "clock"


def with_a_clock_of_its_own(lab: Lab) -> None:
    [library, *_] = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    offset_file(lab).write_text("+0\n")
    lab.hotline.service.settings.update(
        LD_PRELOAD=str(library),
        FAKETIME_TIMESTAMP_FILE=str(offset_file(lab)),
        FAKETIME_CACHE_DURATION="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        DONT_FAKE_MONOTONIC="1",
    )


async def step(lab: Lab, chance: Random) -> None:
    lab.clock_was_set = True
    offset_file(lab).write_text(f"{chance.choice(STEPS_SECONDS):+d}\n")


async def step_back(lab: Lab, _chance: Random) -> None:
    offset_file(lab).write_text("+0\n")


FAULTS = (
    Fault(
        name="F20",
        says="the service's clock steps by 1 h, -1 h, 1 day, -1 min or 5 s; back after 3 to 6 s",
        prepares=with_a_clock_of_its_own,
        strikes=step,
        lasts_seconds=(3, 6),
        heals=step_back,
    ),
)
