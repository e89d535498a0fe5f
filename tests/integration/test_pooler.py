"""Behind a real pgbouncer in transaction mode: each transaction may get another session, and in
each session other programs have left statements of any name."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.back_office import _database
from callcenter.cli.doctor.database import examine
from callcenter.ports.people import Role
from callcenter.storage.migrate import upgrade
from callcenter.storage.pooler import is_pooled
from callcenter.storage.recorder import plain_dsn
from tests.integration.house import opened
from tests.integration.test_recorder_faults import Office
from tests.parts import PrivatePostgres
from tests.pooler import SESSIONS, PrivatePooler

LEFT = 3000  # names of statements, more than the driver has given out in this process
OFFICES = 3


@pytest.fixture
def pooler(postgres: PrivatePostgres, database_url: str) -> Iterator[PrivatePooler]:
    """In front of a new, empty database."""
    database = database_url.split("@/")[1].split("?")[0]
    place = postgres.directory.parent / f"b-{database}"
    with PrivatePooler(place, postgres, database=database) as pooler:
        yield pooler


@pytest.fixture
async def engine(pooler: PrivatePooler) -> AsyncIterator[AsyncEngine]:
    """As the service makes it, with all tables; statements of others are in each session."""
    engine = _database(pooler.url)
    await upgrade(engine)
    await others_leave_statements(pooler.url)
    yield engine
    await engine.dispose()


async def others_leave_statements(url: str) -> None:
    names = "; ".join(f'prepare "__asyncpg_stmt_{n:x}__" as select 0' for n in range(1, LEFT))
    programs = [await asyncpg.connect(plain_dsn(url)) for _ in range(SESSIONS)]
    for program in programs:
        await program.execute("begin")  # each has a session now
    for program in programs:
        await program.execute(names)
        await program.execute("commit")
        await program.close()


@pytest.mark.usefixtures("engine")
async def test_every_fact_of_three_recorders_is_stored_and_none_meets_an_error(
    pooler: PrivatePooler, tmp_path: Path
) -> None:
    offices = [Office(tmp_path / str(number), pooler.url) for number in range(OFFICES)]
    for number, office in enumerate(offices):
        office.calls = 100 * number
    for _ in range(4):
        for office in offices:
            office.calls_happen()
        await asyncio.gather(*(office.stored() for office in offices))
    assert [office.recorder.failures for office in offices] == [0] * OFFICES
    connection = await asyncpg.connect(plain_dsn(pooler.url), statement_cache_size=0)
    async with connection.transaction():
        stored = await connection.fetchval(
            "select count(*) from calls join offers using (call_id) where outcome = 'answered' "
            "and talk_seconds = 30 and calls.ended_at is not null and result is not null"
        )
    await connection.close()
    assert stored == sum(office.calls for office in offices) - sum(range(0, 100 * OFFICES, 100))
    for office in offices:
        await office.close()


async def test_people_are_served_all_at_once(engine: AsyncEngine, tmp_path: Path) -> None:
    async with opened(engine, tmp_path) as house:
        await house.person("chief", Role.SUPERVISOR)
        answers = await asyncio.gather(
            *(
                house.ask("GET", path, by="chief")
                for path in ("/api/v1/operators", "/api/v1/calls") * 15
            )
        )
    assert {answer.status for answer in answers} == {200}


@pytest.mark.usefixtures("engine")
async def test_doctor_names_it_and_finds_nothing_wrong_with_it(
    pooler: PrivatePooler, database_url: str
) -> None:
    findings, without = await examine(pooler.url), await examine(database_url)
    wrong = [finding for finding in findings if finding.health != "ok"]
    assert wrong == [finding for finding in without if finding.health != "ok"]
    assert any("a pooler is in front of it" in finding.what for finding in findings)
    assert not any("pooler" in finding.what for finding in without)


async def test_postgres_itself_is_not_taken_for_one(database_url: str) -> None:
    connection = await asyncpg.connect(plain_dsn(database_url))
    assert not await is_pooled(connection)
    await connection.close()
