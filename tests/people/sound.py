"""One RTP socket: speaks one tone (or silence) every 20 ms, and gives what it hears to an ear.

RFC 3550 without RTCP. The only codecs are A-law, mu-law (RFC 3551 payload types 8 and 0) and
telephone-events (RFC 4733). A sound is opened for one call and closed with it. The arrival time of
a packet is that of the kernel (SO_TIMESTAMPNS, socket(7)), not that of our reading. So one clock
for all sounds reads every 20 ms, and a hundred people cost a tenth of a core.

`sound.stream` has the numbers of its packets. A story that changes it (`Jump`) does what a carrier
does when it moves a call to another gateway.
"""

import asyncio
import random
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import ClassVar, Self

from tests.people.ear import Ear, Head
from tests.people.tones import ALAW_OF_ULAW, FRAME_SAMPLES, SILENT_FRAME, ULAW_OF_ALAW, tone_frame

ALAW, ULAW = 8, 0
DTMF = 101
FRAME_SECONDS = 0.02
HEADER = struct.Struct("!BBHII")
STAMP = struct.Struct("@qq")
SO_TIMESTAMPNS = 35
DIGITS = "0123456789*#ABCD"
HALF_OF_ALL_NUMBERS = 32_768
ROOM_BYTES = 1_000_000  # for packets that arrive while we do something else
CATCH_UP_FRAMES = 500  # ten seconds: after a longer delay the rest is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """How an RTP stream continues differently from its last packet. 0: no change."""

    numbers: int = 0  # skipped sequence numbers; more than 32,768 look like a step back
    samples: int = 0  # of the time stamps
    new_source: bool = False  # another SSRC
    new_port: bool = False  # packets come from another port, and are wanted there


@dataclass(slots=True)
class Stream:
    """The header of the next packet (RFC 3550 section 5.1)."""

    source: int = field(default_factory=lambda: random.getrandbits(32))
    number: int = field(default_factory=lambda: random.getrandbits(16))
    time: int = field(default_factory=lambda: random.getrandbits(32))

    def step(self, numbers: int, samples: int) -> None:
        """Advance the numbers."""
        self.number = (self.number + numbers) & 0xFFFF
        self.time = (self.time + samples) & 0xFFFFFFFF


