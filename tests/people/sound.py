"""One RTP socket: speaks one tone (or silence) every 20 ms and hands what it hears to an ear.

RFC 3550 without RTCP; A-law or mu-law (RFC 3551 payload types 8 and 0) and telephone-events
(RFC 4733) are all the codecs there are. A sound is opened for one call and closed with it. When a
packet came is told by the kernel (SO_TIMESTAMPNS, socket(7)), not by when we had time to look: so
one clock for all sounds looks every 20 ms, and a hundred people cost a tenth of a core.

`sound.stream` says how its packets are numbered; a story that changes it (`Jump`) does what a
carrier does when it moves a call to another gateway.
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
ROOM_BYTES = 1_000_000  # for packets that come while we look elsewhere
CATCH_UP_FRAMES = 500  # ten seconds: who was held up longer leaves the rest out


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """How a stream of RTP goes on in another way than its last packet tells. 0: as before."""

    numbers: int = (
        0  # sequence numbers that are left out; over 32,768 of them look like a step back
    )
    samples: int = 0  # of the time stamps
    new_source: bool = False  # another SSRC
    new_port: bool = False  # packets come from another port, and are wanted there


@dataclass(slots=True)
class Stream:
    """What the next packet says of itself (RFC 3550 section 5.1)."""

    source: int = field(default_factory=lambda: random.getrandbits(32))
    number: int = field(default_factory=lambda: random.getrandbits(16))
    time: int = field(default_factory=lambda: random.getrandbits(32))

    def step(self, numbers: int, samples: int) -> None:
        """Go on by so much."""
        self.number = (self.number + numbers) & 0xFFFF
        self.time = (self.time + samples) & 0xFFFFFFFF


class Sound:
    """`Sound.open(...)`, then `speak_to(far_end)`; `ear` holds what came back."""

    drops_what_is_behind: ClassVar[bool] = False
    """As a far end that is Debian's Asterisk: a packet whose number is more than 32,768 ahead of
    the last one is taken for an old one, until the numbers have caught up (2016_opus_plc.patch)."""

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
        self._due = 0.0  # when the next frame is to be sent; 0: nothing is
        self._event_time = 0
        self._digits: list[bytes] = []  # telephone-events to be sent; b"" for a frame of voice
        self._heard_number: int | None = None

    @classmethod
    def open(cls, address: str, voice: int | None, codec: int = ALAW) -> Self:
        """Bind a free port of `address`. Without a `voice` nothing is ever sent."""
        sound = cls(voice, codec)
        sound._socket = _bound(address)
        Sound._open.add(sound)
        loop = asyncio.get_running_loop()
        if Sound._clock is None or Sound._ticks_in is not loop:  # a test before had its own
            Sound._ticks_in = loop
            Sound._tick()
        return sound

    @classmethod
    def _tick(cls) -> None:
        """Everybody's 20 ms; stops when nobody is left."""
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
        """Where this ear listens."""
        assert self._socket is not None
        port: int = self._socket.getsockname()[1]
        return port

    def speak_to(self, far_end: tuple[str, int]) -> None:
        """Begin (or go on) to speak, to this address; and listen to nobody else."""
        self._to = far_end
        if self.voice is not None and not self._due:
            self._due = time.monotonic()

    def be_quiet(self) -> None:
        """Send nothing, until `speak_to`."""
        self._due = 0.0

    def jump(self, how: Jump) -> None:
        """The next packet belongs to a stream that goes on like this. Who takes a new port must
        say so to the far end (a new offer)."""
        self.stream.step(how.numbers, how.samples)
        if how.new_source:
            self.stream.source = random.getrandbits(32)
        if how.new_port and self._socket is not None:
            address = self._socket.getsockname()[0]
            self._socket.close()
            self._socket = _bound(address)

    def press(self, digits: str) -> None:
        """Send keys as telephone-events, 120 ms each, and the voice for as long in between."""
        for digit in digits:
            event = DIGITS.index(digit)
            for length in range(1, 6):
                self._digits.append(struct.pack("!BBH", event, 10, length * FRAME_SAMPLES))
            self._digits += [struct.pack("!BBH", event, 0x8A, 6 * FRAME_SAMPLES)] * 3
            self._digits += [b""] * 6

    def close(self) -> None:
        """Neither speak nor listen any more; what was heard is kept."""
        Sound._open.discard(self)
        if self._socket is not None:
            self._read(time.monotonic() - time.time())
            self._socket.close()
            self._socket = None

    def _read(self, to_monotonic: float) -> None:
        """Everything that waits in the socket."""
        if self._socket is None:
            return
        while True:
            try:
                data, notes, _, came_from = self._socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except OSError:  # the far end's port is closed: the end of a call, told by SIP
                continue
            if came_from != self._to:  # meant for who had this port before us
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
        """Every frame that is due."""
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
            self._event_time = self.stream.time  # all packets of an event carry its beginning
        kind, payload = (DTMF, event) if event else (self.codec, self._frame)
        at = self._event_time or self.stream.time
        head = HEADER.pack(0x80, kind, self.stream.number, at, self.stream.source)
        try:
            self._socket.sendto(head + payload, to)
        except OSError:  # its port is closed (ECONNREFUSED of an earlier packet), or no room
            return


def _bound(address: str) -> socket.socket:
    """A socket at a free port."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setblocking(False)
    bound.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM_BYTES)
    bound.bind((address, 0))
    return bound
