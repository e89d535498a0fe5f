"""Who has a port before one of our parts is started on it.

Called by `service.py` and `prometheus.py`: somebody else's answer there would look like our own.
"""

import socket

from callcenter.hosting.errors import HostingError


def refuse_taken_port(address: str, port: int, setting: str) -> None:
    """HostingError when somebody listens there; what is left of ended connections does not."""
    try:
        socket.create_connection((address, port), timeout=5).close()
    except OSError:
        return
    raise HostingError(
        f"something answers on port {port} already: stop it, or set {setting} to a free port"
    )
