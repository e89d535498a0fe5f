"""Who has a port before one of our parts is started on it.

Called by `asterisk.py`, `service.py` and `prometheus.py`: somebody else's answer there would look
like our own.
"""

import socket
from urllib.parse import urlsplit

from callcenter.hosting.errors import HostingError


def refuse_taken_port(url: str, setting: str) -> None:
    """HostingError when somebody listens there; what is left of ended connections does not."""
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname, place.port), timeout=5).close()
    except OSError:
        return
    raise HostingError(
        f"something answers on port {place.port} already: stop it, or set {setting} to a free port"
    )
