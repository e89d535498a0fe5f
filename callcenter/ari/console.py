"""Asterisk's own console socket: the only way to tell it to restart. ARI has none.

Only Asterisk's own user and root may open the socket. The service is one of them if it was
installed as the README says. The command is `core restart now`, never `gracefully`: then Asterisk
would refuse every new call and wait until the last waiting caller has left.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from callcenter.ari import rest, wire
from callcenter.core.ids import NodeId
from callcenter.core.legs import CallerLeg, leg_of
from callcenter.runtime.restart import RestartRefusedError

SOCKET = "run/asterisk.ctl"  # beside the folder of its settings (asterisk.conf)
COMMAND = b"core restart now\0"

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


class AsteriskConsole:
    """`config_directory` is the folder of Asterisk's settings as the service sees it. `ask` sends a
    request to ARI."""

    def __init__(self, config_directory: Path, ask: Ask, node: NodeId) -> None:
        self._node = node
        self._socket = config_directory.parent / SOCKET
        self._ask = ask

    async def callers(self) -> int | None:
        """The number of callers' channels; None if Asterisk does not say."""
        answer = await self._ask(rest.read("/channels"))
        if answer.status != 200:
            return None
        try:
            there = [leg_of(self._node, each.id) for each in wire.decode_channels(answer.body)]
        except msgspec.DecodeError:
            return None
        return sum(isinstance(leg, CallerLeg) for leg in there)

    async def restart(self) -> None:
        """Give the command and wait until Asterisk has closed its console. Raises
        RestartRefusedError."""
        try:
            folder = os.open(self._socket.parent, os.O_PATH)
            try:  # the whole path of a socket may be too long (unix(7): 108 bytes)
                near = f"/proc/self/fd/{folder}/{self._socket.name}"
                reader, writer = await asyncio.open_unix_connection(near)
            finally:
                os.close(folder)
        except OSError as error:
            raise RestartRefusedError(
                f"{self._socket}: {error.strerror}. Asterisk is empty now: restart it on its host "
                "(`asterisk -rx 'core restart now'`) before callers come again"
            ) from error
        try:
            await reader.readline()  # the console's greeting
            writer.write(COMMAND)
            await writer.drain()
            while await reader.read(4096):
                pass
        except OSError:
            pass  # Asterisk closes the connection when it ends
        finally:
            writer.close()
