"""On a phone's browser: a letter sets the deadline of a case and of a round, and a list of
cases is imported."""

from pathlib import Path

from tests.browser import Browser
from tests.integration.desks.office import Office
from tests.integration.desks.test_case_imports import UBON, WRONG
from tests.integration.desks.test_letters import LETTER, taken
from tests.integration.desks.test_prang_ku_in_a_browser import PHONE, browser, sits_down
from tests.integration.desks.test_reports_api import country, made
from tests.unit.desks.test_case_rows import HEAD, ROW, xlsx_of

__all__ = ["browser", "country"]
SIZE = {"width": 360, "height": 740}
WIDE = "document.documentElement.scrollWidth"


async def test_xc_04_a_letter_is_added_and_its_deadline_is_in_the_lanes(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    case = await taken(office)
    screen = await browser.screen(size=SIZE, language="en")
    await sits_down(screen, office, "wichai", "2021-08-17T10:00", then="")
    await screen.opens(f"/desks.html#/cases/{case}")
    page = screen.page
    await screen.clicks("Add an official letter")
    form = page.get_by_role("form", name="Add an official letter")
    await form.get_by_label("Number of the letter").fill(LETTER["number"])
    await form.get_by_label("Date of the letter").fill(LETTER["date"])
    await form.get_by_label("From (office)").fill("กระทรวงมหาดไทย")
    await form.get_by_label("To (office)").fill("ผู้ว่าราชการจังหวัดศรีสะเกษ")
    await form.get_by_label("Subject", exact=True).fill(LETTER["subject"])
    await form.get_by_label("Urgency").select_option("most_urgent")
    await form.get_by_label("Deadline that the letter names (if any)").fill("15/8/2564 12:00")
    await form.get_by_label("The subject or the offices tell who complains").uncheck()
    assert await screen.barriers() == []
    await form.get_by_role("button", name="Do it").click()
    await screen.sees("The deadline lies before the date of the letter.")
    await form.get_by_label("Deadline that the letter names (if any)").fill("๓๐/๘/๒๕๖๔ ๑๒.๐๐ น.")
    await form.get_by_role("button", name="Do it").click()
    await screen.sees("Deadline by this letter:")
    await screen.sees("by letter มท ๐๒๓๐/ว ๑๖๖๔ dated 16 Aug 2021")
    await screen.sees("30 Aug 2021, 12:00")
    await screen.sees("does not count any more")
    assert await page.evaluate(WIDE) == 360
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "case-letter", (PHONE,), whole=True)
    assert screen.complaints == []


async def test_xc_04_a_letter_moves_the_due_time_of_a_round_at_its_page(
    country: Office, browser: Browser, tmp_path: Path
) -> None:
    number = (await made(country))["round"]
    screen = await browser.screen(size=SIZE, language="en")
    await sits_down(screen, country, "central", "2022-03-12T10:00", then="")
    await screen.opens(f"/desks.html#/reports/{number}")
    page = screen.page
    await screen.sees("No letters yet.")
    await screen.clicks("Add a letter")
    form = page.get_by_role("form", name="Add a letter")
    await form.get_by_label("Number of the letter").fill("มท ๐๒๓๐/ว ๑๖๘๐")
    await form.get_by_label("Date of the letter").fill("11/3/2565")
    await form.get_by_label("From (office)").fill("ศบค.มท.")
    await form.get_by_label("To (office)").fill("ผู้ว่าราชการจังหวัดทุกจังหวัด")
    await form.get_by_label("Subject", exact=True).fill("ขยายเวลารายงาน")
    due = form.get_by_label("Deadline that the letter names (if any)")
    await due.fill("๑๕ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น.")
    await form.get_by_role("button", name="Add a letter").click()
    await screen.sees("Deadline by this letter:")
    await page.get_by_text("15 Mar 2022, 12:00").nth(1).wait_for()  # also what the round says
    assert await page.evaluate(WIDE) == 360
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "round-letter", (PHONE,))
    assert screen.complaints == []


async def test_a_list_is_imported_at_its_page(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "รายการ ๑๑๑๑.xlsx"
    file.write_bytes(xlsx_of(HEAD, ROW, UBON, ("64-003", *WRONG[1:])))
    screen = await browser.screen(size=SIZE, language="en")
    await sits_down(screen, office, "gcc", "2021-08-20T09:00", then="")
    await screen.opens("/desks.html#/cases")
    await screen.clicks_link("Import a list of cases")
    await screen.page.get_by_label("File (XLSX or CSV").set_input_files(file)
    await screen.clicks("Look what would become of it")
    await screen.sees("New 2 · Not taken 1")
    await screen.sees("Place: no such place; write district and province, too")
    assert await screen.page.evaluate(WIDE) == 360
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "import", (PHONE,), whole=True)
    await screen.clicks("Import 2 new cases")
    await screen.sees("Imported 2 · Not taken 1")
    await screen.clicks("Look what would become of it")
    await screen.sees("There already 2 · Not taken 1")
    assert len((await office.get("gcc", "cases")).body["cases"]) == 2
    assert screen.complaints == []
