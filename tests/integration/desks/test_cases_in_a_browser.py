"""An operator in a call: earlier cases of the caller's number at once, and a new case beside it."""

import asyncio
from datetime import date
from pathlib import Path

from callcenter.core.events import LegEnteredBridge, OperatorAnswered
from callcenter.core.ids import CallId, offer_id
from callcenter.desks.shared.units import DeskRole, Grant
from callcenter.ports.people import Role
from tests.browser import Browser
from tests.integration.desks.office import API, CLI, COMPLAINT, Office
from tests.integration.desks.test_files_api import audit
from tests.integration.desks.test_prang_ku_in_a_browser import PHONE, browser, sits_down
from tests.integration.house import PASSWORD
from tests.legs import desk_bridge, leg_named, leg_of_offer

__all__ = ["browser"]
FACTS = "ท่อประปาแตก น้ำไหลทั้งวัน"


async def works(office: Office, name: str) -> None:
    """An operator of Sisaket, who has a phone and is at work."""
    house = office.house
    await house.account(name, Role.OPERATOR)
    since = date(2017, 1, 1)
    grant = Grant(id=0, account=name, role=DeskRole.OPERATOR, unit="p33", since=since, until=None)
    await house.shared.units.give(grant, CLI, house.hands.wall())
    await house.operator(name, queues=["damrong"])
    entered = await house.ask("POST", f"{API}/operators/{name}/log-in", {}, by=CLI)
    assert entered.status == 200, entered.body


