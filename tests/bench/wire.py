"""The neutral clock: every SIP packet on the loopback with the kernel's time stamp.

tcpdump writes, this reads. Nobody's own log is believed. An operator is known by the user part of
the INVITE's request line, a conversation by its Call-ID.
"""

import re
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_INVITE = re.compile(rb"INVITE sip:([^@ ]+)@")
_CALL_ID = re.compile(rb"\r\n(?:Call-ID|i): *([^\r\n]+)", re.IGNORECASE)
_CSEQ = re.compile(rb"\r\nCSeq: *\d+ +(\w+)", re.IGNORECASE)
_NO_REPEATS = (b"ACK", b"SIP/2.0 100")  # sent again with what they answer, not by themselves


class Capture:
    """tcpdump while the block runs: `with Capture(file, port):`."""

    def __init__(self, file: Path, port: int) -> None:
        self.file = file
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        how = ["-B", "16384", "-s", "1024", "-U", "-Z", "root", "-w", str(self.file)]
        self._process = subprocess.Popen(
            ["tcpdump", "-i", "lo", *how, f"udp port {self._port}"], stderr=subprocess.PIPE
        )
        assert self._process.stderr is not None
        said = b""
        for line in self._process.stderr:
            if b"listening" in line:
                return self
            said += line
        self._process.communicate()
        words = said.decode(errors="replace").strip()
        raise RuntimeError(f"the loopback cannot be listened to: {words}")

    def __exit__(self, *_error: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        _, said = self._process.communicate(timeout=20)
        dropped = re.search(rb"(\d+) packets dropped by kernel", said)
        if dropped and int(dropped[1]):
            raise RuntimeError(f"the capture lost {int(dropped[1])} packets; the block is void")


def try_capture() -> None:
    """RuntimeError or FileNotFoundError when tcpdump may not listen, or is not there."""
    with tempfile.TemporaryDirectory() as folder, Capture(Path(folder) / "trial.pcap", 9):
        pass


@dataclass(slots=True)
class Rung:
    """One offer as the wire shows it. Times in seconds, 0 when it did not happen."""

    operator: str
    invited_at: float
    answered_at: float = 0.0
    over_at: float = 0.0  # the operator's own BYE


@dataclass(slots=True)
class Called:
    """One caller's call. `up_at` is Asterisk's answer, `left_at` the caller's own BYE."""

    dialled_at: float
    up_at: float = 0.0
    left_at: float = 0.0


@dataclass(slots=True)
class Story:
    """What a capture tells."""

    rung: list[Rung] = field(default_factory=list)
    called: list[Called] = field(default_factory=list)
    messages: int = 0
    repeats: int = 0  # of those, in calls that began here: sent again for want of an answer
    refusals: int = 0  # answers of 400 and more from Asterisk
    until: float = 0.0  # when the last message was seen

    @property
    def answered(self) -> list[Rung]:
        """Those that were picked up."""
        return [one for one in self.rung if one.answered_at]

    @property
    def talks(self) -> list[float]:
        """Seconds from each operator's 200 OK to the same operator's BYE."""
        return [one.over_at - one.answered_at for one in self.answered if one.over_at]

    @property
    def repeated_share(self) -> float:
        """Of all messages."""
        return self.repeats / max(1, self.messages)

    def free_to_invite(self) -> list[float]:
        """Seconds from each operator's BYE to the next INVITE to that operator."""
        free: dict[str, float] = {}
        gaps: list[float] = []
        for one in sorted(self.rung, key=lambda r: r.invited_at):
            if one.operator in free and free[one.operator] <= one.invited_at:
                gaps.append(one.invited_at - free.pop(one.operator))
            if one.over_at:
                free[one.operator] = one.over_at
        return gaps


def read(file: Path, *, asterisk_port: int, operators_port: int) -> Story:
    """Tell a capture's story."""
    teller = _Teller(asterisk_port, operators_port)
    for when, source, message in packets(file):
        teller.hear(when, source, message)
    return teller.story


def packets(file: Path) -> Iterator[tuple[float, int, bytes]]:
    """(seconds, source port, SIP message) of each UDP packet in a capture of the loopback."""
    content = file.read_bytes()
    magic = struct.unpack_from("<I", content)[0]
    fraction = 1e-9 if magic == 0xA1B23C4D else 1e-6
    at = 24
    while at + 16 <= len(content):
        seconds, part, length, _ = struct.unpack_from("<IIII", content, at)
        frame = content[at + 16 : at + 16 + length]
        at += 16 + length
        ip = frame[14:]  # behind the Ethernet header that "lo" is given
        udp = ip[(ip[0] & 15) * 4 :]
        yield seconds + part * fraction, struct.unpack_from(">H", udp)[0], udp[8:]


class _Teller:
    """Message by message."""

    def __init__(self, asterisk_port: int, operators_port: int) -> None:
        self.story = Story()
        self._asterisk_port, self._operators_port = asterisk_port, operators_port
        self._rung: dict[bytes, Rung] = {}
        self._called: dict[bytes, Called] = {}
        self._seen: set[tuple[bytes, bytes, int]] = set()

    def hear(self, when: float, source: int, message: bytes) -> None:
        """The next message on the wire."""
        found, cseq = _CALL_ID.search(message), _CSEQ.search(message)
        if not found or not cseq:
            return
        call, method, head = found[1], cseq[1], message.split(b"\r\n", 1)[0]
        self.story.messages += 1
        self.story.until = when
        key = (call, head[:60] + method, source)
        if key in self._seen:
            begun = call in self._rung or call in self._called
            self.story.repeats += begun and not head.startswith(_NO_REPEATS)
            return
        self._seen.add(key)
        if invite := _INVITE.match(head):
            self._begin(call, invite[1].decode(), source, when)
        elif source == self._asterisk_port:
            self._asterisk_says(call, head, method, when)
        else:
            self._person_says(call, head, method, when)

    def _begin(self, call: bytes, user: str, source: int, when: float) -> None:
        if source == self._asterisk_port:
            self._rung[call] = Rung(user, when)
            self.story.rung.append(self._rung[call])
        else:
            self._called[call] = Called(when)
            self.story.called.append(self._called[call])

    def _asterisk_says(self, call: bytes, head: bytes, method: bytes, when: float) -> None:
        if head.startswith(b"SIP/2.0 200") and method == b"INVITE" and call in self._called:
            self._called[call].up_at = when
        self.story.refusals += head.startswith((b"SIP/2.0 4", b"SIP/2.0 5", b"SIP/2.0 6"))

    def _person_says(self, call: bytes, head: bytes, method: bytes, when: float) -> None:
        if call in self._rung and head.startswith(b"SIP/2.0 200") and method == b"INVITE":
            self._rung[call].answered_at = when
        elif call in self._rung and head.startswith(b"BYE"):
            self._rung[call].over_at = when
        elif call in self._called and head.startswith(b"BYE"):
            self._called[call].left_at = when
