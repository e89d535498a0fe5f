"""Time that must really pass because somebody listens to it."""

import asyncio


async def talk_for(seconds: float) -> None:
    """People talk (or wait, or ring) for so long; what they hear is judged afterwards."""
    await asyncio.sleep(seconds)
