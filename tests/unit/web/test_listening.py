"""Where the API listens."""

import socket
from contextlib import ExitStack

from callcenter.web.listening import listen


def test_every_address_is_those_of_ipv4_too_and_they_are_seen_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with ExitStack() as closing:
        listening = [closing.enter_context(at) for at in listen("::", port)]
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            caller = closing.enter_context(socket.create_connection((address, port), timeout=30))
            (door,) = [at for at in listening if at.family == family]
            door.setblocking(True)
            door.settimeout(30)
            accepted, peer = door.accept()
            closing.enter_context(accepted)
            assert peer[0] == address, "no ::ffff:127.0.0.1, which is in nobody's list"
            caller.close()
