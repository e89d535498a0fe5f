"""The list of cases as a file: what the list shows, with Thai headers, safe in a spreadsheet."""

import asyncio
import csv
import io
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from aiohttp import ClientError
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.desks.cases import list_paper, list_routes
from callcenter.desks.cases.asking import LISTS_AT_ONCE, Parts
from callcenter.desks.cases.lists import HEADERS
from callcenter.desks.shared.tables import units
from callcenter.desks.shared.thai import thai
from callcenter.ports.people import DatabaseAwayError
from tests.integration.desks.office import COMPLAINT, PEOPLE, Office
from tests.integration.desks.test_files_api import audit
from tests.integration.desks.test_scope import with_the_district
from tests.pdf import text_of


async def fetched(office: Office, who: str, kind: str, query: str = "") -> bytes:
    """The file as it comes."""
    await office.get(who, "me/grants")  # logged in
    url = f"{office.house.url}/api/v1/case-list/{kind}{query}"
    headers = {"Authorization": f"Bearer {office.house.tokens[who]}"}
    async with office.house.http.get(url, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        assert "attachment" in answer.headers["Content-Disposition"]
        return await answer.read()


def rows_of(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf"), "a spreadsheet must see that it is UTF-8"
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


async def test_a_list_as_csv_has_what_the_list_shows(office: Office) -> None:
    office.at("2022-03-10T09:00", still=True)
    body = {**COMPLAINT, "channel": "walk_in", "urgency": "urgent"}
    number = (await office.post("malee", "cases", body)).body["case"]["written"]
    office.at("2022-03-12T09:00", still=True)
    [row] = rows_of(await fetched(office, "wichai", "csv"))
    assert tuple(row) == HEADERS
    assert row == {
        "เลขเรื่อง": number,
        "ประเภท": "เรื่องร้องเรียน",
        "หัวข้อ": "โรคระบาด",
        "ความเร่งด่วน": "เร่งด่วน",
        "สถานะ": "รับเรื่องแล้ว",
        "ช่องทาง": "มาด้วยตนเอง",
        "รหัสพื้นที่": "330702",
        "พื้นที่": "ตำบลกู่ อำเภอปรางค์กู่ จังหวัดศรีสะเกษ",
        "หน่วยงานรับผิดชอบ": "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ",
        "ขณะนี้อยู่ที่": "ศูนย์ดำรงธรรมจังหวัดศรีสะเกษ",
        "จำนวนผู้เกี่ยวข้อง (ราย)": "7",
        "รับเรื่องเมื่อ": "2022-03-10 09:00",
        "กำหนดถัดไป": "2022-03-10 10:00",
        "เกินกำหนด": "ใช่",
        "ยุติเมื่อ": "",
        "ผลสรุป": "",
    }
    text = (await fetched(office, "wichai", "csv")).decode()
    for secret in ("สมหญิง", "0812345678", "081-234-5678", COMPLAINT["facts"]):
        assert secret not in text


async def test_a_list_as_a_spreadsheet_has_dates_and_numbers(office: Office) -> None:
    office.at("2022-03-10T09:00", still=True)
    await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    await office.post("malee", "cases", {**COMPLAINT, "channel": "letter", "type": "help"})
    book = openpyxl.load_workbook(io.BytesIO(await fetched(office, "wichai", "xlsx", "?type=help")))
    assert book.active is not None
    head, row = book.active.iter_rows()
    assert tuple(cell.value for cell in head) == HEADERS
    told = dict(zip(HEADERS, row, strict=True))
    assert told["ประเภท"].value == "เรื่องขอความช่วยเหลือ"
    assert told["จำนวนผู้เกี่ยวข้อง (ราย)"].value == 7
    assert told["รับเรื่องเมื่อ"].value.isoformat() == "2022-03-10T09:00:00"
    assert "107041E" in told["รับเรื่องเมื่อ"].number_format, "shown in the Buddhist calendar"


async def test_a_list_as_a_paper_is_in_thai_digits_and_has_nobody_who_complains(
    office: Office,
) -> None:
    office.at("2022-03-10T09:00", still=True)
    body = {**COMPLAINT, "channel": "walk_in", "urgency": "urgent"}
    number = (await office.post("malee", "cases", body)).body["case"]["written"]
    office.at("2022-03-12T09:00", still=True)
    told = text_of(await fetched(office, "wichai", "pdf"))
    for part in (
        "บัญชีเรื่องร้องเรียนร้องทุกข์",
        "จำนวน๑เรื่อง",
        "จัดทำเมื่อวันที่๑๒มีนาคม๒๕๖๕เวลา๐๙.๐๐น.",
        thai(number),
        "เรื่องร้องเรียนโรคระบาด(เร่งด่วน)",
        "ตำบลกู่อำเภอปรางค์กู่จังหวัดศรีสะเกษ",
        "๑๐/๓/๒๕๖๕๑๐.๐๐เกินกำหนด",
    ):
        assert part in told, part
    for secret in ("สมหญิง", "0812345678", "081-234-5678", "เดินทางจากพื้นที่เสี่ยง"):
        assert secret not in told and thai(secret) not in told
    [entry] = await audit(office, "cases.exported")
    assert (entry["who"], entry["about"]) == ("wichai", "pdf")


async def test_a_list_that_is_too_long_for_a_paper_is_refused_and_not_cut_off(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_paper, "MOST", 2)
    for _ in range(2):
        await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    assert "จำนวน๒เรื่อง" in text_of(await fetched(office, "wichai", "pdf"))
    await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    refused = await office.get("wichai", "case-list/pdf")
    assert (refused.status, refused.code) == (422, "list_too_long")
    assert len(await audit(office, "cases.exported")) == 1, "nothing went out"


async def test_a_name_that_a_spreadsheet_would_calculate_is_a_text(
    office: Office, engine: AsyncEngine
) -> None:
    evil = '=HYPERLINK("http://x","y")'
    async with engine.begin() as connection:
        await connection.execute(update(units).where(units.c.id == "p33").values(name_th=evil))
    await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    [row] = rows_of(await fetched(office, "wichai", "csv"))
    assert row["ขณะนี้อยู่ที่"] == f"'{evil}"
    book = openpyxl.load_workbook(io.BytesIO(await fetched(office, "wichai", "xlsx")))
    assert book.active is not None
    cell = book.active.cell(row=2, column=HEADERS.index("ขณะนี้อยู่ที่") + 1)
    assert (cell.data_type, cell.value) == ("s", evil)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_file_has_all_cases_of_all_pages_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(list_routes, "AT_ONCE", 3)
    made = [
        (await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})).body["case"]
        for _ in range(7)
    ]
    body = await fetched(office, "wichai", kind)
    if kind == "csv":
        numbers = [row["เลขเรื่อง"] for row in rows_of(body)]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(body)).active
        assert sheet is not None
        numbers = [str(row[0].value) for row in list(sheet.iter_rows())[1:]]
    assert numbers == [case["written"] for case in made]


