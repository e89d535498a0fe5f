"""What both ends of an established call need: who is who, and the requests within it."""

from dataclasses import dataclass

from tests.people.sip_message import Message
from tests.people.sip_wire import SipWire


@dataclass(slots=True)
class Dialog:
    """One call as one end sees it (RFC 3261 section 12). `target` is the far end's Contact."""

    wire: SipWire
    call_id: str
    ours: str  # our From (or To) with its tag
    theirs: str
    target: str
    number: int = 1  # CSeq of our last request

    def request(self, method: str, number: int | None = None) -> Message:
        """A request within the call; ACK repeats the INVITE's number."""
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
        ]
        return Message(f"{method} {self.target} SIP/2.0", headers)
