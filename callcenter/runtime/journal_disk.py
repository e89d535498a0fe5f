"""Writes the journal to a disk that may be full, slow or broken.

Facts come as finished records and are written at once. While the disk refuses them, they go to a
second place on another file system (`spare.py`), so that a kill of the service loses nothing. If
that place refuses them too, they are held in memory (in order, up to a limit), or lost and counted.
All of them can be read at once, so that they get into the database in the meantime. A small file
keeps the number of the last fact that is not on the disk (`tally.py`). It is overwritten in place,
which needs no new room.

`tend` does everything that can wait. It tries the disk again, writes what was held, moves segments
home from the second place, begins a new segment when the current one is full or not enough for a
replay, syncs, and removes what is stored elsewhere. Nothing here raises because of the disk.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import structlog

from callcenter.core.snapshot import Piece
from callcenter.runtime.clock import Clock
from callcenter.runtime.record import Header
from callcenter.runtime.segment import Segment
from callcenter.runtime.segment_writer import SegmentWriter
from callcenter.runtime.spare import Spare, moved_home
from callcenter.runtime.tally import Tally

SEGMENT_BYTES = 64 << 20  # about 400,000 facts, which replay in one or two seconds
HELD_BYTES = 64 << 20  # facts held in memory while the disk refuses them
PARTS_OF_SPARE = 4  # segments in the second place, so that stored ones can be removed
HELD_AT_ONCE_BYTES = 1 << 20  # written at once when the disk is back: about a millisecond

MEANWHILE = "facts go to the second place, or are held in memory; calls go on"
log = structlog.get_logger(__name__)

Snapshot = Callable[[], Iterable[Piece]]
"""Gives the engine's state after all facts appended so far."""


class Batch(NamedTuple):
    """The records of one append; `last_seq` is the number of the last of `fact_count` facts."""

    records: bytes
    last_seq: int
    fact_count: int


