"""The service's heartbeat for the dial plan: a global variable with Asterisk's own time.

Runs while asterisk.py has a connection. Without a fresh heartbeat the dial plan takes the service
for dead, even if its websocket is open, and sends new callers to the lifeboat (extensions.conf,
[hand-over]). The time is Asterisk's, so the clocks of two hosts need not agree.
"""

from collections.abc import Awaitable, Callable

import msgspec

from callcenter.ari import rest, wire
from callcenter.runtime.pulse import pulse

VARIABLE = "CALLCENTER_BEAT"

FRESH_SECONDS = 2.8
"""For this long after a heartbeat the dial plan surely takes the service for alive. (It counts
whole seconds, and waits for more than BEAT_LIMIT_SECONDS of them.) After that the lifeboat may have
called any phone."""

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


async def beat(sign: Callable[[], Awaitable[object]]) -> None:
    """Send a heartbeat at every pulse. Runs until cancelled."""
    while True:
        await sign()
        await pulse()


async def sign_of_life(ask: Ask) -> bool:
    """Send one heartbeat with Asterisk's own time. Gives whether Asterisk has it."""
    response = await ask(rest.read("/asterisk/ping"))
    if response.status != 200:
        return False  # no connection: the last heartbeat becomes too old, as it should
    try:
        ping = msgspec.json.decode(response.body, type=wire.AsteriskPing)
        seconds = int(wire.moment(ping.timestamp))
    except (msgspec.DecodeError, ValueError):
        return False
    return (await ask(rest.set_global(VARIABLE, str(seconds)))).status == 204
