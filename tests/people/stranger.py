"""Somebody who is neither a trunk nor a phone: sends raw SIP and reads the answers."""

import asyncio
from typing import Self, cast

from tests.people.sip_message import Message, speech_offer, token
from tests.people.until import until

T1_SECONDS, T2_SECONDS = 0.5, 4.0


class Stranger(asyncio.DatagramProtocol):
    """One UDP socket at an address that is not in any settings (127.0.0.9)."""

    def __init__(self, to: tuple[str, int]) -> None:
        self.answers: list[Message] = []
        self.to = to
        self._transport: asyncio.DatagramTransport | None = None
        self.address, self.port = "", 0

    @classmethod
    async def at(cls, address: str, *, to: tuple[str, int]) -> Self:
        """Bind a free port of this address."""
        loop = asyncio.get_running_loop()
        _, stranger = await loop.create_datagram_endpoint(lambda: cls(to), local_addr=(address, 0))
        return stranger

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address, self.port = self._transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.answers.append(Message.parse(data))

    def send(self, data: bytes) -> None:
        """Send exactly these bytes."""
        assert self._transport is not None
        self._transport.sendto(data, self.to)

    async def asks(
        self,
        method: str,
        user: str,
        *,
        as_user: str = "stranger",
        headers: tuple[tuple[str, str], ...] = (),
        within: float = 3,
    ) -> int:
        """Send one request; gives the status of its first answer that is not 100 Trying."""
        request = self.request(method, user, as_user=as_user, headers=headers)
        sends = asyncio.create_task(self._sends(request))
        try:
            return (await self.answer_to(request, within=within)).status
        finally:
            sends.cancel()

    async def _sends(self, request: Message) -> None:
        """Until there is any answer: UDP loses some, as after a flood (RFC 3261, 17.1)."""
        pause = T1_SECONDS
        while not any(_is_answer_to(request, said) for said in self.answers):
            self.send(request.encoded())
            await asyncio.sleep(pause)
            pause = min(2 * pause, T2_SECONDS)

    async def answer_to(self, request: Message, within: float = 5) -> Message:
        """The first answer to this request that is not 100 Trying. Copies of answers to earlier
        requests are left out."""

        def of_this() -> Message | None:
            theirs = (said for said in self.answers if _is_answer_to(request, said))
            return next((said for said in theirs if said.status > 100), None)

        return await until(of_this, within=within)

    def request(
        self,
        method: str,
        user: str,
        *,
        as_user: str = "stranger",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Message:
        """A complete request to `user` at the hotline."""
        host, port = self.to
        target = f"sip:{user}@{host}:{port}" if user else f"sip:{host}:{port}"
        own = f"<sip:{as_user}@{self.address}:{self.port}>"
        message = Message(
            f"{method} {target} SIP/2.0",
            [
                ("Via", f"SIP/2.0/UDP {self.address}:{self.port};rport;branch=z9hG4bK{token()}"),
                ("Max-Forwards", "70"),
                ("From", f"{own};tag={token()}"),
                ("To", f"<{target}>"),
                ("Call-ID", token()),
                ("CSeq", f"1 {method}"),
                ("Contact", own),
                *headers,
            ],
        )
        if method == "INVITE":
            message.headers.append(("Content-Type", "application/sdp"))
            message.body = speech_offer(self.address, 40000)
        return message

    def close(self) -> None:
        """Release the socket."""
        if self._transport is not None:
            self._transport.close()


def _is_answer_to(request: Message, said: Message) -> bool:
    return all(said.get(name) == request.get(name) for name in ("call-id", "cseq"))
