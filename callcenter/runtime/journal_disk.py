"""The journal's dealings with a disk that may be full, slow or broken.

Facts come as finished records. They are written at once, or held in memory (in order, up to a
limit) while the disk refuses them, or lost and counted. Held facts can be read, so that they get
into the database while the disk refuses them. The number of the last one is written over in a small
file, which needs no new room, so that a kill in the meantime is noticed. `tend` does everything
that can wait: write what was held, change to a new segment when the present one is full or not
enough for a replay, sync, remove what is stored elsewhere. Nothing here raises because of the disk.
"""

import asyncio
import contextlib
import os
import struct
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import structlog

from callcenter.core.facts import Fact
from callcenter.runtime.clock import Clock
from callcenter.runtime.record import Header
from callcenter.runtime.segment import Segment
from callcenter.runtime.segment_writer import SegmentWriter

SEGMENT_BYTES = 64 << 20  # about 400,000 facts: a replay of one or two seconds
HELD_BYTES = 64 << 20  # facts held in memory while the disk refuses them
HELD_AT_ONCE_BYTES = 1 << 20  # written in one go when the disk is back: a millisecond or so

HELD = "facts are held in memory; calls go on"
log = structlog.get_logger(__name__)

Memory = Callable[[], Sequence[Fact]]
"""Gives facts that rebuild everything the engine has open after all facts appended so far."""


class Batch(NamedTuple):
    """The records of one append; `last_seq` is the number of the last of `fact_count` facts."""

    records: bytes
    last_seq: int
    fact_count: int


