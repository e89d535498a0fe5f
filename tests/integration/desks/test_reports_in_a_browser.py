"""A report round at the pages: the ministry asks, a province answers from a phone, and the national
table names who is missing."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from tests.browser import LAPTOP, TABLET, Browser, Screen
from tests.integration.desks.office import Office
from tests.integration.desks.test_prang_ku_in_a_browser import PHONE, browser, sits_down
from tests.integration.desks.test_reports_api import (
    CALLS,
    DUE_TH,
    MIDNIGHT,
    ROUND,
    country,
    handed_in,
)
from tests.integration.oversight.call_rows import insert_calls

__all__ = ["browser", "country"]
SIZES = (LAPTOP, TABLET, PHONE)
NAME = "รายงานศูนย์รับเรื่องร้องเรียน"


async def opens_the_round(screen: Screen, office: Office, pictures: Path) -> None:
    await sits_down(screen, office, "central", "2022-03-13T09:00", then="")
    await screen.clicks_link("Reports")
    await screen.clicks_link("New round")
    await screen.types("Name", NAME)
    await screen.page.get_by_label("From (for example").fill("13/3/2565 00:00")
    await screen.types("Until before", "14/3/2565 00:00")
    await screen.types("Due", "๑๔ มีนาคม ๒๕๖๕")
    await screen.types("Number of the letter", "มท ๐๒๑๐.๖/ว ๑")
    await screen.clicks("Open the round")
    await screen.sees("There is no such date or time.")
    await screen.types("Due", DUE_TH)
    assert await screen.barriers() == []
    await screen.clicks("Open the round")
    await screen.sees("14 Mar 2022, 12:00")
    await screen.sees("Time left 1 d")
    await screen.page.get_by_role("button", name="Not begun 77").wait_for()
    tiles = screen.page.locator(".tiles a")
    assert await tiles.count() == 77
    await screen.page.get_by_role("link", name="Bangkok Not begun").wait_for()
    assert await screen.barriers() == []
    await screen.pictures(pictures, "round", SIZES, whole=True)


async def is_written(screen: Screen, office: Office, pictures: Path) -> None:
    await sits_down(screen, office, "admin33", "2022-03-13T13:00", then="")
    await screen.clicks_link("รายงาน")
    await screen.clicks_link(NAME)
    await screen.sees(DUE_TH)
    await screen.clicks_link("ศรีสะเกษ ยังไม่เริ่ม")
    await screen.clicks("เริ่มเขียนรายงาน")
    await screen.sees("hotline prefill 1")
    await screen.page.get_by_label("ตัวเลขที่กรอก สายที่เข้ามา").fill("๑๕")
    await screen.sees("กรุณาระบุเหตุที่ไม่ใช้ตัวเลขของระบบ")
    assert await screen.barriers() == []
    await screen.clicks("บันทึกร่าง")
    focused = "document.activeElement.id === 'number-received-why'"
    await screen.page.wait_for_function(focused)
    await screen.page.get_by_label("เหตุที่ใช้ตัวเลขอื่น สายที่เข้ามา").fill("รวมสายสำรอง")
    for field, value in (("รับเรื่อง", "๓"), ("ยุติ", "2"), ("ค้าง", "1")):
        await screen.types(f"ตัวเลขที่กรอก {field}", value)
    await screen.types("ปัญหาและอุปสรรค", "สายไม่พอช่วงกลางคืน")
    tags = screen.page.get_by_role("group", name="เกี่ยวกับ: ปัญหาและอุปสรรค")
    await tags.get_by_label("คู่สาย").check()
    await screen.page.get_by_label("ไม่มีเรื่องที่ต้องรายงาน: การประชาสัมพันธ์").check()
    await screen.sees("ยังไม่ได้บันทึก")
    await screen.clicks("บันทึกร่าง")
    await screen.sees("บันทึกร่างแล้ว ยังไม่ได้ส่ง")
    await screen.sees("หัวหน้าของหน่วยงานเป็นผู้ส่ง")
    assert await screen.barriers() == []
    await screen.pictures(pictures, "report-form", SIZES, whole=True)
    wide = "document.documentElement.scrollWidth"
    assert await screen.page.evaluate(wide) == PHONE["width"]


async def is_submitted(screen: Screen, office: Office) -> None:
    await sits_down(screen, office, "wichai", "2022-03-13T14:00", then="")
    await screen.opens("/desks.html#/reports/1/p33")
    await screen.clicks("ส่งรายงาน")
    await screen.sees("กรุณากรอกให้ครบ หรือระบุว่าไม่มีเรื่องที่ต้องรายงาน: ผู้รายงาน")
    await screen.types("ผู้รายงาน", "นายวิชัย")
    await screen.clicks("ส่งรายงาน")
    await screen.sees("ส่งทันกำหนด")
    await screen.sees("ส่งครั้งที่ ๑ ๑๓ มี.ค. ๒๕๖๕ ๑๔.๐๐ น.")


async def is_given_back(screen: Screen, office: Office) -> None:
    await sits_down(screen, office, "central", "2022-03-13T15:00", then="")
    await screen.opens("/desks.html#/reports/1/p33")
    await screen.clicks("Give back")
    form = screen.page.get_by_role("form", name="Give back")
    await form.get_by_label("Reason").fill("ขาดข้อเสนอแนะ")
    await form.get_by_role("button", name="Give back").click()
    await screen.sees("Given back: ขาดข้อเสนอแนะ")


async def is_submitted_again(screen: Screen, office: Office) -> None:
    await sits_down(screen, office, "wichai", "2022-03-14T10:00", then="")
    await screen.opens("/desks.html#/reports/1/p33")
    await screen.sees("ส่งกลับให้แก้ไข: ขาดข้อเสนอแนะ")
    await screen.types("ข้อเสนอแนะ", "เพิ่มคู่สาย")
    await screen.clicks("ส่งรายงานอีกครั้ง")
    await screen.sees("ส่งครั้งที่ ๒")


async def is_published(screen: Screen, office: Office, pictures: Path) -> None:
    """A second after the due time: 76 are missing."""
    await sits_down(screen, office, "central", "2022-03-14T12:00:01", then="")
    await screen.opens("/desks.html#/reports/1/p33")
    await screen.clicks("Accept")
    await screen.page.get_by_text("Accepted", exact=True).wait_for()
    await screen.clicks_link("The round")
    await screen.sees("Past due for")
    await screen.page.get_by_role("button", name="Missing 76").click()
    assert await screen.page.locator(".tiles a").count() == 76
    missing = screen.page.get_by_role("region", name="Who has not submitted (76)")
    told = await missing.inner_text()
    assert "Bangkok" in told and "Si Sa Ket" not in told
    assert await screen.barriers() == []
    await screen.page.get_by_role("button", name="All 77").click()
    await screen.page.get_by_role("link", name="Si Sa Ket In time Accepted").wait_for()
    await screen.pictures(pictures, "round-past-due", SIZES, whole=True)
    await screen.clicks("Publish")
    dialog = screen.page.get_by_role("dialog", name="Publish")
    await dialog.get_by_text("76 units are missing.").wait_for()
    assert await screen.barriers() == []
    await dialog.get_by_role("button", name="Publish").click()
    await screen.sees("Edition 1 · Frozen when it was published")
    totals = screen.page.get_by_role("region", name="Total", exact=True)
    row = totals.get_by_role("row", name="Calls that came in")
    await row.wait_for()
    assert await row.locator("td").all_inner_texts() == ["Calls that came in", "15", "1 of 77"]
    table = screen.page.get_by_role("region", name="Unit by unit")
    blank = table.get_by_role("row", name="Bangkok")
    await blank.wait_for()
    figures = [text.strip() for text in await blank.locator("td.number").all_inner_texts()]
    assert set(figures) == {"–"}, "who is missing is no zero"
    assert await screen.barriers() == []
    await screen.pictures(pictures, "national-table", SIZES, whole=True)
    links = screen.page.locator("a[download]")
    assert await links.count() == 6
    for link in await links.all():
        answer = await screen.page.request.get(f"{screen.url}{await link.get_attribute('href')}")
        assert answer.status == 200, await answer.text()


async def last_time_is_beside_it(screen: Screen, office: Office, pictures: Path) -> None:
    """In the round of the next day, on a phone."""
    await sits_down(screen, office, "admin33", "2022-03-15T09:00", then="")
    await screen.opens("/desks.html#/reports/2/p33")
    await screen.page.reload()
    await screen.sees(f"“ครั้งก่อน” คือรอบ “{NAME}”")
    await screen.page.get_by_text("ครั้งก่อน ๑๕", exact=True).first.wait_for()
    assert await screen.barriers() == []
    await screen.pictures(pictures, "report-last-time", (LAPTOP, PHONE), whole=True)


async def is_compared(screen: Screen, office: Office, pictures: Path) -> None:
    """The round of the next day beside it: the same province, and who is missing is no zero."""
    later = {
        **ROUND,
        "name": "รอบวันถัดไป",
        "period_from": "14/3/2565 00:00",
        "period_before": "15/3/2565 00:00",
        "due": "16/3/2565 12:00",
    }
    other = (await office.post("central", "report-rounds", later)).body["round"]
    await handed_in(office, other, "p33", by="wichai")
    await screen.opens(f"/desks.html#/reports/{other}")
    await screen.clicks_link("Compare with another round")
    sums = screen.page.get_by_role("region", name="Total", exact=True)
    await sums.get_by_role("row", name="Received 3 3 0 1").wait_for()  # complaints on admission
    unit = screen.page.get_by_role("region", name="Unit by unit")
    await unit.get_by_label("Figure").select_option("admission_received")
    await unit.get_by_role("row", name="Si Sa Ket 3 3 0").wait_for()
    assert await unit.get_by_role("row", name="Bangkok").count() == 0
    assert await screen.barriers() == []
    await screen.pictures(pictures, "compare", SIZES, whole=True)


@pytest.mark.timeout(300)
async def test_rp_01_rp_03_rp_08_a_round_in_a_browser(
    country: Office, engine: AsyncEngine, browser: Browser, tmp_path: Path
) -> None:
    await insert_calls(engine, "1567", CALLS, arrived_at=MIDNIGHT)
    await country.house.person("boss", Role.ADMINISTRATOR)
    lines = {"lines": ["1567"]}
    assert (await country.ask("PUT", "boss", "unit-lines/p33", lines)).status == 200
    ministry = await browser.screen(language="en")
    await opens_the_round(ministry, country, tmp_path)
    phone = await browser.screen(size=PHONE)
    await is_written(phone, country, tmp_path)
    province = await browser.screen()
    await is_submitted(province, country)
    await is_given_back(ministry, country)
    await is_submitted_again(province, country)
    await is_published(ministry, country, tmp_path)
    await is_compared(ministry, country, tmp_path)
    await last_time_is_beside_it(phone, country, tmp_path)
    wide = "document.documentElement.scrollWidth"
    await ministry.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert await ministry.page.evaluate(wide) == PHONE["width"]
    for screen in (ministry, phone, province):
        assert screen.complaints == []
