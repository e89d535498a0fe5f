"""A service that was replaced by another waits until that one is gone, and then takes over again.

Asterisk does not say whether a client is connected, but a service that serves renews its sign of
life every second (beat.py). While it changes, another service lives. Two never act at once: an
application has one owner in Asterisk, which tells the former one that it is replaced.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from callcenter.runtime.pulse import pulse

GONE_SECONDS = 4.0
"""After this long without a new sign of life no service is there; the dial plan waits 3 s for
one."""

JITTER_SECONDS = 1.0  # so that two that wait do not take over at the same moment

Look = Callable[[], Awaitable[str | None]]
"""The last sign of life; None when Asterisk does not tell."""


async def until_nobody_serves(look: Look) -> None:
    """Returns when no service gives signs of life."""
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
