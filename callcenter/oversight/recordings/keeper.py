"""The work after a recording has ended: fetch it from Asterisk, seal it, delete it there.

Recordings are handled one after the other, the oldest first, and never on the path of a call. If
one cannot be sealed now (the disk is full, the key is missing, Asterisk or the database is away),
it is tried again. After an hour the sound is given up and deleted, because it must not stay
unencrypted, and the record says why there is none.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import structlog

from callcenter.core.facts import (
    Fact,
    RecordingChanged,
    RecordingEnd,
    RecordingEnded,
    VoicemailEnded,
)
from callcenter.core.legs import RecorderLeg
from callcenter.core.state import State
from callcenter.core.voicemail import SHORTEST_SECONDS
from callcenter.oversight.recordings.keys import Keys, KeysError, read_keys
from callcenter.oversight.recordings.model import (
    Recording,
    RecordingName,
    SealedFile,
    Stock,
    Why,
)
from callcenter.oversight.recordings.sealing import PIECE_BYTES, Sealed, Sealer
from callcenter.oversight.recordings.sound import KEPT_A_SECOND, Peaks, interleaved
from callcenter.oversight.recordings.store import RecordingsInPostgres
from callcenter.oversight.recordings.vault import NoRoomError, Vault
from callcenter.oversight.recordings.voicemail_store import VoicemailsInPostgres, Waiting
from callcenter.ports.people import DatabaseAwayError
from callcenter.ports.sounds import SoundAwayError, Sounds
from callcenter.runtime.loudness import Loudness
from callcenter.storage.recordings import RecordedKind

LOOK_SECONDS = 15.0  # pause between two checks if no talk ends
SETTLE_SECONDS = 1.0  # after the end of a talk, until its record is in the database
GIVE_UP = timedelta(hours=1)  # since this process tried it first
LOST = timedelta(hours=6)  # for a talk whose end was never told, and that the engine does not have
AT_ONCE = 20
SWEEP_SECONDS = 3_600.0
COUNT_SECONDS = 300.0  # pause between two counts of what is stored
SHORT_SECONDS = 2.0  # if the sound is shorter than the talk by this, some is missing

log = structlog.get_logger(__name__)


class _Later(Exception):
    """It cannot be sealed now. `why` is the reason for the record if that lasts."""

    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


class _NothingError(Exception):
    """There is no sound."""


@dataclass(slots=True)
class Tally:
    """Counts since the service was started."""

    kept: int = 0
    short: int = 0  # of these, with less sound than the length of the talk
    bytes: int = 0
    seconds: float = 0.0
    failed: Counter[Why] = field(default_factory=Counter)
    purged: Counter[Why] = field(default_factory=Counter)
    ended: Counter[RecordingEnd] = field(default_factory=Counter)
    pauses: int = 0
    paused_seconds: float = 0.0
    played: int = 0


@dataclass(slots=True)
class Keeper:
    """`state`: the engine's, to see what is recorded now. `complaint`: a sentence for people if
    something is wrong; empty if not."""

    rows: RecordingsInPostgres
    sounds: Sounds
    vault: Vault
    key_file: Path | None
    state: Callable[[], State]
    wall: Callable[[], datetime]
    messages: VoicemailsInPostgres
    tally: Tally = field(default_factory=Tally)
    complaint: str = ""
    waiting: int = 0  # recordings that have ended and are not sealed, at the last check
    tasks: Mapping[str, Waiting] = field(default_factory=dict)  # messages by queue
    stock: Stock = field(default_factory=Stock)  # at the last count
    room: int = 0  # bytes, at the last count
    _nudged: asyncio.Event = field(default_factory=asyncio.Event)
    _paused: set[RecordingName] = field(default_factory=set)
    _strange: dict[RecorderLeg, datetime] = field(default_factory=dict)  # since when each is known
    # when the first failed attempt was
    _tried: dict[RecordingName, datetime] = field(default_factory=dict)
    _counted_at: datetime | None = None

    # --- facts -------------------------------------------------------------------------------

    def hear(self, facts: Sequence[Fact]) -> None:
        """Take the facts of every step."""
        for fact in facts:
            if isinstance(fact, VoicemailEnded):
                self._nudged.set()
            elif isinstance(fact, RecordingEnded):
                self._paused.discard(RecordingName(fact.call, fact.number))
                self.tally.ended[fact.end] += 1
                self.tally.paused_seconds += fact.paused_seconds
                if fact.end is RecordingEnd.FAILED:
                    self.tally.failed[Why.ASTERISK] += 1
                self._nudged.set()
            elif isinstance(fact, RecordingChanged):
                name = RecordingName(fact.call, fact.number)
                if not fact.paused_until:
                    self._paused.discard(name)
                elif name not in self._paused:
                    self._paused.add(name)
                    self.tally.pauses += 1

    # --- for ever ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Check after each talk, and from time to time. Runs for ever."""
        loop = asyncio.get_running_loop()
        swept_at = loop.time()
        while True:
            try:
                await self.look()
                if loop.time() - swept_at > SWEEP_SECONDS:
                    swept_at = loop.time()
                    await self.sweep()
            except (DatabaseAwayError, SoundAwayError) as error:
                log.warning("recordings wait to be sealed", reason=str(error) or "database away")
            self._nudged.clear()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._nudged.wait()
                await asyncio.sleep(SETTLE_SECONDS)
            except TimeoutError:
                pass

    async def look(self) -> None:
        """Seal recordings that have ended, and delete sound that nobody waits for."""
        await self.rows.lose(self.wall() - LOST, self._calls_recorded())
        self.complaint = ""
        while True:
            waits = await self.rows.to_seal(AT_ONCE)
            settled = [await self._is_settled(recording) for recording in waits]
            if len(waits) < AT_ONCE or not any(settled):
                break
        left = await self.rows.to_seal(AT_ONCE)
        self.waiting = await self.rows.waiting()
        self.tasks = await self.messages.waiting()
        names = {one.name for one in left}
        self._tried = {name: at for name, at in self._tried.items() if name in names}
        await self._count()
        await self._forget_strange(names)

    async def _count(self) -> None:
        """Count what is stored, for the figures. Not at every check, because it reads all rows."""
        now = self.wall()
        if self._counted_at and now - self._counted_at < timedelta(seconds=COUNT_SECONDS):
            return
        self.stock = await self.rows.stock(self.state().site.recordings.keep_days)
        try:
            self.room = max(0, await asyncio.to_thread(self.vault.free) - self.vault.spare_bytes)
        except OSError:
            self.room = 0
        self._counted_at = now

    async def sweep(self) -> None:
        """Delete files that no row names."""
        known = await self.rows.files()
        if removed := await asyncio.to_thread(self.vault.sweep, known):
            log.warning("files of no recording were removed", files=removed)

    def _calls_recorded(self) -> list[str]:
        calls = self.state().calls.values()
        return [call.id for call in calls if call.recording is not None or call.leaves_message]

    # --- one recording -----------------------------------------------------------------------

    async def _is_settled(self, recording: Recording) -> bool:
        """Whether the recording was sealed or given up. False: it is tried again."""
        name = recording.name
        try:
            made = await self._sealed(recording)
        except _Later as later:
            self.complaint = str(later)
            now = self.wall()
            if now - self._tried.setdefault(name, now) < GIVE_UP:
                log.warning("a recording cannot be sealed now", reason=str(later))
                return False
            log.error("a recording was given up", reason=str(later))
            await self._fail(name, later.why)
            return True
        if made is None:
            await self._fail(name, Why.NO_SOUND)
            return True
        if recording.kind is RecordedKind.MESSAGE and made.heard_seconds < SHORTEST_SECONDS:
            await asyncio.to_thread(self.vault.drop, made.file)
            await self._fail(name, Why.TOO_SHORT)
            return True
        if await self.rows.sealed(name, made, self.wall()):
            self.tally.kept += 1
            self.tally.bytes += made.length
            self.tally.seconds += made.sound_seconds
            is_talk = recording.kind is RecordedKind.TALK
            if (
                is_talk
                and recording.seconds
                and made.both_seconds < recording.seconds - SHORT_SECONDS
            ):
                self.tally.short += 1
                log.warning(
                    "a recording lacks sound",
                    seconds=made.sound_seconds,
                    both_sides=made.both_seconds,
                    talk=recording.seconds,
                )
        else:  # somebody else has sealed it
            await asyncio.to_thread(self.vault.drop, made.file)
        await self._forget(name)
        return True

    async def _fail(self, name: RecordingName, why: Why) -> None:
        if await self.rows.failed(name, why):
            self.tally.failed[why] += 1
        await self._forget(name)

    def _legs(self, name: RecordingName) -> tuple[RecorderLeg, RecorderLeg]:
        return name.legs(self.sounds.node_of(name.call))

    async def _forget(self, name: RecordingName) -> None:
        for leg in self._legs(name):
            await self.sounds.forget(leg)

    async def _sealed(self, recording: Recording) -> SealedFile | None:
        """The sealed file. None: Asterisk has no sound of it. Raises _Later if that is not possible
        now."""
        legs = self._legs(recording.name)
        try:
            keys = await asyncio.to_thread(read_keys, self.key_file)
            for leg in legs:
                if await self.sounds.is_live(leg):
                    raise _Later(Why.NO_SOUND, "Asterisk has not ended a recording yet")
            return await self._written(recording, keys)
        except KeysError as error:
            raise _Later(Why.NO_KEY, str(error)) from error
        except NoRoomError as error:
            raise _Later(Why.DISK_FULL, f"{self.vault.folder}: {error}") from error
        except SoundAwayError as error:
            raise _Later(Why.NO_SOUND, f"Asterisk does not give the sound: {error}") from error

    async def _written(self, recording: Recording, keys: Keys) -> SealedFile | None:
        name = recording.name
        left, right = (_Pieces(self.sounds.pieces(leg)) for leg in self._legs(name))
        peaks, heard, written = Peaks(), Loudness(), 0
        is_message = recording.kind is RecordedKind.MESSAGE
        incoming = self.vault.incoming()
        try:
            async with AsyncExitStack() as stack:
                file_name, file = await asyncio.to_thread(incoming.__enter__)
                stack.push_async_exit(lambda *why: asyncio.to_thread(incoming.__exit__, *why))
                sealer = await asyncio.to_thread(_sealer, file, keys, name.sealed_as)
                async for sides in _together(left, right):
                    both = sides
                    if is_message:  # one person on both ears
                        said = sides[0::2]
                        heard.hear(said)
                        both = interleaved(said, said)
                    await asyncio.to_thread(_write, sealer, peaks, both)
                    written += len(both)
                if not written:
                    raise _NothingError
                await asyncio.to_thread(sealer.close)
        except _NothingError:
            return None
        return SealedFile(
            file=file_name,
            key_id=keys.first.id,
            length=written,
            sound_seconds=written / KEPT_A_SECOND,
            both_seconds=2 * min(left.come, right.come) / KEPT_A_SECOND,
            peaks=peaks.all(),
            heard_seconds=heard.seconds,
        )

    # --- with another key --------------------------------------------------------------------

    async def reseal(self, recording: Recording, keys: Keys) -> bool:
        """Seal the recording again with the first key. Every piece of it is read and checked. Gives
        False if it is gone, or if somebody else has sealed it again. Raises KeysError, SealError or
        NoRoomError."""
        before = recording.file
        if before is None:
            return False
        name = recording.name
        made = await asyncio.to_thread(self._resealed, before, keys, name.sealed_as)
        if not await self.rows.resealed(name, before, made, keys.first.id):
            await asyncio.to_thread(self.vault.drop, made)
            return False
        await asyncio.to_thread(self.vault.drop, before)
        return True

    def _resealed(self, before: str, keys: Keys, name: str) -> str:
        with (
            closing(Sealed.open(self.vault.place(before), keys, name)) as opened,
            self.vault.incoming() as (made, file),
        ):
            sealer = Sealer(file, keys, name)
            for start in range(0, opened.length, PIECE_BYTES):
                sealer.write(opened.read(start, PIECE_BYTES))
            sealer.close()
        return made

    # --- what nobody waits for ---------------------------------------------------------------

    async def _forget_strange(self, waits: set[RecordingName]) -> None:
        """Delete sound that belongs to no recording that runs or waits: it was too short, failed,
        was sealed a moment ago, or is of another journal. Sound without a row may still get one,
        and is kept for an hour."""
        kept = await self.sounds.kept()
        state, now = self.state(), self.wall()
        self._strange = {leg: at for leg, at in self._strange.items() if leg in kept}
        for leg in kept:
            call = state.calls.get(leg.call)
            recorded = call is not None and (call.recording is not None or call.leaves_message)
            runs = recorded and call is not None and call.recordings == leg.number
            name = RecordingName(leg.call, leg.number)
            if runs or name in waits or await self.sounds.is_live(leg):
                continue
            row = await self.rows.one(name)
            since = self._strange.setdefault(leg, now)
            is_open = row is not None and row.state in ("running", "ended")
            if not is_open and (row is not None or now - since > GIVE_UP):
                await self.sounds.forget(leg)


