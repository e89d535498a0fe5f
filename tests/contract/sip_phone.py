"""A telephone in the test's own process: callers and operators, controlled step by step by the
script.

SIPp plays a scenario by the clock. These tests need people who act at an exact moment ("hang up
while the join is under way") and on both ends at once. So this speaks just enough SIP (RFC 3261:
INVITE, ACK, CANCEL, BYE and their answers over UDP on loopback) and RTP (RFC 3550, PCMA) for that.
One socket is many phones: the user part of the request line says whose phone rings.
"""

import asyncio
import itertools
import math
import re
import struct
import time
from collections import defaultdict
from collections.abc import Callable
from typing import cast

_TOKENS = itertools.count(1)
_FRAME = 160  # samples of 20 ms at 8 kHz, one byte each in PCMA
PHONE_EVENT = 101
_OFFERED_KEYS = f"a=rtpmap:{PHONE_EVENT} telephone-event/8000\r\na=fmtp:{PHONE_EVENT} 0-15\r\n"
_KEY_TONES = {
    key: (low, high)
    for row, low in zip(("123", "456", "789", "*0#"), (697.0, 770.0, 852.0, 941.0), strict=True)
    for key, high in zip(row, (1209.0, 1336.0, 1477.0), strict=True)
}


def _token(kind: str) -> str:
    return f"{kind}{next(_TOKENS)}-{time.monotonic_ns():x}"


class Message:
    """A SIP message, parsed only as far as a phone needs."""

    def __init__(self, raw: bytes) -> None:
        head, _, body = raw.decode("utf-8", "replace").partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.start = lines[0]
        self.body = body
        self.headers: list[tuple[str, str]] = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers.append((name.strip().lower(), value.strip()))

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def status(self) -> int:
        """The status code of an answer, 0 for a request."""
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        return self.get("cseq").split(" ")[-1]


