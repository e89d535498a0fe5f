"""The wire between the service and Asterisk fails."""

from random import Random

from tests.faults.fault import Fault
from tests.faults.lab import Lab


async def reset(lab: Lab, _chance: Random) -> None:
    lab.hotline.wire.cut()


async def black_hole(lab: Lab, _chance: Random) -> None:
    lab.hotline.wire.black_hole()


async def heal(lab: Lab, _chance: Random) -> None:
    lab.hotline.wire.heal()


FAULTS = (
    Fault(name="F5", says="every connection to ARI is reset", strikes=reset),
    Fault(
        name="F6",
        says="the wire to ARI swallows everything for 4 to 8 s",
        strikes=black_hole,
        lasts_seconds=(4, 8),
        heals=heal,
    ),
)
