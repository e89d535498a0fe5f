"""The page of another program, such as a CRM, comes with a call; the caller's number stays here."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest_asyncio
from playwright.async_api import Page, Route

from tests.acceptance.console.test_phone import answers, at_work, rings
from tests.browser import Browser
from tests.hotline import Hotline
from tests.people import until

CRM = "https://crm.example/case"


@pytest_asyncio.fixture(loop_scope="session")
async def with_crm() -> AsyncIterator[Hotline]:
    """A hotline that says what belongs to a call at another program."""
    address = f"{CRM}?call={{call}}&line={{line}}&by={{operator}}"
    async with Hotline(settings={"CALLCENTER_SCREEN_POP_URL": address}) as hotline:
        yield hotline
        await hotline.everyone_leaves()


async def test_another_programs_page_comes_with_the_call(with_crm: Hotline) -> None:
    hotline, asked = with_crm, list[str]()

    async def crm(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(content_type="text/html", body="<title>CRM</title>the case")

    async with Browser(hotline.api.url) as browser:
        somchai = await at_work(hotline, browser)
        context = somchai.page.context
        await context.route("https://crm.example/**", crm)
        opened: list[Page] = []
        context.on("page", lambda page: opened.append(page))

        somsri = await hotline.calls("1567")
        await rings(somchai)
        link = somchai.page.get_by_role("link", name="Open in the other program")
        offered = str(await link.get_attribute("href"))
        call = str((await hotline.api.operator("somchai"))["call"])
        fields = {"call": [call], "line": ["1567"], "by": ["somchai"]}
        assert parse_qs(urlsplit(offered).query) == fields
        assert asked == [], "it is offered while it rings, and not opened"
        assert await somchai.barriers() == []

        await answers(somchai)
        await until(lambda: asked == [offered], within=10, but=lambda: str(asked))
        assert somsri.number[1:] not in offered
        [window] = await until(lambda: list(opened), within=10)
        await window.get_by_text("the case").wait_for()

        await somchai.page.bring_to_front()
        await somsri.comes_to_hear(somchai.voice, within=5)
        await somchai.page.keyboard.press("o")  # the call is told of twice more
        await somsri.comes_to_hear("music", within=5)
        await somchai.page.keyboard.press("o")
        await somsri.comes_to_hear(somchai.voice, within=5)
        assert asked == [offered], "once for a call"
        somsri.hang_up()
        await hotline.api.is_in("somchai", "available", within=10)

        again = await hotline.calls("1567")
        await answers(somchai)
        await until(lambda: len(asked) == 2, within=10, but=lambda: str(asked))
        assert asked[1] != offered
        assert opened == [window], "one window for all calls"
        again.hang_up()
        await hotline.api.is_in("somchai", "available", within=10)
        assert somchai.complaints == []
