"""One PostgreSQL for all integration tests, and an empty, migrated database for each of them."""

import asyncio
import itertools
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.storage.migrate import upgrade
from tests.parts import PrivatePostgres

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A running server; its directory's name is short, because a socket lies in it."""
    memory = Path("/dev/shm")  # where there is one, nobody waits for a disk
    place = memory if memory.is_dir() else Path("/tmp")
    remove_left_behind(place)
    with tempfile.TemporaryDirectory(prefix="pg-", dir=place) as directory:
        Path(directory).chmod(0o755)
        with PrivatePostgres(Path(directory) / "s") as server:
            yield server


@pytest.fixture
async def database_url(postgres: PrivatePostgres) -> str:
    """An empty database of one's own."""
    return await new_database(postgres.url)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database that has all tables."""
    engine = create_async_engine(database_url)
    await upgrade(engine)
    yield engine
    await engine.dispose()


def remove_left_behind(place: Path) -> None:
    """Remove the servers' folders of test runs that were killed: they fill the memory."""
    for folder in place.glob("pg-*"):
        marks = list(folder.glob("s/data/postmaster.pid"))
        alive = any(Path("/proc", mark.read_text().split()[0]).exists() for mark in marks)
        if not alive and time.time() - folder.stat().st_mtime > 3600:
            shutil.rmtree(folder, ignore_errors=True)


async def new_database(server_url: str) -> str:
    """Make a database, give its URL."""
    name = f"test_{next(_numbers)}"
    administrator = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    async with asyncio.timeout(30), administrator.connect() as connection:
        await connection.execute(text(f"create database {name}"))
    await administrator.dispose()
    return server_url.replace("/callcenter?", f"/{name}?")
