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
async def database_url(postgres: PrivatePostgres) -> AsyncIterator[str]:
    """An empty database of one's own."""
    url = await new_database(postgres.url)
    yield url
    await drop_database(postgres.url, url)


@pytest.fixture
async def engine(postgres: PrivatePostgres, template: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database of one's own that has all tables."""
    url = await new_database(postgres.url, template)
    engine = create_async_engine(url)
    yield engine
    await engine.dispose()
    await drop_database(postgres.url, url)


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
    copied = f" template {template}" if template else ""
    await _order(server_url, f"create database {name}{copied}")
    return server_url.replace("/callcenter?", f"/{name}?")


async def drop_database(server_url: str, url: str) -> None:
    """Eight megabytes of memory each: a few hundred would not fit into a small machine."""
    await _order(server_url, f"drop database if exists {name_of(url)} with (force)")


async def _order(server_url: str, order: str) -> None:
    administrator = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    async with asyncio.timeout(30), administrator.connect() as connection:
        await connection.execute(text(order))
    await administrator.dispose()


def name_of(url: str) -> str:
    """The database's name in its URL."""
    return url.partition("?")[0].rpartition("/")[2]


async def _upgraded(url: str) -> None:
    engine = create_async_engine(url)
    await upgrade(engine)
    await engine.dispose()
