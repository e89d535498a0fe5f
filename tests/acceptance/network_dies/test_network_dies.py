"""A mobile in a tunnel: no BYE ever comes, only the sound stops. Asterisk's question is not
answered, and the end that it makes is called that."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hotline import Hotline
from tests.people.phone import answers

SIP_SECONDS = 64
"""How long Asterisk asks (32 s), and then waits for the answer to its BYE."""

SILENCE_SECONDS = 2


@pytest_asyncio.fixture(loop_scope="session")
async def listening() -> AsyncIterator[Hotline]:
    """A hotline that asks who is silent for some seconds."""
    async with Hotline(settings={"CALLCENTER_SILENCE_SECONDS": str(SILENCE_SECONDS)}) as hotline:
        yield hotline
        await hotline.everyone_leaves()


@pytest.mark.rare
async def test_whoever_answers_no_question_is_let_go(listening: Hotline) -> None:
    somchai = await listening.operator("somchai", habit=answers(0.1))
    in_tunnel = await listening.calls("1567")
    await in_tunnel.comes_to_hear(somchai.voice, within=3)
    waiter, gone = await listening.calls("1567"), await listening.calls("1567")
    await gone.comes_to_hear("music", within=3)

    in_tunnel.vanish()
    gone.vanish()
    within = SIP_SECONDS + 3 * SILENCE_SECONDS + 10
    record = await listening.record(in_tunnel, within=within)
    assert (record["outcome"], record["ended_by"], record["end_reason"]) == (
        *("answered", "lost"),
        "sip_failed",
    )
    record = await listening.record(gone, within=within)
    assert (record["outcome"], record["reason"]) == ("failed", "sip_failed")
    await waiter.comes_to_hear(somchai.voice, within=3)  # he was free at once
