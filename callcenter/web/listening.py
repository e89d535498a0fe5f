"""Opens the API's address before everything else.

If the address is taken, this service must not take calls from the service that has it. A client
that connects while the API is being built waits, instead of being refused. Standard library only:
it is needed long before the rest of the web adapter.
"""

import socket
from contextlib import ExitStack

BACKLOG = 128
EVERYWHERE = {"::": ("::", "0.0.0.0")}
"""IPv4 gets a socket of its own, so that its clients keep their plain addresses."""

TAKEN_BYTES = 16_384
"""The receive buffer of a connection; Linux doubles it. It limits how much is parsed at once, for
example a body in one-byte chunks, before it is refused."""


def listen(address: str, port: int) -> list[socket.socket]:
    """Sockets that listen at every address of the name. Raises OSError if one of them is taken."""
    with ExitStack() as taken:
        found = [
            place
            for name in EVERYWHERE.get(address, (address or None,))
            for place in socket.getaddrinfo(
                name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        ]
        listening = [
            taken.enter_context(_listening(family, at))
            for family, _, _, _, at in dict.fromkeys(found)
        ]
        taken.pop_all()
        return listening


def _listening(family: int, address: object) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TAKEN_BYTES)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)  # type: ignore[arg-type]
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made
