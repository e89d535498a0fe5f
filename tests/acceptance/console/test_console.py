"""Somchai's day at the console, with a desk phone; Malee supervises; both in a real Chromium."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.browser import WALL, Browser, Screen
from tests.hotline import Hotline
from tests.people.phone import answers
from tests.people.sip_message import token

CHOSEN = "a-password-of-my-own-7"


@pytest_asyncio.fixture(loop_scope="session")
async def browser(hotline: Hotline) -> AsyncIterator[Browser]:
    """A browser at this hotline."""
    async with Browser(hotline.api.url) as browser:
        yield browser


NUMBER = "0891234567"  # that no other story calls from: its first call


async def logs_in(screen: Screen, name: str, one_time: str, *, looked_at: bool = False) -> None:
    """The first log-in: with the one-time password, a password of one's own, and with that.
    `looked_at`: axe looks at the page for the password, which is the same for all."""
    await screen.opens()
    await screen.types("User name", name)
    await screen.types("Password", one_time)
    await screen.clicks("Log in")
    await screen.types("One-time password", one_time)
    await screen.types("New password (12 characters or more)", CHOSEN)
    await screen.types("New password once more", CHOSEN)
    if looked_at:
        assert await screen.barriers() == []
    await screen.clicks("Save and go on")
    await screen.sees("Saved. Log in with the new password.")
    await screen.types("User name", name)
    await screen.types("Password", CHOSEN)
    await screen.clicks("Log in")
    await screen.sees("Live")


async def test_an_operators_day(hotline: Hotline, browser: Browser, tmp_path: Path) -> None:
    somchai = await hotline.operator("somchai", logged_in=False, account=True)
    screen = await browser.screen(language="en")
    await screen.opens()
    assert await screen.barriers() == []
    await screen.types("User name", "somchai")
    await screen.types("Password", "not this one at all")
    await screen.clicks("Log in")
    await screen.sees("User name or password is wrong.")
    await logs_in(screen, "somchai", somchai.password, looked_at=True)

    await screen.sees("Not at work")
    await screen.clicks("Start work")
    await screen.sees("Available")
    await hotline.api.is_in("somchai", "available")

    somsri = await hotline.calls("1567", NUMBER)
    await screen.sees("Your phone rings: pick it up.")
    await screen.sees("08x-xxx-4567")
    await screen.sees("First call of this number.")
    assert await screen.barriers() == []
    await screen.page.screenshot(path=tmp_path / "ringing.png")
    await screen.clicks("Pause")
    await screen.page.get_by_role("button", name="prayer time").wait_for()  # of the site file
    await screen.clicks("lunch")
    await screen.sees("After this call: Paused")
    (await somchai.is_rung()).answer()
    await somsri.comes_to_hear(somchai.voice, within=5)
    await screen.sees("In a call")
    await screen.page.keyboard.press("h")
    await screen.sees("lunch")
    record = await hotline.record(somsri)
    assert (record["outcome"], record["ended_by"]) == ("answered", "operator")
    await hotline.api.is_in("somchai", "paused/lunch")

    somchai.habit = answers(0.1)
    await screen.page.keyboard.press("a")
    await screen.sees("Available")
    again = await hotline.calls("1567", NUMBER)
    await again.comes_to_hear(somchai.voice, within=5)
    await screen.sees("Earlier calls of this number")
    await screen.sees("answered")
    await screen.clicks("Give the caller on")
    await screen.sees("Nobody is free.")
    assert await screen.barriers() == []
    dialog = screen.page.get_by_role("dialog")
    title = (await hotline.api.queue("gcc"))["title"]
    await dialog.get_by_role("button", name=title).click()
    await screen.sees("Nobody would answer there. The call goes on.")
    await screen.page.keyboard.press("Escape")
    malee = await hotline.operator("malee", queues=["gcc"], habit=answers(0.1))
    await screen.page.keyboard.press("c")
    await dialog.get_by_role("button", name="Malee").click()
    await screen.sees("You talk with Malee Jaidee. The caller hears music.")
    await malee.comes_to_hear(somchai.voice, within=5)
    assert await screen.barriers() == []
    await screen.page.keyboard.press("w")
    await screen.sees("You talk with the caller and Malee Jaidee.")
    malee.hang_up()
    await screen.sees("Malee Jaidee: hung up. You have the caller again.")
    await again.comes_to_hear(somchai.voice, within=5)
    await hotline.api.is_in("malee", "available")
    await screen.clicks("Give the caller on")
    await dialog.get_by_role("button", name="Malee").click()
    await again.comes_to_hear(malee.voice, within=5)
    again.hang_up()
    await screen.sees_no_more("08x-xxx-4567")
    assert NUMBER not in await screen.page.content()
    assert screen.complaints == []


async def test_a_supervisors_floor(hotline: Hotline, browser: Browser, tmp_path: Path) -> None:
    await hotline.operator("somchai")
    await hotline.pause("somchai")
    account = {"name": f"malee-{token()}", "role": "supervisor"}
    made = await hotline.api.ask("POST", "/accounts", account)
    screen = await browser.screen(language="en")
    await logs_in(screen, account["name"], made["one_time_password"])
    await screen.sees("Somchai Jaidee")
    first = await hotline.calls("1567")
    second = await hotline.calls("1567")
    await hotline.in_line("damrong", first, second)
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "floor")
    title = (await hotline.api.queue("damrong"))["title"]
    await screen.clicks(title)
    rows = screen.page.get_by_role("dialog").get_by_role("row")
    await rows.nth(2).wait_for()
    assert await screen.barriers() == []
    await rows.nth(2).get_by_role("button", name="Raise").click()
    await hotline.in_line("damrong", second, first)
    await screen.page.keyboard.press("Escape")
    await screen.page.keyboard.press("3")
    await screen.sees("Longest wait")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "wall", [WALL])
    await screen.page.keyboard.press("2")
    row = screen.page.get_by_role("row").filter(has_text="Somchai Jaidee")
    await row.get_by_role("button", name="Log out").click()
    await hotline.api.is_in("somchai", "offline")
    assert screen.complaints == []
