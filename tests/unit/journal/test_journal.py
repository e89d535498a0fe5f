"""The journal keeps what was appended: over kills, damage, full disks and changes of segment."""

import asyncio
import os
import resource
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.core.facts import CallEnded, Fact
from callcenter.core.ids import CallId
from callcenter.core.snapshot import Piece
from callcenter.runtime.clock import Clock, resumed_clock
from callcenter.runtime.journal import Journal, JournalInUse
from callcenter.runtime.record import Envelope, Unreadable
from callcenter.runtime.segment import Segment, survey
from tests.facts import answered_calls, received
from tests.people.until import until

CALLS = answered_calls(5)
REMEMBERED = Piece(field="seen", value=7)


def nothing() -> Iterable[Piece]:
    """A snapshot with nothing in it."""
    return ()


def abandon(journal: Journal) -> None:
    """What the kernel does when the process is killed: the locks go, nothing else is done."""
    os.close(journal._lock)
    if journal.disk.spare._lock is not None:
        os.close(journal.disk.spare._lock)
    journal.disk._syncer.shutdown()


def segments_in(directory: Path) -> list[Path]:
    """The files there are."""
    return sorted(directory.glob("*.journal"))


def size_of(segment: Segment) -> int:
    """The length of a segment's file."""
    return segment.path.stat().st_size


async def read_all(journal: Journal, after_seq: int, count: int) -> list[Envelope]:
    """The next `count` entries."""
    reader, entries = journal.reader(after_seq), list[Envelope]()
    async with asyncio.timeout(30):
        while len(entries) < count:
            entries += await reader.read()
    return entries


