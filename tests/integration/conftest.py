"""One PostgreSQL for all integration tests, and an empty, migrated database for each of them.

The migrations run once for a server: the databases are copies of what they made.
"""

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


@pytest.fixture(scope="session")
def template(postgres: PrivatePostgres) -> str:
    """The name of a database that has all tables and no rows; nobody else is connected to it."""
    url = asyncio.run(new_database(postgres.url))
    asyncio.run(_upgraded(url))
    return name_of(url)


@pytest.fixture
async def database_url(postgres: PrivatePostgres) -> str:
    """An empty database of one's own."""
    return await new_database(postgres.url)


@pytest.fixture
async def engine(postgres: PrivatePostgres, template: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database of one's own that has all tables."""
    engine = create_async_engine(await new_database(postgres.url, template))
    yield engine
    await engine.dispose()


def remove_left_behind(place: Path) -> None:
    """Remove the servers' folders of test runs that were killed: they fill the memory."""
    for folder in place.glob("pg-*"):
        marks = list(folder.glob("s/data/postmaster.pid"))
        alive = any(Path("/proc", mark.read_text().split()[0]).exists() for mark in marks)
        if not alive and time.time() - folder.stat().st_mtime > 3600:
            shutil.rmtree(folder, ignore_errors=True)


async def new_database(server_url: str, template: str = "") -> str:
    """Make a database, give its URL. It is a copy of `template`, or empty."""
    name = f"test_{next(_numbers)}"
    administrator = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    copied = f" template {template}" if template else ""
    async with asyncio.timeout(30), administrator.connect() as connection:
        await connection.execute(text(f"create database {name}{copied}"))
    await administrator.dispose()
    return server_url.replace("/callcenter?", f"/{name}?")


def name_of(url: str) -> str:
    """The database's name in its URL."""
    return url.partition("?")[0].rpartition("/")[2]


async def _upgraded(url: str) -> None:
    engine = create_async_engine(url)
    await upgrade(engine)
    await engine.dispose()
