"""The duty roster at the page: a supervisor plans a week, an operator sees their own shifts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from tests.browser import Browser, Screen
from tests.integration.house import PASSWORD, House
from tests.integration.oversight.test_duty_api import CALENDAR, event, house, later, planned

__all__ = ["house"]
PHONE = {"width": 360, "height": 740}


@pytest_asyncio.fixture
async def browser(house: House) -> AsyncIterator[Browser]:
    async with Browser(house.url) as browser:
        yield browser


async def opened_by(name: str, browser: Browser, path: str) -> Screen:
    screen = await browser.screen(language="en")
    sent = {"name": name, "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens(path)
    return screen


async def test_a_night_shift_is_planned_changed_and_taken_out(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    screen = await opened_by("suda", browser, "/desks.html#/duty/2026-11-30")
    await screen.sees("No shifts in these days.")
    await screen.clicks("Plan a shift")
    await screen.page.get_by_label("Who").select_option("malee")
    await screen.types("Day", "๓๐ พ.ย. ๒๕๖๙")
    await screen.types("From (20:00)", "25:00")
    await screen.sees("That is no time")
    await screen.types("From (20:00)", "๒๐.๐๐ น.")
    await screen.types("To (08:00 is on the next day)", "8:00")
    await screen.types("Note", "<script>alert(1)</script>")
    assert await screen.barriers() == []
    await screen.page.get_by_role("button", name="Save").dblclick()
    shift = screen.page.get_by_role("button", name="คุณ malee")
    await shift.wait_for()
    assert await shift.count() == 1, "a double click plans once"
    await screen.sees("20:00–08:00")
    sizes = ({"width": 1280, "height": 720}, PHONE)
    await screen.pictures(tmp_path, "duty", sizes, whole=True)
    await screen.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert await screen.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert await screen.barriers() == []
    await shift.click()
    await screen.types("From (20:00)", "21.30")
    await house.ask("GET", "/api/v1/duty", by="suda")
    await screen.clicks("Save")
    await screen.sees("21:30–08:00")
    await shift.click()
    await screen.clicks("Take out of the roster")
    await screen.sees("No shifts in these days.")
    assert screen.complaints == []


async def test_who_is_late_is_named_and_two_tabs_do_not_undo_each_other(
    house: House, browser: Browser
) -> None:
    await planned(house)
    await later(house, datetime(2026, 11, 30, 13, 30, tzinfo=UTC))
    screen = await opened_by("suda", browser, "/desks.html#/duty/2026-11-30")
    await screen.sees("Late now:")
    await screen.sees("คุณ somchai · damrong · 30 min late")
    await screen.page.get_by_role("button", name="คุณ somchai").click()
    other = await opened_by("suda", browser, "/desks.html#/duty/2026-11-30")
    await other.page.get_by_role("button", name="คุณ somchai").click()
    await other.types("To (08:00 is on the next day)", "09:00")
    await other.clicks("Save")
    await other.sees("20:00–09:00")
    await screen.types("To (08:00 is on the next day)", "07:00")
    await screen.clicks("Save")
    await screen.sees("Somebody has changed it in the meantime.")


async def test_a_calendar_is_taken_in_at_the_page_and_an_operator_sees_own_shifts(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    screen = await opened_by("suda", browser, "/desks.html#/duty/2026-11-30")
    wrong, right = tmp_path / "wrong.ics", tmp_path / "right.ics"
    wrong.write_text(CALENDAR.format(events=event("a", "<img src=x onerror=alert(1)>")))
    right.write_text(CALENDAR.format(events=event("a", "somchai") + event("b", "malee")))
    field = screen.page.get_by_label("Calendar file (.ics)")
    await field.set_input_files(wrong)
    await screen.clicks("Take it in")
    await screen.sees("no operator, or more than one")
    await field.set_input_files(right)
    await screen.page.get_by_label("Queue of events that name none").select_option("damrong")
    await screen.clicks("Take it in")
    await screen.sees("2 added, 0 changed")
    await screen.page.get_by_role("button", name="คุณ somchai").wait_for()
    own = await opened_by("somchai", browser, "/desks.html#/duty/2026-11-30")
    await own.sees("My shifts")
    await own.sees("08:00–16:00")
    assert await own.page.get_by_text("malee").count() == 0
    assert own.complaints == []
