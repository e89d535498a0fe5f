"""The service's sign of life for the dialplan: a global variable with Asterisk's own time.

Runs while asterisk.py has a connection. Without a fresh beat the dialplan takes the service for
dead, although its websocket may be open, and new callers go to the lifeboat (extensions.conf,
[hand-over]). The time is Asterisk's, so that two hosts' clocks need not agree.
"""

from collections.abc import Awaitable, Callable

import msgspec

from callcenter.ari import rest, wire
from callcenter.runtime.pulse import pulse

VARIABLE = "CALLCENTER_BEAT"

FRESH_SECONDS = 2.8
"""For this long after a sign of life the dial plan surely takes the service for alive (it counts
whole seconds, more than BEAT_LIMIT_SECONDS of them). After that the lifeboat may have rung any
phone."""

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


async def beat(sign: Callable[[], Awaitable[object]]) -> None:
    """A sign of life at every pulse. Until cancelled."""
    while True:
        await sign()
        await pulse()


async def sign_of_life(ask: Ask) -> bool:
    """One sign of life, with Asterisk's own time; whether Asterisk has it."""
    response = await ask(rest.read("/asterisk/ping"))
    if response.status != 200:
        return False  # no connection: the sign of life grows old, as it should
    try:
        ping = msgspec.json.decode(response.body, type=wire.AsteriskPing)
        seconds = int(wire.moment(ping.timestamp))
    except (msgspec.DecodeError, ValueError):
        return False
    return (await ask(rest.set_global(VARIABLE, str(seconds)))).status == 204
