"""What stories on two nodes need: who is on which node, and a node that stands still."""

import asyncio
import json
import socket

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.parts import PrivateAsterisk
from tests.people import Caller, until
from tests.people.phone import OperatorPhone, answers

NODES = ("n1", "n2")


async def node_of(hotline: Hotline, caller: Caller) -> str:
    """Where the call is, as the record says."""

    async def known() -> str:
        rows = await hotline.records.calls(caller.number)
        return str(rows[-1]["node"]) if rows else ""

    return await until(known, within=5)


async def calls_on(hotline: Hotline, wanted: str) -> Caller:
    """Somebody calls, and is on this node. The edge chooses by the Call-ID: others hang up."""
    for _ in range(20):
        caller = await hotline.calls("1567")
        if await node_of(hotline, caller) == wanted:
            return caller
        caller.hang_up()
        await caller.is_gone(within=5)
    raise AssertionError(f"20 calls, and none on {wanted}")


async def one_on_each(hotline: Hotline, first: str = "n1") -> dict[str, Caller]:
    """A caller on each node, on this one first."""
    return {node: await calls_on(hotline, node) for node in sorted(NODES, key=first.__ne__)}


async def partner(caller: Caller, *phones: OperatorPhone, within: float = 10) -> OperatorPhone:
    """Whom of these the caller hears, and is heard by."""

    def heard() -> OperatorPhone | None:
        heard = caller.heard(now() - 0.5)
        return next((phone for phone in phones if heard.share(phone.voice) > 0.5), None)

    phone: OperatorPhone = await until(heard, within=within)
    await phone.comes_to_hear(caller.voice, within=5)
    return phone


async def talk_on_each(hotline: Hotline) -> dict[str, tuple[Caller, OperatorPhone]]:
    """Two callers and two operators talk, one pair a node."""
    callers = await one_on_each(hotline)
    phones = [await hotline.operator(name, habit=answers(0.2)) for name in ("somchai", "malee")]
    return {node: (caller, await partner(caller, *phones)) for node, caller in callers.items()}


async def is_back(hotline: Hotline, number: int = 1) -> None:
    """A node is started, and the service drives it."""
    await asyncio.to_thread(hotline.nodes[number].start)

    async def driven() -> bool:
        return await hotline.api.metric("hotline_node_connected", node=NODES[number]) == 1

    await until(driven, within=15)


def hears_no_more(stopped: PrivateAsterisk) -> None:
    """A stopped process has room for so many bytes that came for it. What comes now is lost."""
    place = stopped.settings.sip_address, stopped.settings.sip_port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
        for _ in range(1000):
            noise.sendto(b"\r\n" * 500, place)


def drained(hotline: Hotline) -> bool:
    """Whether the edge gives no new calls to one of its nodes."""
    assert hotline.edge is not None
    return '"FLAGS": "DX"' in json.dumps(hotline.edge.rpc("dispatcher.list"))