class JournalDisk:
    """Where the records go. `segments` are all segments, oldest first; the current one is the
    last."""

    def __init__(
        self,
        directory: Path,
        name: str,
        segments: Sequence[Segment],
        last_seq: int,
        clock: Clock,
        spare: Spare,
    ) -> None:
        self.segments = list(segments)
        self.spare = spare
        self.segment_bytes = SEGMENT_BYTES
        self.held_limit_bytes = HELD_BYTES
        self._tally = Tally(directory)
        # the numbers up to this one are not used again
        last_seq = max(last_seq, self._tally.last_seq)
        self.durable_seq = last_seq
        self.held_bytes = 0
        self.lost_facts = 0
        self.write_errors = 0
        self.stored_seq: int | None = None  # None until it is known what is stored
        self._directory = directory
        self._name = name
        self.last_seq = self._last_seq = last_seq
        self._clock = clock
        self._snapshot: Snapshot = tuple
        self._held: deque[Batch] = deque()
        self._writer: SegmentWriter | None = None
        self._retired: list[SegmentWriter] = []
        self._was_well = True
        self._renew = False  # whether the current segment is not enough for a replay
        self._writes_away = False  # whether the current segment is in the second place
        # size of the segments in the second place, without the current one
        self._earlier_away_bytes = 0
        self._syncer = ThreadPoolExecutor(1, thread_name_prefix="journal")

    @property
    def refuses(self) -> bool:
        """Whether the disk refuses writes."""
        return bool(self._held) or not self._was_well or self.is_away

    @property
    def is_away(self) -> bool:
        """Whether facts are written to the second place."""
        return self._writes_away and self._writer is not None

    @property
    def away_bytes(self) -> int:
        """The size of the segments in the second place, in bytes."""
        present = self._writer.size if self._writer is not None and self.is_away else 0
        return self._earlier_away_bytes + present

    @property
    def readable_seq(self) -> int:
        """All facts up to this one can be read from the files. A disk that refuses facts is not
        waited for."""
        return _first_seq(self._held[0]) - 1 if self._held else self.durable_seq

    @property
    def held_seq(self) -> int:
        """The last fact held in memory; 0 if there is none."""
        return self._held[-1].last_seq if self._held else 0

    def held_after(self, seq: int, limit_bytes: int) -> bytes:
        """The records held in memory after fact `seq`, in whole batches."""
        found: list[bytes] = []
        size = 0
        for batch in self._held:
            if batch.last_seq > seq and size < limit_bytes:
                found.append(batch.records)
                size += len(batch.records)
        return b"".join(found)

    def forget(self, stored_seq: int) -> None:
        """Facts up to `stored_seq` are in the database, so they need not be held for the disk."""
        self.stored_seq = max(self.stored_seq or 0, stored_seq)
        while self._held and self._held[0].last_seq <= stored_seq:
            self.held_bytes -= len(self._held.popleft().records)
            self._renew = True

    def start(self, snapshot: Snapshot) -> None:
        """Begin a segment of our own."""
        self._snapshot = snapshot
        if not self._begin_segment(self._directory):
            self._begin_segment(self.spare.opened())

    def put(self, batch: Batch) -> None:
        """Write the batch to the disk or the second place, or hold it in memory, or lose and count
        it."""
        self._last_seq = batch.last_seq
        if self._held or not (self._write(batch) or self._write_away(batch)):
            self._hold(batch)

    async def tend(self) -> bool:
        """Do everything that can wait. Gives False if the disk refused something: try again
        later."""
        errors = self.write_errors
        if self._held:
            self._write_held()
        if not self._held:
            self._go_on()
        await self._sync()
        self._tell(well=self.write_errors == errors and not self._held)
        return self.write_errors == errors

    def _tell(self, *, well: bool) -> None:
        """Log one line when the disk begins to refuse, and one when it accepts everything again."""
        with contextlib.suppress(OSError):  # the log may be on the same disk
            if well and not self._was_well:
                log.warning("the journal is written again", lost_facts=self.lost_facts)
            if self._was_well and not well:
                log.error("the journal cannot be written: make room on its disk", effect=MEANWHILE)
        self._was_well = well

    async def close(self) -> None:
        """Try everything a last time. What the disk still refuses is lost and counted."""
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
        away = self.is_away
        if away and self.away_bytes + len(batch.records) > self.spare.limit_bytes:
            return False
        try:
            self._writer.write(batch.records, batch.last_seq)
        except OSError:
            self.write_errors += 1
            self._retired, self._writer = self._writers(), None
            return False
        if away:  # the second place is memory, which needs no sync
            self._tally.note(batch.last_seq)
            self.durable_seq = batch.last_seq
        return True

    def _write_away(self, batch: Batch) -> bool:
        """The disk refused the batch. Begin a segment in the second place with it."""
        if self.is_away or not self._begin_segment(self.spare.opened(), batch):
            return False
        self._tell(well=False)
        return self._write(batch)

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
        """Write some of the held facts, oldest first. If needed, begin a segment without a
        snapshot."""
        if self._writer is None or self.is_away:
            first = self._held[0]
            at_home = self._begin_segment(self._directory, first)
            if not at_home and self._writer is None:
                self._begin_segment(self.spare.opened(), first)
        budget = HELD_AT_ONCE_BYTES
        while self._held and budget > 0 and self._write(self._held[0]):
            size = len(self._held.popleft().records)
            self.held_bytes -= size
            budget -= size

    def _go_on(self) -> None:
        """Nothing is held any more. Return to the disk if facts go to the second place, and begin a
        new segment if one is due."""
        away, limit = self.is_away, self.segment_bytes
        if away:
            limit = min(limit, self.spare.limit_bytes // PARTS_OF_SPARE)
        full = self._writer is None or self._writer.new_bytes >= limit
        if not (away or full or self._renew) or self._begin_segment(self._directory):
            return
        if self._writer is None or (away and (full or self._renew)):
            self._begin_segment(self.spare.opened())

    def _begin_segment(self, directory: Path | None, first: Batch | None = None) -> bool:
        """Begin a segment with a snapshot of the state, or, if `first` is given, without a snapshot
        and from that batch on."""
        if directory is None:
            return False
        header = Header(
            journal=self._name,
            first_seq=self._last_seq + 1 if first is None else _first_seq(first),
            mark=self._clock.mark(),
        )
        number = self.segments[-1].number + 1 if self.segments else 1
        try:
            writer = SegmentWriter(
                directory, number, header, self._snapshot() if first is None else None
            )
        except OSError:
            self.write_errors += 1
            return False
        self._retired = self._writers()
        self._writer = writer
        self.segments.append(writer.segment)
        self._renew = first is not None
        self._writes_away = directory != self._directory
        self._measure()
        return True

    def _away(self) -> list[Segment]:
        """The segments in the second place."""
        return [segment for segment in self.segments if segment.path.parent != self._directory]

    def _measure(self) -> None:
        present = self._writer.segment if self._writer else None
        self._earlier_away_bytes = sum(
            _size(segment.path) for segment in self._away() if segment is not present
        )

    async def _sync(self) -> None:
        """Sync what was written. A segment that cannot be synced is left alone, because it is
        unknown what is on the disk. The next segment has a snapshot of the whole state."""
        writers, present = self._writers(), self._writer
        stale = self._stale(present.segment) if present else []
        written = writers[-1].written_seq if writers else self.durable_seq
        homeless = [s for s in self._away() if s not in stale] if self._is_home() else []
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
            await self._move_home(homeless)
        if self._earlier_away_bytes:
            self._measure()

    def _is_home(self) -> bool:
        return self._writer is not None and not self.is_away

    async def _move_home(self, segments: Sequence[Segment]) -> None:
        """Copy the segments to the disk until it refuses. A reader of one of them finds it again by
        its number."""
        loop = asyncio.get_running_loop()
        for segment in segments:
            try:
                path = await loop.run_in_executor(
                    self._syncer, moved_home, segment.path, self._directory
                )
            except OSError:
                self.write_errors += 1
                break
            here = self.segments.index(segment)
            self.segments[here] = replace(segment, path=path)
            segment.path.unlink(missing_ok=True)

    def _writers(self) -> list[SegmentWriter]:
        return [*self._retired, *([] if self._writer is None else [self._writer])]

    def _stale(self, present: Segment) -> list[Segment]:
        """Older segments whose facts are all stored elsewhere."""
        stored = self.stored_seq
        if not present.is_whole or stored is None:
            return []
        older = zip(self.segments, self.segments[1:], strict=False)
        # a reboot removes those that are in memory
        removable = self._away() if self.is_away else self.segments
        return [
            old for old, new in older if new.header.first_seq - 1 <= stored and old in removable
        ]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _first_seq(batch: Batch) -> int:
    return batch.last_seq - batch.fact_count + 1


def _sync_and_remove(
    writers: Sequence[SegmentWriter], stale: Sequence[Segment]
) -> list[SegmentWriter]:
    """Sync the segments, and remove the stale ones if all went well. Gives the segments that
    failed."""
    failed = []
    for writer in writers:
        try:
            writer.sync()
        except OSError:
            failed.append(writer)
    for segment in () if failed else stale:
        segment.path.unlink(missing_ok=True)
    return failed
