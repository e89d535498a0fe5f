"""Tells systemd that the service is ready and alive.

sd_notify(3): a datagram to the socket in $NOTIFY_SOCKET. Without one (`make run`, containers)
nothing is sent.
"""

import os
import socket
from collections.abc import Callable

import structlog

from callcenter.runtime.pulse import pulse

READY = "READY=1"
LIVES = "WATCHDOG=1"

log = structlog.get_logger(__name__)


async def keep_telling(is_alive: Callable[[], bool]) -> None:
    """Send READY once, and WATCHDOG at every pulse of the event loop while the engine lives
    (WatchdogSec= of the unit). Runs until cancelled; returns at once if there is no systemd."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name:
        return
    address = f"\0{name[1:]}" if name.startswith("@") else name  # an abstract socket
    _tell(address, READY)
    while True:
        if is_alive():
            _tell(address, LIVES)
        await pulse()


def _tell(address: str, state: str) -> None:
    """Send without waiting. A failure is a line in the log."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(state.encode(), address)
    except OSError as error:
        log.warning("systemd was not told", state=state, reason=error.strerror)
