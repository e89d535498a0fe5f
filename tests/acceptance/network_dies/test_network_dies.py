"""A mobile in a tunnel, a phone without power: no BYE ever comes, only the sound stops."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers

TIMEOUT_SECONDS = 8


@pytest_asyncio.fixture(loop_scope="session")
async def listening() -> AsyncIterator[Hotline]:
    """A hotline that notices when nothing is heard for some seconds."""
    async with Hotline(rtp_timeout_seconds=TIMEOUT_SECONDS) as hotline:
        yield hotline
        await hotline.everyone_leaves()


async def test_whoever_falls_silent_is_let_go(listening: Hotline) -> None:
    somchai = await listening.operator("somchai", habit=answers(0.1))
    malee = await listening.operator("malee", habit=answers(0.1))
    in_tunnel = await listening.calls("1567")
    await in_tunnel.comes_to_hear(somchai.voice, within=3)
    talker = await listening.calls("1567")
    await talker.comes_to_hear(malee.voice, within=3)
    waiter, gone = await listening.calls("1567"), await listening.calls("1567")
    await gone.comes_to_hear("music", within=3)

    in_tunnel.vanish()
    gone.vanish()
    record = await listening.record(in_tunnel, within=TIMEOUT_SECONDS + 5)
    assert (record["outcome"], record["ended_by"]) == ("answered", "caller")
    assert (await listening.record(gone, within=TIMEOUT_SECONDS + 5))["outcome"] in (
        "abandoned",
        "abandoned_short",
    )
    await waiter.comes_to_hear(somchai.voice, within=3)  # he was free at once

    malee.die()
    await talker.is_gone(within=TIMEOUT_SECONDS + 5)
    record = await listening.record(talker)
    assert (record["outcome"], record["ended_by"]) == ("answered", "operator")
    await until(lambda: waiter.is_up, within=3)
