"""Whatever happens to the database or to the recorder, every fact is stored just once."""

import asyncio
import os
import random
import resource
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.core.facts import Fact, OperatorState
from callcenter.runtime.clock import Clock
from callcenter.runtime.journal import Journal
from callcenter.storage.migrate import upgrade
from callcenter.storage.recorder import Recorder, _folded, plain_dsn
from tests.facts import answered_call, operator_changed, received
from tests.parts import PrivatePostgres
from tests.people.standstill import stood_still
from tests.people.until import until

CALLS_A_BATCH = 5
LATER_SECONDS = 1_000_000.0
"""All calls are before now, also on a machine that was started a minute ago."""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    """A server of one's own, to be maltreated."""
    place = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path("/tmp")
    directory = place / f"pg-{os.getpid()}-{random.randrange(10**6)}"
    directory.mkdir(mode=0o755)
    with PrivatePostgres(directory / "s") as running:
        yield running
    for path in sorted(directory.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    directory.rmdir()


@pytest.fixture
async def url(server: PrivatePostgres) -> str:
    """Its migrated database."""
    engine = create_async_engine(server.url)
    await upgrade(engine)
    await engine.dispose()
    return server.url


class Office:
    """A journal that calls are written to, and a recorder that may be started anew."""

    def __init__(self, directory: Path, url: str) -> None:
        self.directory = directory
        self.url = url
        self.calls = 0
        self.open()

    def open(self) -> None:
        """Take the journal and begin to record."""
        self.journal = Journal.open(self.directory, clock=Clock(shift_seconds=LATER_SECONDS))
        self.journal.start(tuple)
        self.syncing = asyncio.create_task(self.journal.run())
        self.begin()

    def begin(self, *, answer_seconds: float = 15.0) -> None:
        """A new recorder on the same journal."""
        self.recorder = Recorder(self.journal, self.url, answer_seconds=answer_seconds)
        self.recording = asyncio.create_task(self.recorder.run())

    async def stop_recording(self) -> None:
        """Break the recorder off wherever it is."""
        self.recording.cancel()
        await asyncio.gather(self.recording, return_exceptions=True)

    async def close(self) -> None:
        """Let go of everything."""
        await self.stop_recording()
        self.syncing.cancel()
        await asyncio.gather(self.syncing, return_exceptions=True)
        await self.journal.close()

    def calls_happen(self, count: int = CALLS_A_BATCH) -> None:
        """Some whole calls; each operator's second call begins where the first was left."""
        for _ in range(count):
            self.calls += 1
            facts: list[Fact] = list(
                answered_call(f"call-{self.calls}", f"op{self.calls % 3}", 60.0 * self.calls)
            )
            for fact in facts:
                self.journal.append([fact])

    async def stored(self, seconds: float = 90) -> None:
        """Wait until everything is in the tables."""
        caught_up = asyncio.create_task(self.recorder.caught_up())
        await asyncio.wait(
            [caught_up, self.recording], timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if self.recording.done():
            self.recording.result()
        caught_up.cancel()
        assert not self.recorder.facts_behind, self.recorder.last_error

    async def check(self) -> None:
        """Every call, offer and interval is there, once."""
        connection = await asyncpg.connect(plain_dsn(self.url))
        try:
            calls = await connection.fetchval(
                "select count(*) from calls where outcome = 'answered' and talk_seconds = 30 "
                "and ended_at is not null and arrived_at < answered_at and caller <> ''"
            )
            offers = await connection.fetchval(
                "select count(*) from offers where result is not null"
            )
            states = await connection.fetchval("select count(*) from operator_states")
            unended = await connection.fetchval(
                "select count(*) from operator_states where ended_at is null"
            )
            dead = await connection.fetchval("select count(*) from dead_letters")
        finally:
            await connection.close()
        assert (calls, offers, dead) == (self.calls, self.calls, 0)
        assert (states, unended) == (4 * self.calls, min(3, self.calls))


@pytest.fixture
async def office(tmp_path: Path, url: str) -> AsyncIterator[Office]:
    """An office at work."""
    office = Office(tmp_path / "journal", url)
    yield office
    await office.close()


def children(pid: int) -> list[int]:
    """The processes a process has started (proc(5))."""
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def failing(recorder: Recorder) -> None:
    """Wait until the recorder has met the fault."""
    async with asyncio.timeout(90):
        while not recorder.last_error:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_a_database_that_is_stopped_for_a_while(
    office: Office, server: PrivatePostgres
) -> None:
    office.calls_happen()
    await office.stored()
    await asyncio.to_thread(server.stop)
    office.calls_happen()
    await failing(office.recorder)
    assert office.recorder.facts_behind == 12 * CALLS_A_BATCH
    assert "PostgreSQL does not take records" in office.recorder.complaint()
    seconds_behind = office.recorder.seconds_behind
    await asyncio.sleep(0.05)
    assert office.recorder.seconds_behind > seconds_behind

    await asyncio.to_thread(server.start)
    await office.stored()

    assert office.recorder.seconds_behind == 0
    assert office.recorder.complaint() == ""
    await office.check()


async def test_a_database_that_is_killed(office: Office, server: PrivatePostgres) -> None:
    for _ in range(3):
        office.calls_happen()
        await asyncio.sleep(random.uniform(0, 0.1))
        await asyncio.to_thread(server.kill)
        office.calls_happen()
        await asyncio.to_thread(server.start)

    await office.stored()
    await office.check()


async def test_a_stop_does_not_wait_for_a_database_that_is_away(
    office: Office, server: PrivatePostgres
) -> None:
    await office.stored()
    await asyncio.to_thread(server.kill)
    office.calls_happen()
    async with asyncio.timeout(90):
        await office.recorder.caught_up_or_failed()
    assert office.recorder.facts_behind
    await asyncio.to_thread(server.start)
    await office.stored()
    await office.check()


async def test_a_database_that_hangs_without_a_word(
    office: Office, server: PrivatePostgres
) -> None:
    await office.stop_recording()
    office.begin(answer_seconds=2.0)
    office.calls_happen()
    await office.stored()
    assert server.process is not None
    family = [server.process.pid, *children(server.process.pid)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    office.calls_happen()
    began = time.monotonic()
    longest = await longest_loop_block(until=asyncio.create_task(failing(office.recorder)))
    for pid in family:
        os.kill(pid, signal.SIGCONT)

    await office.stored()
    assert office.recorder.failures >= 1
    assert longest < 1.0 + stood_still(began)
    await office.check()


async def longest_loop_block(until: asyncio.Task[None]) -> float:
    """How long the event loop was held at worst, in seconds, until the task is done."""
    loop, longest = asyncio.get_running_loop(), 0.0
    while not until.done():
        before = loop.time()
        await asyncio.sleep(0.01)
        longest = max(longest, loop.time() - before - 0.01)
    return longest


async def test_its_connection_is_cut_again_and_again(office: Office) -> None:
    cutter = await asyncpg.connect(plain_dsn(office.url))
    for _ in range(40):
        office.calls_happen(2)
        await asyncio.sleep(random.uniform(0, 0.06))
        await cutter.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'callcenter recorder'"
        )
    await cutter.close()

    await office.stored()
    await office.check()


async def test_a_commit_whose_answer_never_arrives_is_not_repeated(office: Office) -> None:
    """The database commits and the connection breaks before we hear of it."""
    office.calls_happen()
    await office.stored()
    await office.stop_recording()
    recorder = office.recorder
    office.calls_happen()
    await office.journal.durable_beyond(office.journal.last_seq - 1)
    connection = await asyncpg.connect(plain_dsn(office.url))
    reader = await recorder._take_up(connection)
    batch = await _folded(await reader.read(), recorder._present)
    await recorder._commit(connection, batch)  # and then the process was killed
    await connection.close()

    office.begin()
    await office.stored()
    await office.check()


async def test_a_recorder_broken_off_at_any_moment(office: Office) -> None:
    for _ in range(30):
        office.calls_happen(2)
        await asyncio.sleep(random.uniform(0, 0.05))
        await office.stop_recording()
        office.begin()

    await office.stored()
    await office.check()


async def test_a_service_started_anew_again_and_again(office: Office) -> None:
    for _ in range(8):
        office.calls_happen(2)
        await asyncio.sleep(random.uniform(0, 0.1))
        await office.close()
        office.open()

    await office.stored()
    await office.check()
    assert len(office.journal.segments) <= 9


async def test_a_journal_whose_end_was_cut_off_goes_on_without_losing_what_is_new(
    office: Office,
) -> None:
    office.calls_happen()
    await office.stored()
    present = office.journal.segments[-1].path
    await office.close()
    os.truncate(present, present.stat().st_size - 1_000)
    office.open()
    assert office.journal.opened_seq < 12 * CALLS_A_BATCH

    for fact in answered_call("after the cut", "op9", 9_000.0):
        office.journal.append([fact])
    await office.stored()

    connection = await asyncpg.connect(plain_dsn(office.url))
    found = await connection.fetchval("select outcome from calls where call_id = 'after the cut'")
    await connection.close()
    assert found == "answered"


async def test_two_recorders_of_one_journal_do_not_store_anything_twice(office: Office) -> None:
    second = Recorder(office.journal, office.url)
    recording_too = asyncio.create_task(second.run())
    await until(lambda: not second.complaint(), within=30)
    for _ in range(400):
        office.calls_happen(1)
        await asyncio.sleep(random.uniform(0, 0.1))
        if second.failures + office.recorder.failures:
            break
    await office.stored()
    recording_too.cancel()
    await asyncio.gather(recording_too, return_exceptions=True)

    await office.check()
    assert "PositionMovedError" in (second.last_error, office.recorder.last_error) or (
        second.failures + office.recorder.failures > 0
    )


async def test_a_disk_that_is_full_loses_nothing_while_the_database_is_there(
    office: Office,
) -> None:
    office.calls_happen()
    await office.stored()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, before[1]))  # the kernel refuses real writes
    try:
        office.calls_happen()
        await office.stored()
        assert "takes no facts" in office.journal.complaint()
        assert office.journal.disk.lost_facts == 0
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    await office.check()
    os.close(office.journal._lock)  # killed: nothing of what was held got to the disk
    await office.stop_recording()
    office.syncing.cancel()
    await asyncio.gather(office.syncing, return_exceptions=True)
    office.open()
    office.calls_happen()
    await office.stored()
    assert office.recorder.missed_facts == 0
    await office.check()


