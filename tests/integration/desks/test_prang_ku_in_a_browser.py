"""The example of the letter at the pages: from 1111 and the ministry to the district and back.

The ministry and the province sit at a laptop, the district's officer has a phone of 360 pixels. All
of it in Thai, in August 2564.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.browser import Browser, Screen
from tests.integration.desks.office import COMPLAINT, Office
from tests.integration.house import PASSWORD

PHONE = {"width": 360, "height": 740}
NUMBER = "๓๓-๖๔-๐๐๐๑๒๓-๓"


@pytest_asyncio.fixture
async def browser(office: Office) -> AsyncIterator[Browser]:
    async with Browser(office.house.url) as browser:
        yield browser


async def sits_down(
    screen: Screen, office: Office, who: str, moment: str, then: str = NUMBER
) -> None:
    """It is another hour: who was logged in is so no more. `then`: the case that is opened."""
    office.at(moment, still=True)
    sent = {"name": who, "password": PASSWORD}
    answer = await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    assert answer.status == 201, await answer.text()
    await screen.opens("/desks.html")
    await screen.page.reload()
    if then:
        await screen.page.get_by_role("link", name=then).click()
        await screen.page.get_by_role("heading", level=1, name=then).wait_for()


async def says(screen: Screen, action: str, **fields: str) -> None:
    """An action with what is typed to it, by label; done when its form is gone."""
    await screen.page.get_by_role("button", name=action, exact=True).click()
    form = screen.page.get_by_role("form", name=action, exact=True)
    for label, value in fields.items():
        await form.get_by_label(label, exact=True).fill(value)
    await form.get_by_role("button", name="ยืนยัน").click()
    await form.wait_for(state="detached")


async def hands_on(screen: Screen, typed: str, office_name: str) -> None:
    await screen.page.get_by_role("button", name="ส่งต่อ", exact=True).click()
    form = screen.page.get_by_role("form", name="ส่งต่อ", exact=True)
    await form.get_by_label("ส่งถึงหน่วยงาน").fill(typed)
    await form.get_by_role("button", name=office_name).click()
    await form.get_by_role("button", name="ยืนยัน").click()
    await form.wait_for(state="detached")


@pytest.mark.timeout(300)
async def test_dd_04_dd_08_prang_ku_in_a_browser(
    office: Office, engine: AsyncEngine, browser: Browser, tmp_path: Path
) -> None:
    office.at("2021-08-17T09:00", still=True)
    async with engine.begin() as connection:
        earlier = "insert into number_sequences (area, year, last) values ('33', 2564, 122)"
        await connection.execute(text(earlier))
    referral = {**COMPLAINT, "to_unit": "moi", "reference": "1111-640817-01"}
    assert (await office.post("gcc", "referrals", referral)).status == 201

    ministry = await browser.screen()
    await sits_down(ministry, office, "somsri", "2021-08-17T09:40")
    await ministry.sees("๗")
    await ministry.sees("๑๑๑๑-๖๔๐๘๑๗-๐๑")
    await says(ministry, "ลงรับ")
    await ministry.sees("กำลังดำเนินการ")
    await sits_down(ministry, office, "somsri", "2021-08-17T10:00")
    assert await ministry.barriers() == []
    await hands_on(ministry, "ศรีสะเกษ", "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ")
    await ministry.sees("ส่ง ๑๗ ส.ค. ๒๕๖๔ ๑๐.๐๐ น.")
    await ministry.sees("เหลือ ๒๕ วัน")

    province = await browser.screen()
    await sits_down(province, office, "wichai", "2021-08-17T10:30")
    await says(province, "ลงรับ")
    await sits_down(province, office, "wichai", "2021-08-17T11:00")
    await hands_on(province, "ปรางค์กู่", "ปรางค์กู่")

    district = await browser.screen(size=PHONE)
    await sits_down(district, office, "nok", "2021-08-17T13:00")
    await district.sees(COMPLAINT["facts"])
    await district.sees("กรุณาลงรับก่อน เพื่อให้ผู้ส่งทราบ")
    await district.clicks("แสดงผู้ร้องเรียน")
    await district.sees("ท่านไม่มีสิทธิ์ดูผู้ร้องเรียน")
    assert "สมหญิง" not in await district.page.content()
    await says(district, "ลงรับ")
    assert await district.barriers() == []
    await district.page.screenshot(path=tmp_path / "phone.png", full_page=True)
    wide = "document.documentElement.scrollWidth"
    assert await district.page.evaluate(wide) == PHONE["width"]

    await sits_down(district, office, "nok", "2021-08-18T15:00")
    await district.page.get_by_role("button", name="ตอบ", exact=True).click()
    form = district.page.get_by_role("form", name="ตอบ", exact=True)
    conclusions = form.get_by_label("ผลการตรวจสอบ")
    await conclusions.nth(0).select_option("มีมูล")
    answer = form.get_by_label("ข้อความ", exact=True)
    await answer.fill("เดินทางมาจากพื้นที่เสี่ยงจริง กักตัวครบทุกคนแล้ว")
    await form.get_by_label("สิ่งที่ได้ดำเนินการ").fill("สั่งกักตัว ๑๔ วัน\nชี้แจงมาตรการ")
    await form.get_by_role("button", name="ยืนยัน").click()
    await district.sees("กรุณาเลือกผลการตรวจสอบให้ครบทุกข้อ")
    await conclusions.nth(1).select_option("แก้ไขแล้วระหว่างตรวจสอบ")
    await form.get_by_role("button", name="ยืนยัน").click()
    await district.sees("มีมูลบางส่วน")
    await district.sees("ใช้เวลา ๑ วัน ๔ ชม. ๐ นาที")

    await sits_down(province, office, "wichai", "2021-08-18T16:00")
    await says(province, "ตอบ", ข้อความ="ตามที่อำเภอรายงาน")
    await province.sees("ตอบแล้ว")

    await sits_down(ministry, office, "somsri", "2021-08-19T09:00")
    await ministry.sees("ต้องรายงานหน่วยงานต้นเรื่องก่อน")
    await says(ministry, "รายงานหน่วยงานต้นเรื่อง", ข้อความ="หนังสือถึง GCC 1111")
    await ministry.sees("ต้องแจ้งประชาชน หรือระบุเหตุที่ไม่ได้แจ้งก่อน")
    await says(ministry, "แจ้งประชาชน", แจ้งประชาชนอย่างไร="โทรศัพท์")
    await sits_down(ministry, office, "somsri", "2021-08-19T09:10")
    await says(ministry, "ยุติเรื่อง")
    await ministry.sees("๒ วัน ๐ ชม. ๑๐ นาที")
    for spent in ("๒ วัน ๐ ชม. ๐ นาที", "๑ วัน ๖ ชม. ๐ นาที", "๑ วัน ๔ ชม. ๐ นาที"):
        await ministry.sees(f"ใช้เวลา {spent}")
    history = await ministry.page.get_by_role("region", name="ประวัติ").inner_text()
    offices = ("GCC 1111", "กระทรวงมหาดไทย", "จังหวัดศรีสะเกษ", "อำเภอปรางค์กู่")
    assert all(name in history for name in offices)
    assert await ministry.barriers() == []
    await ministry.page.screenshot(path=tmp_path / "closed.png", full_page=True)
    await has_a_bulletin(province, office, tmp_path)
    for screen in (ministry, province, district):
        assert screen.complaints == []


async def has_a_bulletin(screen: Screen, office: Office, pictures: Path) -> None:
    """Nine messages of the page were typed in; on 25 August Sisaket writes issue 32."""
    message = {**COMPLAINT, "channel": "page_inbox", "people_concerned": None}
    office.at("2021-08-18T10:00", still=True)
    for _ in range(9):
        assert (await office.post("malee", "cases", message)).status == 201
    await sits_down(screen, office, "wichai", "2021-08-25T10:00", then="")
    await screen.page.get_by_role("link", name="จดหมายข่าว").click()
    await screen.clicks("จดหมายข่าวฉบับใหม่")
    form = screen.page.get_by_role("form", name="จดหมายข่าวฉบับใหม่")
    await form.get_by_label("ฉบับที่").fill("32")
    await form.get_by_label("ชื่อเรื่อง").fill("การแก้ไขปัญหาความเดือดร้อน")
    await form.get_by_label("ตั้งแต่วันที่").fill("2021-08-16")
    await form.get_by_label("ถึงวันที่").fill("2021-08-20")
    await form.get_by_role("button", name="บันทึก").click()
    issue = screen.page.get_by_role("region", name="ฉบับที่ ๓๒")
    results = await issue.get_by_label("ผลการดำเนินงาน").input_value()
    for line in (
        "กล่องข้อความเพจ ๙ เรื่อง",
        "ส่งต่อจาก ๑๑๑๑ ๑ เรื่อง ผู้เกี่ยวข้อง ๗ ราย",
        "โทรศัพท์ ๑๕๖๗ ไม่มีข้อมูล",
        "ผลการตรวจสอบ มีมูลบางส่วน ๑ เรื่อง",
    ):
        assert line in results.split("\n"), results
    labels = await issue.locator("textarea").evaluate_all(
        "all => all.map(e => e.labels[0].innerText)"
    )
    headings = ["ความเป็นมา", "ผลการดำเนินงาน", "ประโยชน์ที่ได้รับ", "รายชื่อผู้ติดต่อ"]
    assert [label.strip() for label in labels] == headings
    assert await screen.barriers() == []
    await issue.get_by_role("button", name="เผยแพร่").click()
    await screen.sees("เผยแพร่แล้ว")
    await screen.page.screenshot(path=pictures / "bulletin.png", full_page=True)
