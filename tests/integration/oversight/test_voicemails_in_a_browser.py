"""The page of messages: an operator takes one, hears it, has its caller called back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Route

from tests.browser import Browser
from tests.integration.house import PASSWORD
from tests.integration.oversight.test_recordings import Floor
from tests.integration.oversight.test_voicemails import at_work as at_work
from tests.integration.oversight.test_voicemails import floor as floor
from tests.integration.oversight.test_voicemails import left, listed
from tests.people import until

PHONE = {"width": 360, "height": 740}
WORDS = {
    "en": ("Messages that callers of your queues left", "Hear", "Play", "To do"),
    "th": ("ข้อความที่ผู้โทรในคิวของท่านฝากไว้", "ฟัง", "เล่น", "รอดำเนินการ"),
}


@pytest_asyncio.fixture
async def browser(at_work: Floor) -> AsyncIterator[Browser]:
    async with Browser(at_work.house.url) as browser:
        yield browser


@pytest.mark.parametrize("language", ["en", "th"])
async def test_the_page_is_for_everybody_and_shows_a_message(
    at_work: Floor, browser: Browser, language: str, tmp_path: Path
) -> None:
    await left(at_work, "pbx-1.1")
    await left(at_work, "pbx-2.1")
    intro, hear, _, title = WORDS[language]
    screen = await browser.screen(language=language)
    sent = {"name": "somchai", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens("/desks.html#/voicemails")
    await screen.sees(intro)
    await screen.sees(title)
    first = screen.page.locator("tbody tr").first
    await first.get_by_role("button", name=hear).first.click()
    picture = screen.page.locator("path.caller").first
    await picture.wait_for(state="attached", timeout=20_000)

    async def plays() -> bool:
        found = screen.page.locator("audio")
        return float(await found.evaluate("sound => sound.currentTime")) > 0.5

    await until(plays, within=20)
    assert await screen.page.locator("p.sides").count() == 0, "there is one voice"
    assert await screen.barriers() == []
    await screen.page.screenshot(path=str(tmp_path / f"voicemail-{language}.png"), full_page=True)
    await screen.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await screen.barriers() == []
    await screen.page.screenshot(path=str(tmp_path / f"phone-{language}.png"), full_page=True)


async def test_it_is_taken_and_the_caller_is_called_back_by_one_click(
    at_work: Floor, browser: Browser
) -> None:
    await left(at_work, "pbx-1.1")
    screen = await browser.screen(language="en")
    sent = {"name": "somchai", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens("/desks.html#/voicemails")
    await screen.page.get_by_role("button", name="Take it").click()
    await screen.sees("taken by somchai")
    await screen.page.get_by_role("button", name="Call back").click()
    await screen.sees("The caller will be called back in turn")
    [one] = await listed(at_work, "somchai", "?done=true")
    assert one["how"] == "called_back"
    await screen.opens("/desks.html#/voicemails/done")
    await screen.sees("done by somchai")
    await screen.sees("to be called back")


@pytest.mark.parametrize(
    ("language", "told"), [("en", "withheld"), ("th", "ไม่แสดงเลขหมาย")], ids=["en", "th"]
)
async def test_a_withheld_number_is_said_in_the_language_of_the_page(
    at_work: Floor, browser: Browser, language: str, told: str
) -> None:
    await left(at_work, "pbx-1.1", caller="")
    screen = await browser.screen(language=language)
    sent = {"name": "somchai", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens("/desks.html#/voicemails")
    await screen.sees(told)


async def test_a_list_that_was_away_is_no_trouble_any_more_when_it_is_back(
    at_work: Floor, browser: Browser
) -> None:
    await left(at_work, "pbx-1.1")
    screen = await browser.screen(language="en")
    sent = {"name": "somchai", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.page.route("**/api/v1/voicemails?*", lambda route: route.abort())
    await screen.opens("/desks.html#/voicemails")
    trouble = screen.page.get_by_role("alert")
    await trouble.first.wait_for(timeout=20_000)
    await screen.page.unroute("**/api/v1/voicemails?*")
    await screen.sees("new")  # by itself, at the next look
    await trouble.wait_for(state="detached", timeout=20_000)


async def test_an_answer_that_comes_late_is_not_shown_as_the_other_list(
    at_work: Floor, browser: Browser
) -> None:
    await left(at_work, "pbx-1.1")
    screen = await browser.screen(language="en")
    sent = {"name": "somchai", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    late = asyncio.Event()

    async def waits(route: Route) -> None:
        await late.wait()
        await route.continue_()

    await screen.page.route("**/api/v1/voicemails?done=false", waits)
    await screen.opens("/desks.html#/voicemails")
    await screen.page.get_by_role("link", name="Done").click()
    none = screen.page.get_by_text("No message is done yet")
    await none.wait_for(timeout=20_000)
    async with screen.page.expect_response("**/api/v1/voicemails?done=false"):
        late.set()
    await asyncio.sleep(1)
    assert await none.is_visible()
