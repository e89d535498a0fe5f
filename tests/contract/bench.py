"""One script for two Asterisks: the same people and phones for the fake and for the real one."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from callcenter.ari.asterisk import Access
from tests.contract.sip_phone import Call, Phone
from tests.fake_asterisk.parts import HungUp, Rings, Silenced
from tests.fake_asterisk.server import FakeServer
from tests.parts import PrivateAsterisk
from tests.people.until import until

CALLERS_PORT, PHONES_PORT, NOBODYS_PORT = 15180, 15181, 15189
OPERATOR_TONE, CALLER_TONE, SUPERVISOR_TONE = 1000.0, 300.0, 1700.0
TONES = {"caller": CALLER_TONE, "operator": OPERATOR_TONE, "supervisor": SUPERVISOR_TONE}
AUDIBLE = 0.02  # of full loudness; a voice that is there has more than ten times as much

PHONES = {
    "somchai": f"sip:op-somchai@127.0.0.1:{PHONES_PORT}",
    "malee": f"sip:op-malee@127.0.0.1:{PHONES_PORT}",
    "dead": f"sip:op-dead@127.0.0.1:{NOBODYS_PORT}",  # nobody listens there
    "away": "",  # registers, but has not yet
}


class Caller(ABC):
    """A citizen in a call."""

    @abstractmethod
    def hang_up(self) -> None:
        """BYE."""

    @abstractmethod
    def speak(self) -> None:
        """Send sound."""

    @abstractmethod
    def be_quiet(self) -> None:
        """Send the sound of a quiet room."""

    @abstractmethod
    def fall_silent(self) -> None:
        """Stop sending sound."""

    @abstractmethod
    def hold(self, *, on: bool) -> None:
        """Announce hold, or end it."""

    @abstractmethod
    def forget(self) -> None:
        """Forget the call: the phone was restarted."""

    @abstractmethod
    def press(self, key: str, way: str) -> None:
        """Press a key of the phone. `way`: rfc4733, info or tones."""

    @abstractmethod
    async def is_cut_off(self) -> None:
        """Wait until Asterisk hangs up."""

    @abstractmethod
    async def hears_music(self) -> None:
        """Wait until there is music, and no voice."""

    @abstractmethod
    async def hears_operator(self) -> None:
        """Wait until there is the operator's voice, and no music."""

    @abstractmethod
    async def hears(self, *voices: str) -> None:
        """Wait until exactly these voices (names of TONES) are there."""


class RingingPhone(ABC):
    """An operator's phone that rings."""

    @abstractmethod
    def answer(self, voice: str = "operator") -> None:
        """Answer (and speak)."""

    @abstractmethod
    async def hears(self, *voices: str) -> None:
        """Wait until exactly these voices (names of TONES) are there."""

    @abstractmethod
    def refuse(self, status: int) -> None:
        """Answer with a SIP error."""

    @abstractmethod
    def hang_up(self) -> None:
        """BYE."""

    @abstractmethod
    async def is_over(self) -> None:
        """Wait until Asterisk stops the ringing, or hangs up."""


class Bench(ABC):
    """An Asterisk with people around it."""

    access: Access

    @abstractmethod
    async def dial(self, did: str, caller: str = "0812345678", *, has_keys: bool = False) -> Caller:
        """A citizen dials. `has_keys`: the phone offers the events of RFC 4733."""

    @abstractmethod
    async def rings(self, operator: str) -> RingingPhone:
        """Wait until an operator's phone rings."""

    @abstractmethod
    async def crash(self) -> None:
        """kill -9 Asterisk, and start it again."""


# --- the fake ----------------------------------------------------------------------------------


async def _fake_hears(fake: FakeServer, leg: str, voices: tuple[str, ...]) -> None:
    await until(lambda: _voices(fake, leg) == set(voices), within=10)


def _voices(fake: FakeServer, leg: str) -> set[str]:
    return {_whose(other) for other in fake.model.heard_by(leg)}


def _whose(leg: str) -> str:
    if leg.startswith("spy-"):
        return "supervisor"
    return "operator" if leg.startswith(("offer-", "line-")) else "caller"


class FakeCaller(Caller):
    def __init__(self, fake: FakeServer, leg: str) -> None:
        self._fake, self._leg = fake, leg

    def hang_up(self) -> None:
        self._fake.do(self._fake.model.hang_up, self._leg)

    def speak(self) -> None:
        self._fake.model.channels[self._leg].silent_since = None

    def be_quiet(self) -> None:
        """In the model a caller speaks for a few seconds, and is quiet then."""

    def fall_silent(self) -> None:
        self._fake.do(self._fake.model.fall_silent, self._leg)

    def hold(self, *, on: bool) -> None:
        self._fake.do(self._fake.model.hold, self._leg, on=on)

    def press(self, key: str, way: str) -> None:
        self._fake.do(self._fake.model.press, self._leg, key)

    def forget(self) -> None:
        self._fake.model.channels[self._leg].has_forgotten = True

    async def is_cut_off(self) -> None:
        while (await self._fake.sees(HungUp)).leg != self._leg:
            pass

    async def hears_music(self) -> None:
        await until(lambda: self._music() and self._alone(), within=10)

    async def hears_operator(self) -> None:
        await until(lambda: not self._music() and not self._alone(), within=10)

    async def hears(self, *voices: str) -> None:
        await _fake_hears(self._fake, self._leg, voices)

    def _music(self) -> bool:
        return self._fake.model.channels[self._leg].music

    def _alone(self) -> bool:
        bridge = self._fake.model.channels[self._leg].bridge
        return not bridge or len(self._fake.model.bridges[bridge]) < 2


