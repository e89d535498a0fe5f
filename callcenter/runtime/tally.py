"""The number of the last fact for which the journal's disk had no room. With it a kill (or a
reboot) in the meantime is noticed, and no number is used again."""

import contextlib
import os
import struct
from pathlib import Path


class Tally:
    """The number of the last fact for which the disk had no room, in a file of fixed size.
    Overwriting it needs no room. If the file cannot be made (the disk was full already), the number
    is not kept."""

    def __init__(self, directory: Path) -> None:
        self.last_seq = 0
        self._file: int | None = None
        try:
            self._file = os.open(directory / "held", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            written = os.pread(self._file, _TALLY.size, 0)
            if len(written) == _TALLY.size:
                self.last_seq = _sound_tally(written)
            else:
                os.pwrite(self._file, _TALLY.pack(0, 0), 0)
                os.fsync(self._file)
        except OSError:
            self.close()

    def note(self, seq: int) -> None:
        """A fact is held in memory, or lost."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, _TALLY.pack(seq, ~seq & _MASK), 0)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


# a number and its complement, so that a half-written one is recognised
_TALLY = struct.Struct("<QQ")
_MASK = (1 << 64) - 1


def _sound_tally(written: bytes) -> int:
    seq, complement = _TALLY.unpack(written)
    return int(seq) if complement == ~seq & _MASK else 0