def _sealer(file: BinaryIO, keys: Keys, name: str) -> Sealer:
    try:
        return Sealer(file, keys, name)
    except OSError as error:
        raise NoRoomError(error.strerror or str(error)) from error


def _write(sealer: Sealer, peaks: Peaks, both: bytes) -> None:
    sealer.write(both)
    peaks.hear(both)


async def _together(left: "_Pieces", right: "_Pieces") -> AsyncIterator[bytes]:
    """Both sides in turn. The shorter one is filled with silence."""
    while True:
        await left.fill()
        await right.fill()
        many = min(len(left.held), len(right.held)) or max(len(left.held), len(right.held))
        if not many:
            return
        yield interleaved(left.take(many), right.take(many))


@dataclass(slots=True)
class _Pieces:
    """The bytes of one side that have arrived and are not written yet."""

    coming: AsyncIterator[bytes]
    held: bytearray = field(default_factory=bytearray)
    come: int = 0  # bytes that have arrived in total
    is_over: bool = False

    async def fill(self) -> None:
        while not self.held and not self.is_over:
            piece = await anext(self.coming, b"")
            self.is_over = not piece
            self.held += piece
            self.come += len(piece)

    def take(self, many: int) -> bytes:
        taken = bytes(self.held[:many])
        del self.held[:many]
        return taken
