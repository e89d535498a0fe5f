"""The quality sheet at the page: a supervisor draws a sample and judges its calls."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.browser import Browser
from tests.integration.house import PASSWORD, House
from tests.integration.oversight.test_quality_api import answered, house

__all__ = ["house"]
PHONE = {"width": 360, "height": 740}


@pytest_asyncio.fixture
async def browser(house: House) -> AsyncIterator[Browser]:
    async with Browser(house.url) as browser:
        yield browser


async def test_003_08_a_supervisor_judges_a_sample(
    house: House,
    engine: AsyncEngine,
    browser: Browser,
    tmp_path: Path,
) -> None:
    await answered(engine, 3)  # one of them is suda's own
    screen = await browser.screen(language="en")
    sent = {"name": "suda", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens("/desks.html")
    await screen.clicks_link("Quality")
    await screen.sees("Nobody has drawn a sample yet.")
    await screen.types("From the day", "14/3/2565")
    await screen.types("To the day", "13/3/2565")
    await screen.clicks("Draw a sample")
    await screen.sees("The last day must not be before the first")
    await screen.types("To the day", "14/3/2565")
    assert await screen.barriers() == []
    await screen.clicks("Draw a sample")
    await screen.sees("0 of 3 judged")
    for done in ("1 of 3 judged", "2 of 3 judged"):
        for aspect, verdict in (
            ("What was told is right", "Yes" if done[0] == "1" else "No"),
            ("Nothing was left out", "Yes"),
            ("Polite", "Cannot be said"),
        ):
            group = screen.page.get_by_role("group", name=aspect)
            await group.get_by_label(verdict, exact=True).check()
        assert await screen.barriers() == []
        await screen.clicks("Save, and the next one")
        await screen.sees(done)
    await screen.sees("1 of 2 judged calls")
    await screen.sees("0 of 0 judged calls")
    sizes = ({"width": 1280, "height": 720}, PHONE)
    await screen.pictures(tmp_path, "quality", sizes, whole=True)
    await screen.clicks("1567 · suda")
    await screen.sees("Your own call: somebody else judges it.")
    await screen.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert await screen.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await screen.barriers() == []
    assert screen.complaints == []
