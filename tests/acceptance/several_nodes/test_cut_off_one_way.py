"""The wire between the service and one of two nodes loses everything in one direction, while the
SIP edge still reaches the node."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.acceptance.several_nodes.two_nodes import calls_on, drained, node_of, talk_on_each
from tests.hotline import Hotline, Shared
from tests.hotline.hotline import node_address, now
from tests.hotline.one_way import OneWay
from tests.people import until
from tests.people.talk import talk_for

pytestmark = [
    pytest.mark.rare,
    pytest.mark.skipif(os.geteuid() != 0, reason="the kernel's routes are changed"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    own = Shared(lambda: Hotline(nodes=2))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    async with own.lent() as hotline:
        yield hotline


@pytest.fixture
def wires() -> Iterator[OneWay]:
    wires = OneWay()
    yield wires
    wires.heal()


@pytest.mark.parametrize("lost", ["to the node", "from the node"])
async def test_ari_is_cut_one_way(hotline: Hotline, wires: OneWay, lost: str) -> None:
    """The talks of both nodes go on. New calls go to the other node, and none of them finds only
    the lifeboat. When the wire is mended, who waited on the node is served by the service, and no
    phone was rung twice."""
    talks = await talk_on_each(hotline)
    there, freed_later = talks["n2"]
    elsewhere, busy = talks["n1"]
    waits = await calls_on(hotline, "n2")
    rung = {name: len(phone.calls) for name, phone in hotline.phones.items()}
    at, port = node_address(2), hotline.nodes[1].settings.http_port
    since = now()
    if lost == "to the node":
        wires.cut(protocol="tcp", to_address=at, to_port=port)
    else:
        wires.cut(protocol="tcp", from_address=at, from_port=port)
    await until(lambda: drained(hotline), within=15, every=0.05)
    print(f"{lost}: new calls go elsewhere {now() - since:.2f} s after the cut")
    later = [await hotline.calls("1567") for _ in range(6)]
    assert {await node_of(hotline, caller) for caller in later} == {"n1"}
    await talk_for(5.0)
    for caller, phone in talks.values():
        assert not caller.is_over
        assert caller.heard(since).only(phone.voice, least=0.8)
    assert {name: len(phone.calls) for name, phone in hotline.phones.items()} == rung
    wires.heal()
    await until(lambda: not drained(hotline), within=30)
    for caller in later:
        caller.hang_up()
    there.hang_up()
    await waits.comes_to_hear(freed_later.voice, within=20)
    assert not elsewhere.is_over and elsewhere.heard(since).only(busy.voice, least=0.8)
    assert [phone.rang_while_busy for phone in hotline.phones.values()] == [0, 0]
    assert (await hotline.record(there))["outcome"] == "answered"
