"""A phone that speaks SIP over TCP or TLS: it registers, and picks up whatever rings."""

import asyncio
import contextlib
import ssl
from typing import Self

from tests.people.sip_message import Message, credentials, response, speech_offer, token


class StreamPhone:
    """`async with await StreamPhone.at(("127.0.0.1", 5062)) as phone`; `trust`: who signed the
    server's certificate, None for TCP."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, protocol: str
    ) -> None:
        self._reader, self._writer, self._protocol = reader, writer, protocol
        host, port = writer.get_extra_info("sockname")[:2]
        self._own = f"{host}:{port}"

    @classmethod
    async def at(cls, place: tuple[str, int], trust: ssl.SSLContext | None = None) -> Self:
        name = "phones.test" if trust else None
        reader, writer = await asyncio.open_connection(*place, ssl=trust, server_hostname=name)
        return cls(reader, writer, "TLS" if trust else "TCP")

    async def registers(self, user: str, secret: str) -> int:
        """The final status."""
        answer = await self.asks("REGISTER", user, user)
        challenge = answer.get("www-authenticate")
        proof = credentials(
            challenge, user=user, secret=secret, method="REGISTER", uri=f"sip:{user}@127.0.0.1"
        )
        return (await self.asks("REGISTER", user, user, ("Authorization", proof))).status

    async def asks(
        self, method: str, source: str, to: str, *more: tuple[str, str], body: str = ""
    ) -> Message:
        """The final answer to a request of user `source` to user `to`."""
        call, transport = token(), self._protocol.lower()
        headers = [
            ("Via", f"SIP/2.0/{self._protocol} {self._own};rport;branch=z9hG4bK{token()}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{source}@127.0.0.1>;tag={token()}"),
            ("To", f"<sip:{to}@127.0.0.1>"),
            ("Call-ID", call),
            ("CSeq", f"1 {method}"),
            ("Contact", f"<sip:{source}@{self._own};transport={transport}>"),
            *([("Content-Type", "application/sdp")] if body else []),
            *more,
        ]
        self._tell(Message(f"{method} sip:{to}@127.0.0.1 SIP/2.0", headers, body))
        while True:
            message = await self._hears()
            if message.get("call-id") == call and message.status >= 200:
                return message

    async def picks_up(self) -> None:
        """The next call that rings here; returns when the far end knows (ACK)."""
        while True:
            message = await self._hears()
            if message.method == "INVITE" and not message.status:
                answer = response(message, 200, "OK", token())
                answer.headers += [
                    ("Contact", f"<sip:phone@{self._own};transport={self._protocol.lower()}>"),
                    ("Content-Type", "application/sdp"),
                ]
                answer.body = speech_offer("127.0.0.1", 40_000)
                self._tell(answer)
            elif message.method == "ACK":
                return

    async def is_let_go(self) -> None:
        """The far end hangs up."""
        while (message := await self._hears()).method != "BYE":
            pass
        self._tell(response(message, 200, "OK", token()))

    async def _hears(self) -> Message:
        """The next message; OPTIONS are answered on the way."""
        while True:
            head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), timeout=30)
            message = Message.parse(head.lstrip(b"\r\n"))
            length = int(message.get("content-length") or 0)
            message.body = (await self._reader.readexactly(length)).decode()
            if message.method != "OPTIONS" or message.status:
                return message
            self._tell(response(message, 200, "OK", token()))

    def _tell(self, message: Message) -> None:
        self._writer.write(message.encoded())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()  # Asterisk may not answer the end of TLS
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