async def test_what_neither_disk_nor_database_got_is_counted_after_the_restart(
    office: Office, server: PrivatePostgres
) -> None:
    office.calls_happen()
    await office.stored()
    await asyncio.to_thread(server.stop)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, before[1]))
    try:
        office.journal.append([received("lost")])
        assert office.journal.disk.held_bytes
        await office.stop_recording()
        office.syncing.cancel()
        await asyncio.gather(office.syncing, return_exceptions=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    os.close(office.journal._lock)  # killed: nothing of what was held got to the disk
    await asyncio.to_thread(server.start)
    office.open()
    office.journal.append([received("after")])
    await office.stored()
    assert (office.recorder.missed_facts, office.recorder.dead_letters) == (1, 0)
    connection = await asyncpg.connect(plain_dsn(office.url))
    told = await connection.fetch("select kind, error from dead_letters")
    await connection.close()
    assert [row["kind"] for row in told] == ["lost"]
    assert told[0]["error"].startswith("1 facts")


async def test_a_connection_is_not_yet_health(office: Office) -> None:
    """The database lets us in and takes nothing: what stands in the way may be anything."""
    office.calls_happen()
    await office.stored()
    connection = await asyncpg.connect(plain_dsn(office.url))
    await connection.execute("alter table calls rename to hidden")
    office.calls_happen()
    failures = office.recorder.failures
    await until(lambda: office.recorder.failures > failures + 3, within=60)
    for _ in range(50):
        assert "does not take records" in office.recorder.complaint()
        await asyncio.sleep(0.02)
    await connection.execute("alter table hidden rename to calls")
    await connection.close()
    await office.stored()
    assert office.recorder.complaint() == ""
    await office.check()


async def test_tables_that_are_not_there_yet_are_waited_for(
    tmp_path: Path, server: PrivatePostgres
) -> None:
    office = Office(tmp_path / "journal", server.url)
    office.calls_happen()
    await failing(office.recorder)
    assert office.recorder.last_error == "UndefinedTableError"

    engine = create_async_engine(server.url)
    await upgrade(engine)
    await engine.dispose()
    await office.stored()
    await office.check()
    await office.close()


async def test_a_new_journal_ends_the_intervals_that_the_former_left_open(
    tmp_path: Path, url: str
) -> None:
    """Its engine time may be anything, so their length is told by the stamps."""
    first = Journal.open(tmp_path / "first", clock=Clock(monotonic=lambda: 5_000.0))
    second = Journal.open(tmp_path / "second", clock=Clock(monotonic=lambda: 10.0))
    for journal, at, wall in ((first, 5_000.0, 1_000_000.0), (second, 10.0, 1_000_060.0)):
        journal.start(tuple)
        state = OperatorState.AVAILABLE if journal is first else OperatorState.PAUSED
        journal.append([operator_changed("somchai", at, state), received(journal.name, at)], wall)
        recorder = Recorder(journal, url)
        tasks = [asyncio.create_task(journal.run()), asyncio.create_task(recorder.run())]
        async with asyncio.timeout(30):
            await recorder.caught_up()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await journal.close()

    connection = await asyncpg.connect(plain_dsn(url))
    rows = await connection.fetch("select state, seconds from operator_states order by id")
    await connection.close()
    assert [tuple(row) for row in rows] == [("available", 60.0), ("paused", None)]