async def test_xc_03_a_file_holds_just_what_one_may_see(office: Office) -> None:
    district = await with_the_district(office, "1")
    body = {**COMPLAINT, "to_unit": "p34", "reference": "2", "area": "อุบลราชธานี"}
    await office.post("gcc", "referrals", body)
    await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    for who in PEOPLE:
        shown = {c["written"] for c in (await office.get(who, "cases")).body["cases"]}
        for kind in ("csv", "xlsx"):
            got = await fetched(office, who, kind)
            if kind == "csv":
                found = {row["เลขเรื่อง"] for row in rows_of(got)}
            else:
                sheet = openpyxl.load_workbook(io.BytesIO(got)).active
                assert sheet is not None
                found = {str(row[0].value) for row in list(sheet.iter_rows())[1:]}
            assert found == shown, (who, kind)
        paper = text_of(await fetched(office, who, "pdf"))
        assert f"จำนวน{thai(len(shown))}เรื่อง" in paper, who
        assert all(thai(number) in paper for number in shown), who
    assert district


async def test_dd_09_no_file_of_a_list_tells_who_complains(office: Office) -> None:
    """Not even to those who may see it in the case: a file is passed on."""
    await with_the_district(office, "1")
    for who in ("nok", "wichai"):
        book = openpyxl.load_workbook(io.BytesIO(await fetched(office, who, "xlsx")))
        cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
        paper, lines = text_of(await fetched(office, who, "pdf")), await fetched(office, who, "csv")
        said = "\n".join([*cells, paper, lines.decode()])
        assert "330702" in said and "ปรางค์กู่" in paper, "there is something in them"
        for secret in ("สมหญิง", "345678", "345-678", "๓๔๕๖๗๘", "๓๔๕-๖๗๘", "x-5678"):
            assert secret not in said, (who, secret)


async def test_each_file_is_in_the_audit_before_it_goes_out(office: Office) -> None:
    await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    await fetched(office, "wichai", "csv", "?overdue=true&type=help")
    [entry] = await audit(office, "cases.exported")
    assert (entry["who"], entry["about"]) == ("wichai", "csv")
    assert set(entry["details"]["filter"]) == {"overdue=True", "type=help"}


async def test_the_fourth_list_at_once_is_asked_to_wait_and_then_gets_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_routes, "AT_ONCE", 1)
    for _ in range(2):
        await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    store = next(m.parts for m in office.house.serving.features if type(m.parts) is Parts).cases
    first, waiting = type(store).by_number, 0
    all_wait, go_on = asyncio.Event(), asyncio.Event()

    async def slow(self: Any, wanted: Any, scope: Any, after: str, limit: int) -> Any:
        nonlocal waiting
        if after:
            waiting += 1
            if waiting == LISTS_AT_ONCE:
                all_wait.set()
            await go_on.wait()
        return await first(self, wanted, scope, after, limit)

    monkeypatch.setattr(type(store), "by_number", slow)
    await office.get("wichai", "me/grants")  # logged in
    three = [asyncio.create_task(fetched(office, "wichai", "csv")) for _ in range(LISTS_AT_ONCE)]
    try:
        await asyncio.wait_for(all_wait.wait(), 60)
        refused = await asyncio.wait_for(office.get("wichai", "case-list/xlsx"), 60)
        assert (refused.status, refused.code) == (503, "busy")
        assert len(await audit(office, "cases.exported")) == LISTS_AT_ONCE, "nothing went out"
    finally:
        go_on.set()
        files = await asyncio.gather(*three)
    assert [len(rows_of(file)) for file in files] == [2] * LISTS_AT_ONCE
    assert len(rows_of(await fetched(office, "wichai", "csv"))) == 2


async def test_a_file_that_fails_on_the_way_is_seen_to_be_broken(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that ends too early must not look whole."""
    monkeypatch.setattr(list_routes, "AT_ONCE", 1)
    for _ in range(3):
        await office.post("malee", "cases", {**COMPLAINT, "channel": "walk_in"})
    store = next(m.parts for m in office.house.serving.features if type(m.parts) is Parts).cases
    first = type(store).by_number

    async def away(self: Any, wanted: Any, scope: Any, after: str, limit: int) -> Any:
        if after:
            raise DatabaseAwayError("away")
        return await first(self, wanted, scope, after, limit)

    monkeypatch.setattr(type(store), "by_number", away)
    with pytest.raises(ClientError):
        await fetched(office, "wichai", "csv")
