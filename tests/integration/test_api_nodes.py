"""The nodes through the API: how each is, and draining one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import (
    AsteriskLost,
    CallArrived,
    NodeDrainAsked,
    NodesAre,
    SnapshotTaken,
)
from callcenter.core.ids import THE_NODE, CallId, NodeId
from callcenter.web import nodes
from tests.integration.house import House, opened

PATH = "/api/v1/nodes"
BY = "command-line"
OTHER = NodeId("n2")


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        yield house


async def with_another(house: House) -> None:
    await house.pump.put_and_wait(NodesAre(nodes=(THE_NODE, OTHER)))
    await house.pump.put_and_wait(SnapshotTaken(boot="1", legs=(), bridges=(), node=OTHER))


async def shown(house: House) -> dict[str, dict[str, Any]]:
    answer = await house.ask("GET", PATH, by=BY)
    assert answer.status == 200
    return {node.pop("node"): node for node in answer.body["nodes"]}


async def drain(house: House, node: str, method: str = "POST") -> tuple[int, Any]:
    answer = await house.ask(method, f"{PATH}/{node}/drain", by=BY)
    return answer.status, answer.body


async def test_the_only_node_cannot_be_drained(house: House) -> None:
    assert list(await shown(house)) == [THE_NODE]
    status, said = await drain(house, THE_NODE)
    assert (status, said["code"]) == (409, "last_node")


async def test_a_node_is_drained_and_has_calls_again(house: House) -> None:
    await with_another(house)
    there = CallArrived(call=CallId("malee"), did="1567", caller="", age_seconds=1.0, node=OTHER)
    await house.operator("prasert")
    await house.pump.put_and_wait(there)
    assert (await drain(house, OTHER))[0] == 200
    waiting = {"connected": True, "waiting": 1, "talking": 0, "empty": False}
    assert (await shown(house))[OTHER] == {**waiting, "draining": True}
    assert (await drain(house, THE_NODE))[1]["code"] == "last_node"
    assert (await drain(house, OTHER, "DELETE"))[1]["draining"] is False
    assert house.pump.state.nodes[OTHER].draining is False
    audit = await house.ask("GET", "/api/v1/audit", by=BY)
    told = [(entry["action"], entry["about"]) for entry in audit.body["entries"]]
    assert told[:2] == [("node.undrained", OTHER), ("node.drained", OTHER)]


async def test_a_drained_node_is_empty_when_the_edge_says_so_too(house: House) -> None:
    """Of a call that has just come the engine does not know yet."""
    await with_another(house)
    await house.pump.put_and_wait(NodeDrainAsked(node=OTHER, on=True))
    assert not nodes.views(house.pump.state, lambda node: False)[1].empty
    assert nodes.views(house.pump.state, lambda node: True)[1].empty


async def test_the_last_that_is_connected_is_not_drained(house: House) -> None:
    await with_another(house)
    await house.pump.put_and_wait(AsteriskLost(node=OTHER))
    assert (await shown(house))[OTHER]["connected"] is False
    assert (await drain(house, THE_NODE))[1]["code"] == "last_node"
    assert (await drain(house, "n9"))[0] == 404
