"""What the SIP edge is told of phones: what changed, and all of it again after a failure."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from callcenter.ari.edge_phones import EdgeAway, EdgePhones, EdgeRpc
from callcenter.core.ids import OperatorId
from callcenter.ports.phones import Phone, PhonesError, sip_user
from callcenter.runtime.edge import proof
from tests.people import until


class Edge:
    """What the edge has, and what it was told."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, str]] = {"auth": {}, "fixed": {}}
        self.orders: list[tuple[str, ...]] = []
        self.away = False

    async def order(self, method: str, *parameters: str) -> Any:
        if self.away:
            raise EdgeAway("TimeoutError")
        self.orders.append((method, *parameters))
        if method == "htable.dump":
            rows = self.tables[parameters[0]].items()
            return [{"entry": 1, "slot": [{"name": n, "value": v} for n, v in rows]}]
        if method == "htable.sets":
            table, name, value = parameters
            self.tables[table][name] = value
        if method == "htable.delete":
            self.tables[parameters[0]].pop(parameters[1], None)
        return None

    def told(self) -> list[tuple[str, ...]]:
        """The orders since the last time, without the questions."""
        orders, self.orders = self.orders, []
        return [order for order in orders if order[0] != "htable.dump"]


def phone(name: str, secret: str = "s3cret", contact: str | None = None) -> Phone:
    operator = OperatorId(name)
    return Phone(
        operator=operator,
        sip_user=sip_user(operator),
        secret=secret,
        contact=contact,
        logged_in=True,
    )


@pytest.fixture
def edge() -> Edge:
    return Edge()


@pytest.fixture
def phones(edge: Edge, tmp_path: Path) -> EdgePhones:
    return EdgePhones(cast(EdgeRpc, edge), tmp_path, [])


async def test_only_what_changed_is_told(edge: Edge, phones: EdgePhones) -> None:
    edge.tables["auth"] = {"op-old": "x", "op-somchai": proof("op-somchai", "s3cret")}
    await phones.publish([phone("somchai"), phone("malee", contact="sip:m@192.0.2.7")])
    assert edge.told() == [
        ("htable.delete", "auth", "op-old"),
        ("ul.rm", "location", "op-old"),
        ("htable.sets", "fixed", "op-malee", "sip:m@192.0.2.7"),
    ]
    await phones.publish([phone("somchai"), phone("malee", contact="sip:m@192.0.2.7")])
    assert edge.told() == []


async def test_another_password_ends_the_registration(edge: Edge, phones: EdgePhones) -> None:
    await phones.publish([phone("somchai")])
    edge.told()
    await phones.publish([phone("somchai", secret="another")])
    assert edge.told() == [
        ("htable.sets", "auth", "op-somchai", proof("op-somchai", "another")),
        ("ul.rm", "location", "op-somchai"),
    ]


async def test_the_tables_are_written_also_for_an_edge_that_is_away(
    edge: Edge, phones: EdgePhones, tmp_path: Path
) -> None:
    """It reads them when it starts. Later it is asked what it has."""
    edge.away = True
    with pytest.raises(PhonesError, match="SIP edge"):
        await phones.publish([phone("somchai")])
    assert phones.behind
    assert "op-somchai:0:0:" in (tmp_path / "auth").read_text()
    assert "s3cret" not in (tmp_path / "auth").read_text()
    edge.away = False
    edge.tables["auth"] = {"op-somchai": proof("op-somchai", "s3cret")}
    await phones.publish([phone("somchai")])
    assert edge.told() == [] and not phones.behind


class Calls(EdgeRpc):
    """An edge with calls of a node, by when they began; the first question for them is lost."""

    def __init__(self, began: list[int]) -> None:
        super().__init__("http://127.0.0.1:9/rpc", "key")
        self.began = began
        self.lost = 1

    async def order(self, method: str, *parameters: str | int) -> Any:
        if self.lost and method == "dlg.list":
            self.lost -= 1
            raise EdgeAway("TimeoutError")
        if method == "dlg.list":
            return [{"init_ts": at, "h_entry": at, "h_id": 1, "state": 4} for at in self.began]
        if method == "dlg.end_dlg":
            self.began.remove(int(parameters[0]))
        return None


