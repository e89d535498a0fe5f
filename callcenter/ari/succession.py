"""A service that another one has replaced waits until that one is gone, and then takes its place.

Asterisk does not say whether anybody is connected, but everybody who serves sets a sign of life
anew every second (beat.py). While that changes, another service lives. Two never act at once:
Asterisk has one owner of the application, and tells the one before that it is replaced.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from callcenter.runtime.pulse import pulse

GONE_SECONDS = 4.0
"""Without a new sign of life for so long, nobody serves: the dial plan waits 3 s for one."""

JITTER_SECONDS = 1.0  # two that wait do not take the place in the same moment

Look = Callable[[], Awaitable[str | None]]
"""The last sign of life; None when Asterisk does not tell."""


async def until_nobody_serves(look: Look) -> None:
    """Returns when nobody does."""
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
