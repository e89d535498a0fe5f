"""The settings of the SIP edge, written without starting it; what cannot be used is refused."""

from pathlib import Path
from typing import Any

import pytest

from callcenter.hosting.errors import HostingError
from callcenter.hosting.kamailio import EdgeSettings, Kamailio
from callcenter.hosting.kamailio_programs import KamailioPrograms
from callcenter.hosting.stack_settings import asterisk_settings, edge_settings, read_settings
from callcenter.runtime.edge import edge_key, proof, table

KEY = "k" * 20
NODES = (("127.0.1.11", 5060), ("127.0.1.12", 5060))


def edge(folder: Path, **settings: Any) -> Kamailio:
    shipped = folder / "usr/share/kamailio/dbtext/kamailio"
    shipped.mkdir(parents=True, exist_ok=True)
    (shipped / "location").write_text("id(int,auto)\n")
    (shipped / "version").write_text("0:location:9\n")
    return Kamailio(
        programs=KamailioPrograms(top=folder / "usr", version=(5, 6, 3)),
        directory=folder / "edge",
        settings=EdgeSettings(key=KEY, nodes=NODES, **settings),
    )


def test_nodes_and_trunks_are_written_and_every_place_is_filled(tmp_path: Path) -> None:
    edge(tmp_path, trunks=("192.0.2.7", "198.51.100.0/28")).write()
    own = tmp_path / "edge" / "own"
    assert (own / "nodes.list").read_text() == (
        "1 sip:127.0.1.11:5060 0 0\n1 sip:127.0.1.12:5060 0 0\n"
        "2 sip:127.0.1.11:5060 0 0\n2 sip:127.0.1.12:5060 0 0\n"
    )
    assert (own / "trunks.list").read_text() == "1 192.0.2.7 32\n1 198.51.100.0 28\n"
    written = (own / "kamailio.cfg").read_text()
    assert "@{" not in written and KEY in written
    assert (own / "kamailio.cfg").stat().st_mode & 0o777 == 0o600


def test_the_phones_tables_and_the_registrations_are_kept(tmp_path: Path) -> None:
    kept = edge(tmp_path)
    kept.write()
    (kept.tables / "auth").write_text(table({"op-malee": proof("op-malee", "x")}))
    (kept.tables / "location").write_text("registered")
    kept.write()
    assert "op-malee" in (kept.tables / "auth").read_text()
    assert (kept.tables / "location").read_text() == "registered"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"out_address": "0.0.0.0"}, "CALLCENTER_SIP_ADDRESS"),
        ({"out_address": "here"}, "no IP address"),
        ({"trunks": ("carrier",)}, "CALLCENTER_TRUNKS"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(HostingError, match=said):
        edge(tmp_path, **wrong)


def test_colons_stand_in_a_table_as_they_must() -> None:
    assert table({"op-x": "sip:x@192.0.2.7:5060"}).splitlines()[1] == (
        "op-x:0:0:sip\\:x@192.0.2.7\\:5060:0"
    )


def test_the_key_follows_from_the_password_and_does_not_tell_it() -> None:
    assert edge_key("a-password") == edge_key("a-password") != edge_key("another")
    assert "a-password" not in edge_key("a-password")


def test_one_asterisk_without_an_edge_is_what_there_is_unless_told() -> None:
    plain = read_settings({})
    assert plain.nodes == 0
    assert asterisk_settings(plain, KEY).edge == ""
    assert asterisk_settings(plain, KEY).sip_address == "127.0.0.1"


def test_with_nodes_trunk_and_phones_speak_with_the_edge() -> None:
    told = {"NODES": "1", "SIP_ADDRESS": "192.0.2.5", "SIP_PORT": "5070", "TRUNKS": "192.0.2.7"}
    settings = read_settings({f"CALLCENTER_{name}": value for name, value in told.items()})
    node, before = asterisk_settings(settings, KEY), edge_settings(settings, KEY)
    assert (before.out_address, before.out_port, before.trunks) == (
        "192.0.2.5",
        5070,
        ("192.0.2.7",),
    )
    assert before.nodes == ((node.sip_address, node.sip_port),) == (("127.0.1.11", 5060),)
    assert node.edge == f"{before.in_address}:{before.in_port}"
    assert node.rtp_address == "192.0.2.5"


def test_several_nodes_have_names_places_and_ports_of_their_own() -> None:
    settings = read_settings({"CALLCENTER_NODES": "3"})
    nodes = [asterisk_settings(settings, KEY, number) for number in (1, 2, 3)]
    assert [node.name for node in nodes] == ["n1", "n2", "n3"]
    assert edge_settings(settings, KEY).nodes == tuple(
        (node.sip_address, node.sip_port) for node in nodes
    )
    assert len({node.sip_address for node in nodes}) == 3
    assert len({(node.http_address, node.http_port) for node in nodes}) == 3
    ports = [(node.rtp_port_first, node.rtp_port_last) for node in nodes]
    assert ports == [(10_000, 13_331), (13_332, 16_663), (16_664, 19_995)]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"NODES": "10"}, "9 at most"),
        ({"NODES": "9", "RTP_PORT_LAST": "10030"}, "each node takes four ports"),
        ({"NODES": "many"}, "CALLCENTER_NODES"),
        ({"NODES": "1", "ARI_URL": "http://192.0.2.9:8088/ari"}, "CALLCENTER_ARI_URL"),
        ({"NODES": "1", "SIP_TLS_PORT": "5061"}, "no TLS"),
        ({"NODES": "1", "EDGE_WS_PORT": "8080"}, "CALLCENTER_EDGE_WS_PORT"),
    ],
)
def test_what_an_edge_cannot_do_is_refused(told: dict[str, str], said: str) -> None:
    with pytest.raises(HostingError, match=said):
        read_settings({f"CALLCENTER_{name}": value for name, value in told.items()})
