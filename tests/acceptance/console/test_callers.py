"""An operator looks at who waits, and raises a caller; who called again is marked."""

from tests.acceptance.console.test_console import browser, logs_in
from tests.browser import Browser
from tests.hotline import Hotline
from tests.people.phone import answers

__all__ = ["browser"]
AGAIN = "Called again: has the old place in line"


async def test_an_operator_raises_a_caller_and_sees_who_called_again(
    hotline: Hotline, browser: Browser
) -> None:
    somchai = await hotline.operator(
        "somchai", account=True, skills={"english": 3}, habit=answers(0.1)
    )
    await hotline.pause("somchai")
    screen = await browser.screen(language="en")
    await logs_in(screen, "somchai", somchai.password)
    anong = await hotline.calls("1567")
    await hotline.in_line("damrong", anong)
    anong.hang_up()
    await hotline.record(anong)
    boonmee = await hotline.calls("1567")
    await hotline.in_line("damrong", boonmee)
    again = await hotline.calls("1567", anong.number)
    await hotline.in_line("damrong", again, boonmee)

    title = (await hotline.api.queue("damrong"))["title"]
    await screen.clicks(title)
    rows = screen.page.get_by_role("dialog").get_by_role("row")
    await rows.nth(2).wait_for()
    assert await rows.nth(1).get_by_label(AGAIN).count() == 1
    assert await rows.nth(2).get_by_label(AGAIN).count() == 0
    assert await screen.page.get_by_role("button", name="Lower").count() == 0
    assert await screen.barriers() == []
    await rows.nth(2).get_by_role("button", name="Raise").click()
    await hotline.in_line("damrong", boonmee, again)
    await rows.nth(2).get_by_label(AGAIN).wait_for()
    await rows.nth(1).get_by_role("button", name="Raise").click()
    await rows.nth(2).get_by_label(AGAIN).wait_for()
    await screen.page.keyboard.press("Escape")
    await screen.page.keyboard.press("2")
    await screen.sees("english=3")
    await screen.page.keyboard.press("1")

    boonmee.hang_up()
    await hotline.in_line("damrong", again)
    await screen.clicks("Available")
    await again.comes_to_hear(somchai.voice, within=10)
    await screen.sees(AGAIN)
    assert await screen.barriers() == []
    again.hang_up()
    assert screen.complaints == []
