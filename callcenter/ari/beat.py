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

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


async def beat(ask: Ask, pump_is_alive: Callable[[], bool]) -> None:
    """At every pulse, as long as the pump works on events. Until cancelled."""
    while True:
        if pump_is_alive():
            await _beat_once(ask)
        await pulse()


async def _beat_once(ask: Ask) -> None:
    response = await ask(rest.read("/asterisk/ping"))
    if response.status != 200:
        return  # no connection: the beat grows old, as it should
    try:
        ping = msgspec.json.decode(response.body, type=wire.AsteriskPing)
        seconds = int(wire.moment(ping.timestamp))
    except (msgspec.DecodeError, ValueError):
        return
    await ask(rest.set_global(VARIABLE, str(seconds)))
