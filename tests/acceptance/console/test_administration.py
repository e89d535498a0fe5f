"""Prasert administers: he adds Anong at the page, follows the audit, and checks the site file."""

from pathlib import Path

from playwright.async_api import Page

from tests.acceptance.console.test_console import browser, logs_in
from tests.browser import TABLET, Browser
from tests.hotline import Hotline
from tests.people.sip_message import token

__all__ = ["browser"]


async def cell(page: Page, row: str, text: str) -> None:
    """Wait for a row of a table that has both."""
    await page.get_by_role("row").filter(has_text=row).filter(has_text=text).first.wait_for()


async def test_a_person_is_added_and_changed_at_the_page(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    account = {"name": f"prasert-{token()}", "role": "administrator"}
    made = await hotline.api.ask("POST", "/accounts", account)
    screen = await browser.screen(language="en")
    page = screen.page
    await logs_in(screen, account["name"], made["one_time_password"])

    await page.keyboard.press("4")
    await screen.sees("one-time password not used yet")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "people")
    anong = f"anong-{token()}"
    hotline.words.add("Anong Dee")
    hotline.accounts.add(anong)
    await screen.clicks("Add a person")
    await page.get_by_label("User name").fill(anong)
    await screen.types("Name, as colleagues say it", "Anong Dee")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "new-person")
    await page.get_by_role("dialog").get_by_role("button", name="Add a person").click()
    await screen.sees("This is shown once")
    assert await screen.barriers() == []
    password = await page.get_by_role("dialog").locator("code").first.inner_text()
    await screen.clicks("Noted")
    await cell(page, "Anong Dee", "Operator")

    theirs = await browser.screen(language="en")
    await logs_in(theirs, anong, password)
    await theirs.sees("Not at work")
    assert await theirs.page.get_by_role("link", name="Administration").count() == 0

    await page.get_by_role("button", name="Change: Anong Dee").click()
    dialog = page.get_by_role("dialog")
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "person")
    await dialog.get_by_label("Role").select_option("supervisor")
    await screen.clicks("Save the role")
    await screen.sees("Saved.")
    await dialog.get_by_role("button", name="Lock out").click()
    await dialog.get_by_role("button", name="Let in again").wait_for()
    await theirs.sees("User name")  # the log-in has ended at once
    await page.keyboard.press("Escape")
    await cell(page, "Anong Dee", "locked out")

    await screen.clicks_link("Audit trail")
    await screen.types("About", anong)
    await screen.clicks("Show")
    await cell(page, "Role changed", "role: supervisor")
    await cell(page, "Locked out or let in", account["name"])
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "audit")
    await page.get_by_label("What").select_option("account.role")
    await screen.clicks("Show")
    await screen.sees_no_more("disabled: true")
    await hotline.api.ask("DELETE", f"/operators/{anong}")
    assert screen.complaints == []


async def test_the_site_file_is_checked_at_the_page(
    hotline: Hotline, browser: Browser, tmp_path: Path
) -> None:
    account = {"name": f"prasert-{token()}", "role": "administrator"}
    made = await hotline.api.ask("POST", "/accounts", account)
    screen = await browser.screen(language="en", size=TABLET)
    await logs_in(screen, account["name"], made["one_time_password"])
    told = 'areas = "provinces"\nsurvey = true\nneeds = { english = 3 }'
    await hotline.says("1567", told, menus='[areas.provinces]\n"0456" = "sisaket"\n')
    await hotline.rules("sisaket", overflow_message=("own_sorry",), last_operator_hours=12)
    right = hotline.site_path.read_text()
    hotline.site_path.write_text(right + "\n[queue.new]\n")
    try:
        await screen.opens("/#/admin/site")
        await screen.sees("One fault. The site in force stays.")
        await screen.sees("did you mean queues?")
        assert await screen.barriers() == []
        await screen.pictures(tmp_path, "site")
        hotline.site_path.write_text(right.replace("max_wait_seconds = ", "max_wait_seconds = 1"))
        await screen.clicks("Check again")
        await screen.clicks("Put it in force")
        await screen.sees("This file is in force.")
        for shown in ("0456 → sisaket", "english=3", "yes"):
            await cell(screen.page, "1567", shown)
        for shown in ("own_sorry", "12 h"):
            await cell(screen.page, "sisaket", shown)
        assert await screen.barriers() == []
        await screen.pictures(tmp_path, "site-in-force")
    finally:
        hotline.site_path.write_text(right)
        await hotline.api.ask("POST", "/site/reload")
    assert screen.complaints == []
