"""Follows the journal: gives new facts in order, from any number on, while more are being written.

It gives only whole steps, and only facts that are synced to disk, so that the database never has a
fact that the journal could lose. While the disk refuses facts, those held in memory are given at
once, because a kill would lose them otherwise. Facts are numbered without a gap, so lost ones can
be counted. Files are read in a thread and decoded in small slices, so that the event loop is never
held for long. The reader never writes. A reader whose `read` was cancelled has lost its place: make
a new one.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from callcenter.runtime.record import (
    Envelope,
    envelopes_of,
    first_offset,
)
from callcenter.runtime.segment import Segment

CHUNK_BYTES = 4 << 20  # about 28,000 facts, one transaction of the recorder
SLICE = 400  # records decoded before other tasks run: half a millisecond


class Followed(Protocol):
    """What the reader needs of a journal."""

    @property
    def segments(self) -> Sequence[Segment]:
        """All segment files, oldest first."""

    async def durable_beyond(self, seq: int) -> int:
        """Wait for something new. Gives the last fact that is in the files."""

    def held_after(self, seq: int, limit_bytes: int) -> bytes:
        """Records that are in no file yet."""


class JournalReader:
    """A place in the journal. `seq` is the last fact given."""

    def __init__(self, journal: Followed, after_seq: int) -> None:
        self.seq = after_seq
        self.damaged = 0  # segments that could not be read in part
        self.missed = 0  # lost facts: their numbers are missing
        self._journal = journal
        self._segment: Segment | None = None
        self._offset = 0
        self._begun: list[Envelope] = []  # the first facts of a step whose end was not read yet

    async def read(self) -> list[Envelope]:
        """The facts of the next steps: at least one, and about one chunk of the file. Waits for
        them."""
        while True:
            durable = await self._journal.durable_beyond(self.seq)
            if durable <= self.seq:
                held = await self._held()
                if held:
                    return held
                continue
            segment = self._segment = self._present_place() or self._first_segment()
            # must be asked before reading, because it may change
            is_last = segment is self._journal.segments[-1]
            chunk = await asyncio.to_thread(_chunk, segment.path, self._offset)
            if chunk is None and self._present_place() is not segment:
                continue  # the segment was moved in the meantime
            blob = chunk or b""
            entries, consumed = await self._entries(blob, durable)
            self._offset += consumed
            if entries:
                return entries
            if consumed == 0 and not is_last and len(blob) == CHUNK_BYTES:
                self._offset += CHUNK_BYTES // 2  # the chunk has no readable record
            elif consumed == 0 and not is_last:
                self.damaged += len(blob) > 0
                self._segment, self._offset = self._next_segment(segment), 0
                self._begun = []  # the end of the step was never written: it does not count
            elif consumed == 0:
                self._go_on_at(durable + 1)  # everything that was written has been given
                self.seq, self._begun = durable, []

    async def _entries(self, blob: bytes, durable_seq: int) -> tuple[list[Envelope], int]:
        """The new entries of steps that end in `blob`, and how many bytes of it were used."""
        found: list[Envelope] = []
        consumed = first_offset(blob) if self._offset == 0 else 0
        for count, (envelope, behind) in enumerate(envelopes_of(blob, consumed), 1):
            if envelope.seq > durable_seq:
                break
            consumed = behind
            if envelope.seq > self.seq and not envelope.remembered:
                self._go_on_at(envelope.seq)
                self._begun.append(envelope)
                if not envelope.unfinished:
                    found += self._begun
                    self._begun, self.seq = [], envelope.seq
            if count % SLICE == 0:
                await asyncio.sleep(0)
        return found, consumed

    async def _held(self) -> list[Envelope]:
        found: list[Envelope] = []
        records = self._journal.held_after(self.seq, CHUNK_BYTES)
        for count, (envelope, _) in enumerate(envelopes_of(records), 1):
            self._go_on_at(envelope.seq)
            self.seq = envelope.seq
            found.append(envelope)
            if count % SLICE == 0:
                await asyncio.sleep(0)
        return found

    def _go_on_at(self, seq: int) -> None:
        """Go on at `seq`. Facts between the last one given and this one are lost."""
        last = self._begun[-1].seq if self._begun else self.seq
        self.missed += max(0, seq - last - 1)

    def _present_place(self) -> Segment | None:
        """The segment that is being read, at its current path."""
        number = self._segment.number if self._segment else 0
        there = (s for s in self._journal.segments if s.number == number)
        return next(there, self._segment)

    def _first_segment(self) -> Segment:
        """The newest segment that can have the next fact."""
        for segment in reversed(self._journal.segments):
            if segment.header.first_seq <= self.seq + 1:
                return segment
        return self._journal.segments[0]

    def _next_segment(self, done: Segment) -> Segment:
        later = [s for s in self._journal.segments if s.number > done.number]
        return later[0] if later else done


def _chunk(path: Path, offset: int) -> bytes | None:
    """A chunk of the file from `offset` on. It holds several of the longest records. None if the
    file is gone."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(CHUNK_BYTES)
    except FileNotFoundError:
        return None
