"""An operator's SIP phone: registers, rings, and follows its habit or the story.

`phone.habit` is called at each ring. These act at once: `answer`, `decline`, `hang_up`, `die`. All
times are of time.monotonic().
"""

import asyncio
import time
from collections.abc import Callable
from typing import Self
from urllib.parse import quote

from tests.people.caller import next_voice
from tests.people.phone_call import PhoneCall
from tests.people.sip_message import Message, credentials, response, token
from tests.people.sip_wire import SipWire
from tests.people.until import until

OVERTAKEN_SECONDS = 0.25
"""Without wrap-up the next call's INVITE may arrive before the BYE of the last one, which another
thread of a busy Asterisk sends. Then the phone says busy, and is in no call a moment later."""

Habit = Callable[["OperatorPhone", PhoneCall], None]


def answers(after_seconds: float = 0.1) -> Habit:
    """Answers after this many seconds of ringing."""

    def habit(phone: "OperatorPhone", call: PhoneCall) -> None:
        asyncio.get_running_loop().call_later(after_seconds, call.answer)

    return habit


def ignores() -> Habit:
    """Lets it ring until the story does something."""
    return lambda _phone, _call: None


def refuses(status: int = 603, reason: str = "Decline", after_seconds: float = 0.0) -> Habit:
    """Presses the red key: 603. A busy phone gives 486, a phone off the hook 480."""

    def habit(phone: "OperatorPhone", call: PhoneCall) -> None:
        asyncio.get_running_loop().call_later(after_seconds, call.refuse, status, reason)

    return habit


def forwards(to: str) -> Habit:
    """Forwards all calls: 302 to that user, with any characters."""
    return redirects(302, f"<sip:{quote(to, safe='+')}@127.0.0.1>")


def redirects(status: int, contact: str) -> Habit:
    """3xx with exactly this Contact."""
    return lambda _phone, call: call.refuse(status, "Moved", contact)


def answers_as(*headers: tuple[str, str]) -> Habit:
    """Answers, and claims by these headers (Contact, Record-Route) to be somewhere else."""

    def habit(phone: "OperatorPhone", call: PhoneCall) -> None:
        call.pretends = list(headers)
        call.answer()

    return habit


def answers_without_sdp() -> Habit:
    """Answers with a 200 that says nothing of the sound, as no carrier may."""

    def habit(phone: "OperatorPhone", call: PhoneCall) -> None:
        call.answer(with_sound=False)

    return habit