async def test_calls_of_a_node_that_was_started_anew_are_ended_until_none_is_left() -> None:
    calls = Calls([1_796_000_000, 1_796_000_010, 1_796_000_020])
    await calls.free("2026-11-30T01:40:11.500+00:00")  # 1,796,002,811
    assert len(calls.began) == 3, "the edge was away"
    calls.began.append(1_796_002_812)  # a call of the new one
    looking = asyncio.create_task(calls.watch())
    await until(lambda: calls.began == [1_796_002_812], within=5)
    looking.cancel()


class Profiles(EdgeRpc):
    """An edge that has a talk and a ringing phone of each of two nodes."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9/rpc", "key")
        self.calls = {f"sip:{node}": self.two(number) for number, node in enumerate(("a", "b"))}

    def two(self, node: int) -> list[dict[str, Any]]:
        same = {"init_ts": 1_796_000_000, "h_id": node, "caller": {"cseq": "7"}}
        return [
            {"h_entry": 1, "state": 4, "call-id": f"talk-{node}", **same},
            {"h_entry": 2, "state": 2, "call-id": f"ring-{node}", **same},
        ]

    async def order(self, method: str, *parameters: str | int) -> Any:
        if method == "dlg.profile_list":
            assert parameters[0] == "node"
            return list(self.calls[str(parameters[1])])
        for calls in self.calls.values():
            if method == "dlg.end_dlg":
                calls[:] = [c for c in calls if (c["h_entry"], c["h_id"]) != parameters]
            if method == "tm.cancel":
                calls[:] = [c for c in calls if (c["call-id"], c["caller"]["cseq"]) != parameters]
        return None

    def left(self) -> list[int]:
        return [len(calls) for calls in self.calls.values()]


async def test_of_a_dead_node_talks_and_ringing_phones_end_and_no_others() -> None:
    edge = Profiles()
    assert not await edge.free_all("b"), "it looks again whether they are gone"
    assert await edge.free_all("b")
    assert edge.left() == [2, 0]


async def test_of_a_node_that_is_back_no_call_is_ended() -> None:
    edge = Profiles()
    await edge.free_all("b")
    edge.calls["sip:b"] = edge.two(1)
    edge.keeps("b")
    await edge.free("2026-11-30T01:40:11.500+00:00", "a")
    assert edge.left() == [0, 2]


class Nodes(EdgeRpc):
    """An edge with one node."""

    def __init__(self, said: Any) -> None:
        super().__init__("http://127.0.0.1:9/rpc", "key")
        self.said = said

    async def order(self, method: str, *parameters: str | int) -> Any:
        return self.said if method == "dispatcher.list" else None


@pytest.mark.parametrize(
    ("flags", "word"),
    [("AP", ""), ("TP", ""), ("IP", "reaches no node"), ("DX", "drained"), (None, "no node")],
)
async def test_an_edge_without_a_node_for_calls_is_complained_of(
    flags: str | None, word: str
) -> None:
    node = {"DEST": {"URI": "sip:127.0.0.1:5080", "FLAGS": flags}}
    said = {"NRSETS": 1, "RECORDS": [{"SET": {"ID": 1, "TARGETS": [node]}}]}
    edge = Nodes(said if flags else None)
    await edge.look()
    assert word in edge.complaint and bool(edge.complaint) == bool(word)


async def test_a_list_of_nodes_that_makes_no_sense_is_told() -> None:
    edge = Nodes({"RECORDS": [{"SET": 1}]})
    await edge.look()
    assert "makes no sense" in edge.complaint


class Dispatcher(EdgeRpc):
    """An edge with two nodes, and what it was told of them."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9/rpc", "key")
        self.flags = {"a": "AP", "b": "IP"}
        self.probed = {"a": "AP", "b": "IP"}
        self.calls: list[str] | None = ["one"]
        self.told: list[tuple[str | int, ...]] = []

    async def order(self, method: str, *parameters: str | int) -> Any:
        if method == "dlg.profile_list":
            if self.calls is None:
                raise EdgeAway("away")
            return self.calls if parameters == ("node", "sip:a") else []
        if method == "dispatcher.set_state":
            self.told.append(parameters)
            self.flags[str(parameters[2])[4:]] = str(parameters[0]).upper()
        nodes = [
            {"DEST": {"URI": f"sip:{name}", "FLAGS": flags}} for name, flags in self.flags.items()
        ]
        probed = [
            {"DEST": {"URI": f"sip:{name}", "FLAGS": flags}} for name, flags in self.probed.items()
        ]
        both = ({"ID": 1, "TARGETS": nodes}, {"ID": 2, "TARGETS": probed})
        return {"RECORDS": [{"SET": each} for each in both]}


