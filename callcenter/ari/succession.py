"""A service that was replaced by another waits until the other is gone, and then takes over again.

Asterisk does not say whether a client is connected. But a service that serves renews its heartbeat
every second (beat.py). While the heartbeat changes, another service lives. Two never act at once:
an application has one owner in Asterisk, and Asterisk tells the previous owner that it was
replaced.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from callcenter.runtime.pulse import pulse

GONE_SECONDS = 4.0
"""After this long without a new heartbeat no service is there. (The dial plan waits 3 s.)"""

JITTER_SECONDS = 1.0  # so that two waiting services do not take over at the same moment

Look = Callable[[], Awaitable[str | None]]
"""Reads the last heartbeat; None if Asterisk does not tell."""


async def until_nobody_serves(look: Look) -> None:
    """Returns when no service renews the heartbeat."""
    loop = asyncio.get_running_loop()
    patience = GONE_SECONDS + random.uniform(0, JITTER_SECONDS)
    last, since = await look(), loop.time()
    while True:
        await pulse()
        seen = await look()
        if seen is None or seen != last:
            last, since = seen, loop.time()
        elif loop.time() - since > patience:
            return
