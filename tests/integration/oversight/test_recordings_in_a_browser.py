"""The page of recorded talks: a supervisor searches and hears, administrators hold and remove."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.oversight.recordings.keys import add_key
from tests.browser import Browser, Screen
from tests.integration.house import PASSWORD
from tests.integration.oversight.test_recordings import CALL, NOW, Floor, floor_of
from tests.people import until

PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 720}
TABLET = {"width": 1024, "height": 768}
OTHER = "pbx-2.1"
HELD = "pbx-3.1"


@pytest_asyncio.fixture
async def floor(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Floor]:
    """A call with a hold in the middle, one of yesterday without a recording, and an older one."""
    add_key(tmp_path / "keys", NOW)
    async with floor_of(engine, tmp_path, recording_key_file=tmp_path / "keys") as floor:
        began = NOW - timedelta(minutes=5)
        for number, seconds, who in ((1, 0, "somchai"), (2, 16, "nok")):
            at = began + timedelta(seconds=seconds)
            await floor.kept(CALL, number, began_at=at, operator=who, paused_seconds=2.0)
        yesterday = NOW - timedelta(days=1)
        await floor.ended(OTHER, state="failed", why="disk_full", began_at=yesterday)
        await floor.kept(HELD, line="1669", began_at=NOW - timedelta(days=80), seconds=60.0)
        yield floor


@pytest_asyncio.fixture
async def browser(floor: Floor) -> AsyncIterator[Browser]:
    async with Browser(floor.house.url) as browser:
        yield browser


async def at_the_page(browser: Browser, name: str, **more: Any) -> Screen:
    screen = await browser.screen(language="en", **more)
    sent = {"name": name, "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens("/desks.html#/recordings")
    await screen.sees("Found")
    return screen


async def operators(screen: Screen) -> list[str]:
    """Whose talks are in the table."""
    return await screen.page.locator("tbody td:nth-child(3)").all_inner_texts()


async def place(screen: Screen) -> float:
    return float(await screen.page.get_by_label("Place in the recording").input_value())


async def test_a_supervisor_searches_hears_and_seeks(
    floor: Floor, browser: Browser, tmp_path: Path
) -> None:
    screen = await at_the_page(browser, "suda")
    assert await operators(screen) == ["nok", "somchai", "somchai", "somchai"]
    await screen.sees("The sound is kept for 90 days")
    assert await screen.page.get_by_role("button", name="Hold: ").count() == 0
    assert await screen.barriers() == []

    page = screen.page
    await page.get_by_role("combobox", name="Line").select_option("1567")
    await page.get_by_role("combobox", name="State").select_option("kept")
    await screen.types("From the day", (NOW - timedelta(days=7)).strftime("%d/%m/%Y"))
    await screen.types("From the time", "25:00")
    await screen.clicks("Search")
    await screen.sees("No time of day")
    await screen.types("From the time", "๐.๐๑")
    await screen.clicks("Search")

    async def are_two() -> bool:
        return await operators(screen) == ["nok", "somchai"]

    await until(are_two, within=20)
    await screen.types("Operator", "nok")
    await screen.clicks("Search")

    async def is_one() -> bool:
        return await operators(screen) == ["nok"]

    await until(is_one, within=20)
    await screen.types("Operator", "")
    await screen.clicks("Search")
    await until(are_two, within=20)

    await page.get_by_role("button", name="Hear the talk of").nth(1).click()
    await screen.sees("2 parts of this call")

    async def passes(seconds: float) -> bool:
        return await place(screen) > seconds

    await until(lambda: passes(1.0), within=20)
    assert await screen.barriers() == []
    sizes = (LAPTOP, TABLET, PHONE)
    await screen.pictures(tmp_path, "recordings", sizes, whole=True)
    await page.keyboard.press("ArrowRight")  # to the gap, and so on with the second part
    await until(lambda: passes(17.0), within=20)
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    box = await page.locator(".picture").bounding_box()
    assert box is not None
    for share in (0.1, 0.9, 0.3, 0.8):
        await page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)

    async def is_near(seconds: float) -> bool:
        return seconds - 0.5 < await place(screen) < seconds + 3

    await until(lambda: is_near(0.8 * 22), within=20)

    async def is_over() -> bool:
        """Pressed again where it had come to its end while the mouse was moved."""
        stopped = await page.get_by_role("button", name="Play", exact=True).count() > 0
        if stopped and not await passes(21.9):
            await page.get_by_role("button", name="Play", exact=True).click()
        return stopped and await passes(21.9)

    await until(is_over, within=30)
    await screen.page.get_by_role("button", name="Play", exact=True).wait_for()
    played = await floor.audit("recording.played")
    assert sorted(one["details"]["number"] for one in played) == [1, 2]
    await page.get_by_role("button", name="Close the player").focus()
    await page.keyboard.press("Space")  # a button that has the focus does what it says
    await screen.sees_no_more("2 parts of this call")
    label = await page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label.startswith("Hear the talk of")
    assert screen.complaints == []


async def test_an_administrator_holds_releases_and_removes(
    floor: Floor, browser: Browser, tmp_path: Path
) -> None:
    await floor.house.ask("GET", "/api/v1/recordings", by="ann")
    screen = await at_the_page(browser, "ann")
    page = screen.page
    row = page.get_by_role("row").filter(has_text="1669")
    await row.get_by_role("button", name="Hold: ").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill("letter of the court")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "holding", (LAPTOP, PHONE))
    await dialog.get_by_role("button", name="Hold it").click()
    await row.get_by_text("Held by ann: letter of the court").wait_for()
    assert await row.get_by_role("button", name="Remove: ").count() == 0
    assert await screen.barriers() == []
    await row.get_by_role("button", name="Release: ").click()
    await dialog.get_by_role("button", name="Take the hold back").click()
    await row.get_by_text("Kept until").wait_for()
    await row.get_by_role("button", name="Remove: ").click()
    await dialog.get_by_role("button", name="Cancel").click()
    assert (await floor.row(HELD))["state"] == "kept"
    await row.get_by_role("button", name="Remove: ").click()
    await screen.pictures(tmp_path, "removing", (LAPTOP, PHONE))
    await dialog.get_by_label("Reason").fill("asked by the caller")
    await dialog.get_by_role("button", name="Remove the sound for ever").click()
    await row.get_by_text("Removed: by an administrator").wait_for()
    row_now = await floor.row(HELD)
    assert (row_now["state"], row_now["why"], row_now["file"]) == ("purged", "by_hand", None)
    told = {
        action: [one["who"] for one in await floor.audit(f"recording.{action}")]
        for action in ("held", "released", "purged")
    }
    assert told == {"held": ["ann"], "released": ["ann"], "purged": ["ann"]}, json.dumps(told)
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await screen.barriers() == []
    assert screen.complaints == []


async def test_in_the_dark_and_where_a_file_is_damaged(
    floor: Floor, browser: Browser, tmp_path: Path
) -> None:
    vault = floor.keeper.vault
    place = vault.place((await floor.row(CALL, 2))["file"])
    place.write_bytes(place.read_bytes()[:-1])
    screen = await at_the_page(browser, "suda", dark=True)
    await screen.page.get_by_role("button", name="Hear the talk of").first.click()
    await screen.sees("The recording cannot be read")
    await screen.page.get_by_role("button", name="somchai", exact=False).first.click()
    await screen.sees("Pause")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "recordings-dark", (LAPTOP, PHONE), whole=True)
    assert [c for c in screen.complaints if "503" not in c] == []
