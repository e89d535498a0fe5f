"""Independent softphones (baresip) for the same roles as our own people.

One runtime for the process. Every caller and operator is a user agent of it. What they hear goes
through the same ears, so that both kinds can be asked the same questions.
"""

import asyncio
import contextlib
import struct
import time
from types import TracebackType
from typing import Self

from baresip import Account, AudioNotActive, BaresipError, Config
from baresip.call import Call
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from tests.people.caller import next_voice
from tests.people.ear import Ear
from tests.people.tones import DECODED, FRAME_SAMPLES, alaw_of, tone_frame

FRAME_SECONDS = 0.02


class Softphones:
    """An async context with a running baresip."""

    async def __aenter__(self) -> Self:
        self._runtime = Runtime()
        await self._runtime.start(Config(net_interface="127.0.0.1", max_concurrent_calls=None))
        self.all: list[Softphone] = []
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for phone in self.all:
            await phone.hang_up()
        await self._runtime.close()

    async def new(self, user: str, secret: str, *, at: tuple[str, int]) -> "Softphone":
        """A phone. Without a secret it is a trunk's caller; with one it is an operator's, which
        registers."""
        account = Account(
            user=user,
            domain=f"{at[0]}:{at[1]}",
            password=secret,
            reg_interval=300 if secret else 0,
            audio_codecs=("pcma",),
        )
        agent = await UserAgent.create(self._runtime, account)
        phone = Softphone(agent, at)
        self.all.append(phone)
        if secret:
            agent.on_incoming(phone.pick_up)
            await agent.register()
        return phone


class Softphone:
    """One softphone with a voice and an ear, for one call at a time."""

    def __init__(self, agent: UserAgent, at: tuple[str, int]) -> None:
        self.voice, self.ear = next_voice(), Ear()
        self._agent, self._at = agent, at
        self._call: Call | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def dials(self, number: str) -> None:
        """Call. Listen for the answer: the library's own wait misses a quick one."""
        self._call = await self._agent.dial(f"sip:{number}@{self._at[0]}:{self._at[1]}")
        self._begin(self._call)

    def pick_up(self, call: Call) -> None:
        """Answer the ringing call."""
        self._call = call
        self._begin(call)
        self._tasks.append(asyncio.get_running_loop().create_task(call.answer()))

    def hears(self, sound: str | int, for_seconds: float = 0.3) -> bool:
        """Whether there is only this sound now."""
        return self.ear.hears(sound, for_seconds)

    @property
    def is_over(self) -> bool:
        """Whether the last call has ended."""
        return self._call is None or self._call.state.value == "closed"

    async def hang_up(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        if self._call is not None and not self.is_over:
            with contextlib.suppress(BaresipError):  # the far end was faster
                await self._call.hangup()

    def _begin(self, call: Call) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(self._speak_and_listen(call)))

    async def _speak_and_listen(self, call: Call) -> None:
        spoken = struct.pack(
            f"<{FRAME_SAMPLES}h", *(DECODED[code] for code in tone_frame(self.voice))
        )
        left = b""
        while True:
            await asyncio.sleep(FRAME_SECONDS)
            with contextlib.suppress(AudioNotActive):
                self._fill(call, spoken)
                left = self._listen(left + call.audio.read(64_000))

    def _fill(self, call: Call, spoken: bytes) -> None:
        """Stay a tenth of a second ahead of the network."""
        for _ in range(5 - call.audio.info().tx_buffered // len(spoken)):
            call.audio.write(spoken)

    def _listen(self, pcm: bytes) -> bytes:
        """Whole frames go to the ear; the rest is kept."""
        size = FRAME_SAMPLES * 2
        for start in range(0, len(pcm) - size + 1, size):
            samples = struct.unpack(f"<{FRAME_SAMPLES}h", pcm[start : start + size])
            self.ear.take(alaw_of(samples), time.monotonic())
        return pcm[len(pcm) - len(pcm) % size :]
