"""Time that must really pass because somebody listens to it."""

import asyncio

# packets that were held up arrive in a burst and must be heard before they are judged
SETTLES_SECONDS = 0.1


async def talk_for(seconds: float) -> None:
    """People talk (or wait, or ring) for this long. What they hear is judged afterwards."""
    await asyncio.sleep(seconds)
    await asyncio.sleep(SETTLES_SECONDS)
