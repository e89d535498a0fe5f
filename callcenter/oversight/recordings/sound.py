"""The sound of a recording: two sides of A-law become one stereo stream, and WAV when it is played.

A-law is kept (8,000 bytes a second and side, as it came over the phone). A browser gets WAV with 16
bits, which all browsers play. Each kept byte becomes two bytes of WAV, so every position in one is
a position in the other. Pure.
"""

import struct
from collections.abc import Sequence

RATE = 8_000
SIDES = 2
KEPT_A_SECOND = RATE * SIDES
HEADER_BYTES = 44
SILENCE = 0xD5
PEAKS = 240
"""Values for each side, enough for the waveform on a page."""


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
    """Caller left, operator right. The shorter side is filled with silence."""
    longest = max(len(caller), len(operator))
    both = bytearray(bytes([SILENCE]) * (longest * SIDES))
    both[0 : 2 * len(caller) : 2] = caller
    both[1 : 2 * len(operator) : 2] = operator
    return bytes(both)


def linear(kept: bytes) -> bytes:
    """16 bits for each sample, in the order of WAV."""
    out = bytearray(2 * len(kept))
    out[0::2] = kept.translate(_LOW)
    out[1::2] = kept.translate(_HIGH)
    return bytes(out)


def header(kept_bytes: int) -> bytes:
    """The header of a WAV file with this many kept bytes."""
    size = 2 * kept_bytes
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", min(size + HEADER_BYTES - 8, 0xFFFFFFFF), b"WAVE", b"fmt ", 16, 1, SIDES),
        *(RATE, RATE * SIDES * 2, SIDES * 2, 16, b"data", min(size, 0xFFFFFFFF)),
    )


def wav_bytes(kept_bytes: int) -> int:
    """The length of the WAV of this many kept bytes."""
    return HEADER_BYTES + 2 * kept_bytes


def kept_place(start: int, end: int) -> tuple[int, int, int]:
    """What must be read for bytes `start` to `end` of the WAV: the position, the length, and how
    many bytes of the WAV must be skipped. The header is not counted."""
    first, last = max(0, start - HEADER_BYTES), max(0, end - HEADER_BYTES)
    return first // 2, -(-last // 2) - first // 2, first % 2


class Peaks:
    """How loud each side was: 0 to 255, over at most PEAKS parts of time."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._found: list[tuple[int, int]] = []

    def hear(self, kept: bytes) -> None:
        """Add bytes."""
        self._waiting += kept
        while len(self._waiting) >= _PEAK_BYTES:
            self._take(bytes(self._waiting[:_PEAK_BYTES]))
            del self._waiting[:_PEAK_BYTES]

    def all(self) -> bytes:
        """The values of the caller's side, then as many of the operator's."""
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
    """The caller's and the operator's values."""
    half = len(peaks) // 2
    return list(peaks[:half]), list(peaks[half:])
