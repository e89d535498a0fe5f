"""Processes are killed, frozen and restarted."""

import asyncio
from random import Random

from tests.faults.fault import Bounds, Fault
from tests.faults.lab import Lab


async def kill_service(lab: Lab, _chance: Random) -> None:
    await lab.hotline.service.kills()


async def start_service(lab: Lab, _chance: Random) -> None:
    lab.hotline.service.launch()


async def kill_asterisk(lab: Lab, _chance: Random) -> None:
    await lab.hotline.phones_are_kept()
    await asyncio.to_thread(lab.hotline.asterisk.kill)
    lab.crowd.everybody_is_cut()


async def start_asterisk(lab: Lab, _chance: Random) -> None:
    await asyncio.to_thread(lab.hotline.asterisk.start)


async def everyone_leaves_at_once(lab: Lab, chance: Random) -> None:
    """Who waits puts the receiver down, all within the same moment; many more have come for it."""
    await lab.crowd.burst(40)
    await asyncio.sleep(chance.uniform(0, 0.5))
    for caller in lab.crowd.waiting:
        caller.hang_up()


FAULTS = (
    Fault(
        name="F1",
        says="`kill -9` of the service, started again",
        strikes=kill_service,
        lasts_seconds=(0.1, 1.0),
        heals=start_service,
    ),
    Fault(
        name="F4",
        says="`kill -9` of Asterisk, started again",
        strikes=kill_asterisk,
        lasts_seconds=(0.1, 0.5),
        heals=start_asterisk,
        bounds=Bounds(recovery_seconds=10),
    ),
    Fault(
        name="F22",
        says="all who wait hang up in the same instant, 40 more than usual",
        strikes=everyone_leaves_at_once,
    ),
)
