"""Malee presses the key of her province in a real menu, and the operator's case begins there. Who
presses nothing and calls from a house in Si Sa Ket begins there;
who calls with a mobile is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.console.test_console import browser, logs_in
from tests.browser import Browser
from tests.hotline import Hotline
from tests.people.phone import answers
from tests.people.sip_message import token
from tests.unit.prompts.voices import fill

__all__ = ["browser"]
QUESTION = 3250
MENU = """
[menus.main.steps.province]
prompts = ["own_question"]
seconds = 1
plays = 1
keys.1 = { queue = "damrong", province = "ubon_ratchathani", topic = "water" }

[areas.provinces]
"0456" = "sisaket"
"""
AREA = "Place (sub-district, district, province)"


@pytest.fixture
def question(hotline: Hotline) -> Iterator[None]:
    """The question of the menu is a tone of its own."""
    folder = hotline.asterisk.directory / "lib" / "prompts" / "th"
    fill(folder, {"own_question": QUESTION}, 1.5)
    yield
    (folder / "own_question.wav").unlink()


async def test_the_province_that_a_caller_presses_is_where_the_case_begins(
    hotline: Hotline, browser: Browser, question: None, tmp_path: Path
) -> None:
    await hotline.says("1567", 'greeting = []\nmenu = "main"\nareas = "provinces"', menus=MENU)
    name = f"somchai-{token()}"
    phone = await hotline.operator(
        name, queues=["damrong", "sisaket"], habit=answers(0.1), account=True
    )
    for queue in ("damrong", "sisaket"):
        await hotline.rules(queue, wrapup_seconds=120)
    await hotline.api.ask("POST", "/units-of-thailand")
    grant = {"account": name, "role": "operator", "unit": "p33"}
    await hotline.api.ask("POST", "/grants", grant)
    screen = await browser.screen(language="en")
    await logs_in(screen, name, phone.password)

    for number, presses, area, told in (
        ("", "1", "จังหวัดอุบลราชธานี", "The caller chose it in the menu."),
        ("045612345", "", "จังหวัดศรีสะเกษ", "The number of the caller's fixed line tells it."),
        ("", "", "", ""),
    ):
        malee = await hotline.calls("1567", number)
        await malee.comes_to_hear(QUESTION, within=10)
        if presses:
            malee.press(presses)
        await malee.comes_to_hear(phone.voice, within=20)
        await screen.clicks("New case of this call")
        field = screen.page.get_by_label(AREA)
        await field.wait_for()
        assert await field.input_value() == area, (number, presses)
        if told:
            await screen.sees(told)
            assert await screen.barriers() == []
            await screen.pictures(tmp_path, f"case-{presses or 'number'}")
        if presses:
            assert await screen.page.get_by_label("Topic").last.input_value() == "water"
            await screen.page.get_by_label("What happened").fill("no water since yesterday")
            await screen.clicks("Save the case")
            await screen.sees("Saved. The number is")
        malee.hang_up()
        await screen.sees("Wrap-up")
        await screen.clicks("Available")
        await hotline.api.is_in(name, "available", within=10)
    assert screen.complaints == []
