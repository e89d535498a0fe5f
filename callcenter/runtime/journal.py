"""The durable local journal of facts: what the engine decided, before anyone else is told.

    journal = Journal.open(directory)
    engine.restore(journal.replay())
    journal.start(engine.snapshot)            # from here on facts can be appended
    task_group.create_task(journal.run())     # makes them outlive a power cut
    journal.append(facts)                     # right after the step that decided them
    journal.reader(after_seq)                 # the recorder follows here
    await journal.close()

`append` hands the bytes to the kernel at once, so `kill -9` of this process loses nothing; `run`
syncs them, a group at a time. A bad disk or an odd fact never raises an error in the pump
(`journal_disk.py`). It never waits for a database.
"""

import asyncio
import contextlib
import os
import socket
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import structlog

from callcenter.core.facts import Fact
from callcenter.core.snapshot import Piece
from callcenter.runtime.clock import Clock, resumed_clock
from callcenter.runtime.journal_disk import Batch, JournalDisk, Snapshot
from callcenter.runtime.journal_reader import JournalReader
from callcenter.runtime.record import encode_fact
from callcenter.runtime.segment import (
    Segment,
    Survey,
    Torn,
    is_copy,
    name_in,
    remember,
    replayed,
    survey,
    write_over,
)
from callcenter.runtime.spare import Spare, locked

SYNC_SECONDS = 0.05
"""At most one fdatasync in this time. A power cut may lose this much; `kill -9` loses nothing. A
power cut ends the calls anyway. At 5 ms the syncing thread took a sixth of the service's processor
time at 40 calls/s."""

RETRY_SECONDS = 1.0  # pause after the disk refused
STEP_SECONDS = 1.0  # a larger difference means that somebody set the wall clock
TELL_DAMAGE_SECONDS = 24 * 3600.0  # for this long /readyz reports damage found at the start


log = structlog.get_logger(__name__)


class JournalInUse(RuntimeError):
    """Another process writes this journal. The text says which one, and what to do."""