class OperatorPhone:
    """The phone of one operator. `calls` has every ring so far, `now` the present one."""

    def __init__(
        self,
        name: str,
        secret: str = "",
        *,
        user: str = "",
        habit: Habit | None = None,
        voice: int | None = None,
        address: str = "127.0.0.1",
        port: int = 0,
        answers_options: bool = True,
    ) -> None:
        self.says: tuple[int, ...] = (100, 180)  # to an INVITE, before its habit is asked
        self.answers_options = answers_options
        self.asked = 0  # how often it got OPTIONS
        self.name, self.user = name, user or f"op-{name}"
        self.habit = habit or ignores()
        self.voice = voice or next_voice()
        self.calls: list[PhoneCall] = []
        self.received: list[str] = []  # methods of all requests
        self.rang_while_busy = 0  # must stay 0: nobody may be offered two calls at once
        self.register_status = 0
        self.secret = secret
        self.password = ""  # the one-time password for the console, if the operator has an account
        self._address, self._port = address, port
        self._wire: SipWire | None = None

    # --- registration and power

    async def plugged_in(self, *, at: tuple[str, int]) -> Self:
        """Listen at `contact` without registering."""
        self._wire = await SipWire.open(
            at, self._on_request, address=self._address, port=self._port
        )
        return self

    async def registers(self, *, at: tuple[str, int], within: float = 5) -> Self:
        """Plug in and register, and wait until that is confirmed."""
        await self.plugged_in(at=at)
        return await self.registers_now(within)

    async def registers_now(self, within: float = 5) -> Self:
        """Register (RFC 3261 section 10, digest), and wait until that is confirmed."""
        self.register()
        await until(
            lambda: self.register_status == 200,
            within=within,
            but=lambda: f"status {self.register_status}",
        )
        return self

    def register(self, expires_seconds: int = 600) -> None:
        """Send a REGISTER now; with 0 seconds it unregisters. `register_status` has the answer."""
        self.register_status = 0
        self._register(expires_seconds, call_id=token(), number=1, authorization="")

    def die(self) -> None:
        """Power cut: no BYE, no unregister, no sound."""
        self.close()

    async def restarts(self, *, elsewhere: bool = False) -> Self:
        """Lose power for a moment, and register. The phone has forgotten its calls."""
        assert self._wire is not None
        at, port = self._wire.far_end, self._wire.port
        self.die()
        await asyncio.sleep(0)  # lets the loop close the socket
        self.calls.clear()
        self._port = 0 if elsewhere else port
        return await self.registers(at=at)

    def close(self) -> None:
        """Release the sockets."""
        if self._wire is not None:
            self._wire.close()
        for call in self.calls:
            call.close()

    @property
    def contact(self) -> str:
        """The address where a phone that does not register is rung."""
        assert self._wire is not None
        return f"sip:{self.user}@{self._address}:{self._wire.port}"

    # --- the present call

    @property
    def now(self) -> PhoneCall | None:
        """The call that rings or goes on."""
        return next((call for call in reversed(self.calls) if not call.is_over), None)

    @property
    def rings(self) -> bool:
        """Whether it rings and is not answered."""
        return self.now is not None and not self.now.answered_at

    @property
    def talks(self) -> bool:
        """Whether it was answered, and the far end confirmed that."""
        return self.now is not None and self.now.is_up

    def answer(self) -> None:
        """Answer now. It must ring (`is_rung`): a page may show a call before the phone rings."""
        assert self.rings and self.now is not None, "nobody can pick up a phone that does not ring"
        self.now.answer()

    def hang_up(self) -> None:
        """Hang up now."""
        if self.now is not None:
            self.now.hang_up()

    def hears(self, sound: str | int, for_seconds: float = 0.3) -> bool:
        """Whether there is only this sound now."""
        return self.now is not None and self.now.ear.hears(sound, for_seconds)

    async def comes_to_hear(self, sound: str | int, *, within: float) -> Self:
        """Wait until this is all that can be heard."""
        await until(lambda: self.hears(sound), within=within)
        return self

    async def is_rung(self, within: float = 5) -> PhoneCall:
        """Wait until it rings."""
        return await until(lambda: self.now if self.rings else None, within=within)

    async def is_talking(self, within: float = 5) -> PhoneCall:
        """Wait until a call is up."""
        return await until(lambda: self.now if self.talks else None, within=within)

    # --- what comes over the wire

    def _on_request(self, request: Message) -> None:
        assert self._wire is not None
        self.received.append(request.method)
        own = [call for call in self.calls if call.call_id == request.get("call-id")]
        if own:
            own[-1].on_request(request)
        elif request.method == "INVITE" and ";tag=" not in request.get("to"):
            self._ring(request)
        elif request.method == "OPTIONS" and not self.answers_options:
            self.asked += 1
        elif request.method != "ACK":
            self.asked += request.method == "OPTIONS"
            gone = request.method in ("BYE", "CANCEL", "INVITE")
            answer = response(request, 481 if gone else 200, "Gone" if gone else "OK", token())
            self._wire.tell(answer)

    def _count_if_in(self, call: PhoneCall) -> None:
        if self.now is call:
            self.rang_while_busy += 1

    def _ring(self, invite: Message) -> None:
        assert self._wire is not None
        if (call := self.now) is not None:
            asyncio.get_running_loop().call_later(OVERTAKEN_SECONDS, self._count_if_in, call)
            self._wire.tell(response(invite, 486, "Busy Here", token()))
            return
        call = PhoneCall(self._wire, invite, self.voice, rang_at=time.monotonic())
        self.calls.append(call)
        call.start_ringing(says=self.says)
        self.habit(self, call)

    def _register(self, seconds: int, *, call_id: str, number: int, authorization: str) -> None:
        assert self._wire is not None
        host, port = self._wire.far_end
        uri, own = f"sip:{host}:{port}", f"<sip:{self.user}@{host}:{port}>"
        headers = [
            ("Via", self._wire.via()),
            ("Max-Forwards", "70"),
            ("From", f"{own};tag={token()}"),
            ("To", own),
            ("Call-ID", call_id),
            ("CSeq", f"{number} REGISTER"),
            ("Contact", f"<{self.contact}>"),
            ("Expires", str(seconds)),
        ]
        if authorization:
            headers.append(("Authorization", authorization))

        def on_response(answer: Message) -> None:
            challenge = answer.get("www-authenticate")
            if answer.status == 401 and not authorization and challenge:
                proof = credentials(
                    challenge, user=self.user, secret=self.secret, method="REGISTER", uri=uri
                )
                self._register(seconds, call_id=call_id, number=2, authorization=proof)
            elif answer.status >= 200:
                self.register_status = answer.status

        self._wire.ask(Message(f"REGISTER {uri} SIP/2.0", headers), on_response)