class FakePhone(RingingPhone):
    def __init__(self, fake: FakeServer, leg: str) -> None:
        self._fake, self._leg = fake, leg

    def answer(self, voice: str = "operator") -> None:
        assert self._fake.do(self._fake.model.answer, self._leg)

    async def hears(self, *voices: str) -> None:
        await _fake_hears(self._fake, self._leg, voices)

    def refuse(self, status: int) -> None:
        assert self._fake.do(self._fake.model.refuse, self._leg, status)

    def hang_up(self) -> None:
        assert self._fake.do(self._fake.model.hang_up, self._leg)

    async def is_over(self) -> None:
        await until(self._is_over, within=10)

    def _is_over(self) -> bool:
        over = (Silenced(self._leg), HungUp(self._leg))
        return any(output in over for output in self._fake.seen)


class FakeBench(Bench):
    def __init__(self, fake: FakeServer) -> None:
        self.fake = fake
        self.access = Access(url=fake.url, user=fake.user, password=fake.password)
        fake.model.needs_beat = True
        fake.model.dead.add("PJSIP/op-dead")
        fake.model.unregistered.add("PJSIP/op-away")

    async def dial(self, did: str, caller: str = "0812345678", *, has_keys: bool = False) -> Caller:
        return FakeCaller(self.fake, self.fake.do(self.fake.model.call_in, did, caller))

    async def rings(self, operator: str) -> RingingPhone:
        async with asyncio.timeout(40):
            rings = await self.fake.sees(Rings)
        assert rings.endpoint == f"PJSIP/op-{operator}"
        return FakePhone(self.fake, rings.leg)

    async def crash(self) -> None:
        self.fake.cut()
        await asyncio.sleep(0.05)
        self.fake.do(self.fake.model.crash)


# --- the real one ------------------------------------------------------------------------------


async def _really_hears(call: Call, voices: tuple[str, ...]) -> None:
    """Measure half a second from now on, and repeat it until it is as wanted."""
    call.audio.heard.clear()

    def as_wanted() -> bool:
        there = {name for name, hertz in TONES.items() if call.audio.level_of(hertz) > AUDIBLE}
        return len(call.audio.heard) >= 4000 and there == set(voices)

    await until(as_wanted, within=10)


class RealCaller(Caller):
    def __init__(self, call: Call) -> None:
        self._call = call

    def hang_up(self) -> None:
        self._call.hang_up()

    def speak(self) -> None:
        self._call.talk(CALLER_TONE)

    def be_quiet(self) -> None:
        self._call.talk(0.0)

    def fall_silent(self) -> None:
        self._call.fall_silent()

    def hold(self, *, on: bool) -> None:
        self._call.offer("sendonly" if on else "sendrecv")

    def press(self, key: str, way: str) -> None:
        self._call.press(key, way)

    def forget(self) -> None:
        self._call.has_forgotten = True

    async def is_cut_off(self) -> None:
        await asyncio.wait_for(self._call.ended.wait(), 60)

    async def hears_music(self) -> None:
        await self._hears(lambda voice: voice < 0.05 and any(self._call.audio.heard[-800:]))

    async def hears_operator(self) -> None:
        self._call.talk(CALLER_TONE)
        await self._hears(lambda voice: voice > 0.95)

    async def hears(self, *voices: str) -> None:
        await _really_hears(self._call, voices)

    async def _hears(self, condition: Callable[[float], bool]) -> None:
        """Measure half a second from now on, and repeat it until the operator's share of it is as
        wanted."""
        audio = self._call.audio
        audio.heard.clear()
        await until(
            lambda: len(audio.heard) >= 4000 and condition(audio.share_of(OPERATOR_TONE, 0.3)),
            within=10,
        )


class RealPhone(RingingPhone):
    def __init__(self, call: Call) -> None:
        self._call = call

    def answer(self, voice: str = "operator") -> None:
        self._call.answer()
        self._call.talk(TONES[voice])

    async def hears(self, *voices: str) -> None:
        await _really_hears(self._call, voices)

    def refuse(self, status: int) -> None:
        self._call.refuse(status)

    def hang_up(self) -> None:
        self._call.hang_up()

    async def is_over(self) -> None:
        await asyncio.wait_for(self._call.ended.wait(), 40)


class RealBench(Bench):
    def __init__(self, asterisk: PrivateAsterisk, callers: Phone, phones: Phone) -> None:
        self.asterisk = asterisk
        self.access = Access(
            url=asterisk.ari_url, user="callcenter", password=asterisk.ari_password
        )
        self._callers, self._phones = callers, phones

    async def dial(self, did: str, caller: str = "0812345678", *, has_keys: bool = False) -> Caller:
        source = f'"" <sip:{caller}@127.0.0.1>'
        return RealCaller(await self._callers.call(did, source, has_keys=has_keys))

    async def rings(self, operator: str) -> RingingPhone:
        return RealPhone(await asyncio.wait_for(self._phones.rings(f"op-{operator}"), 40))

    async def crash(self) -> None:
        self.asterisk.kill()
        await asyncio.to_thread(self.asterisk.start)


@asynccontextmanager
async def real_bench(asterisk: PrivateAsterisk) -> AsyncIterator[RealBench]:
    """People at a running Asterisk."""
    port = asterisk.settings.sip_port
    async with Phone(CALLERS_PORT, port) as callers, Phone(PHONES_PORT, port) as phones:
        yield RealBench(asterisk, callers, phones)
