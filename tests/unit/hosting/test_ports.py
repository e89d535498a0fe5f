"""Who answers on a port of ours is told of; what is left of ended connections is not."""

import socket
from pathlib import Path

import pytest

from callcenter.hosting.asterisk import Asterisk
from callcenter.hosting.asterisk_files import AsteriskSettings
from callcenter.hosting.asterisk_root import AsteriskRoot
from callcenter.hosting.cache import locked
from callcenter.hosting.children import quiet
from callcenter.hosting.errors import HostingError
from callcenter.hosting.ports import loopback_url, refuse_all, refuse_taken_port
from callcenter.hosting.service import Service
from callcenter.hosting.stack import obstacles, run
from callcenter.hosting.stack_settings import read_settings
from callcenter.hosting.supervisor import Part


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_somebody_else_at_the_service_s_port_is_not_taken_for_it(
    tmp_path: Path, address: str
) -> None:
    with socket.create_server((address, 0)) as other:
        url = loopback_url(address, other.getsockname()[1])
        service = Service(url=url, directory=tmp_path, environment={}, command=["false"])
        with pytest.raises(HostingError, match="CALLCENTER_WEB_PORT"):
            service.launch()
    assert service.process is None


def test_after_a_crash_the_port_is_free_though_connections_of_it_remain() -> None:
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
        asking = socket.create_connection(("127.0.0.1", port))
        accepted, _ = place.accept()
        accepted.close()  # it closes first: the connection lingers on its side
    refuse_taken_port(f"http://127.0.0.1:{port}", "CALLCENTER_WEB_PORT")
    asking.close()
    refuse_taken_port(f"http://127.0.0.1:{port}", "CALLCENTER_WEB_PORT")


def test_all_that_is_taken_is_told_at_once(tmp_path: Path) -> None:
    """Every port that calls and the API need, and no part was started before it."""
    with (
        socket.create_server(("127.0.0.1", 0)) as http,
        socket.create_server(("127.0.0.1", 0)) as web,
        socket.create_server(("127.0.0.1", 0)) as phones,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip,
    ):
        sip.bind(("127.0.0.1", 0))
        settings = AsteriskSettings(
            ari_password="x" * 32,
            http_port=http.getsockname()[1],
            sip_port=sip.getsockname()[1],
            sip_tcp_port=phones.getsockname()[1],
        )
        root = AsteriskRoot(directory=None, version=(22, 10, 1))
        parts: list[Part] = [
            Asterisk(root=root, directory=tmp_path, settings=settings),
            Service(
                url=loopback_url("127.0.0.1", web.getsockname()[1]),
                directory=tmp_path,
                environment={},
            ),
        ]
        with pytest.raises(HostingError) as told:
            refuse_all(obstacles(parts))
    lines = str(told.value).splitlines()
    settings_named = ("SIP_PORT", "SIP_TCP_PORT", "ASTERISK_HTTP_PORT", "WEB_PORT")
    assert [name for name in settings_named for line in lines if f"CALLCENTER_{name} " in line] == [
        *settings_named
    ], lines
    assert len(lines) == 4


def test_two_parts_at_one_port_are_told_before_anything_starts() -> None:
    with pytest.raises(HostingError, match="WEB_PORT and CALLCENTER_ASTERISK_HTTP_PORT are both"):
        read_settings({"CALLCENTER_WEB_PORT": "8088"})
    with pytest.raises(HostingError, match="WEB_PORT and CALLCENTER_SIP_PORT are both 5060"):
        read_settings({"CALLCENTER_WEB_PORT": "5060"})
    read_settings({"CALLCENTER_ASTERISK_HTTP_PORT": "5060"})  # the one is UDP, the other TCP


@pytest.mark.parametrize("made", [False, True])
def test_a_cache_that_cannot_be_written_names_the_way_out(tmp_path: Path, made: bool) -> None:
    """A file in the folder's place: root may write wherever it likes, but not there."""
    place = tmp_path / "home"
    place.touch()
    if made:
        place.unlink()
        (place / "asterisk.lock").mkdir(parents=True)
    with pytest.raises(HostingError, match="CALLCENTER_CACHE"), locked(place / "asterisk.lock"):
        pass


def test_a_data_folder_that_cannot_be_written_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HostingError, match="CALLCENTER_DATA_DIR"):
        run({"CALLCENTER_DATA_DIR": str(tmp_path / "file" / "var")}, quiet)
