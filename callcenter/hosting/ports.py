"""Whether a port is free before one of our parts is started on it.

Another program's answer there would look like our own.
"""

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from callcenter.hosting.errors import HostingError


def refuse_all(complaints: Iterable[str]) -> None:
    """Raise one HostingError with all taken ports, one a line, so that a person can fix all at
    once."""
    found = list(complaints)
    if found:
        raise HostingError("\n".join(found))


def refuse_taken_port(url: str, setting: str) -> None:
    """Raises HostingError if another program listens there. Remains of closed connections do not
    count."""
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname, place.port), timeout=5).close()
    except OSError:
        return
    raise HostingError(
        f"something answers on port {place.port} already: stop it, or set {setting} to a free port"
    )


def loopback_url(address: str, port: int) -> str:
    """How this host reaches a listener, also one that listens on every address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address, address)
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{port}"
