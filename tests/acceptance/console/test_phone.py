"""Somchai's phone is the page itself: a real Chromium with a microphone, at the real Asterisk."""

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import Route

from tests.acceptance.console.test_console import browser, logs_in
from tests.browser import Browser, Screen
from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import until
from tests.people.until import SLOW_MACHINE_TIMES

__all__ = ["browser"]


async def at_work(
    hotline: Hotline, browser: Browser, name: str = "somchai", *, open_line: bool = False
) -> Screen:
    """The operator logs in, chooses this browser, and begins to work."""
    phone = await hotline.operator(name, logged_in=False, account=True, open_line=open_line)
    phone.close()  # nobody is at the desk phone
    screen = await browser.screen(language="en", microphone=True)
    await logs_in(screen, name, phone.password)
    await screen.page.get_by_role("radio", name="This browser").click()
    await screen.clicks("Start work")  # waits until the phone is ready
    await hotline.api.is_in(name, "available", within=10)
    return screen


async def rings(screen: Screen) -> None:
    """Wait for the button that answers."""
    await screen.page.get_by_role("button", name="Answer r").wait_for()


async def answers(screen: Screen) -> None:
    """It rings, and the key is pressed."""
    await rings(screen)
    await screen.page.keyboard.press("r")


async def test_a_call_is_answered_in_the_browser(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    somchai = await at_work(hotline, browser)
    assert await somchai.barriers() == []
    somsri = await hotline.calls("1567")
    await rings(somchai)
    assert await somchai.page.evaluate("rung") > 0
    assert await somchai.barriers() == []
    await somchai.page.screenshot(path=tmp_path / "ringing.png")
    await somchai.page.keyboard.press("r")
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(somsri.voice, within=5)
    await somchai.sees("The line is good.")
    await somchai.sees("ms there and back")
    assert await somchai.barriers() == []
    await somchai.pictures(tmp_path, "talking")

    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear("silence", within=3)
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear(somchai.voice, within=3)
    await somchai.page.keyboard.press("o")
    await somsri.comes_to_hear("music", within=3)
    await somchai.sees("On hold: the caller hears music.")
    assert await somchai.barriers() == []
    await somchai.page.keyboard.press("o")
    await somsri.comes_to_hear(somchai.voice, within=3)
    await somchai.comes_to_hear(somsri.voice, within=3)
    await somchai.page.keyboard.press("k")
    await somchai.page.keyboard.press("7")
    assert await somchai.barriers() == []
    await somchai.page.keyboard.press("Escape")
    await asyncio.sleep(
        4.0
    )  # the page looks once a second, and says nothing of a talk of two looks

    await somchai.page.keyboard.press("h")
    await until(lambda: somsri.ended_by == "far end", within=5)
    record = await hotline.record(somsri)
    assert (record["outcome"], record["ended_by"]) == ("answered", "operator")

    async def told() -> list[dict[str, Any]]:
        kept = await hotline.api.ask("GET", f"/calls/{record['call_id']}/quality")
        return list(kept["quality"])

    (quality,) = await until(told, within=10)
    assert (quality["operator"], quality["verdict"], quality["loss"]) == ("somchai", "good", 0)
    assert 0 < quality["round_trip_seconds"] < 0.3 * SLOW_MACHINE_TIMES

    await hotline.api.is_in("somchai", "available")
    again = await hotline.calls("1567")
    await rings(somchai)
    await somchai.page.keyboard.press("d")
    await hotline.api.is_in("somchai", "paused/declined")
    again.hang_up()
    assert somchai.complaints == []


async def test_calls_are_answered_by_themselves(hotline: Hotline, browser: Browser) -> None:
    somchai = await at_work(hotline, browser)
    await somchai.clicks("Sound")
    await somchai.page.get_by_role("checkbox", name="Answer calls by itself").check()
    assert await somchai.barriers() == []
    await somchai.page.keyboard.press("Escape")
    for _ in range(2):
        somsri = await hotline.calls("1567")
        await somsri.comes_to_hear(somchai.voice, within=5)
        await somchai.comes_to_hear(somsri.voice, within=5)
        somsri.hang_up()
        await hotline.api.is_in("somchai", "available")


async def test_the_line_is_tested_before_the_shift(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    phone = await hotline.operator("somchai", logged_in=False, account=True)
    phone.close()
    somchai = await browser.screen(language="en", microphone=True)
    await logs_in(somchai, "somchai", phone.password)
    await somchai.page.get_by_role("radio", name="This browser").click()
    before = await hotline.api.ask("GET", "/calls")
    await somchai.clicks("Test the line")
    await somchai.sees("Speak now")
    await somchai.comes_to_hear(somchai.voice, within=5)  # its own, from the telephone system
    await somchai.sees("You should have heard yourself")
    await somchai.sees("The line is good.")
    assert await somchai.barriers() == []
    await somchai.pictures(tmp_path, "line-test")
    await until(lambda: hotline.asterisk.channels() == 0, within=5)
    assert await hotline.api.ask("GET", "/calls") == before  # it is no call

    await somchai.clicks("Start work")
    await hotline.api.is_in("somchai", "available", within=10)
    somsri = await hotline.calls("1567", silent=True)
    await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.sees("No sound comes from the caller.")
    assert await somchai.barriers() == []
    assert somchai.complaints == []


async def test_without_a_microphone_nobody_begins(hotline: Hotline, browser: Browser) -> None:
    phone = await hotline.operator("somchai", logged_in=False, account=True)
    screen = await browser.screen(language="en")
    await logs_in(screen, "somchai", phone.password)
    await screen.page.get_by_role("radio", name="This browser").click()
    await screen.sees("does not let this page use the microphone")
    assert await screen.page.get_by_role("button", name="Start work").is_disabled()
    assert await screen.barriers() == []
    await screen.page.get_by_role("radio", name="The phone on the table").click()
    await screen.clicks("Start work")
    await hotline.api.is_in("somchai", "available")


async def test_one_window_is_the_phone(hotline: Hotline, browser: Browser) -> None:
    first = await at_work(hotline, browser)
    second = Screen(await first.page.context.new_page(), first.url, first.voice)
    await second.opens()
    await second.sees("The phone is used in another window.")
    assert await second.barriers() == []
    await second.clicks("Use it here")
    await first.sees("The phone is used in another window.")
    await second.sees("This browser · ready")

    await second.page.close()
    await first.page.bring_to_front()
    await first.sees("This browser · ready")
    await hotline.api.is_in("somchai", "available", within=5)
    somsri = await hotline.calls("1567")
    await answers(first)
    await somsri.comes_to_hear(first.voice, within=5)


async def test_the_page_is_reloaded_in_a_talk(hotline: Hotline, browser: Browser) -> None:
    somchai = await at_work(hotline, browser)
    somsri = await hotline.calls("1567")
    await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)
    began = now()
    await somchai.page.reload(wait_until="commit")
    # The page may be back before we look.
    await until(lambda: somsri.heard(began).share("music") > 0, within=3)
    await somsri.comes_to_hear(somchai.voice, within=10)
    await somchai.comes_to_hear(somsri.voice, within=5)
    record = await hotline.records.calls(somsri.number)
    assert len(record) == 1


async def test_the_page_is_reloaded_between_two_talks_on_an_open_line(
    hotline: Hotline, browser: Browser
) -> None:
    """The line went with the page, and is rung again when the page is back."""
    somchai = await at_work(hotline, browser, open_line=True)
    await somchai.page.reload(wait_until="commit")
    await hotline.api.is_in("somchai", "paused/line", within=20)
    await hotline.api.is_in("somchai", "available", within=20)
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(somsri.voice, within=5)


async def test_a_frozen_page_is_offered_nothing(hotline: Hotline, browser: Browser) -> None:
    somchai = await at_work(hotline, browser)
    console = await somchai.page.context.new_cdp_session(somchai.page)
    await console.send("Debugger.enable")
    await console.send("Debugger.pause")
    stopped = asyncio.create_task(somchai.page.evaluate("null"))  # pauses with the next script
    await hotline.api.is_in("somchai", "phone_away", within=15)
    somsri = await hotline.calls("1567")
    await hotline.in_line("damrong", somsri)
    await console.send("Debugger.resume")
    await stopped
    await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)


async def test_the_service_is_killed_in_a_talk(hotline: Hotline, browser: Browser) -> None:
    """It is away for so long that the page asks whether it is still logged in: nobody answers at
    first, and then a service that has no database yet. Neither ends the talk."""
    somchai = await at_work(hotline, browser)
    somsri = await hotline.calls("1567")
    await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)
    asked: list[str] = []

    async def nobody_knows(route: Route) -> None:
        asked.append(route.request.url)
        await (route.abort() if len(asked) == 1 else route.fulfill(status=503))

    await somchai.page.route("**/api/v1/me", nobody_knows)
    await hotline.service.kills()
    await somchai.sees("is being connected again")
    await until(lambda: len(asked) > 2, within=40)
    await somchai.page.unroute("**/api/v1/me")
    await somchai.sees("Mute")
    await somsri.comes_to_hear(somchai.voice, within=3)
    await hotline.service.starts()
    await somchai.sees("This browser · ready")
    await somsri.comes_to_hear(somchai.voice, within=3)
    await somchai.comes_to_hear(somsri.voice, within=3)
    somsri.hang_up()  # Asterisk's BYE comes over the new connection
    await hotline.api.is_in("somchai", "available")
    await somchai.sees_no_more("Mute")
