"""Somchai parks a call by a key of his page, which is his phone, and has it back by another key."""

from pathlib import Path

from tests.acceptance.console.test_console import browser
from tests.acceptance.console.test_listening import SECONDS, hears_just
from tests.acceptance.console.test_phone import answers, at_work
from tests.browser import TABLET, Browser
from tests.hotline import Hotline

__all__ = ["browser"]


async def test_a_call_is_parked_and_picked_up_by_keys(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    await hotline.rules("damrong", wrapup_seconds=60)
    somchai = await at_work(hotline, browser)
    somsri = await hotline.calls("1567")
    await answers(somchai)
    await somsri.comes_to_hear(somchai.voice, within=SECONDS)
    await somchai.sees("Park the call")
    await somchai.page.keyboard.press("j")
    await somsri.comes_to_hear("music", within=SECONDS)
    await somchai.sees("Parked calls")
    await somchai.sees("parked by Somchai Jaidee")
    await somchai.sees("back in line in 1:")
    assert await somchai.barriers() == []
    await somchai.pictures(tmp_path, "parked", [TABLET])
    await somchai.sees("This browser · ready")
    await somchai.page.keyboard.press("u")  # its own wish: answered by itself
    await hears_just(somsri, somchai.voice)
    await somchai.sees_no_more("Parked calls")
    await somchai.page.keyboard.press("?")
    await somchai.sees("Pick up")
    somsri.hang_up()
