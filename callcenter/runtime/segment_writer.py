"""Writes one segment of the journal. Raises OSError; `journal_disk.py` decides what to do then.

A write that the disk cut short is undone, so that a segment never has a broken record. `write` only
fills the kernel's memory, which outlives this process. `sync` makes it survive a power cut; it
blocks for milliseconds and belongs in a thread.
"""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from callcenter.core.snapshot import Piece
from callcenter.runtime.record import Header, encode_header, encode_snapshot
from callcenter.runtime.segment import Segment, segment_path


class SegmentWriter:
    """A new segment in `directory`. Its header is written, and its snapshot if there is one."""

    def __init__(
        self, directory: Path, number: int, header: Header, snapshot: Iterable[Piece] | None
    ) -> None:
        records = [] if snapshot is None else encode_snapshot(header, snapshot)
        header = replace(header, remembered=len(records) or -1)
        path = segment_path(directory, number)
        self.segment = Segment(path=path, number=number, header=header)
        self.written_seq = header.first_seq - 1
        self.size = 0
        self._begun_bytes = 0
        self._is_named = False
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            self.write(b"".join((encode_header(header), *records)), self.written_seq)
        except OSError:
            self.close()
            path.unlink()
            raise
        self._begun_bytes = self.size

    @property
    def new_bytes(self) -> int:
        """The size without header and snapshot, in bytes."""
        return self.size - self._begun_bytes

    def write(self, records: bytes, last_seq: int) -> None:
        """Write whole records, the last of them numbered `last_seq`. Writes all of them, or raises
        OSError and writes none."""
        done, view = 0, memoryview(records)
        try:
            while done < len(view):
                done += os.pwrite(self._file, view[done:], self.size + done)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise
        self.size += done
        self.written_seq = last_seq

    def sync(self) -> None:
        """Make everything written survive a power cut. Blocks; call it in a thread."""
        os.fdatasync(self._file)
        if not self._is_named:
            directory = os.open(self.segment.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
            self._is_named = True

    def close(self) -> None:
        """Close the file. What was written stays."""
        os.close(self._file)
