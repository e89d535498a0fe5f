"""When a lost node is given up, and that its phones are freed before."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from callcenter.ari import node_watch
from callcenter.ari.node_watch import NodeWatch, refuses
from callcenter.core.events import NodeDied
from callcenter.core.ids import NodeId
from callcenter.runtime.nodes import NodePlace
from tests.people import until

NODE, SIP = NodeId("n2"), "127.0.1.12:5060"
OTHER, ELSEWHERE = NodeId("n1"), "127.0.1.11:5060"


class Node:
    """One Asterisk."""

    connected = False


class Nodes(dict[NodeId, Node]):
    """All of them: the one that is watched, and more of them in some tests."""


class Edge:
    def __init__(self) -> None:
        self.silent, self.calls, self.kept = False, 2, 0
        self.freed: list[str] = []
        self.serve: dict[str, bool] = {}

    async def gives_calls(self, node: str, yes: bool) -> None:
        self.serve[node] = yes

    async def look(self) -> None:
        pass

    async def is_left_by_all(self, node: str) -> bool:
        return not self.calls and not self.serve[node]

    def hears_nothing_of(self, node: str) -> bool:
        return self.silent and node == SIP

    async def free_all(self, node: str) -> bool:
        self.freed.append(node)
        self.calls = max(0, self.calls - 1)
        return not self.calls

    def keeps(self, node: str) -> None:
        self.kept += 1


class World:
    def __init__(self, ari: str, two: bool = False) -> None:
        self.node, self.other, self.edge = Node(), Node(), Edge()
        self.told: list[tuple[NodeDied, int]] = []
        place = NodePlace(name=NODE, ari=ari, sip=SIP, config=Path("/"), ledger=Path("/"))
        there = NodePlace(name=OTHER, ari=ari, sip=ELSEWHERE, config=Path("/"), ledger=Path("/"))
        self.drained: set[NodeId] = set()
        self.watch = NodeWatch(
            cast(Any, Nodes({NODE: self.node, OTHER: self.other})),
            [place, there] if two else [place],
            cast(Any, self.edge),
            self._put,
            self.drained.__contains__,
        )

    def _put(self, event: NodeDied) -> bool:
        self.told.append((event, self.edge.calls))
        return True

    async def for_seconds(self, seconds: float) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.watch.run()


@pytest_asyncio.fixture
async def listening() -> AsyncIterator[str]:
    """ARI's address, where somebody takes connections and says nothing."""
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/ari"
    server.close()
    for writer in writers:
        writer.close()


NOBODY = "http://127.0.0.1:1/ari"


async def test_one_that_refuses_is_dead_when_its_phones_are_free() -> None:
    world = World(NOBODY)
    running = asyncio.create_task(world.watch.run())
    await until(lambda: world.told, within=5)
    await asyncio.sleep(2 * node_watch.LOOK_SECONDS)
    running.cancel()
    assert world.told == [(NodeDied(node=NODE), 0)], "once, and not before"
    assert world.edge.freed == [SIP, SIP]


async def test_one_that_is_silent_is_dead_when_the_edge_hears_nothing_either(
    listening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_watch, "SILENT_SECONDS", 0.5)
    world = World(listening)
    await world.for_seconds(1.5)
    assert world.told == [], "its calls talk on: only the wire to the service is cut"
    world.edge.silent = True
    running = asyncio.create_task(world.watch.run())
    await until(lambda: world.told, within=5)
    running.cancel()


async def test_one_that_is_back_keeps_its_calls(listening: str) -> None:
    world = World(listening)
    world.edge.silent = True
    await world.for_seconds(0.7)
    world.node.connected = True
    await world.for_seconds(0.7)
    assert (world.told, world.edge.freed, world.edge.kept) == ([], [], 1)


async def test_the_edge_is_told_who_is_drained(listening: str) -> None:
    world = World(listening)
    running = asyncio.create_task(world.watch.run())
    await until(lambda: world.edge.serve == {SIP: True}, within=5)
    world.drained.add(NODE)
    await until(lambda: world.edge.serve == {SIP: False}, within=5)
    running.cancel()


async def test_new_calls_go_to_a_node_that_the_service_reaches(listening: str) -> None:
    world = World(listening, two=True)
    world.node.connected = world.other.connected = True
    running = asyncio.create_task(world.watch.run())
    await until(lambda: world.edge.serve == {SIP: True, ELSEWHERE: True}, within=5)
    world.node.connected = False
    await until(lambda: world.edge.serve == {SIP: False, ELSEWHERE: True}, within=5)
    world.drained.add(OTHER)  # no other can have them: the lifeboat is better than nobody
    await until(lambda: world.edge.serve == {SIP: True, ELSEWHERE: False}, within=5)
    world.drained.clear()
    await until(lambda: world.edge.serve == {SIP: False, ELSEWHERE: True}, within=5)
    world.other.connected = False
    await until(lambda: world.edge.serve == {SIP: True, ELSEWHERE: True}, within=5)
    world.node.connected = True
    await until(lambda: world.edge.serve == {SIP: True, ELSEWHERE: False}, within=5)
    running.cancel()


async def test_a_connection_that_is_lost_for_a_moment_changes_nothing(listening: str) -> None:
    world = World(listening, two=True)
    world.other.connected = True
    await world.for_seconds(0.3)
    assert world.edge.serve == {SIP: True, ELSEWHERE: True}


async def test_a_drained_node_is_left_when_two_looks_find_no_call_at_the_edge(
    listening: str,
) -> None:
    world = World(listening)
    world.node.connected = True
    world.drained.add(NODE)
    await world.for_seconds(0.7)
    assert not world.watch.is_left(NODE), "a call, of which the service may not know yet"
    world.edge.calls = 0
    await world.for_seconds(0.1)
    assert not world.watch.is_left(NODE)
    await world.for_seconds(0.7)
    assert world.watch.is_left(NODE)
    world.drained.clear()
    await world.for_seconds(0.1)
    assert not world.watch.is_left(NODE)


async def test_who_refuses_is_told_from_who_is_silent(listening: str) -> None:
    assert await refuses(NOBODY)
    assert not await refuses(listening)
    assert not await refuses("http://no.such.host.invalid:8088/ari")