async def test_what_was_appended_is_replayed(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    journal.append(CALLS[:7])
    journal.append(CALLS[7:])
    await journal.close()

    again = Journal.open(tmp_path)

    assert list(again.replay()) == CALLS
    assert again.torn == ()
    assert again.name == journal.name


async def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    journal.append(CALLS)
    abandon(journal)

    again = Journal.open(tmp_path)

    assert list(again.replay()) == CALLS
    assert again.opened_seq == len(CALLS) + 1


async def test_a_replay_starts_with_the_snapshot_and_goes_on_with_what_is_new(
    tmp_path: Path,
) -> None:
    first = Journal.open(tmp_path)
    first.start(nothing)
    first.append(CALLS)
    abandon(first)
    second = Journal.open(tmp_path)
    second.start(lambda: [REMEMBERED])
    second.append([received("new")])
    abandon(second)

    third = Journal.open(tmp_path)

    assert list(third.replay()) == [REMEMBERED, received("new")]


async def test_the_reader_gives_new_facts_only_and_in_order(tmp_path: Path) -> None:
    first = Journal.open(tmp_path)
    first.start(nothing)
    first.append(CALLS)
    await first.close()
    second = Journal.open(tmp_path)
    second.start(lambda: [REMEMBERED])
    running = asyncio.create_task(second.run())
    second.append([received("new")])

    entries = await read_all(second, 10, len(CALLS) - 10 + 1)

    assert [entry.seq for entry in entries] == list(range(11, len(CALLS) + 2))
    assert [entry.fact() for entry in entries] == [*CALLS[10:], received("new")]
    running.cancel()
    await second.close()


async def test_the_reader_waits_and_wakes_when_something_is_appended(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    running = asyncio.create_task(journal.run())
    waiting = asyncio.create_task(read_all(journal, 0, 1))
    await asyncio.sleep(0.02)
    assert not waiting.done()

    journal.append([received("a")], wall=1_700_000_000.5)

    (entry,) = await waiting
    assert (entry.seq, entry.wall, entry.fact()) == (1, 1_700_000_000.5, received("a"))
    running.cancel()
    await journal.close()


async def test_full_segments_follow_one_another_and_go_when_their_facts_are_stored(
    tmp_path: Path,
) -> None:
    facts = answered_calls(400)
    journal = Journal.open(tmp_path)
    journal.disk.segment_bytes = 20_000
    journal.start(lambda: [REMEMBERED])
    running = asyncio.create_task(journal.run())
    for at in range(0, len(facts), 100):
        journal.append(facts[at : at + 100])
        await journal.durable_beyond(journal.last_seq - 1)
    assert len(journal.segments) > 10

    entries = await read_all(journal, 0, len(facts))
    assert [entry.fact() for entry in entries] == facts
    journal.forget(entries[-1].seq)
    running.cancel()
    await journal.close()

    assert len(segments_in(tmp_path)) == 1
    assert next(iter(Journal.open(tmp_path).replay())) == REMEMBERED


async def test_a_segment_is_kept_while_one_of_its_facts_is_not_stored(tmp_path: Path) -> None:
    first = Journal.open(tmp_path)
    first.start(nothing)
    first.append(CALLS)
    await first.close()
    second = Journal.open(tmp_path)
    second.start(nothing)
    second.forget(len(CALLS) - 1)
    await second.disk.tend()

    assert [entry.fact() for entry in await read_all(second, len(CALLS) - 1, 1)] == [CALLS[-1]]
    second.forget(len(CALLS))
    await second.disk.tend()
    assert len(second.segments) == 1
    await second.close()


async def test_two_processes_cannot_write_the_same_journal(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)

    with pytest.raises(JournalInUse) as refused:
        Journal.open(tmp_path)
    told = str(refused.value)
    assert told.startswith(f"{tmp_path} is in use by process {os.getpid()} on host ")
    assert "CALLCENTER_DATA_DIR" in told

    await journal.close()
    await Journal.open(tmp_path).close()


async def test_engine_time_goes_on_over_a_reboot(tmp_path: Path) -> None:
    before = resumed_clock(None, boot="a", monotonic=lambda: 900.0, wall=lambda: 5_000.0)
    journal = Journal.open(tmp_path, clock=before)
    journal.start(nothing)
    journal.append([CallEnded(at=960.0, call=CallId("a"))], wall=5_060.0)
    abandon(journal)

    mark = survey(tmp_path).mark
    after = resumed_clock(mark, boot="b", monotonic=lambda: 3.0, wall=lambda: 5_100.0)

    assert after.now() == 1_000.0


async def test_a_wall_clock_that_is_set_is_noted(tmp_path: Path) -> None:
    shown = [1_700_000_000.0]
    clock = Clock(monotonic=lambda: 100.0, wall=lambda: shown[-1])
    journal = Journal.open(tmp_path, clock=clock)
    journal.start(nothing)
    for wall in (1_700_000_000.2, 1_699_996_400.0, 1_699_996_400.0):
        shown.append(wall)
        journal.append(CALLS[:1])
    assert journal.clock_steps == 1
    await journal.close()


async def test_nothing_is_written_for_no_facts(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    size = size_of(journal.segments[0])

    assert journal.append([]) == 0
    assert size_of(journal.segments[0]) == size
    await journal.close()


# --- damage ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A segment with a snapshot of one piece and 60 facts, as bytes."""
    directory = tmp_path_factory.mktemp("written")

    async def write() -> None:
        journal = Journal.open(directory)
        journal.start(lambda: [REMEMBERED])
        for fact in CALLS:
            journal.append([fact])
        await journal.close()

    asyncio.run(write())
    (path,) = directory.glob("*.journal")
    return path.read_bytes()


def replay_of(directory: Path, blob: bytes) -> tuple[list[Piece | Fact], Journal]:
    """What a journal says whose only segment has these bytes."""
    for old in directory.iterdir():
        old.unlink()
    (directory / "0000000001.journal").write_bytes(blob)
    journal = Journal.open(directory, clock=Clock())
    facts = list(journal.replay())
    abandon(journal)
    return facts, journal


EVERYTHING = [REMEMBERED, *CALLS]


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_cut_tail_leaves_what_was_before_it(
    written: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    kept = data.draw(st.integers(0, len(written)))
    facts, journal = replay_of(tmp_path, written[:kept])

    assert facts == EVERYTHING[: len(facts)]
    complete = len(facts) / len(EVERYTHING)
    assert abs(kept / len(written) - complete) < 0.1
    cut_between_records = sum(torn.size for torn in journal.torn) == 0
    assert cut_between_records or (tmp_path / "0000000001.journal").exists() or not facts


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_flipped_bytes_cost_only_what_they_hit_and_are_reported(
    written: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """Also in the header, and the length of a record."""
    place = data.draw(st.integers(0, len(written) - 1))
    length = data.draw(st.integers(1, 40))
    mask = data.draw(st.integers(1, 255))
    blob = bytearray(written)
    for index in range(place, min(place + length, len(blob))):
        blob[index] ^= mask
    facts, journal = replay_of(tmp_path, bytes(blob))

    assert facts == [fact for fact in EVERYTHING if fact in facts]
    assert len(EVERYTHING) - len(facts) <= 2, "no record is shorter than the damage"
    (torn,) = journal.torn
    assert torn.offset <= place < torn.offset + torn.size
    assert torn.size < 1_000
    (kept,) = tmp_path.glob("*.torn")
    assert kept.read_bytes() == bytes(blob[torn.offset : torn.offset + torn.size])
    assert str(torn.size) in journal.complaint()


@pytest.mark.parametrize("damaged", [b"", None], ids=["emptied", "one bit of its header"])
async def test_a_damaged_segment_is_not_the_end_of_the_others(
    tmp_path: Path, damaged: bytes | None
) -> None:
    for number in range(3):
        journal = Journal.open(tmp_path)
        journal.start(nothing)
        journal.append(CALLS[20 * number : 20 * number + 20])
        await journal.close()
    path = tmp_path / "0000000002.journal"
    blob = bytearray(path.read_bytes())
    blob[9] ^= 1
    path.write_bytes(bytes(blob) if damaged is None else damaged)

    again = Journal.open(tmp_path)
    assert again.name == journal.name
    again.start(nothing)
    reader, found = again.reader(0), []
    while reader.seq < 60:
        found += [entry.fact() for entry in await reader.read()]
    expected = CALLS if damaged is None else CALLS[:20] + CALLS[40:]
    assert found == expected
    assert reader.missed == len(CALLS) - len(expected)
    assert [torn.segment for torn in again.torn] == [path.name]
    assert "damaged" in again.complaint()
    await again.close()


async def test_the_only_segment_with_a_damaged_header_is_replayed_under_the_same_name(
    tmp_path: Path,
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(lambda: [REMEMBERED])
    journal.append(CALLS)
    await journal.close()
    path = tmp_path / "0000000001.journal"
    blob = bytearray(path.read_bytes())
    blob[9] ^= 1
    path.write_bytes(blob)

    again = Journal.open(tmp_path)
    assert list(again.replay()) == EVERYTHING
    assert (again.name, again.opened_seq) == (journal.name, len(CALLS) + 1)
    assert again.is_incomplete
    again.start(nothing)
    entries = await read_all(again, 0, len(CALLS))
    assert [entry.fact() for entry in entries] == CALLS
    assert again.clock.now() >= CALLS[-1].at
    await again.close()


@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(garbage=st.binary(min_size=1, max_size=300))
def test_garbage_behind_the_end_is_cut_off(written: bytes, tmp_path: Path, garbage: bytes) -> None:
    facts, journal = replay_of(tmp_path, written + garbage)

    assert facts == EVERYTHING
    assert [torn.size for torn in journal.torn] == [len(garbage)]
    assert survey(tmp_path).torn == ()


async def test_a_segment_whose_snapshot_is_damaged_sends_the_replay_to_the_one_before(
    tmp_path: Path,
) -> None:
    first = Journal.open(tmp_path)
    first.start(nothing)
    first.append(CALLS)
    await first.close()
    second = Journal.open(tmp_path)
    second.start(lambda: [REMEMBERED, Piece(field="changes", value=5)])
    await second.close()
    os.truncate(second.segments[-1].path, size_of(second.segments[-1]) - 3)

    third = Journal.open(tmp_path)

    assert list(third.replay()) == CALLS
    assert len(third.torn) == 1
    assert third.opened_seq == len(CALLS) + 1


# --- a disk that refuses ---------------------------------------------------------------------


class SmallDisk:
    """A disk that takes no file longer than it is told to: the kernel refuses real writes."""

    def __init__(self) -> None:
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, size: int = 0) -> None:
        """From now on every file ends at `size` bytes."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, self._before[1]))

    def empty(self) -> None:
        """There is room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A disk that can be full."""
    small = SmallDisk()
    yield small
    small.empty()


async def test_facts_are_held_while_the_disk_is_full_and_written_when_it_is_not(
    tmp_path: Path, disk: SmallDisk
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(lambda: [REMEMBERED])
    journal.append(CALLS[:10])
    disk.fill(size_of(journal.segments[0]) + 50)
    journal.append(CALLS[10:20])
    disk.fill(700)
    journal.append(CALLS[20:30])
    assert not await journal.disk.tend()
    assert journal.disk.held_bytes > 0
    assert journal.disk.durable_seq == 10

    disk.empty()
    journal.append(CALLS[30:])
    assert await journal.disk.tend()

    assert journal.disk.held_bytes == 0
    assert journal.disk.lost_facts == 0
    assert journal.disk.write_errors == 2
    assert [entry.fact() for entry in await read_all(journal, 0, len(CALLS))] == CALLS
    await journal.close()
    assert list(Journal.open(tmp_path).replay()) == [REMEMBERED]


async def test_what_the_disk_refuses_can_be_read_and_is_not_held_when_it_is_stored(
    tmp_path: Path, disk: SmallDisk
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    journal.append(CALLS[:10])
    running = asyncio.create_task(journal.run())
    reader = journal.reader(0)
    assert len(await reader.read()) == 10
    disk.fill()
    journal.append(CALLS[10:20])
    assert "takes no facts" in journal.complaint()
    held: list[Fact | Unreadable] = []
    async with asyncio.timeout(30):
        while len(held) < 10:
            held += [entry.fact() for entry in await reader.read()]
    assert held == CALLS[10:20]
    journal.forget(20)
    assert (journal.disk.held_bytes, journal.disk.lost_facts) == (0, 0)

    disk.empty()
    journal.append(CALLS[20:30])
    async with asyncio.timeout(30):
        entries = await reader.read()
    assert [entry.fact() for entry in entries] == CALLS[20:30]
    assert (reader.missed, reader.seq) == (0, 30)
    await until(lambda: not journal.complaint(), within=30)
    running.cancel()
    await journal.close()


async def test_what_the_disk_refuses_can_be_read_at_once(tmp_path: Path, disk: SmallDisk) -> None:
    """Before anybody tries the disk again: a kill would take what nobody has stored."""
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    journal.append(CALLS[:10])
    running = asyncio.create_task(journal.run())
    reader = journal.reader(0)
    assert len(await reader.read()) == 10
    running.cancel()
    disk.fill()
    reading = asyncio.create_task(reader.read())
    await asyncio.sleep(0)
    journal.append(CALLS[10:20])
    async with asyncio.timeout(30):
        assert [entry.fact() for entry in await reading] == CALLS[10:20]
    await journal.close()


async def test_held_facts_that_a_kill_took_are_counted_and_their_numbers_not_used_again(
    tmp_path: Path, disk: SmallDisk
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    journal.append(CALLS[:10])
    disk.fill(16)  # what is there already can be written over
    journal.append(CALLS[10:20])
    abandon(journal)
    disk.empty()

    again = Journal.open(tmp_path)
    assert (again.opened_seq, again.is_incomplete) == (21, True)
    again.start(nothing)
    running = asyncio.create_task(again.run())
    stored = again.reader(17)  # what was held got so far into the database
    again.append(CALLS[20:30])
    async with asyncio.timeout(30):
        entries = await stored.read()
    assert ([entry.seq for entry in entries], stored.missed) == (list(range(21, 31)), 3)
    running.cancel()
    await again.close()


async def test_a_kill_between_held_facts_and_the_next_snapshot_loses_nothing_of_either(
    tmp_path: Path, disk: SmallDisk
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    journal.append(CALLS[:10])
    disk.fill()
    journal.append(CALLS[10:])
    disk.empty()
    journal.disk._write_held()
    abandon(journal)

    again = Journal.open(tmp_path)

    assert list(again.replay()) == CALLS
    assert again.torn == ()


async def test_facts_beyond_the_limit_are_lost_and_counted_and_the_state_is_written_anew(
    tmp_path: Path, disk: SmallDisk
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(lambda: [REMEMBERED])
    journal.disk.held_limit_bytes = 2_200
    disk.fill()
    for fact in CALLS:
        journal.append([fact])
    lost = journal.disk.lost_facts
    assert 0 < lost < len(CALLS)

    disk.empty()
    running = asyncio.create_task(journal.run())
    entries = await read_all(journal, 0, len(CALLS) - lost)
    await until(lambda: not journal.disk.held_bytes, within=30)
    journal.append([received("after")])
    (after,) = await read_all(journal, len(CALLS), 1)
    running.cancel()
    await journal.close()

    kept = [entry.fact() for entry in entries]
    assert kept == [fact for fact in CALLS if fact in kept], "a short one fits when a long does not"
    assert after.seq == len(CALLS) + 1
    assert list(Journal.open(tmp_path).replay()) == [REMEMBERED, received("after")]


async def test_a_start_on_a_full_disk_holds_facts_until_there_is_room(
    tmp_path: Path, disk: SmallDisk
) -> None:
    journal = Journal.open(tmp_path)
    disk.fill()
    journal.start(nothing)
    journal.append(CALLS[:30])
    assert not await journal.disk.tend()
    assert segments_in(tmp_path) == []

    disk.empty()
    running = asyncio.create_task(journal.run())
    entries = await read_all(journal, 0, 30)
    running.cancel()
    await journal.close()

    assert [entry.fact() for entry in entries] == CALLS[:30]


async def test_what_the_disk_refuses_to_the_end_is_counted_as_lost(
    tmp_path: Path, disk: SmallDisk
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    disk.fill()
    journal.append(CALLS[:3])

    await journal.close()

    assert journal.disk.lost_facts == 3


async def test_a_file_that_breaks_is_replaced_by_a_new_segment(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    journal.start(lambda: [REMEMBERED])
    journal.append(CALLS[:10])
    assert journal.disk._writer is not None
    reading, writing = os.pipe()
    os.dup2(writing, journal.disk._writer._file)  # neither takes writes at a place nor syncs
    journal.append(CALLS[10:])

    assert not await journal.disk.tend()
    assert await journal.disk.tend()

    assert journal.disk.durable_seq == len(CALLS)
    assert [entry.fact() for entry in await read_all(journal, 0, len(CALLS))] == CALLS
    await journal.close()
    os.close(reading)
    os.close(writing)
    assert list(Journal.open(tmp_path).replay()) == [REMEMBERED]


async def test_one_who_goes_on_syncing_takes_up_what_the_one_before_was_broken_off_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    begun = asyncio.Event()

    async def slow_disk() -> bool:
        begun.set()
        return await asyncio.Future[bool]()

    with monkeypatch.context() as now:
        now.setattr(journal.disk, "tend", slow_disk)
        first = asyncio.create_task(journal.run())
        last = journal.append(CALLS)
        await begun.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    second = asyncio.create_task(journal.run())
    async with asyncio.timeout(30):
        assert await journal.durable_beyond(last - 1) == last
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await journal.close()
