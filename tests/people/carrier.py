"""The carrier's switch: answers OPTIONS, until it goes away."""

import asyncio
from typing import Self, cast

from tests.people.sip_message import Message, response, token


class Carrier(asyncio.DatagramProtocol):
    """One UDP socket on loopback. `goes_away` and `comes_back` keep the port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked = 0  # how often it answered
        self.called = 0  # INVITEs received
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def contact(self) -> str:
        """The address where it is asked."""
        return f"sip:127.0.0.1:{self.port}"

    async def comes_back(self) -> Self:
        """Answer from now on."""
        loop = asyncio.get_running_loop()
        address = ("127.0.0.1", self.port)
        await loop.create_datagram_endpoint(lambda: self, local_addr=address)
        return self

    def goes_away(self) -> None:
        """Goes away as if the line were cut: nothing is answered any more."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = Message.parse(data)
        self.called += request.method == "INVITE"
        if request.method == "OPTIONS" and self._transport is not None:
            self.asked += 1
            self._transport.sendto(response(request, 200, "OK", token()).encoded(), addr)
