"""For how long somebody is heard in a message. Pure."""

FRAME_BYTES = 160
"""20 ms of A-law."""
FRAMES_A_SECOND = 50

LOUD_ENOUGH = 256
"""Of 32,768. Below this the loudest sample of a frame is the noise of a line (-42 dB)."""


def _size(code: int) -> int:
    """The size of one A-law sample (ITU-T G.711)."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    return (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)


_IS_LOUD = bytes(_size(code) >= LOUD_ENOUGH for code in range(256))


class Loudness:
    """Counts the frames of A-law in which something is heard."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._loud = 0

    def hear(self, alaw: bytes) -> None:
        """Add bytes."""
        self._waiting += alaw
        whole = len(self._waiting) - len(self._waiting) % FRAME_BYTES
        loud = bytes(self._waiting[:whole]).translate(_IS_LOUD)
        del self._waiting[:whole]
        self._loud += sum(
            1 in loud[start : start + FRAME_BYTES] for start in range(0, whole, FRAME_BYTES)
        )

    @property
    def seconds(self) -> float:
        """How long something was heard until now."""
        return self._loud / FRAMES_A_SECOND
