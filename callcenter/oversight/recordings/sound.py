"""The sound of a recording: two sides of A-law become one stereo stream, and WAV when it is heard.

A-law is kept (8,000 bytes a second and side, as it came over the phone); a browser gets WAV with 16
bits, which all of them play. Each byte kept is two bytes of WAV, so that any place in the one is a
place in the other. Pure.
"""

import struct
from collections.abc import Sequence

RATE = 8_000
SIDES = 2
KEPT_A_SECOND = RATE * SIDES
HEADER_BYTES = 44
SILENCE = 0xD5
PEAKS = 240
"""Of each side: as many as a picture on a page needs."""


def _decoded(code: int) -> int:
    """One A-law byte as a linear sample (ITU-T G.711)."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if code & 0x80 else -size


_LINEAR = [_decoded(code) for code in range(256)]
_LOW = bytes(x & 0xFF for x in _LINEAR)
_HIGH = bytes((x >> 8) & 0xFF for x in _LINEAR)
_PEAK_BYTES = KEPT_A_SECOND // 10
_SIZE = bytes(min(255, abs(x) >> 7) for x in _LINEAR)


def interleaved(caller: bytes, operator: bytes) -> bytes:
    """Caller left, operator right; the shorter one is filled with silence."""
    longest = max(len(caller), len(operator))
    both = bytearray(bytes([SILENCE]) * (longest * SIDES))
    both[0 : 2 * len(caller) : 2] = caller
    both[1 : 2 * len(operator) : 2] = operator
    return bytes(both)


def linear(kept: bytes) -> bytes:
    """16 bits a sample, in the order of WAV."""
    out = bytearray(2 * len(kept))
    out[0::2] = kept.translate(_LOW)
    out[1::2] = kept.translate(_HIGH)
    return bytes(out)


def header(kept_bytes: int) -> bytes:
    """Of a WAV file with so much kept."""
    size = 2 * kept_bytes
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", min(size + HEADER_BYTES - 8, 0xFFFFFFFF), b"WAVE", b"fmt ", 16, 1, SIDES),
        *(RATE, RATE * SIDES * 2, SIDES * 2, 16, b"data", min(size, 0xFFFFFFFF)),
    )


def wav_bytes(kept_bytes: int) -> int:
    """How long the WAV of so much is."""
    return HEADER_BYTES + 2 * kept_bytes


def kept_place(start: int, end: int) -> tuple[int, int, int]:
    """What must be read for bytes `start` to `end` of the WAV: from where, how much, and how many
    bytes of that WAV come too early. The header is not counted."""
    first, last = max(0, start - HEADER_BYTES), max(0, end - HEADER_BYTES)
    return first // 2, -(-last // 2) - first // 2, first % 2


class Peaks:
    """How loud each side was: 0 to 255, over at most PEAKS pieces of time."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._found: list[tuple[int, int]] = []

    def hear(self, kept: bytes) -> None:
        """More of it."""
        self._waiting += kept
        while len(self._waiting) >= _PEAK_BYTES:
            self._take(bytes(self._waiting[:_PEAK_BYTES]))
            del self._waiting[:_PEAK_BYTES]

    def all(self) -> bytes:
        """Of the caller's side, then as many of the operator's."""
        if self._waiting:
            self._take(bytes(self._waiting))
            self._waiting.clear()
        each = -(-len(self._found) // PEAKS) or 1
        pieces = [self._found[at : at + each] for at in range(0, len(self._found), each)]
        return bytes(max(one[side] for one in piece) for side in range(SIDES) for piece in pieces)

    def _take(self, kept: bytes) -> None:
        sizes = kept.translate(_SIZE)
        self._found.append((max(sizes[0::2], default=0), max(sizes[1::2], default=0)))


def sides(peaks: bytes) -> tuple[Sequence[int], Sequence[int]]:
    """Caller's and operator's."""
    half = len(peaks) // 2
    return list(peaks[:half]), list(peaks[half:])
