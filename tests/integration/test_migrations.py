"""The migrations make what the table modules say, once, however many start at the same time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter import features  # noqa: F401 - they import every table into the catalogue
from callcenter.cli.doctor import database
from callcenter.cli.doctor.finding import Health
from callcenter.storage.migrate import NewerDatabaseError, settings, upgrade
from callcenter.storage.schema import metadata


async def test_the_migrations_make_just_the_tables_that_the_program_uses(
    engine: AsyncEngine,
) -> None:
    def differences(connection: Connection) -> Sequence[Any]:
        opts = {"compare_type": True, "include_object": is_declared}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_checks_of_the_tables_are_those_of_the_migrations(engine: AsyncEngine) -> None:
    declared = {
        str(constraint.name)
        for table in metadata.tables.values()
        for constraint in table.constraints
    }
    async with engine.connect() as connection:
        made = await connection.scalars(
            text("select conname from pg_constraint where contype in ('c', 'p', 'u', 'f')")
        )
        assert declared <= set(made)


async def test_a_second_upgrade_changes_nothing(engine: AsyncEngine) -> None:
    await upgrade(engine)

    async with engine.connect() as connection:
        versions = await connection.scalars(text("select version_num from alembic_version"))
        assert len(list(versions)) == 1


async def test_two_that_upgrade_at_once_do_not_disturb_each_other(database_url: str) -> None:
    engines = [create_async_engine(database_url) for _ in range(3)]

    await asyncio.gather(*(upgrade(engine) for engine in engines))

    async with engines[0].connect() as connection:
        assert await connection.scalar(text("select count(*) from calls")) == 0
    for engine in engines:
        await engine.dispose()


async def test_tables_of_a_newer_program_are_left_as_they_are(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match="upgrade the program"):
        await upgrade(engine)


BEFORE = """
insert into calls (call_id, line, did, caller, caller_class, arrived_at, queued_at, answered_at,
    talk_ended_at, ended_at, outcome, reason, wait_seconds, talk_seconds, operator,
    known_from_ledger)
values
    ('good', '1567', '1567', '', 'withheld', '2026-01-01 10:00', '2026-01-01 10:00',
     '2026-01-01 10:01', '2026-01-01 10:05', '2026-01-01 10:05', 'answered', '', 60, 240, 'a',
     false),
    ('overwritten', '1567', '1567', '', 'withheld', '2026-01-01 10:00', '2026-01-01 10:00',
     '2026-01-01 10:01', '2026-01-01 10:05', '2026-01-01 10:05', 'abandoned', 'service_away', 300,
     240, 'a', true),
    ('clock', '1567', '1567', '', 'withheld', '2026-01-01 10:00', '2026-01-01 09:00',
     '2026-01-01 09:01', '2026-01-01 09:05', '2026-01-01 09:05', 'answered', '', 60, 240, 'a',
     false)
"""
RIDDLE = """
insert into calls (call_id, line, did, caller, caller_class, arrived_at, ended_at, outcome,
    answered_at)
values ('riddle', '1567', '1567', '', 'withheld', '2026-01-01 10:00', '2026-01-01 10:05',
    'rejected', '2026-01-01 10:01')
"""


async def test_impossible_rows_of_before_are_repaired_and_the_audit_says_so(
    engine: AsyncEngine,
) -> None:
    await as_of(engine, "0004", BEFORE)
    await upgrade(engine)

    async with engine.connect() as connection:
        rows = await connection.execute(
            text("select call_id, outcome, wait_seconds, talk_seconds from calls order by call_id")
        )
        assert [tuple(row) for row in rows] == [
            ("clock", "answered", 60, 240),
            ("good", "answered", 60, 240),
            ("overwritten", "answered", 60, 240),
        ]
        wrong = "select count(*) from calls where ended_at < arrived_at or answered_at < arrived_at"
        assert await connection.scalar(text(wrong)) == 0
        about = await connection.scalars(text("select about from audit"))
        assert list(about) == ["overwritten"]
        assert await connection.scalar(UNCHECKED) == 0
        for change in (
            "update calls set outcome = 'abandoned'",
            "update calls set ended_at = arrived_at - interval '1 second'",
            "update calls set outcome = null",
        ):
            with pytest.raises(IntegrityError):
                async with connection.begin_nested():
                    await connection.execute(text(change))


async def test_a_row_that_nobody_can_explain_stays_and_the_doctor_names_it(
    engine: AsyncEngine,
) -> None:
    await as_of(engine, "0004", RIDDLE)
    await upgrade(engine)

    async with engine.connect() as connection:
        assert await connection.scalar(text("select outcome from calls")) == "rejected"
        assert await connection.scalar(UNCHECKED) == 2, "of the table and of its partition"
    found = await database.examine(engine.url.render_as_string(hide_password=False))
    [told] = [finding for finding in found if "cannot be" in finding.what]
    assert told.health is Health.WARN
    assert "calls.answered_once" in told.what


async def test_the_doctor_tells_that_several_nodes_have_no_open_lines(engine: AsyncEngine) -> None:
    url = engine.url.render_as_string(hide_password=False)

    async def of_nodes() -> list[str]:
        found = await database.examine(url, several_nodes=True)
        return [finding.what for finding in found if finding.part == "nodes"]

    assert await of_nodes() == []
    await upgrade(engine)
    assert await of_nodes() == []
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "insert into operators (operator, name, queues, sip_secret, open_line, added_at,"
                " removed_at) values ('malee', 'M', '{}', 'x', true, now(), null),"
                " ('wichai', 'W', '{}', 'x', true, now(), now()),"
                " ('somchai', 'S', '{}', 'x', false, now(), null)"
            )
        )
    [told] = await of_nodes()
    assert told.startswith("cards of operators with an open line: 1.")
    assert all(finding.part != "nodes" for finding in await database.examine(url))


def is_declared(thing: Any, name: str | None, kind: str, *_: object) -> bool:
    """Whether it is a table of the catalogue, or belongs to one. A partition is neither."""
    if kind == "table":
        return name in metadata.tables
    return thing.table.name in metadata.tables


async def as_of(engine: AsyncEngine, revision: str, rows: str) -> None:
    """The tables as they were then, with these rows."""
    async with engine.begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(settings(c), revision))
        await connection.execute(text(rows))


UNCHECKED = text("select count(*) from pg_constraint where not convalidated")