class Sound:
    """`Sound.open(...)`, then `speak_to(far_end)`. `ear` has what came back."""

    drops_what_is_behind: ClassVar[bool] = False
    """Behave like a far end with Debian's Asterisk: a packet whose number is more than 32,768 ahead
    of the last one is taken for an old one, until the numbers have caught up
    (2016_opus_plc.patch)."""

    _open: ClassVar[set["Sound"]] = set()
    _clock: ClassVar[asyncio.TimerHandle | None] = None
    _ticks_in: ClassVar[asyncio.AbstractEventLoop | None] = None

    def __init__(self, voice: int | None, codec: int = ALAW) -> None:
        self.voice, self.codec = voice, codec
        self.ear = Ear()
        self.stream = Stream()
        frame = tone_frame(voice) if voice else SILENT_FRAME
        self._frame = frame.translate(ULAW_OF_ALAW) if codec == ULAW else frame
        self._socket: socket.socket | None = None
        self._to: tuple[str, int] | None = None
        self._due = 0.0  # when the next frame must be sent; 0: none
        self._event_time = 0
        self._digits: list[bytes] = []  # telephone-events to send; b"" for a frame of voice
        self._heard_number: int | None = None

    @classmethod
    def open(cls, address: str, voice: int | None, codec: int = ALAW) -> Self:
        """Bind a free port of `address`. Without a `voice` nothing is ever sent."""
        sound = cls(voice, codec)
        sound._socket = _bound(address)
        Sound._open.add(sound)
        loop = asyncio.get_running_loop()
        if Sound._clock is None or Sound._ticks_in is not loop:  # an earlier test had its own loop
            Sound._ticks_in = loop
            Sound._tick()
        return sound

    @classmethod
    def _tick(cls) -> None:
        """The 20 ms clock of all sounds. It stops when none is left."""
        Sound._clock = None
        if not Sound._open:
            return
        Sound._clock = asyncio.get_running_loop().call_later(FRAME_SECONDS, Sound._tick)
        now, to_monotonic = time.monotonic(), time.monotonic() - time.time()
        for sound in Sound._open:
            sound._read(to_monotonic)
            sound.ear.listened_until = now
            sound._speak(now)

    @property
    def port(self) -> int:
        """The port where this ear listens."""
        assert self._socket is not None
        port: int = self._socket.getsockname()[1]
        return port

    def speak_to(self, far_end: tuple[str, int]) -> None:
        """Begin (or continue) to speak to this address, and listen only to it."""
        self._to = far_end
        if self.voice is not None and not self._due:
            self._due = time.monotonic()

    def be_quiet(self) -> None:
        """Send nothing until `speak_to`."""
        self._due = 0.0

    def jump(self, how: Jump) -> None:
        """The next packet continues the stream like this. A new port also needs a new offer to the
        far end."""
        self.stream.step(how.numbers, how.samples)
        if how.new_source:
            self.stream.source = random.getrandbits(32)
        if how.new_port and self._socket is not None:
            address = self._socket.getsockname()[0]
            self._socket.close()
            self._socket = _bound(address)

    def press(self, digits: str) -> None:
        """Send keys as telephone-events of 120 ms each, with the same time of voice in between."""
        for digit in digits:
            event = DIGITS.index(digit)
            for length in range(1, 6):
                self._digits.append(struct.pack("!BBH", event, 10, length * FRAME_SAMPLES))
            self._digits += [struct.pack("!BBH", event, 0x8A, 6 * FRAME_SAMPLES)] * 3
            self._digits += [b""] * 6

    def close(self) -> None:
        """Stop speaking and listening. What was heard is kept."""
        Sound._open.discard(self)
        if self._socket is not None:
            self._read(time.monotonic() - time.time())
            self._socket.close()
            self._socket = None

    def _read(self, to_monotonic: float) -> None:
        """Read everything that waits in the socket."""
        if self._socket is None:
            return
        while True:
            try:
                data, notes, _, came_from = self._socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except OSError:  # the far end's port is closed; SIP tells that the call has ended
                continue
            if came_from != self._to:  # for whoever had this port before us
                continue
            if len(data) > HEADER.size and data[1] & 0x7F == self.codec:
                if self.drops_what_is_behind and self._is_behind(HEADER.unpack_from(data)[2]):
                    continue
                seconds, nanoseconds = STAMP.unpack(notes[0][2][: STAMP.size])
                payload = data[HEADER.size :]
                if self.codec == ULAW:
                    payload = payload.translate(ALAW_OF_ULAW)
                _, _, number, stamp, source = HEADER.unpack_from(data)
                at = seconds + nanoseconds / 1e9 + to_monotonic
                self.ear.take(payload, at, Head(source, number, stamp))

    def _is_behind(self, number: int) -> bool:
        last = number if self._heard_number is None else self._heard_number
        if (number - last) & 0xFFFF > HALF_OF_ALL_NUMBERS:
            return True
        self._heard_number = number
        return False

    def _speak(self, now: float) -> None:
        """Send every frame that is due."""
        if not self._due or self._to is None:
            return
        self._due = max(self._due, now - CATCH_UP_FRAMES * FRAME_SECONDS)
        while self._due <= now:
            self._send(self._to)
            self._due += FRAME_SECONDS

    def _send(self, to: tuple[str, int]) -> None:
        assert self._socket is not None
        self.stream.step(1, FRAME_SAMPLES)
        event = self._digits.pop(0) if self._digits else b""
        if not event:
            self._event_time = 0
        elif not self._event_time:
            # all packets of an event have the time of its beginning
            self._event_time = self.stream.time
        kind, payload = (DTMF, event) if event else (self.codec, self._frame)
        at = self._event_time or self.stream.time
        head = HEADER.pack(0x80, kind, self.stream.number, at, self.stream.source)
        try:
            self._socket.sendto(head + payload, to)
        # the port is closed (ECONNREFUSED of an earlier packet), or there is no room
        except OSError:
            return


def _bound(address: str) -> socket.socket:
    """A socket on a free port."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setblocking(False)
    bound.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM_BYTES)
    bound.bind((address, 0))
    return bound