async def test_a_node_is_drained_once_and_again_when_the_edge_has_forgotten_it() -> None:
    edge = Dispatcher()
    await edge.gives_calls("a", False)
    assert edge.told == [], "nobody has looked yet"
    await edge.look()
    for _ in range(3):
        await edge.gives_calls("a", False)
        await edge.gives_calls("b", True)  # silent: what the edge's pings say of it stays
    assert edge.told == [("dx", 1, "sip:a")]
    edge.flags["a"] = "AP"  # it was restarted
    await edge.look()
    await edge.gives_calls("a", False)
    await edge.gives_calls("a", True)
    await edge.gives_calls("a", True)
    assert edge.told == [("dx", 1, "sip:a"), ("dx", 1, "sip:a"), ("ap", 1, "sip:a")]


async def test_a_node_is_left_when_it_is_drained_and_the_edge_has_no_call_there() -> None:
    edge = Dispatcher()
    assert not await edge.is_left_by_all("a"), "nobody has looked yet"
    edge.calls = []
    await edge.look()
    assert not await edge.is_left_by_all("a"), "the next call may go there"
    edge.flags["a"] = "DX"
    await edge.look()
    assert await edge.is_left_by_all("a")
    for calls in (["one"], None):
        edge.calls = calls
        assert not await edge.is_left_by_all("a")


async def test_a_drained_node_that_is_silent_is_known_to_be_silent() -> None:
    edge = Dispatcher()
    await edge.look()
    await edge.gives_calls("a", False)
    assert not edge.hears_nothing_of("a")
    edge.probed["a"] = "IP"
    await edge.look()
    assert (edge.flags["a"], edge.hears_nothing_of("a")) == ("DX", True)


class Files:
    """The phones' files of one node."""

    def __init__(self) -> None:
        self.away = False
        self.told: list[str] = []

    async def publish(self, phones: Sequence[Phone], *, anew: bool = False) -> None:
        if self.away:
            raise PhonesError("Asterisk is not connected")
        self.told = [phone.sip_user for phone in phones]


async def test_a_node_that_is_away_is_told_later_and_the_others_now(tmp_path: Path) -> None:
    first, second = Files(), Files()
    phones = EdgePhones(cast(EdgeRpc, Edge()), tmp_path, cast(Any, [first, second]))
    first.away = True
    await phones.publish([phone("somchai")])
    assert (first.told, second.told) == ([], ["op-somchai"])
    assert phones.behind, "it is tried again"
    first.away = False
    await phones.publish([phone("somchai")])
    assert (first.told, phones.behind) == (["op-somchai"], False)
    first.away = second.away = True
    with pytest.raises(PhonesError):
        await phones.publish([phone("somchai")])
    assert phones.behind
