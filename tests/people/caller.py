"""A caller: dials a number from the trunk's address, listens, and hangs up when the test says so.

Methods that send (`hang_up`, `press`, `vanish`) do it at once. The attributes show the result. All
times are of time.monotonic().
"""

import asyncio
import itertools
import time
from math import inf
from typing import Self

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
from tests.people.sip_wire import SipWire
from tests.people.sound import ALAW, Jump, Sound
from tests.people.tones import PEOPLES
from tests.people.until import until

_voices = itertools.cycle(PEOPLES)


def next_voice() -> int:
    """A tone (Hz) that nobody else uses at present."""
    return next(_voices)


class Caller:
    """One person, one call.

    `number` is the caller id. `from_header` replaces the whole From value, however hostile it is.
    `voice` is the tone spoken once answered. A `silent` caller never sends a packet of sound, a
    `quiet` one sends silence.
    `codec` is the only one that the caller knows. In `from_header` and `call_id` a lone surrogate
    stands for a raw byte. `acknowledges_after`: seconds until the answer is acknowledged (ACK);
    None: never.
    """

    def __init__(
        self,
        *,
        number: str = "0812345678",
        name: str = "",
        from_header: str | None = None,
        voice: int | None = None,
        silent: bool = False,
        call_id: str = "",
        address: str = "127.0.0.1",
        codec: int = ALAW,
        acknowledges_after: float | None = 0.0,
        quiet: bool = False,
    ) -> None:
        self.number = number
        self.voice = voice or next_voice()
        self.status = 0  # the last SIP status, 0 before the first
        self.dialled_at = self.answered_at = self.ended_at = 0.0
        self.ended_by = ""  # "caller", "far end", or "" while the call goes on
        self._call_id = call_id or f"{token()}@{address}"
        self._from = from_header or f'"{name or number}" <sip:{number}@{address}>'
        self._address = address
        self._wire: SipWire | None = None
        self._spoken = None if silent else 0 if quiet else self.voice
        self._codec = codec
        self._sound = Sound(self._spoken)
        self._dialog: Dialog | None = None
        self._invite: Message | None = None
        self._leaving = False
        self._acknowledges_after = acknowledges_after
        self.has_forgotten = False  # the phone was restarted, and does not know the call any more
        self.asked: list[str] = []  # methods of the far end's requests within the call

    # --- what the caller does

    async def dials(
        self,
        number: str,
        *,
        at: tuple[str, int],
        headers: tuple[tuple[str, str], ...] = (),
        offer: str = "",
    ) -> Self:
        """Send the INVITE, without waiting for the answer. `offer` is another SDP than the usual
        one; `{port}` in it is the port for incoming sound."""
        self._wire = await SipWire.open(at, self._on_request, address=self._address)
        self._sound = Sound.open(self._address, self._spoken, self._codec)
        target = f"sip:{number}@{at[0]}:{at[1]}" if number else f"sip:{at[0]}:{at[1]}"
        ours = f"{self._from};tag={token()}"
        self._dialog = Dialog(self._wire, self._call_id, ours, f"<{target}>", target, number=0)
        self._invite = self._dialog.request("INVITE")
        self._invite.headers += [*headers, ("Content-Type", "application/sdp")]
        self._invite.body = speech_offer(self._address, self._sound.port, self._codec)
        if offer:
            self._invite.body = offer.replace("{port}", str(self._sound.port))
        self.dialled_at = time.monotonic()
        self._wire.ask(self._invite, self._on_invite_answer)
        return self

    def hang_up(self) -> None:
        """Hang up now: BYE if answered, CANCEL if not yet."""
        if self._leaving or self.is_over or self._dialog is None or self._wire is None:
            return
        self._leaving = True
        if self.is_up:
            self._end("caller")
            self._wire.ask(self._dialog.request("BYE"), lambda _answer: None)
        elif self.status >= 100:
            self._cancel()

    def hangs_up_after(self, seconds: float) -> None:
        """Hang up after this many seconds."""
        asyncio.get_running_loop().call_later(seconds, self.hang_up)

    def press(self, digits: str) -> None:
        """Press keys (RFC 4733). Needs a voice, for the clock of the packets."""
        self._sound.press(digits)

    def jump(self, how: Jump) -> None:
        """The sound goes on as another stream, as when the carrier moves the call."""
        assert self._dialog is not None
        self._dialog.jump(self._sound, how)

    def ask(self, method: str, *headers: tuple[str, str], body: str = "") -> Asked:
        """Send any other request within the call. Its result is in the answer."""
        assert self._dialog is not None and self._wire is not None
        request = self._dialog.request(method)
        request.headers += headers
        request.body = body
        asked = Asked(method, time.monotonic())
        self._wire.ask(request, asked.on_answer)
        return asked

    def hold(self, way: str = "sendonly") -> None:
        """Press the hold key. Nothing is sent any more."""
        assert self._dialog is not None
        self._dialog.offer(self._sound, way)

    def take_back(self) -> None:
        """End the hold."""
        assert self._dialog is not None
        self._dialog.offer(self._sound)

    def fall_silent(self) -> None:
        """Silence suppression: no packets while nobody speaks."""
        self._sound.be_quiet()

    def vanish(self) -> None:
        """The caller's network dies: no BYE, no sound, nothing ever again."""
        self.ended_at, self.ended_by = time.monotonic(), "caller"
        self.close()

    def close(self) -> None:
        """Release the sockets."""
        if self._wire is not None:
            self._wire.close()
        self._sound.close()

    # --- what the caller notices

    @property
    def is_up(self) -> bool:
        """Whether it is answered (by the greeting, not yet by a person) and not ended."""
        return bool(self.answered_at) and not self.ended_at

    @property
    def is_over(self) -> bool:
        """Whether it has ended, by either side."""
        return bool(self.ended_at)

    @property
    def call_id(self) -> str:
        """The SIP Call-ID."""
        return self._dialog.call_id if self._dialog else ""

    @property
    def replaces(self) -> str:
        """The value with which another INVITE would name this call (RFC 3891)."""
        assert self._dialog is not None
        ours, theirs = (end.split("tag=")[1] for end in (self._dialog.ours, self._dialog.theirs))
        return f"{self.call_id};to-tag={theirs};from-tag={ours}"

    @property
    def ear(self) -> Ear:
        """Everything heard in this call."""
        return self._sound.ear

    def hears(self, sound: str | int, for_seconds: float = 0.3) -> bool:
        """Whether there is now only "music", "silence", or this voice."""
        return self.ear.hears(sound, for_seconds)

    def heard(self, since: float, until_when: float | None = None, one_in: int = 1) -> Heard:
        """What could be heard since then."""
        until_when = until_when or self.ended_at or self.ear.listened_until
        return self.ear.heard(since, until_when, one_in)

    async def is_answered(self, within: float = 5) -> Self:
        """Wait for the 200 OK."""
        await until(lambda: self.is_up, within=within, but=lambda: f"status {self.status}")
        return self

    async def comes_to_hear(self, sound: str | int, *, within: float) -> Self:
        """Wait until this is all that can be heard."""
        await until(
            lambda: self.hears(sound),
            within=within,
            but=lambda: (
                f"{sound} is not heard, but {self.heard(time.monotonic() - 1).shares},"
                f" status {self.status}, ended by {self.ended_by!r}"
            ),
        )
        return self

    async def is_gone(self, within: float) -> Self:
        """Wait until the call is over."""
        await until(lambda: self.is_over, within=within, but=lambda: f"status {self.status}")
        return self

    # --- what comes over the wire

    def _on_invite_answer(self, answer: Message) -> None:
        if self._dialog is None or self._wire is None:
            return
        first = not self.answered_at
        if answer.status < 200 and self._leaving and not self.status:
            self._cancel()
        self.status = answer.status
        if 200 <= answer.status < 300:
            after = self._acknowledges_after
            late = after is not None and time.monotonic() - (self.answered_at or inf) >= after
            if after == 0 or late:
                self._acknowledge(answer)
            elif first and after is not None:
                asyncio.get_running_loop().call_later(after, self._acknowledge, answer)
            if first:
                self._be_answered(answer)
        elif answer.status >= 300 and not self.is_over:
            self._end("caller" if self._leaving else "far end")

    def _acknowledge(self, answer: Message) -> None:
        assert self._dialog is not None and self._wire is not None and self._invite is not None
        self._dialog.theirs = answer.get("to")
        self._dialog.routes = answer.all("record-route")[::-1]
        self._dialog.target = address_of(answer.get("contact")) or self._dialog.target
        number = int(self._invite.get("cseq").split()[0])
        self._wire.tell(self._dialog.request("ACK", number))

    def _be_answered(self, answer: Message) -> None:
        assert self._dialog is not None and self._wire is not None
        self.answered_at = time.monotonic()
        if self._leaving:  # the CANCEL and the 200 OK crossed each other
            self._end("caller")
            self._wire.ask(self._dialog.request("BYE"), lambda _answer: None)
        elif place := speech_place(answer.body):
            self._sound.speak_to(place)

    def _cancel(self) -> None:
        assert self._invite is not None and self._wire is not None
        same = ("Via", "Max-Forwards", "From", "To", "Call-ID")
        headers = [(name, self._invite.get(name)) for name in same]
        number = self._invite.get("cseq").split()[0]
        target = self._invite.start.split()[1]
        cancel = Message(f"CANCEL {target} SIP/2.0", [*headers, ("CSeq", f"{number} CANCEL")])
        self._wire.ask(cancel, lambda _answer: None)

    def _on_request(self, request: Message) -> None:
        assert self._wire is not None
        if request.method == "ACK":
            return
        self.asked.append(request.method)
        if self.has_forgotten and request.method != "BYE":
            self._wire.tell(response(request, 481, "Call Does Not Exist"))
            return
        answer = response(request, 200, "OK")
        if request.method == "INVITE":
            answer.headers.append(("Content-Type", "application/sdp"))
            answer.headers.append(("Contact", f"<sip:{self._address}:{self._wire.port}>"))
            answer.body = speech_offer(self._address, self._sound.port, self._codec)
        self._wire.tell(answer)
        if request.method == "BYE" and not self.is_over:
            self._end("far end")

    def _end(self, by: str) -> None:
        self.ended_at, self.ended_by = time.monotonic(), by
        self._sound.close()
