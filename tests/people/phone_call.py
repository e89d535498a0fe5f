"""One ring of an operator's phone, and its result."""

import asyncio
import re
import time

from tests.people.dialog import Asked, Dialog
from tests.people.ear import Ear, Heard
from tests.people.sip_message import (
    Message,
    address_of,
    response,
    speech_offer,
    speech_place,
    token,
)
from tests.people.sip_wire import T1_SECONDS, SipWire
from tests.people.sound import Jump, Sound
from tests.people.until import until

_SAID = {100: "Trying", 180: "Ringing", 183: "Session Progress"}


class PhoneCall:
    """Rings until it is answered, refused or cancelled.

    `how_it_ended` is "" while it goes on, otherwise "operator", "far end", "cancelled" or
    "refused".
    """

    def __init__(self, wire: SipWire, invite: Message, voice: int, *, rang_at: float) -> None:
        self.rang_at = rang_at
        self.answered_at = self.up_at = self.ended_at = 0.0
        self.how_it_ended = ""
        self.call_id = invite.get("call-id")
        self.shown = invite.get("from")  # what the display shows of the caller
        # everything that the far end sent
        self.everything_said = invite.encoded().decode(errors="replace")
        self._wire, self._invite = wire, invite
        self._tag = token()
        self._sound = Sound.open(wire.address, voice)
        self._answer: Message | None = None
        self._again: asyncio.TimerHandle | None = None
        self._has_forgotten = False
        self._said: tuple[int, ...] = ()
        self.pretends: list[tuple[str, str]] = []  # other headers than its Contact, in its answers
        self._dialog = Dialog(
            wire,
            self.call_id,
            f"{invite.get('to')};tag={self._tag}",
            invite.get("from"),
            address_of(invite.get("contact")),
            number=0,
            routes=invite.all("record-route"),
        )

    # --- what the operator does

    def start_ringing(self, *, says: tuple[int, ...] = (100, 180)) -> None:
        """Tell the far end that it rings; a carrier that has not found the line yet says 100 or
        nothing."""
        self._said = says
        for status in says:
            tag = self._tag if status > 100 else ""
            self._wire.tell(response(self._invite, status, _SAID[status], tag))

    def answer(self, *, with_sound: bool = True) -> None:
        """Answer now; without sound there is no SDP in the answer."""
        if self.is_over or self.answered_at:
            return
        self.answered_at = time.monotonic()
        self._answer = response(self._invite, 200, "OK", self._tag)
        self._answer.headers += self._whereabouts()
        if with_sound:
            self._answer.headers += [("Content-Type", "application/sdp")]
            self._answer.body = speech_offer(self._wire.address, self._sound.port)
        self._send_answer(T1_SECONDS)
        if place := speech_place(self._invite.body):
            self._sound.speak_to(place)

    def refuse(self, status: int, reason: str, contact: str = "") -> None:
        """Refuse; with a contact (302) also say who must be called instead."""
        if not self.is_over and not self.answered_at:
            refusal = response(self._invite, status, reason, self._tag)
            refusal.headers += [("Contact", contact)] if contact else []
            self._wire.tell(refusal)
            self._end("refused")

    def hang_up(self) -> None:
        """Hang up. A phone that still rings refuses."""
        if self.is_over:
            return
        if not self.answered_at:
            self.refuse(603, "Decline")
            return
        self._end("operator")
        self._wire.ask(self._dialog.request("BYE"), lambda _answer: None)

    def ask(self, method: str, *headers: tuple[str, str], body: str = "") -> Asked:
        """Send any other request within the call. Its result is in the answer."""
        request = self._dialog.request(method)
        request.headers += headers
        request.body = body
        asked = Asked(method, time.monotonic())
        self._wire.ask(request, asked.on_answer)
        return asked

    def request(self, method: str) -> Message:
        """A request within the call, not yet sent."""
        return self._dialog.request(method)

    def is_lost(self) -> None:
        """The far end is dead. A phone finds that out by itself in the end."""
        if not self.is_over:
            self._end("far end")

    def jump(self, how: Jump) -> None:
        """The sound goes on as another stream, as when a PBX moves the call."""
        self._dialog.jump(self._sound, how)

    def press(self, digits: str) -> None:
        """Press keys (RFC 4733)."""
        self._sound.press(digits)

    def hold(self, way: str = "sendonly") -> None:
        """Press the hold key. Nothing is sent any more."""
        self._dialog.offer(self._sound, way)

    def take_back(self) -> None:
        """End the hold."""
        self._dialog.offer(self._sound)

    def fall_silent(self) -> None:
        """Silence suppression: no packets while nobody speaks."""
        self._sound.be_quiet()

    def is_forgotten(self) -> None:
        """The phone was restarted: it sends nothing, and does not know the call any more."""
        self._has_forgotten = True
        self._sound.be_quiet()

    def close(self) -> None:
        """No packets are sent or read any more."""
        if self._again is not None:
            self._again.cancel()
        self._sound.close()

    # --- what is noticed

    @property
    def is_over(self) -> bool:
        """Whether it has ended in any way."""
        return bool(self.ended_at)

    @property
    def is_up(self) -> bool:
        """Whether it was answered, and the far end confirmed that."""
        return bool(self.up_at) and not self.ended_at

    @property
    def ear(self) -> Ear:
        """Everything heard in this call."""
        return self._sound.ear

    def heard(self, since: float, until_when: float | None = None) -> Heard:
        """What could be heard since then."""
        return self.ear.heard(since, until_when or self.ended_at or self.ear.listened_until)

    async def is_done(self, within: float) -> None:
        """Wait until it neither rings nor goes on."""
        await until(lambda: self.is_over, within=within)

    # --- what comes over the wire

    def on_request(self, request: Message) -> None:
        """A request within this call."""
        self.everything_said += request.encoded().decode(errors="replace")
        if self._has_forgotten and request.method not in ("ACK", "BYE"):
            self._wire.tell(response(request, 481, "Call/Transaction Does Not Exist"))
            return
        match request.method:
            case "ACK":
                self._on_acknowledged()
            case "CANCEL":
                self._on_cancel(request)
            case "BYE":
                self._wire.tell(response(request, 200, "OK"))
                if not self.is_over:
                    self._end("far end")
            case "INVITE" if ";tag=" not in request.get("to"):
                self._on_sent_again()
            case "INVITE":
                self._on_new_offer(request)
            case _:
                self._wire.tell(response(request, 200, "OK"))

    def _on_sent_again(self) -> None:
        """The first INVITE, because nothing was heard of us."""
        if not self.answered_at and not self.is_over:
            self.start_ringing(says=self._said)

    def _on_acknowledged(self) -> None:
        if self._again is not None:
            self._again.cancel()
        if self.answered_at and not self.up_at and not self.is_over:
            self.up_at = time.monotonic()

    def _on_cancel(self, cancel: Message) -> None:
        self._wire.tell(response(cancel, 200, "OK", self._tag))
        if not self.answered_at and not self.is_over:
            self._wire.tell(response(self._invite, 487, "Request Terminated", self._tag))
            self._end("cancelled")

    def _on_new_offer(self, request: Message) -> None:
        """A re-INVITE: the same sound, to the place where it is wanted now."""
        answer = response(request, 200, "OK")
        answer.headers += [*self._whereabouts(), ("Content-Type", "application/sdp")]
        answer.body = speech_offer(self._wire.address, self._sound.port)
        self._wire.tell(answer)
        if place := speech_place(request.body):
            self._sound.speak_to(place)

    def _whereabouts(self) -> list[tuple[str, str]]:
        """The headers that say where requests within this call must go."""
        contact = ("Contact", f"<sip:{self._wire.address}:{self._wire.port}>")
        return self.pretends or [contact]

    def _send_answer(self, pause_seconds: float) -> None:
        """The 200 OK is repeated until it is acknowledged (RFC 3261 section 13.3.1.4)."""
        assert self._answer is not None
        self._wire.tell(self._answer)
        if pause_seconds < 10 and self._wire.is_open:
            loop = asyncio.get_running_loop()
            self._again = loop.call_later(pause_seconds, self._send_answer, pause_seconds * 2)

    def _end(self, how: str) -> None:
        self.ended_at, self.how_it_ended = time.monotonic(), how
        if self._again is not None:
            self._again.cancel()
        self._sound.close()

    def shows(self) -> str:
        """The display name of the From header."""
        found = re.match(r'\s*"((?:[^"\\]|\\.)*)"', self.shown)
        return found[1] if found else ""
