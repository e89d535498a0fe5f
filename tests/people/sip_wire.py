"""One UDP socket that speaks SIP: repeats what was not answered, and recognises repetitions.

Used by caller.py and phone.py. It knows transactions (RFC 3261 section 17) and nothing of calls.
Messages are handed on in the same turn of the event loop, so that a person can react at once.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Self, cast

from tests.people.sip_message import Message, token
from tests.people.weather import Weather

T1_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 4.0
GIVE_UP_SECONDS = 32.0
NO_ANSWER = Message("SIP/2.0 408 Nobody answered")

OnResponse = Callable[[Message], None]


@dataclass(slots=True)
class Asked:
    """A request of ours that waits for its final response."""

    request: Message
    on_response: OnResponse
    data: bytes
    pause_seconds: float = T1_SECONDS
    waited_seconds: float = 0.0
    again: asyncio.TimerHandle | None = None

    def quiet(self) -> None:
        """Stop repeating it."""
        if self.again is not None:
            self.again.cancel()
            self.again = None


@dataclass(slots=True)
class SipWire(asyncio.DatagramProtocol):
    """`await SipWire.open(...)`. Requests from the far end go to `on_request`."""

    weather: ClassVar[Weather | None] = None  # for everybody; None: nothing is lost

    far_end: tuple[str, int]
    on_request: Callable[[Message], None]
    address: str = ""
    port: int = 0
    _asked: dict[tuple[str, str], Asked] = field(default_factory=dict)
    _answered: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(
        cls,
        far_end: tuple[str, int],
        on_request: Callable[[Message], None],
        *,
        address: str,
        port: int = 0,
    ) -> Self:
        """Bind `address`; port 0 takes any free one."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_datagram_endpoint(
            lambda: cls(far_end, on_request), local_addr=(address, port)
        )
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address, self.port = transport.get_extra_info("sockname")[:2]

    @property
    def is_open(self) -> bool:
        """False after `close()`."""
        return self._transport is not None and not self._transport.is_closing()

    def via(self, branch: str = "") -> str:
        """A Via header for a new transaction, or for this one."""
        return (
            f"SIP/2.0/UDP {self.address}:{self.port};rport;branch={branch or f'z9hG4bK{token()}'}"
        )

    def ask(self, request: Message, on_response: OnResponse) -> None:
        """Repeat a request until it is answered. Every response to it is handed on.

        After 32 s without any, it gets a 408 that we make ourselves.
        """
        asked = Asked(request, on_response, request.encoded())
        self._asked[request.branch, request.method] = asked
        self._send_again(asked)

    def tell(self, message: Message) -> None:
        """Send a message that is never answered: a response, or an ACK."""
        data = message.encoded()
        if message.status:
            self._answered[message.branch, message.method] = data
        self._send(data)

    def close(self) -> None:
        """Close without sending anything."""
        for asked in self._asked.values():
            asked.quiet()
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr != self.far_end or b"SIP/2.0" not in data:
            return  # sound for whoever had this port before us
        if self.weather is None:
            self._take(data)
        else:
            self.weather.carry(lambda: self._take(data))

    def _take(self, data: bytes) -> None:
        message = Message.parse(data)
        key = (message.branch, message.method)
        if message.status:
            self._hand_on(message, self._asked.get(key))
        elif key in self._answered:
            self._send(self._answered[key])
        else:
            self.on_request(message)

    def error_received(self, exc: Exception) -> None:
        """The far end's port is closed (Asterisk is down). The request will be repeated."""

    def _hand_on(self, message: Message, asked: Asked | None) -> None:
        if asked is None:
            return
        is_invite = asked.request.method == "INVITE"
        if message.status >= 200 or is_invite:
            asked.quiet()
        if message.status >= 300 and is_invite:
            self._send(_refusal_taken(asked.request, message).encoded())
        if message.status >= 200 and not is_invite:
            del self._asked[asked.request.branch, asked.request.method]
        asked.on_response(message)

    def _send_again(self, asked: Asked) -> None:
        if not self.is_open:
            return
        if asked.waited_seconds >= GIVE_UP_SECONDS:
            self._asked.pop((asked.request.branch, asked.request.method), None)
            asked.on_response(NO_ANSWER)
            return
        self._send(asked.data)
        pause = asked.pause_seconds
        asked.again = asyncio.get_running_loop().call_later(pause, self._send_again, asked)
        asked.waited_seconds += pause
        asked.pause_seconds = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _send(self, data: bytes) -> None:
        if self.weather is None:
            self._let_go(data)
        else:
            self.weather.carry(lambda: self._let_go(data))

    def _let_go(self, data: bytes) -> None:
        if self._transport is not None and self.is_open:
            self._transport.sendto(data, self.far_end)


def _refusal_taken(invite: Message, refusal: Message) -> Message:
    """The ACK of a final response that is not 2xx: same branch (RFC 3261 section 17.1.1.3)."""
    return Message(
        f"ACK {invite.start.split()[1]} SIP/2.0",
        [
            ("Via", invite.get("via")),
            ("Max-Forwards", "70"),
            ("From", invite.get("from")),
            ("To", refusal.get("to")),
            ("Call-ID", invite.get("call-id")),
            ("CSeq", f"{invite.get('cseq').split()[0]} ACK"),
        ],
    )
