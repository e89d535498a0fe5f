"""Who answers on a port of ours is told of; what is left of ended connections is not."""

import socket
from pathlib import Path

import pytest

from callcenter.hosting.errors import HostingError
from callcenter.hosting.ports import refuse_taken_port
from callcenter.hosting.service import Service, loopback_url


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