async def test_hl_10_a_case_is_made_beside_the_call(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    await works(office, "anong")
    earlier = await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    screen = await browser.screen()
    sent = {"name": "anong", "password": PASSWORD}
    await screen.page.request.post(f"{screen.url}/api/v1/sessions", data=sent)
    await screen.opens()
    await office.house.caller("c1", number="0812345678")
    await screen.sees("เรื่องเดิมของหมายเลขนี้")  # while it rings
    await screen.sees("รับเรื่องไว้แล้ว อยู่ที่ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ")

    offer = offer_id(CallId("c1"), 1)
    await office.house.pump.put_and_wait(OperatorAnswered(offer=offer))
    for leg in (leg_named("c1"), leg_of_offer(offer)):
        entered = LegEnteredBridge(leg=leg, bridge=desk_bridge("anong"))
        await office.house.pump.put_and_wait(entered)
    await screen.page.get_by_role("button", name="ร้องเรียน", exact=True).click()
    await screen.page.locator(".note textarea").fill(FACTS)
    await screen.sees("✓ บันทึกแล้ว")
    await screen.clicks("รับเรื่องจากสายนี้")
    assert await screen.page.get_by_label("ข้อเท็จจริง").input_value() == FACTS
    await screen.page.get_by_label("พื้นที่ (ตำบล อำเภอ จังหวัด)").fill("กู่")
    await screen.sees("✓ ตำบลกู่ อำเภอปรางค์กู่ จังหวัดศรีสะเกษ")
    assert await screen.barriers() == []
    await screen.page.screenshot(path=tmp_path / "beside.png", full_page=True)
    await screen.clicks("บันทึกเรื่อง")
    await screen.sees("บันทึกแล้ว เลขเรื่อง")
    assert await screen.barriers() == []

    listed = (await office.get("wichai", "cases?channel=1567")).body["cases"]
    [made] = [line["case"] for line in listed if line["case"] != earlier.body["case"]["case"]]
    case = (await office.get("wichai", f"cases/{made}")).body
    assert (case["call"], case["area"], case["type"]) == ("c1", "330702", "complaint")
    persons = (await office.get("wichai", f"cases/{made}/persons")).body["persons"]
    assert [person["phone"] for person in persons] == ["0812345678"]
    assert screen.complaints == []


async def test_hl_16_a_case_of_another_channel_is_typed_at_the_desk(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    first = await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    number = first.body["case"]["case"]
    screen = await browser.screen(size={"width": 360, "height": 740}, language="en")
    await sits_down(screen, office, "wichai", "2031-03-03T10:00", then="")
    await screen.sees("New case")
    assert await screen.barriers() == []
    await screen.page.get_by_text("Who has how many").click()
    await screen.sees("7 people concerned")
    await screen.types("Number of the case, or a phone", "081-234-5678")
    await screen.clicks("Find")
    found = screen.page.get_by_role("region", name="Found")
    await found.get_by_role("link").wait_for()
    for said in ("Ku, Prang Ku, Si Sa Ket", "Damrongdham Centre, Si Sa Ket", COMPLAINT["facts"]):
        await found.get_by_text(said).first.wait_for()
    await screen.types("Number of the case, or a phone", number[:10] + "x")
    await screen.clicks("Find")
    await screen.sees("That is no case number.")
    await screen.page.get_by_role("link", name="New case").click()
    await screen.page.get_by_label("How it came").select_option("Page's inbox")
    await screen.types("Place (sub-district, district, province)", "หนองบัว")
    places = screen.page.get_by_role("list", name="Choose the place")
    await places.get_by_role("button").first.click()
    await screen.types("What happened", "โทรกลับ 081-234-5678")
    await screen.types("People concerned", "๙")
    await screen.clicks("Save the case")
    await screen.sees("A text holds what looks like a phone number")
    assert await screen.barriers() == []
    await screen.types("What happened", "ถนนชำรุด")
    await screen.clicks("Save the case")
    await screen.sees("Saved. The number is")
    wide = "document.documentElement.scrollWidth"
    assert await screen.page.evaluate(wide) == 360
    assert screen.complaints == []


async def test_a_file_is_sent_and_fetched_on_the_page_of_a_case(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    body = {**COMPLAINT, "channel": "walk_in"}
    made = (await office.post("malee", "cases", body)).body["case"]["case"]
    photo = tmp_path / "ถนนบ้านกู่.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(900_000))
    script = tmp_path / "script.pdf"
    script.write_bytes(b"#!/bin/sh\n")
    screen = await browser.screen(size={"width": 360, "height": 740}, language="en")
    await sits_down(screen, office, "wichai", "2031-03-03T10:00", then="")
    await screen.opens(f"/desks.html#/cases/{made}")
    await screen.sees("No files.")
    await screen.page.get_by_label("Add a file").set_input_files(script)
    await screen.page.get_by_label("It shows who complains").uncheck()
    await screen.page.get_by_role("button", name="Send", exact=True).click()
    await screen.sees("Such a file is not kept.")
    await screen.page.get_by_label("Add a file").set_input_files(photo)
    await screen.page.get_by_role("button", name="Send", exact=True).click()
    await screen.sees("The file is kept.")
    assert await screen.page.get_by_label("It shows who complains").is_checked()
    async with screen.page.expect_download() as fetched:
        await screen.page.get_by_role("link", name="ถนนบ้านกู่.png").click()
    download = await fetched.value
    assert download.suggested_filename == f"case-{made}-file-2.png"
    saved = await asyncio.to_thread(Path(await download.path()).read_bytes)
    assert saved == photo.read_bytes()
    assert await screen.page.evaluate("document.documentElement.scrollWidth") == 360
    assert await screen.barriers() == []
    await screen.page.screenshot(path=tmp_path / "files.png", full_page=True)
    await screen.clicks("Remove the file")
    dialog = screen.page.get_by_role("dialog", name="Remove the file")
    await dialog.get_by_text("ถนนบ้านกู่.png").wait_for()
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "remove-file", (PHONE,))
    await dialog.get_by_role("button", name="Keep it").click()
    await dialog.wait_for(state="detached")
    assert await audit(office, "case.file.removed") == []
    await screen.clicks("Remove the file")
    await dialog.get_by_label("Why").fill("ไฟล์ผิดเรื่อง")
    await dialog.get_by_role("button", name="Remove the file").click()
    await screen.sees("The file is removed.")
    await screen.sees("ไฟล์ผิดเรื่อง")
    assert "ถนนบ้านกู่" not in await screen.page.content()
    [kept] = await audit(office, "case.file.removed")
    assert (kept["who"], kept["details"]["why"]) == ("wichai", "ไฟล์ผิดเรื่อง")
    assert screen.complaints == []


async def test_a_list_is_fetched_as_a_file_and_who_may_read_none_is_told_so(
    office: Office, browser: Browser, tmp_path: Path
) -> None:
    await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    screen = await browser.screen(size=PHONE)
    await sits_down(screen, office, "wichai", "2031-03-03T10:00", then="")
    await screen.sees("ดาวน์โหลดรายการนี้")
    async with screen.page.expect_download() as fetched:
        await screen.page.get_by_role("link", name="CSV").click()
    download = await fetched.value
    assert download.suggested_filename == "cases-20310303-1000.csv"
    told = (await asyncio.to_thread(Path(await download.path()).read_bytes)).decode()
    assert told.count("\r\n") == 2 and "ตำบลกู่ อำเภอปรางค์กู่" in told
    assert await screen.page.evaluate("document.documentElement.scrollWidth") == 360
    assert await screen.barriers() == []
    await screen.pictures(tmp_path, "case-list", (PHONE,), whole=True)
    reader = await browser.screen()
    await sits_down(reader, office, "viewer", "2031-03-03T10:00", then="")
    await reader.sees("บัญชีนี้ไม่มีสิทธิ์ดูรายเรื่อง")
    assert await reader.barriers() == []
    assert screen.complaints == [] and reader.complaints == []
