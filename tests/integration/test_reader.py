"""A report may take its time, but not every connection, and is told when it takes too long."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.ports.people import DatabaseAwayError
from callcenter.storage import reader
from callcenter.storage.accounts import AccountsInPostgres
from callcenter.storage.reader import AT_ONCE, ReaderOfPostgres
from callcenter.storage.transactions import ANSWER_SECONDS

SLEEP = "select 1 as done from pg_sleep(:seconds)"
RUNNING = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
    and state = 'active' and query like '%pg_sleep(%'
"""


async def test_a_report_may_take_longer_than_other_questions(engine: AsyncEngine) -> None:
    seconds = ANSWER_SECONDS + 0.5

    rows = await ReaderOfPostgres(engine).read(SLEEP, {"seconds": seconds})

    assert [row["done"] for row in rows] == [1]


async def test_a_report_that_takes_too_long_is_ended_and_the_database_is_not_away(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "REPORT_SECONDS", 0.2)
    reports = ReaderOfPostgres(engine)

    with pytest.raises(TimeoutError):
        await reports.read(SLEEP, {"seconds": 30.0})

    assert len(await reports.read(SLEEP, {"seconds": 0.0})) == 1
    async with engine.connect() as connection:
        running = await connection.scalar(text(RUNNING))
    assert running == 0


async def test_a_database_that_is_not_there_is_away_for_reports_too() -> None:
    nowhere = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseAwayError):
        await ReaderOfPostgres(nowhere).read("select 1", {})
    await nowhere.dispose()


async def test_reports_leave_connections_for_everyone_else(engine: AsyncEngine) -> None:
    small = create_async_engine(engine.url, pool_size=AT_ONCE + 1, max_overflow=0)
    reports = ReaderOfPostgres(small)
    asked = [asyncio.create_task(reports.read(SLEEP, {"seconds": 2.0})) for _ in range(AT_ONCE + 2)]
    await asyncio.sleep(0.3)

    assert await AccountsInPostgres(small).accounts() == []

    assert not any(report.done() for report in asked)
    await asyncio.gather(*asked)
    await small.dispose()
