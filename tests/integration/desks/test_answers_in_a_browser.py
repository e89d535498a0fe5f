"""The answer base at the pages: written at a desk, told in a call, changed and looked at again."""

from pathlib import Path

from callcenter.core.events import LegEnteredBridge, OperatorAnswered
from callcenter.core.ids import CallId, offer_id
from tests.browser import LAPTOP, TABLET, Browser, Screen
from tests.integration.desks.office import Office
from tests.integration.desks.test_cases_in_a_browser import works
from tests.integration.desks.test_prang_ku_in_a_browser import PHONE, browser, sits_down
from tests.integration.house import PASSWORD
from tests.legs import desk_bridge, leg_named, leg_of_offer

__all__ = ["browser"]
TITLE = "จุดฉีดวัคซีนอำเภอปรางค์กู่"
FIRST = "ฉีดวัคซีนได้ที่โรงพยาบาลปรางค์กู่ ทุกวัน ๐๘.๓๐–๑๖.๓๐ น."
THEN = "ฉีดวัคซีนได้ที่หอประชุมอำเภอ ทุกวัน ๐๘.๓๐–๑๖.๓๐ น."
SIZES = (LAPTOP, TABLET, PHONE)


async def talks(office: Office, name: str) -> None:
    """A caller is with the operator."""
    await office.house.caller("c1")
    offer = offer_id(CallId("c1"), 1)
    await office.house.pump.put_and_wait(OperatorAnswered(offer=offer))
    for leg in (leg_named("c1"), leg_of_offer(offer)):
        entered = LegEnteredBridge(leg=leg, bridge=desk_bridge(name))
        await office.house.pump.put_and_wait(entered)


async def is_written(screen: Screen, office: Office) -> None:
    await sits_down(screen, office, "wichai", "2022-03-14T09:00", then="")
    await screen.page.get_by_role("link", name="คลังคำตอบ").click()
    await screen.sees("ยังไม่มีผู้เขียนคำตอบ")
    await screen.page.get_by_role("link", name="เขียนคำตอบใหม่").click()
    await screen.types("ชื่อเรื่อง", TITLE)
    await screen.types("ข้อความที่ใช้ตอบ", FIRST)
    await screen.page.get_by_label("คำอื่นที่ใช้เรียก").fill("เข็ม ๓, ซิโนแวค")
    await screen.types("ที่มา", "หนังสือ สธ. ๑๒/๒๕๖๕")
    await screen.types("ใช้ได้ถึง", "29 ก.พ. 2565")
    await screen.sees("ไม่มีวันที่นี้")
    await screen.types("ใช้ได้ถึง", "31/3/2565")
    await screen.sees("✓ ๓๑ มี.ค. ๒๕๖๕")
    assert await screen.barriers() == []
    await screen.clicks("บันทึก")
    await screen.page.get_by_role("article").get_by_text("เป็นปัจจุบัน").wait_for()


async def is_told(screen: Screen, office: Office, pictures: Path) -> None:
    await talks(office, "anong")
    sent = {"name": "anong", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens()
    note = screen.page.locator(".note textarea")
    await note.fill("ถามเรื่องวัคซีน")
    await screen.types("ค้นคำตอบ", "เงินเยียวยาน้ำท่วม")
    await screen.sees("ระบบบันทึกไว้ให้ผู้เขียนคำตอบทราบแล้ว")
    await screen.types("ค้นคำตอบ", "รางคกู")
    put = screen.page.get_by_role("button", name=f"ใส่ในบันทึก {TITLE}")
    await put.click()
    await screen.sees("ใส่ในบันทึกแล้ว")
    link = "/desks.html#/answers/1/1"
    assert await note.input_value() == f"ถามเรื่องวัคซีน\n\n{TITLE}\n{FIRST}\n({link})"
    await screen.sees("✓ บันทึกแล้ว")
    assert await screen.barriers() == []
    await screen.pictures(pictures, "answer-in-a-call", whole=True)
    kept = (await office.get("anong", "operators/anong/note?call=c1")).body
    assert link in kept["note"]
    assert (await office.get("anong", "answers/1")).body["uses"] == 1


async def is_changed(screen: Screen, office: Office, pictures: Path) -> None:
    await sits_down(screen, office, "wichai", "2022-03-20T09:00", then="")
    await screen.clicks_link("คลังคำตอบ")
    await screen.clicks_link("คำที่ค้นแล้วไม่พบ")
    await screen.sees("เงินเยียวยาน้ำท่วม")
    assert await screen.barriers() == []
    await screen.pictures(pictures, "answer-misses", SIZES, whole=True)
    await screen.opens("/desks.html#/answers/1")
    await screen.sees("ใช้ตอบ")
    await screen.clicks("แก้ไข")
    await screen.types("ข้อความที่ใช้ตอบ", THEN)
    await screen.clicks("บันทึกเป็นฉบับใหม่")
    await screen.page.get_by_role("article").get_by_text(THEN).wait_for()


async def test_hl_12_an_answer_is_written_told_and_looked_at_again(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    await works(office, "anong")
    office.house.tokens["anong"] = ""  # logs in when it asks
    desk = await browser.screen()
    await is_written(desk, office)
    call = await browser.screen()
    await is_told(call, office, tmp_path)
    await is_changed(desk, office, tmp_path)

    phone = await browser.screen(size=PHONE, language="en")
    await sits_down(phone, office, "wichai", "2022-04-01T09:00", then="")
    await phone.page.get_by_role("link", name="Answers").click()
    await phone.clicks("To be looked at again")
    await phone.sees("May be out of date")
    await phone.types("What is looked for", "เข็ม 3")
    await phone.page.get_by_role("list", name="Found").get_by_role("link", name=TITLE).wait_for()
    assert await phone.barriers() == []
    await phone.pictures(tmp_path, "answers", SIZES, whole=True)
    await phone.page.get_by_role("list", name="Found").get_by_role("link", name=TITLE).click()
    await phone.page.get_by_role("article").get_by_text(THEN).wait_for()
    await phone.types("What was said on the day", "๑๔/๓/๒๕๖๕")
    await phone.clicks("Show")
    await phone.page.get_by_role("article").get_by_text(FIRST).wait_for()
    await phone.sees("This was said at the end of 14 Mar 2022.")
    assert await phone.barriers() == []
    await phone.pictures(tmp_path, "answer-of-a-day", SIZES, whole=True)
    await phone.clicks_link("What is said now")
    await phone.clicks("It is still right")
    form = phone.page.get_by_role("form", name="It is still right")
    await form.get_by_label("Up to date until").fill("30 Apr 2022")
    await form.get_by_role("button", name="It is still right").click()
    await phone.page.get_by_role("article").get_by_text("Up to date", exact=False).first.wait_for()
    await phone.sees_no_more("May be out of date")
    wide = "document.documentElement.scrollWidth"
    assert await phone.page.evaluate(wide) == PHONE["width"]
    for screen in (desk, call, phone):
        assert screen.complaints == []
