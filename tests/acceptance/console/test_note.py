"""Somchai writes down what a call was about; a killed window loses nothing of it."""

from pathlib import Path

from tests.acceptance.console.test_console import browser, logs_in
from tests.browser import Browser, Screen
from tests.hotline import Hotline
from tests.people.phone import answers

__all__ = ["browser"]
SAVED = "✓ Saved"


async def test_a_note_survives_its_window(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    await hotline.rules("damrong", wrapup_seconds=120)
    phone = await hotline.operator("somchai", habit=answers(0.1), account=True)
    screen = await browser.screen(language="en")
    await logs_in(screen, "somchai", phone.password)
    somsri = await hotline.calls("1567")
    await screen.clicks("Complaint")
    await screen.types("Topic", "the road at the temple")
    await screen.types("What was said", "since yesterday")
    hotline.words |= {"the road at the temple", "since yesterday"}
    await screen.sees(SAVED)
    assert await screen.barriers() == []
    await screen.page.screenshot(path=tmp_path / "note.png")
    await screen.page.close()  # no word of it to anybody

    second = Screen(await screen.page.context.new_page(), screen.url)
    await second.opens()
    await second.sees(SAVED)
    assert await second.page.get_by_label("Topic").input_value() == "the road at the temple"
    somsri.hang_up()
    await second.sees("Wrap-up")
    await second.clicks("More time")
    await hotline.api.is_in("somchai", "paused/paperwork")
    await second.types("Result", "told to the district")
    await second.sees(SAVED)

    await second.clicks("Available")
    await hotline.api.is_in("somchai", "available")
    await hotline.calls("1567", somsri.number)
    await second.sees("since yesterday")
    assert await second.barriers() == []
    seen = await hotline.api.ask("GET", "/audit")
    assert "note.read" in [entry["action"] for entry in seen["entries"]]
    assert second.complaints == []