class JournalDisk:
    """Where the records go. `segments` are all there are, oldest first, the present one last."""

    def __init__(
        self, directory: Path, name: str, segments: Sequence[Segment], last_seq: int, clock: Clock
    ) -> None:
        self.segments = list(segments)
        self.segment_bytes = SEGMENT_BYTES
        self.held_limit_bytes = HELD_BYTES
        self._tally = Tally(directory)
        last_seq = max(last_seq, self._tally.last_seq)  # whose numbers are not used again
        self.durable_seq = last_seq
        self.held_bytes = 0
        self.lost_facts = 0
        self.write_errors = 0
        self.stored_seq: int | None = None  # None: not known yet what is stored
        self._directory = directory
        self._name = name
        self.last_seq = self._last_seq = last_seq
        self._clock = clock
        self._memory: Memory = tuple
        self._held: deque[Batch] = deque()
        self._writer: SegmentWriter | None = None
        self._retired: list[SegmentWriter] = []
        self._was_well = True
        self._renew = False  # the present segment is not enough for a replay
        self._syncer = ThreadPoolExecutor(1, thread_name_prefix="journal")

    @property
    def refuses(self) -> bool:
        """Whether the disk refuses what should be written."""
        return bool(self._held) or not self._was_well

    @property
    def readable_seq(self) -> int:
        """All up to this fact can be read in the files. Nothing more
        is waited for from a disk that refuses facts."""
        return _first_seq(self._held[0]) - 1 if self._held else self.durable_seq

    @property
    def held_seq(self) -> int:
        """The last fact held in memory; 0 when none is."""
        return self._held[-1].last_seq if self._held else 0

    def held_after(self, seq: int, limit_bytes: int) -> bytes:
        """The records held in memory behind fact `seq`, whole batches."""
        found: list[bytes] = []
        size = 0
        for batch in self._held:
            if batch.last_seq > seq and size < limit_bytes:
                found.append(batch.records)
                size += len(batch.records)
        return b"".join(found)

    def forget(self, stored_seq: int) -> None:
        """Facts up to this one are in the database: nobody needs to hold them for the disk."""
        self.stored_seq = max(self.stored_seq or 0, stored_seq)
        while self._held and self._held[0].last_seq <= stored_seq:
            self.held_bytes -= len(self._held.popleft().records)
            self._renew = True

    def start(self, memory: Memory) -> None:
        """Begin a segment of our own."""
        self._memory = memory
        self._begin_segment()

    def put(self, batch: Batch) -> None:
        """Write the batch, hold it, or lose and count it."""
        self._last_seq = batch.last_seq
        if self._held or not self._write(batch):
            self._hold(batch)

    async def tend(self) -> bool:
        """Do what can wait. False when the disk refused something: try again in a while."""
        errors = self.write_errors
        if self._held:
            self._write_held()
        full = self._writer is None or self._writer.new_bytes >= self.segment_bytes
        if not self._held and (full or self._renew):
            self._begin_segment()
        await self._sync()
        self._tell(well=self.write_errors == errors and not self._held)
        return self.write_errors == errors

    def _tell(self, *, well: bool) -> None:
        """One line when the disk begins to refuse, one when it takes everything again."""
        with contextlib.suppress(OSError):  # the log may lie on the same disk
            if well and not self._was_well:
                log.warning("the journal is written again", lost_facts=self.lost_facts)
            if self._was_well and not well:
                log.error("the journal cannot be written: make room on its disk", effect=HELD)
        self._was_well = well

    async def close(self) -> None:
        """A last attempt at everything; what the disk still refuses is lost, and counted."""
        while await self.tend() and self._held:
            pass
        self.lost_facts += sum(batch.fact_count for batch in self._held)
        for writer in self._writers():
            writer.close()
        self._syncer.shutdown()
        self._tally.close()

    def _write(self, batch: Batch) -> bool:
        if self._writer is None:
            return False
        try:
            self._writer.write(batch.records, batch.last_seq)
        except OSError:
            self.write_errors += 1
            self._retired, self._writer = self._writers(), None
            return False
        return True

    def _hold(self, batch: Batch) -> None:
        if self.held_bytes + len(batch.records) > self.held_limit_bytes:
            self.lost_facts += batch.fact_count
            self._renew = True
        else:
            self._held.append(batch)
            self.held_bytes += len(batch.records)
        self._tally.note(batch.last_seq)
        self._tell(well=False)

    def _write_held(self) -> None:
        """Write some of what was held, oldest first; into a segment without memory if need be."""
        if self._writer is None and not self._begin_segment(whole=False):
            return
        budget = HELD_AT_ONCE_BYTES
        while self._held and budget > 0 and self._write(self._held[0]):
            size = len(self._held.popleft().records)
            self.held_bytes -= size
            budget -= size

    def _begin_segment(self, *, whole: bool = True) -> bool:
        memory = self._memory() if whole else ()
        header = Header(
            journal=self._name,
            first_seq=self._last_seq + 1 if whole else _first_seq(self._held[0]),
            remembered=len(memory) if whole else -1,
            mark=self._clock.mark(),
        )
        number = self.segments[-1].number + 1 if self.segments else 1
        try:
            writer = SegmentWriter(self._directory, number, header, memory)
        except OSError:
            self.write_errors += 1
            return False
        self._retired = self._writers()
        self._writer = writer
        self.segments.append(writer.segment)
        self._renew = not whole
        return True

    async def _sync(self) -> None:
        """Sync what was written. A segment that cannot be synced is left as it is: what is on
        disk of it is not known, and the next segment has everything that is open."""
        writers, present = self._writers(), self._writer
        stale = self._stale(present.segment) if present else []
        written = writers[-1].written_seq if writers else self.durable_seq
        loop = asyncio.get_running_loop()
        failed = await loop.run_in_executor(self._syncer, _sync_and_remove, writers, stale)
        self.write_errors += len(failed)
        self._renew = self._renew or present in failed
        for writer in writers:
            if writer is not present:
                self._retired.remove(writer)
                writer.close()
        if not failed:
            self.segments = [segment for segment in self.segments if segment not in stale]
        if present not in failed:
            self.durable_seq = max(self.durable_seq, written)

    def _writers(self) -> list[SegmentWriter]:
        return [*self._retired, *([] if self._writer is None else [self._writer])]

    def _stale(self, present: Segment) -> list[Segment]:
        """Older segments of which every fact is stored elsewhere."""
        stored = self.stored_seq
        if not present.is_whole or stored is None:
            return []
        older = zip(self.segments, self.segments[1:], strict=False)
        return [old for old, new in older if new.header.first_seq - 1 <= stored]


class Tally:
    """The number of the last fact that the disk had no room for, in a file of fixed size: writing
    over it needs no room. Without the file (an older disk, already full) it is not kept."""

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
        """A fact is held, or lost."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, _TALLY.pack(seq, ~seq & _MASK), 0)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


_TALLY = struct.Struct("<QQ")  # a number, and its complement: a torn one is none
_MASK = (1 << 64) - 1


def _sound_tally(written: bytes) -> int:
    seq, complement = _TALLY.unpack(written)
    return int(seq) if complement == ~seq & _MASK else 0


def _first_seq(batch: Batch) -> int:
    return batch.last_seq - batch.fact_count + 1


def _sync_and_remove(
    writers: Sequence[SegmentWriter], stale: Sequence[Segment]
) -> list[SegmentWriter]:
    """Sync the segments; remove the stale ones if all went well. Gives those that failed."""
    failed = []
    for writer in writers:
        try:
            writer.sync()
        except OSError:
            failed.append(writer)
    for segment in () if failed else stale:
        segment.path.unlink(missing_ok=True)
    return failed
