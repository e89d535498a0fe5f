"""A caller is in the greeting of a node that is given up, and the node does not hear of the end."""

import asyncio
import os
import signal

from tests.acceptance.several_nodes.two_nodes import hears_no_more
from tests.hotline import Hotline
from tests.people import Caller, until
from tests.people.talk import talk_for


async def in_greeting_on_n2(hotline: Hotline) -> Caller:
    """Somebody calls, and hears the greeting of n2. The edge chooses by the Call-ID."""
    for _ in range(20):
        caller = await hotline.calls("1567")
        if await asyncio.to_thread(hotline.nodes[1].channels) == 1:
            return caller
        caller.hang_up()
    raise AssertionError("20 calls, and none on n2")


async def test_who_was_in_the_greeting_of_a_node_that_was_given_up_rings_no_phone() -> None:
    """The service never heard of this caller, whom the edge has let go. Nobody is there any more
    when the node runs again: it is hung up at once, and not after the greeting."""
    async with Hotline(nodes=2, greeting="demo-congrats") as hotline:
        somchai = await hotline.operator("somchai")
        caller = await in_greeting_on_n2(hotline)
        n2 = hotline.nodes[1]
        assert n2.process is not None
        given_up = hotline.service.says()
        os.kill(n2.process.pid, signal.SIGSTOP)
        hears_no_more(n2)
        await until(lambda: given_up("a node is given up"), within=30)
        await caller.is_gone(within=10)
        await talk_for(3.0)  # a BYE is not sent again any more
        os.kill(n2.process.pid, signal.SIGCONT)

        async def empty() -> bool:
            return await asyncio.to_thread(n2.channels) == 0

        await until(empty, within=10, every=0.2, but=hotline.shown)
        await talk_for(3.0)
        assert await empty() and somchai.calls == []
        await hotline.everyone_leaves()
