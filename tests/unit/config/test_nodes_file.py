"""The file of the nodes: one without it, several with it, and what is wrong with it."""

from pathlib import Path

import pytest

from callcenter.config import Settings, SettingsError
from callcenter.config.nodes_file import load_nodes
from callcenter.core.ids import THE_NODE, NodeId
from callcenter.runtime.nodes import NodePlace, nodes_text


def place(name: str, number: int) -> NodePlace:
    return NodePlace(
        name=NodeId(name),
        ari=f"http://10.0.0.{number}:8088/ari",
        sip=f"10.0.0.{number}:5060",
        config=Path(f"/n{number}/etc"),
        ledger=Path(f"/n{number}/ledger.csv"),
    )


GOOD = nodes_text((place("n1", 11), place("n2", 12)))


def settings(folder: Path, text: str, edge: str = "127.0.1.1:5060") -> Settings:
    (folder / "nodes.toml").write_text(text)
    return Settings(nodes_file=folder / "nodes.toml", edge=edge)


def test_without_a_file_there_is_the_one_of_the_settings() -> None:
    [node] = load_nodes(Settings(ari_url="http://127.0.0.1:8088/ari"))
    assert (node.name, node.ari, node.sip) == (THE_NODE, "http://127.0.0.1:8088/ari", "")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert load_nodes(settings(tmp_path, GOOD)) == (place("n1", 11), place("n2", 12))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[node", "is no TOML"),
        ("", "must have [[node]] for each Asterisk, and nothing else"),
        (GOOD + "\n[edge]\n", "must have [[node]]"),
        (GOOD.replace('"n2"', '"n1"'), "two nodes have the same name"),
        (GOOD.replace("10.0.0.12:5060", "10.0.0.11:5060"), "two nodes have the same sip"),
        (GOOD.replace('"n2"', '"n-2"'), "node 2: name: 1 to 16 small letters"),
        (GOOD.replace('ari = "http', 'ari = "ftp'), "ari: must look like http://"),
        (GOOD.replace("10.0.0.12:5060", "n2.example"), "sip: must look like 10.0.0.11:5060"),
        (GOOD.replace('"/n11/etc"', '"etc"'), "config: must be a whole path"),
        (GOOD.replace('sip = "10.0.0.11:5060"\n', ""), "node 1: sip: must be a text"),
        (GOOD.replace("sip", "sipp", 1), "sipp: there is no such key"),
        ("\n".join(nodes_text((place(f"n{i}", i),)) for i in range(1, 11)), "10 nodes; 9 at most"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=r"CALLCENTER_NODES_FILE") as refused:
        load_nodes(settings(tmp_path, text))
    assert said in str(refused.value)


def test_several_nodes_need_an_edge(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="set CALLCENTER_EDGE"):
        load_nodes(settings(tmp_path, GOOD, edge=""))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_nodes(Settings(nodes_file=tmp_path / "none.toml", edge="127.0.1.1:5060"))
