"""An office of people at desks, on a database of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.desks.books import Books
from tests.integration.desks.office import Office
from tests.integration.house import opened


@pytest.fixture
async def office(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Office]:
    """Everybody is there. The time is now, until a test moves it. At the end, whatever was done,
    all invariants of the desks hold."""
    many = {"login_attempts_account": 100_000, "login_attempts_address": 100_000}
    async with opened(engine, tmp_path, **many) as house:
        books = Books(engine)
        office = Office(house, books)
        await office.open()
        yield office
    if office.books is not None:  # None: the test broke its tables by hand
        faults = await books.faults(house.hands.wall(), all_of_them=True)
        assert not faults, faults