class Audio(asyncio.DatagramProtocol):
    """One RTP end: sends a tone of `hertz` if asked to, and keeps what it hears."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self._sequence = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard += data[12:]

    @property
    def port(self) -> int:
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def send_key(self, remote_port: int, key: str) -> None:
        """A key as an event of RFC 4733, held for 100 ms, without other sound."""
        assert self._transport is not None
        event, stamp = "0123456789*#".index(key), int(time.monotonic() * 8000) & 0xFFFFFFFF
        durations = [*range(160, 801, 160), 800, 800]
        for number, duration in enumerate(durations):
            ends = 0x80 if number >= len(durations) - 3 else 0
            kind = PHONE_EVENT | (0x80 if number == 0 else 0)
            self._sequence += 1
            header = struct.pack("!BBHII", 0x80, kind, self._sequence & 0xFFFF, stamp, 0x1567)
            event_part = struct.pack("!BBH", event, ends | 10, duration)
            self._transport.sendto(header + event_part, ("127.0.0.1", remote_port))

    def send_key_tones(self, remote_port: int, key: str) -> None:
        """A key as its two tones for 200 ms, with some silence after it."""
        low, high = _KEY_TONES[key]
        frames = [_mixed(low, high, number * _FRAME) for number in range(10)]
        frames += [bytes([0xD5]) * _FRAME] * 10
        self._task = asyncio.get_running_loop().create_task(self._send_all(remote_port, frames))

    async def _send_all(self, remote_port: int, frames: list[bytes]) -> None:
        for number, frame in enumerate(frames):
            assert self._transport is not None
            header = struct.pack("!BBHII", 0x80, 8, number, number * _FRAME, 0x1567)
            self._transport.sendto(header + frame, ("127.0.0.1", remote_port))
            await asyncio.sleep(0.02)

    def send_tone(self, remote_port: int, hertz: float) -> None:
        """Send a tone from now on until `close`."""
        self._task = asyncio.get_running_loop().create_task(self._send(remote_port, hertz))

    async def _send(self, remote_port: int, hertz: float) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for number in itertools.count():
            assert self._transport is not None
            header = struct.pack("!BBHII", 0x80, 8, number & 0xFFFF, number * _FRAME, 0x1567)
            self._transport.sendto(
                header + tone(hertz, number * _FRAME), ("127.0.0.1", remote_port)
            )
            await asyncio.sleep(max(0.0, started + (number + 1) * 0.02 - loop.time()))

    def stop(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()

    def share_of(self, hertz: float, seconds: float = 0.5) -> float:
        """The share (0 to 1) at `hertz` of the energy of the last `seconds` heard."""
        samples = [_LINEAR[byte] for byte in self.heard[-int(8000 * seconds) :]]
        energy = sum(sample * sample for sample in samples)
        if energy == 0:
            return 0.0
        turn = 2 * math.pi * hertz / 8000
        real = sum(sample * math.cos(turn * at) for at, sample in enumerate(samples))
        imaginary = sum(sample * math.sin(turn * at) for at, sample in enumerate(samples))
        return 2 * (real * real + imaginary * imaginary) / (len(samples) * energy)

    def level_of(self, hertz: float, seconds: float = 0.3) -> float:
        """How loud the last `seconds` heard were at `hertz`: 1 is the loudest."""
        samples = [_LINEAR[byte] for byte in self.heard[-int(8000 * seconds) :]]
        turn = 2 * math.pi * hertz / 8000
        real = sum(sample * math.cos(turn * at) for at, sample in enumerate(samples))
        imaginary = sum(sample * math.sin(turn * at) for at, sample in enumerate(samples))
        return 2 * math.hypot(real, imaginary) / max(1, len(samples)) / 32768

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._transport.close()


class Call:
    """One call at a phone, in either direction."""

    def __init__(self, phone: "Phone", audio: Audio, *, call_id: str, incoming: bool) -> None:
        self.phone = phone
        self.audio = audio
        self.call_id = call_id
        self.incoming = incoming
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()  # ended in any way: refused, cancelled, hung up by either side
        self.status = 0  # the last answer to our INVITE
        self.local = ""
        self.remote = ""
        self.target = ""
        self.remote_rtp_port = 0
        self.sequence = 1
        self.invite: Message | None = None
        self._way = "sendrecv"  # the direction of our last offer, in case it must be repeated
        self.has_keys = False  # offers the events of RFC 4733
        self.has_forgotten = False  # has forgotten the call
        self._ringing = ""  # our last answer, which is repeated if the INVITE is

    # -- what a person does -------------------------------------------------------------------

    def answer(self) -> None:
        """Answer a ringing phone."""
        self._reply_to_invite(200, "OK", self._sdp())
        self.answered.set()

    def refuse(self, status: int) -> None:
        """Refuse the call (486 busy, 603 decline, ...)."""
        self._reply_to_invite(status, "No")
        self.ended.set()

    def hang_up(self) -> None:
        """End the call, or cancel it."""
        if self.ended.is_set():
            return
        if self.answered.is_set():
            self.sequence += 1
            self.phone.send(self._request("BYE", self.sequence, self.target, _token("z9hG4bK")))
            self.ended.set()
        else:
            assert self.invite is not None and not self.incoming
            self.phone.send(self._request("CANCEL", 1, self.target, self._branch))

    def talk(self, hertz: float) -> None:
        """Send a tone to the other end."""
        self.audio.send_tone(self.remote_rtp_port, hertz)

    def press(self, key: str, way: str = "rfc4733") -> None:
        """Press a key, sent by `rfc4733` (the call must offer it), `info` or `tones`."""
        match way:
            case "rfc4733":
                self.audio.send_key(self.remote_rtp_port, key)
            case "info":
                self.sequence += 1
                body = f"Signal={key}\r\nDuration=160\r\n"
                lines = self._lines("INFO", self.sequence, self.target, _token("z9hG4bK"))
                self.phone.send(_finish(lines, body, "application/dtmf-relay"))
            case _:
                self.audio.send_key_tones(self.remote_rtp_port, key)

    def fall_silent(self) -> None:
        """Stop sending sound."""
        self.audio.stop()

    def offer(self, way: str) -> None:
        """Set the direction of sound from now on: sendonly is hold."""
        self.sequence += 1
        self._branch, self._way = _token("z9hG4bK"), way
        body = f"{self._sdp(self.sequence)}a={way}\r\n"
        self.phone.send(self._request("INVITE", self.sequence, self.target, self._branch, body))

    # -- the protocol -------------------------------------------------------------------------

    def start(self, target: str, source: str) -> None:
        self.target = target
        self.local = f"{source};tag={_token('t')}"
        self.remote = f"<{target}>"
        self._branch = _token("z9hG4bK")
        text = self._request("INVITE", 1, target, self._branch, self._sdp())
        self.invite = Message(text)
        self.phone.send(text)

    def on_answer(self, message: Message) -> None:
        """An answer to one of our requests."""
        if message.method != "INVITE" or message.status < 180:
            return
        self.status = message.status
        if message.status < 200:
            return
        self.remote = message.get("to")
        if message.status < 300:
            contact = re.search(r"<([^>]+)>", message.get("contact"))
            assert contact is not None
            self.target = contact.group(1)
            self._learn_rtp(message)
            number = int(message.get("cseq").split()[0])
            self.phone.send(self._request("ACK", number, self.target, _token("z9hG4bK")))
            self.answered.set()
        else:
            number = int(message.get("cseq").split()[0])
            self.phone.send(self._request("ACK", number, self.target, self._branch))
            if message.status in (491, 500):  # another offer is under way (RFC 3261 section 14)
                asyncio.get_running_loop().call_later(0.3, self.offer, self._way)
                return
            self.ended.set()

    def on_request(self, message: Message) -> None:
        """A request of the other end."""
        if message.method == "INVITE":
            self._on_invite(message)
        elif message.method == "BYE":
            self.phone.send(_reply(message, 200, "OK"))
            self.ended.set()
        elif message.method == "CANCEL":
            self.phone.send(_reply(message, 200, "OK"))
            if not self.answered.is_set() and not self.ended.is_set():
                self._reply_to_invite(487, "Request Terminated")
                self.ended.set()

    def _on_invite(self, message: Message) -> None:
        if self.invite is None:
            self.invite = message
            self.local = f"{message.get('to')};tag={_token('t')}"
            self.remote = message.get("from")
            contact = re.search(r"<([^>]+)>", message.get("contact"))
            self.target = contact.group(1) if contact else ""
            self._learn_rtp(message)
        if message.get("cseq") != self.invite.get("cseq"):  # a re-INVITE
            self.invite = message
            if self.has_forgotten:
                self.phone.send(_reply(message, 481, "Call Does Not Exist"))
                return
            self._reply_to_invite(200, "OK", self._sdp())
        elif self._ringing:
            self.phone.send(self._ringing.encode())
        elif not self.phone.silent:
            self._reply_to_invite(180, "Ringing")

    def _reply_to_invite(self, status: int, reason: str, body: str = "") -> None:
        assert self.invite is not None
        raw = _reply(self.invite, status, reason, to=self.local, contact=self.phone, body=body)
        self._ringing = raw.decode()
        self.phone.send(raw)

    def _learn_rtp(self, message: Message) -> None:
        found = re.search(r"m=audio (\d+)", message.body)
        self.remote_rtp_port = int(found.group(1)) if found else 0

    def _sdp(self, version: int = 1) -> str:
        return (
            f"v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.audio.port} RTP/AVP 8{' 101' if self.has_keys else ''}\r\n"
            f"a=rtpmap:8 PCMA/8000\r\n{_OFFERED_KEYS if self.has_keys else ''}"
        )

    def _request(self, method: str, number: int, uri: str, branch: str, body: str = "") -> bytes:
        return _finish(self._lines(method, number, uri, branch), body)

    def _lines(self, method: str, number: int, uri: str, branch: str) -> list[str]:
        return [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.phone.port};branch={branch};rport",
            "Max-Forwards: 70",
            f"From: {self.local}",
            f"To: {self.remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:phone@127.0.0.1:{self.phone.port}>",
        ]


class Phone(asyncio.DatagramProtocol):
    """One UDP socket with any number of phones. Use `async with Phone(port, server_port)`."""

    def __init__(self, port: int, server_port: int, *, silent: bool = False) -> None:
        self.port = port
        self.server_port = server_port
        self.silent = silent  # never answers anything: a phone that is not there
        self.calls: dict[str, Call] = {}
        self._ringing: dict[str, asyncio.Queue[Call]] = defaultdict(asyncio.Queue)
        self._transport: asyncio.DatagramTransport | None = None
        self._opening: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Phone":
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", self.port)
        )
        self._transport = transport
        return self

    async def __aexit__(self, *_: object) -> None:
        for call in self.calls.values():
            if call.answered.is_set():
                call.hang_up()
            call.audio.close()
        assert self._transport is not None
        self._transport.close()

    async def call(
        self,
        did: str,
        caller: str = '"Somchai" <sip:0812345678@127.0.0.1>',
        *,
        has_keys: bool = False,
    ) -> Call:
        """Dial, and return at once; wait for `answered`. `has_keys`: offers the events of RFC
        4733."""
        call = Call(self, await _open_audio(), call_id=_token("call"), incoming=False)
        call.has_keys = has_keys
        self.calls[call.call_id] = call
        call.start(f"sip:{did}@127.0.0.1:{self.server_port}", caller)
        return call

    async def rings(self, user: str) -> Call:
        """Wait until the phone of `user` rings."""
        return await self._ringing[user].get()

    def send(self, raw: bytes) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.sendto(raw, ("127.0.0.1", self.server_port))

    def datagram_received(self, data: bytes, addr: object) -> None:
        message = Message(data)
        call = self.calls.get(message.get("call-id"))
        if call is not None:
            handle: Callable[[Message], None] = (
                call.on_answer if message.status else call.on_request
            )
            handle(message)
        elif message.status == 0 and message.method == "INVITE" and not self.silent:
            task = asyncio.get_running_loop().create_task(self._open(message))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open(self, message: Message) -> None:
        call_id = message.get("call-id")
        audio = await _open_audio()
        if call_id in self.calls:  # the INVITE was repeated in the meantime
            audio.close()
            return
        call = self.calls[call_id] = Call(self, audio, call_id=call_id, incoming=True)
        call.on_request(message)
        user = re.match(r"INVITE sips?:([^@;>]+)@", message.start)
        self._ringing[user.group(1) if user else ""].put_nowait(call)


def _reply(
    request: Message,
    status: int,
    reason: str,
    *,
    to: str = "",
    contact: Phone | None = None,
    body: str = "",
) -> bytes:
    lines = [f"SIP/2.0 {status} {reason}"]
    lines += [f"Via: {via}" for via in request.every("via")]
    lines += [f"From: {request.get('from')}", f"To: {to or request.get('to')}"]
    lines += [f"Call-ID: {request.get('call-id')}", f"CSeq: {request.get('cseq')}"]
    if contact is not None:
        lines.append(f"Contact: <sip:phone@127.0.0.1:{contact.port}>")
    return _finish(lines, body)


def _finish(lines: list[str], body: str, kind: str = "application/sdp") -> bytes:
    if body:
        lines.append(f"Content-Type: {kind}")
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def _open_audio() -> Audio:
    loop = asyncio.get_running_loop()
    _, audio = await loop.create_datagram_endpoint(Audio, local_addr=("127.0.0.1", 0))
    return audio


def _a_law(sample: int) -> int:
    """ITU-T G.711 A-law: 16-bit sample to one byte."""
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(abs(sample), 32635)
    if magnitude < 256:
        coded = magnitude >> 4
    else:
        exponent = magnitude.bit_length() - 8
        coded = (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F)
    return (coded | sign) ^ 0x55


def _linear(byte: int) -> int:
    byte ^= 0x55
    exponent, mantissa = (byte & 0x70) >> 4, (byte & 0x0F) << 4
    sample = mantissa + 8 if exponent == 0 else (mantissa + 0x108) << (exponent - 1)
    return sample if byte & 0x80 else -sample


_LINEAR = [_linear(byte) for byte in range(256)]


def _mixed(low: float, high: float, start: int) -> bytes:
    turns = [2 * math.pi * hertz / 8000 for hertz in (low, high)]
    samples = (sum(6000 * math.sin(t * at) for t in turns) for at in range(start, start + _FRAME))
    return bytes(_a_law(int(sample)) for sample in samples)


def tone(hertz: float, start: int) -> bytes:
    """20 ms of a tone in PCMA, starting at sample `start`."""
    turn = 2 * math.pi * hertz / 8000
    return bytes(_a_law(int(8000 * math.sin(turn * at))) for at in range(start, start + _FRAME))
