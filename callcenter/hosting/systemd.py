"""What the service tells the systemd that started it: that it serves, and that it lives.

Called by app.py. sd_notify(3): a datagram to the socket that $NOTIFY_SOCKET names; without one
(`make run`, containers) nothing is sent.
"""

import asyncio
import os
import socket

import structlog

from callcenter.runtime.pulse import pulse

READY = "READY=1"
LIVES = "WATCHDOG=1"

log = structlog.get_logger(__name__)


async def keep_telling() -> None:
    """At every pulse that the event loop turns (WatchdogSec= of the unit); until cancelled."""
    if not _address():
        await asyncio.Event().wait()
    while True:
        tell(LIVES)
        await pulse()


def tell(state: str) -> None:
    """Say it, without waiting; a systemd that cannot be told is a line in the log."""
    address = _address()
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(state.encode(), address)
    except OSError as error:
        log.warning("systemd was not told", state=state, reason=error.strerror)


def _address() -> str:
    """An `@` stands for the zero byte of an abstract socket."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    return f"\0{name[1:]}" if name.startswith("@") else name
