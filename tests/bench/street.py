"""Citizens who call at random and operators who talk for random times, signalling only.

For `erlang.py`: Poisson arrivals, exponential talks and, where asked for, exponential patience,
from one seed. Callers share one UDP socket, operators another. `rung_at`, `up_at` and the rest are
instants of time.time(), the clock of the capture and of Asterisk's own stamps.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.people.dialog import Dialog
from tests.people.sip_message import Message, address_of, response, speech_offer, token
from tests.people.sip_wire import SipWire

DEAD_PORT = 35_000  # nobody speaks and nobody listens
HERE = "127.0.0.1"


@dataclass(slots=True)
class Citizen:
    """One call. `left_at`: the caller gave up; `served_at`: the operator's phone rang for it."""

    number: str
    line: str
    up_at: float = 0.0
    left_at: float = 0.0
    served_at: float = 0.0
    over: bool = False
    dialog: Dialog | None = None


@dataclass(slots=True)
class Street:
    """Everyone who calls, known by the number each calls from."""

    asterisk: tuple[str, int]
    draw: random.Random
    by_number: dict[str, Citizen] = field(default_factory=dict)
    _by_call: dict[str, Citizen] = field(default_factory=dict)
    _wire: SipWire | None = None

    async def open(self, port: int) -> None:
        """Get a line."""
        self._wire = await SipWire.open(self.asterisk, self._on_request, address=HERE, port=port)

    def close(self) -> None:
        """Silence."""
        if self._wire is not None:
            self._wire.close()

    async def calls(
        self, line: str, rate: float, seconds: float, patience_seconds: float | None
    ) -> None:
        """Poisson arrivals for so long."""
        loop = asyncio.get_running_loop()
        at, end = loop.time(), loop.time() + seconds
        while (at := at + self.draw.expovariate(rate)) < end:
            await asyncio.sleep(max(0.0, at - loop.time()))
            self._dial(line, patience_seconds)

    def _dial(self, line: str, patience_seconds: float | None) -> None:
        assert self._wire is not None
        citizen = Citizen(f"09{len(self.by_number):08d}", line)
        self.by_number[citizen.number] = citizen
        ours, target = f"<sip:{citizen.number}@{HERE}>", f"sip:{line}@{HERE}:{self.asterisk[1]}"
        dialog = Dialog(
            self._wire, token(), f"{ours};tag={token()}", f"<{target}>", target, number=0
        )
        citizen.dialog, self._by_call[dialog.call_id] = dialog, citizen
        invite = dialog.request("INVITE")
        invite.headers.append(("Content-Type", "application/sdp"))
        invite.body = speech_offer(HERE, DEAD_PORT)
        patience = self.draw.expovariate(1 / patience_seconds) if patience_seconds else None
        self._wire.ask(invite, lambda answer: self._on_answer(citizen, answer, patience))

    def _on_answer(self, citizen: Citizen, answer: Message, patience: float | None) -> None:
        assert self._wire is not None and citizen.dialog is not None
        if not 200 <= answer.status < 300:
            return
        dialog = citizen.dialog
        dialog.theirs = answer.get("to")
        dialog.target = address_of(answer.get("contact")) or dialog.target
        self._wire.tell(dialog.request("ACK", 1))
        if not citizen.up_at:
            citizen.up_at = time.time()
            if patience is not None:
                asyncio.get_running_loop().call_later(patience, self._give_up, citizen)

    def _give_up(self, citizen: Citizen) -> None:
        if citizen.served_at or citizen.over:
            return
        assert self._wire is not None and citizen.dialog is not None
        citizen.left_at, citizen.over = time.time(), True
        self._wire.ask(citizen.dialog.request("BYE"), lambda _answer: None)

    def _on_request(self, request: Message) -> None:
        assert self._wire is not None
        if request.method == "ACK":
            return
        self._wire.tell(response(request, 200, "OK"))
        if request.method == "BYE" and (citizen := self._by_call.get(request.get("call-id"))):
            citizen.over = True


@dataclass(slots=True)
class Ringing:
    """One conversation of an operator."""

    operator: str
    rung_at: float
    dialog: Dialog
    over_at: float = 0.0


@dataclass(slots=True)
class Floor:
    """All operators' phones. `talk(operator)` gives the seconds of the next conversation."""

    asterisk: tuple[str, int]
    talk: Callable[[str], float]
    rung_by: dict[str, list[Ringing]] = field(default_factory=dict)
    _wire: SipWire | None = None

    async def open(self, port: int) -> None:
        """Plug them in."""
        self._wire = await SipWire.open(self.asterisk, self._on_request, address=HERE, port=port)

    def close(self) -> None:
        """Unplug them."""
        if self._wire is not None:
            self._wire.close()

    def _on_request(self, request: Message) -> None:
        assert self._wire is not None
        if request.method == "INVITE":
            self._ring(request)
        elif request.method != "ACK":
            self._wire.tell(response(request, 200, "OK"))

    def _ring(self, invite: Message) -> None:
        """Answered at once."""
        assert self._wire is not None
        operator = invite.start.split()[1].removeprefix("sip:").partition("@")[0]
        to = f"{invite.get('to')};tag={token()}"
        dialog = Dialog(
            self._wire,
            invite.get("call-id"),
            to,
            invite.get("from"),
            address_of(invite.get("contact")),
            number=0,
        )
        ringing = Ringing(operator, time.time(), dialog)
        self.rung_by.setdefault(operator, []).append(ringing)
        answer = response(invite, 200, "OK", token())
        answer.headers = [(n, to if n == "To" else v) for n, v in answer.headers]
        contact = f"<sip:{HERE}:{self._wire.port}>"
        answer.headers += [("Contact", contact), ("Content-Type", "application/sdp")]
        answer.body = speech_offer(HERE, DEAD_PORT)
        self._wire.tell(answer)
        loop = asyncio.get_running_loop()
        loop.call_later(self.talk(operator), self._hang_up, ringing)

    def _hang_up(self, ringing: Ringing) -> None:
        assert self._wire is not None
        ringing.over_at = time.time()
        self._wire.ask(ringing.dialog.request("BYE"), lambda _answer: None)
