"""Time that must really pass because somebody listens to it."""

import asyncio

SETTLES_SECONDS = 0.1  # what was held up arrives in a burst: it is heard before it is judged


async def talk_for(seconds: float) -> None:
    """People talk (or wait, or ring) for so long; what they hear is judged afterwards."""
    await asyncio.sleep(seconds)
    await asyncio.sleep(SETTLES_SECONDS)
