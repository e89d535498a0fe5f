"""The wires fail: between the service and Asterisk, and between Asterisk and people's phones."""

import asyncio
from random import Random

from tests.faults.fault import Bounds, Fault
from tests.faults.lab import Lab
from tests.people.sip_wire import SipWire
from tests.people.weather import Weather

IDLE_CONNECTIONS = 130  # Asterisk's sessionlimit is 100
AFTER_A_REPEAT_SECONDS = 1.5


async def reset(lab: Lab, _chance: Random) -> None:
    lab.hotline.wire.cut()


async def black_hole(lab: Lab, _chance: Random) -> None:
    lab.hotline.wire.black_hole()


async def heal(lab: Lab, _chance: Random) -> None:
    lab.hotline.wire.heal()


async def flap(lab: Lab, chance: Random) -> None:
    """A reset a second; whoever reconnects must not storm Asterisk."""
    before = lab.hotline.wire.connections
    for _ in range(12):
        lab.hotline.wire.cut()
        await asyncio.sleep(chance.uniform(0.7, 1.3))
    if (made := lab.hotline.wire.connections - before) > 40:
        lab.broken.append(f"{made} connections for 12 resets")


async def lose_packets(lab: Lab, chance: Random) -> None:
    """1, 5 or 20 % of all SIP in each direction, the rest up to 100 ms late and out of order."""
    SipWire.weather = Weather(chance.choice((0.01, 0.05, 0.2)), 0.1, chance)
    lab.undo.callback(good_weather)


def good_weather() -> None:
    SipWire.weather = None


def with_wrap_up(lab: Lab) -> None:
    """A lost BYE is sent again before the phone is rung: else it says busy, and rightly so."""
    for queue in lab.hotline.site.queues:
        lab.hotline.site.change(queue, wrapup_seconds=AFTER_A_REPEAT_SECONDS)


async def idle_connections(lab: Lab, _chance: Random) -> None:
    """Somebody opens as many as Asterisk's web server takes, and says nothing."""
    port = lab.hotline.wire.port - 1
    for _ in range(IDLE_CONNECTIONS):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        lab.undo.callback(writer.close)


FAULTS = (
    Fault(name="F5", says="every connection to ARI is reset", strikes=reset),
    Fault(
        name="F6",
        says="the wire to ARI swallows everything for 4 to 8 s",
        strikes=black_hole,
        lasts_seconds=(4, 8),
        heals=heal,
    ),
    Fault(name="F7", says="every connection to ARI is reset once a second, 12 times", strikes=flap),
    Fault(
        name="F25",
        says="1, 5 or 20 % of all SIP to and from people is lost, the rest up to 100 ms late, 8 s",
        strikes=lose_packets,
        prepares=with_wrap_up,
        lasts_seconds=(8, 8),
        bounds=Bounds(recovery_seconds=10, double_rings=None),
    ),
    Fault(
        name="F27",
        says=f"{IDLE_CONNECTIONS} idle connections to Asterisk's web server for 4 s",
        strikes=idle_connections,
        lasts_seconds=(4, 4),
    ),
)
