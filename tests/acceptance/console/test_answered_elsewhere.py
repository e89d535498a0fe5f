"""Two phones ring for Somsri, one of them Somchai's page. Malee is first, and his page says so."""

from pathlib import Path

from tests.acceptance.console.test_console import browser
from tests.acceptance.console.test_listening import SECONDS, hears_just
from tests.acceptance.console.test_phone import at_work, rings
from tests.browser import Browser
from tests.hotline import Hotline
from tests.people.phone import ignores

__all__ = ["browser"]


async def test_a_colleague_answers_first(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    await hotline.rules("damrong", strategy="ring_several", ring_at_once=2)
    somchai = await at_work(hotline, browser)
    malee = await hotline.operator("malee", habit=ignores())
    somsri = await hotline.calls("1567")
    await rings(somchai)
    await malee.is_rung()
    malee.answer()
    await hears_just(somsri, malee.voice)
    await somchai.sees("A colleague answered that call first. You keep your turn.")
    await somchai.sees("Available")
    await hotline.api.is_in("somchai", "available", within=SECONDS)
    assert await somchai.barriers() == []
    await somchai.pictures(tmp_path, "elsewhere")
    somsri.hang_up()