class Journal:
    """The journal in one directory. It belongs to one event loop.

    `name` identifies it among all journals. `torn` is the damage found at start. `is_new` says that
    there was nothing before. `opened_seq` is the number of the first fact of this process,
    `last_seq` that of the last fact appended.
    """

    def __init__(
        self, directory: Path, name: str, left: Survey, lock: int, clock: Clock, spare: Spare
    ) -> None:
        self.clock = clock
        self.name = name
        self.is_new = not left.segments
        self.is_copy = False
        self.torn: tuple[Torn, ...] = left.torn
        self.directory = directory
        self.disk = JournalDisk(directory, self.name, left.segments, left.last_seq, clock, spare)
        self.last_seq, self._left_seq = self.disk.last_seq, left.last_seq
        self.opened_seq = self.last_seq + 1
        self._lock = lock
        self.opened_at = clock.now()
        self.clock_steps = 0  # how often the wall clock was set
        # seconds from the engine's time to the wall clock
        self._wall_ahead = clock.wall() - clock.now()
        self._replayed = tuple(left.segments[left.start :])
        self._dirty = asyncio.Event()
        self._progress = asyncio.Event()

    @classmethod
    def open(
        cls, directory: Path, *, clock: Clock | None = None, spare_root: Path | None = None
    ) -> Self:
        """Open the journal in `directory`, which is made if needed. Blocks while the end of the
        journal is examined. Facts are kept below `spare_root` while the disk refuses them.

        A folder that was copied is a journal of its own. It gets a new name and, with that, a
        second place of its own, because the original may be in use, now or later.

        Raises JournalInUse if another process uses it, OSError if the directory cannot be used.
        """
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = _take(directory)
        name = name_in(directory)
        spare = Spare(spare_root, directory, name or uuid.uuid4().hex)
        try:
            copied = is_copy(directory, name) or not spare.take()
            if copied:
                spare = Spare(spare_root, directory, uuid.uuid4().hex)
                spare.take()
                log.warning("the journal was copied: it goes on as one of its own")
            remember(directory, spare.name)
            left = survey(directory, spare.name, spare)
        except OSError:
            spare.let_go()
            os.close(lock)
            raise
        for torn in left.torn:
            log.error(
                "the journal was damaged: set aside in a file ending in .torn",
                segment=torn.segment,
                offset=torn.offset,
                size_bytes=torn.size,
            )
        clock = clock or resumed_clock(left.mark)
        journal = cls(directory, spare.name, left, lock, clock, spare)
        journal.is_copy = copied
        return journal

    def replay(self) -> Iterator[Piece | Fact]:
        """What the engine is rebuilt from, oldest first. Call it before `start`. Blocks while it
        reads."""
        return replayed(self._replayed)

    def start(self, snapshot: Snapshot) -> None:
        """Begin a segment of our own. `snapshot()` gives the whole state. It is called now and, by
        `run`, whenever a segment is full."""
        self.disk.start(snapshot)
        self._dirty.set()

    def append(self, facts: Sequence[Fact], wall: float | None = None) -> int:
        """Write the facts of one step; gives the number of the last. A replay has all of them or
        none. `wall` is the wall clock at their `at` (now, if not given).

        There must be no await between the step that decided them and this call: `snapshot()` must
        always give the state after all facts appended.
        """
        if not facts:
            return self.last_seq
        first, stamp = self.last_seq + 1, self._stamp() if wall is None else wall
        self.last_seq += len(facts)
        records = [
            encode_fact(seq, stamp, fact, unfinished=seq < self.last_seq)
            for seq, fact in enumerate(facts, first)
        ]
        self.disk.put(Batch(b"".join(records), self.last_seq, len(facts)))
        # the reader may take them at once, for the database
        if self.disk.held_bytes or self.disk.is_away:
            self._make_progress()
        self._dirty.set()
        return self.last_seq

    def _stamp(self) -> float:
        """The wall clock. Counts each time that somebody set it: stamps before and after do not fit
        together."""
        stamp = self.clock.wall()
        ahead = stamp - self.clock.now()
        if abs(ahead - self._wall_ahead) > STEP_SECONDS:
            self.clock_steps += 1
            seconds = round(ahead - self._wall_ahead, 1)
            log.warning("the wall clock was set", seconds=seconds, effect="durations stay right")
            self._wall_ahead = ahead
        return stamp

    async def run(self) -> None:
        """Make appended facts durable. Runs until cancelled."""
        self._dirty.set()  # the previous process may have been killed before it synced
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            accepted = await self.disk.tend()
            self._make_progress()
            if not accepted or self.disk.held_bytes:
                self._dirty.set()
            await asyncio.sleep(SYNC_SECONDS if accepted else RETRY_SECONDS)

    def reader(self, after_seq: int) -> JournalReader:
        """A reader of the journal from the fact after `after_seq` on."""
        return JournalReader(self, after_seq)

    async def durable_beyond(self, seq: int) -> int:
        """Wait until a fact later than `seq` survives a power cut; gives the last one that does.
        While the disk refuses facts: wait until there is a later fact on disk or in memory; gives
        the last one on disk."""
        disk = self.disk
        while max(disk.readable_seq, disk.held_seq) <= seq:
            await self._progress.wait()
        return disk.readable_seq

    def held_after(self, seq: int, limit_bytes: int) -> bytes:
        """Records after fact `seq` that the disk refused."""
        return self.disk.held_after(seq, limit_bytes)

    def complaint(self) -> str:
        """A sentence for the person on duty if something is wrong; empty if not."""
        disk = self.disk
        if disk.is_away and not disk.held_bytes:
            return (
                f"The disk takes no facts: make room at {self.directory}. They go to PostgreSQL, "
                f"and to {disk.spare.folder} ({disk.away_bytes} of {disk.spare.limit_bytes} "
                "bytes), from where they are moved home. Calls go on, and a restart of the service "
                "loses nothing; a reboot of this host loses what PostgreSQL does not have."
            )
        if disk.refuses:
            return (
                f"The disk takes no facts ({disk.held_bytes} bytes held in memory, "
                f"{disk.lost_facts} facts lost): make room at {self.directory}. Calls go on; "
                "what is held goes to PostgreSQL meanwhile, and is lost only if that is away, too."
            )
        if self.torn and self.clock.now() - self.opened_at < TELL_DAMAGE_SECONDS:
            size = sum(torn.size for torn in self.torn)
            return (
                f"At the last start the journal was damaged in {len(self.torn)} places, {size} "
                f"bytes (see the .torn files in {self.directory}; an empty file left none); all "
                "else of it was read. Look at this disk's health."
            )
        return ""

    def forget(self, stored_seq: int) -> None:
        """Facts up to `stored_seq` are stored elsewhere. Segments with only such facts are
        removed."""
        self.disk.forget(stored_seq)
        if len(self.disk.segments) > 1:
            self._dirty.set()

    async def close(self) -> None:
        """Make everything durable and release the directory. `run` must have ended."""
        await self.disk.close()
        self._make_progress()
        self.disk.spare.let_go()
        os.close(self._lock)

    @property
    def is_incomplete(self) -> bool:
        """Whether the replay may lack something: there was no journal, it was damaged or copied, or
        facts were decided for which the disk had no room."""
        gap = self.opened_seq > self._left_seq + 1
        return self.is_new or self.is_copy or bool(self.torn) or gap

    @property
    def segments(self) -> Sequence[Segment]:
        """All segment files, oldest first."""
        return self.disk.segments

    def _make_progress(self) -> None:
        self._progress.set()
        self._progress = asyncio.Event()


def _take(directory: Path) -> int:
    """Lock the directory until the file is closed or this process ends in any way."""
    path = directory / "lock"
    lock = locked(path, os.O_RDWR | os.O_CREAT)
    if lock is None:
        try:
            holder = path.read_text().strip()
        except OSError:
            holder = ""
        raise JournalInUse(
            f"{directory} is in use by {holder or 'another process'}: stop that service, or give "
            "this one a data folder of its own (CALLCENTER_DATA_DIR)"
        )
    with contextlib.suppress(OSError):  # the service must start even if the disk is full
        write_over(path, f"process {os.getpid()} on host {socket.gethostname()}")
    return lock
