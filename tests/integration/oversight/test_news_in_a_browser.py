"""The message of the day at the floor page: a supervisor switches it on and off."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from callcenter.ports.people import Role
from tests.browser import Browser
from tests.integration.house import PASSWORD, House
from tests.integration.oversight.test_news_api import house

__all__ = ["house"]


@pytest_asyncio.fixture
async def browser(house: House) -> AsyncIterator[Browser]:
    async with Browser(house.url) as browser:
        yield browser


async def test_a_supervisor_switches_it_on_and_off(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    await house.account("suda", Role.SUPERVISOR)
    screen = await browser.screen(language="en")
    sent = {"name": "suda", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens("/#/floor")
    await screen.sees("Message of the day")
    await screen.page.get_by_label("Line or queue").select_option("line/1567")
    await screen.page.get_by_label("Recording").select_option("own_flood")
    await screen.types("Minutes (or until off)", "30")
    await screen.clicks("Switch on")
    await screen.sees("0 heard it, 0 asked for more, 0 left after it")
    await screen.sees("30 min left")
    [on] = (await house.ask("GET", "/api/v1/news", by="command-line")).body["news"]
    assert (on["name"], on["prompts"], on["more"]) == ("1567", ["own_flood"], [])
    await screen.pictures(tmp_path, "news", ({"width": 1280, "height": 720},))
    await screen.clicks("Switch off")
    await screen.sees_no_more("30 min left")
    assert await screen.barriers() == []
