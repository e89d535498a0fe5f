"""The migrations make what the table modules say, once, however many start at the same time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.storage import people_tables, tables  # noqa: F401 - they fill the catalogue
from callcenter.storage.migrate import NewerDatabaseError, upgrade
from callcenter.storage.schema import metadata


async def test_the_migrations_make_just_the_tables_that_the_program_uses(
    engine: AsyncEngine,
) -> None:
    def differences(connection: Connection) -> Sequence[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
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
