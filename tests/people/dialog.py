"""What both ends of an established call need: their addresses, and the requests within it."""

import asyncio
import time
from dataclasses import dataclass, field

from tests.people.sip_message import Message, speech_offer, speech_place
from tests.people.sip_wire import SipWire
from tests.people.sound import Jump, Sound

OFFER_AGAIN_SECONDS = 0.3


@dataclass(slots=True)
class Asked:
    """A request within a call and its final answer. `status` is 0 before it came, 408 if none
    came."""

    method: str
    at: float
    status: int = 0
    answered_at: float = 0.0

    def on_answer(self, answer: Message) -> None:
        """The wire calls this for each response."""
        if answer.status >= 200 and not self.status:
            self.status, self.answered_at = answer.status, time.monotonic()


@dataclass(slots=True)
class Dialog:
    """One call from one end's view (RFC 3261 section 12). `target` is the far end's Contact."""

    wire: SipWire
    call_id: str
    ours: str  # our From (or To) with its tag
    theirs: str
    target: str
    number: int = 1  # CSeq of our last request
    routes: list[str] = field(default_factory=list)  # proxies that want to stay in the path

    def request(self, method: str, number: int | None = None) -> Message:
        """A request within the call. An ACK repeats the INVITE's number."""
        if number is None:
            self.number += 1
        headers = [
            ("Via", self.wire.via()),
            ("Max-Forwards", "70"),
            ("From", self.ours),
            ("To", self.theirs),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number or self.number} {method}"),
            ("Contact", f"<sip:{self.wire.address}:{self.wire.port}>"),
            *(("Route", route) for route in self.routes),
        ]
        return Message(f"{method} {self.target} SIP/2.0", headers)

    def offer(self, sound: Sound, way: str = "sendrecv") -> None:
        """A re-INVITE: sound is wanted at this port and goes in this direction from now on.

        If another offer is under way, it is sent again later (491, 500: RFC 3261 section 14).
        """
        invite = self.request("INVITE")
        number = self.number
        invite.headers.append(("Content-Type", "application/sdp"))
        invite.body = speech_offer(self.wire.address, sound.port, sound.codec, way, 1 + number)

        def on_answer(answer: Message) -> None:
            if 200 <= answer.status < 300:
                self.wire.tell(self.request("ACK", number))
                place = speech_place(answer.body)
                if place and way == "sendrecv":
                    sound.speak_to(place)
            elif answer.status in (491, 500):
                loop = asyncio.get_running_loop()
                loop.call_later(OFFER_AGAIN_SECONDS, self.offer, sound, way)

        if way != "sendrecv":
            sound.be_quiet()
        self.wire.ask(invite, on_answer)

    def jump(self, sound: Sound, how: Jump) -> None:
        """The sound goes on as another stream. A new port needs a new offer."""
        sound.jump(how)
        if how.new_port:
            self.offer(sound)
