"""Somchai's browser in trouble: killed, without its headset, without permission, reloaded at bad
moments. What the caller hears meanwhile is measured."""

from collections.abc import Sequence

import pytest

from tests.acceptance.console.test_console import CHOSEN, browser
from tests.acceptance.console.test_phone import answers, at_work, rings
from tests.browser import Browser, Screen
from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, until
from tests.people.talk import talk_for

__all__ = ["browser"]

HEADSET = "Fake Audio Input 1"


async def stays(caller: Caller, *sounds: str, seconds: float) -> None:
    """For so long just these are heard."""
    began = now()
    await talk_for(seconds)
    heard = caller.heard(began)
    assert heard.sounds <= {*sounds, "nothing"}, heard


async def uses(screen: Screen, microphone: str) -> None:
    """Wait until this microphone is the open one, and no other."""
    seen: list[Sequence[str]] = []

    async def look() -> bool:
        seen[:] = [await screen.page.evaluate("listening()")]
        return len(seen[0]) == 1 and microphone in seen[0][0]

    await until(look, within=5, but=lambda: seen)


async def test_muted_stays_muted_over_a_hold(hotline: Hotline, browser: Browser) -> None:
    somchai = await at_work(hotline, browser)
    somsri = await hotline.calls("1567")
    await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear("silence", within=3)
    await somchai.page.keyboard.press("o")
    await somsri.comes_to_hear("music", within=3)
    await somchai.page.keyboard.press("o")
    await somsri.comes_to_hear("silence", within=3)
    await stays(somsri, "silence", seconds=2)
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear(somchai.voice, within=3)
    assert somchai.complaints == []


async def test_the_headset_is_unplugged_while_muted(hotline: Hotline, browser: Browser) -> None:
    somchai = await at_work(hotline, browser)
    await somchai.clicks("Sound")
    await somchai.page.get_by_role("combobox", name="Microphone").select_option(label=HEADSET)
    await uses(somchai, HEADSET)
    await somchai.page.keyboard.press("Escape")
    somsri = await hotline.calls("1567")
    await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear("silence", within=3)

    await somchai.page.evaluate("label => unplug(label)", HEADSET)
    await uses(somchai, "Default")
    await somchai.sees("The headset is gone")
    await stays(somsri, "silence", seconds=2)
    assert await somchai.barriers() == []
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear(somchai.voice, within=3)
    await somchai.comes_to_hear(somsri.voice, within=3)

    await somchai.page.evaluate("label => plugIn(label)", HEADSET)
    await uses(somchai, HEADSET)
    await somchai.sees_no_more("The headset is gone")
    await somsri.comes_to_hear(somchai.voice, within=3)
    assert somchai.complaints == []


async def test_the_microphone_is_forbidden(hotline: Hotline, browser: Browser) -> None:
    somchai = await at_work(hotline, browser)
    context = somchai.page.context
    await context.clear_permissions()
    await hotline.api.is_in("somchai", "paused/microphone", within=5)
    await somchai.sees("does not let this page use the microphone")
    assert await somchai.barriers() == []
    await somchai.page.keyboard.press("a")
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear("music", within=5)
    await stays(somsri, "music", seconds=2)
    await hotline.api.is_in("somchai", "paused/microphone")

    await context.grant_permissions(["microphone", "notifications"])
    await somchai.sees_no_more("does not let this page use the microphone")
    await somchai.page.keyboard.press("a")
    await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)


@pytest.mark.parametrize("instant", ["ringing", "on hold"])
async def test_the_page_is_reloaded(hotline: Hotline, browser: Browser, instant: str) -> None:
    somchai = await at_work(hotline, browser)
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear("music", within=5)
    await rings(somchai)
    if instant == "on hold":
        await answers(somchai)
        await somsri.comes_to_hear(somchai.voice, within=5)
        await somchai.page.keyboard.press("o")
        await somsri.comes_to_hear("music", within=3)
    began = now()
    await somchai.page.reload(wait_until="commit")
    if instant == "ringing":
        await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=10)
    print(f"back {now() - began:.1f} s after the reload")
    await somchai.comes_to_hear(somsri.voice, within=5)
    heard = somsri.heard(began)  # "other": where a piece of music ends
    assert heard.sounds <= {"music", "silence", "nothing", "other", str(somchai.voice)}, heard
    (record,) = await hotline.records.calls(somsri.number)
    offers = await hotline.records.offers(record["call_id"])
    assert "no_answer" not in [offer["result"] for offer in offers]


@pytest.mark.parametrize("line", ["rung", "open"])
async def test_the_page_is_reloaded_while_muted(
    hotline: Hotline, browser: Browser, line: str
) -> None:
    """Who thinks that nobody listens is not heard all at once."""
    somchai = await at_work(hotline, browser, open_line=line == "open")
    somsri = await hotline.calls("1567")
    if line == "rung":
        await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear("silence", within=3)
    began = now()
    await somchai.page.reload(wait_until="commit")
    await somchai.comes_to_hear(somsri.voice, within=10)
    await somchai.sees("Muted")
    await somsri.comes_to_hear("silence", within=3)
    await talk_for(2)
    assert somsri.heard(began).share(somchai.voice) == 0
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear(somchai.voice, within=3)
    await somchai.page.keyboard.press("m")
    await somsri.comes_to_hear("silence", within=3)
    somsri.hang_up()
    await hotline.api.is_in("somchai", "available")

    chai = await hotline.calls("1567")  # the next caller is another talk
    if line == "rung":
        await answers(somchai)
        await chai.comes_to_hear(somchai.voice, within=5)


async def test_the_browser_is_killed_in_a_talk(hotline: Hotline) -> None:
    async with Browser(hotline.api.url) as first:
        somchai = await at_work(hotline, first)
        somsri = await hotline.calls("1567")
        await answers(somchai)
        await somsri.comes_to_hear(somchai.voice, within=5)
        chai = await hotline.calls("1567")
        await hotline.in_line("damrong", chai)
        killed = now()
        first.is_killed()
        await somsri.comes_to_hear("music", within=5)
        print(f"music {now() - killed:.1f} s after the kill")
        await hotline.in_line("damrong", somsri, chai)
        await hotline.api.is_in("somchai", "paused/phone_lost")
    async with Browser(hotline.api.url) as second:
        again = await second.screen(language="en", microphone=True)
        await again.opens()
        await again.types("User name", "somchai")
        await again.types("Password", CHOSEN)
        await again.clicks("Log in")
        await again.sees("This browser · ready")
        await stays(somsri, "music", seconds=1)
        await again.clicks("Available")
        await answers(again)
        await somsri.comes_to_hear(again.voice, within=5)
        await again.comes_to_hear(somsri.voice, within=5)
        await hotline.in_line("damrong", chai)
