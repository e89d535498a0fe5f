"""XC-05: the desks on a machine, and with a database, set to another time zone. What the other
tests say of days, deadlines and periods of Bangkok holds there, too."""

import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.desks import (
    test_bulletins,
    test_cases_api,
    test_prang_ku,
    test_reports_api,
)
from tests.integration.desks.office import Office
from tests.integration.desks.test_reports_api import country

__all__ = ["country"]


@pytest.fixture(params=["America/Los_Angeles", "Pacific/Kiritimati"])
async def engine(
    engine: AsyncEngine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncEngine]:
    """Both are there: 15 hours behind Bangkok, or 7 before it."""
    zone = str(request.param)
    async with engine.begin() as connection:
        name = await connection.scalar(text("select current_database()"))
        await connection.execute(text(f"alter database \"{name}\" set timezone to '{zone}'"))
    await engine.dispose()  # connections from now on
    async with engine.connect() as connection:
        assert await connection.scalar(text("show timezone")) == zone
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    yield engine
    monkeypatch.undo()
    time.tzset()


@pytest.mark.timeout(300)
async def test_xc_05_a_case_its_deadlines_and_a_bulletin_elsewhere(
    office: Office, engine: AsyncEngine
) -> None:
    await test_prang_ku.test_prang_ku_with_the_ministry(office, engine)
    await test_cases_api.test_dd_07_overdue_is_what_sql_says_and_what_waits_is_not(office, engine)


async def test_xc_05_the_figures_of_a_bulletin_elsewhere(office: Office) -> None:
    await test_bulletins.test_dd_08_four_headings_in_order_and_the_counts(office)


async def test_xc_05_a_round_and_its_calls_elsewhere(country: Office, engine: AsyncEngine) -> None:
    await test_reports_api.test_rp_03_prefilled_numbers_are_those_of_sql_over_the_period(
        country, engine
    )


async def test_xc_05_a_round_and_its_cases_elsewhere(country: Office, engine: AsyncEngine) -> None:
    await test_reports_api.test_rp_03_cases_are_those_of_sql_over_the_period(country, engine)
    await test_reports_api.test_rp_01_the_due_time_as_the_letter_has_it_and_xc_04_the_letter(
        country
    )
