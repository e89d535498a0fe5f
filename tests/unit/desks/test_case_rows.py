"""A list of cases as spreadsheets write it: every encoding, digits, dates, and what is wrong."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from callcenter.desks.cases.case_rows import ROWS_MOST, CaseRow, read_list
from callcenter.desks.cases.model import CaseType, Urgency
from callcenter.desks.shared.sheet_rows import SheetFault
from callcenter.desks.shared.thai import BANGKOK
from tests.unit.desks.test_hostile_sheets import packed

TODAY = date(2021, 8, 20)
TOPICS = {"น้ำ": "water", "water": "water"}
HEAD = (
    "เลขที่เรื่อง",
    "วันที่รับ",
    "ประเภท",
    "หัวข้อ",
    "ตำบล",
    "อำเภอ",
    "จังหวัด",
    "รายละเอียด",
    "จำนวนราย",
    "โทรศัพท์",
)
ROW = (
    "๖๔-๐๐๑",
    "๑๗/๘/๒๕๖๔",
    "ร้องเรียน",
    "น้ำ",
    "กู่",
    "ปรางค์กู่",
    "ศรีสะเกษ",
    "ไม่มีน้ำใช้",
    "๗ ราย",
    "๐๘๑-๒๓๔๕๖๗๘",
)


def csv_of(*rows: Sequence[str], separator: str = ",", encoding: str = "utf-8") -> bytes:
    return "\r\n".join(separator.join(row) for row in rows).encode(encoding)


def xlsx_of(*rows: Sequence[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, **how: Any) -> list[CaseRow]:
    return read_list(content, TOPICS, TODAY, **how)


def with_cell(column: str, cell: str) -> tuple[str, ...]:
    return tuple(cell if name == column else value for name, value in zip(HEAD, ROW, strict=True))


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [
        ("utf-8", ","),
        ("utf-8-sig", ","),
        ("utf-16", "\t"),
        ("cp874", ";"),
        ("tis-620", ","),
        ("utf-8-sig", ";"),
    ],
)
def test_a_csv_of_any_usual_kind_is_read(encoding: str, separator: str) -> None:
    title = ("รายการเรื่องของศูนย์ 1111",)
    [row] = read(csv_of(title, HEAD, ROW, separator=separator, encoding=encoding))
    assert row == CaseRow(
        row=3,
        reference="64-001",
        type=CaseType.COMPLAINT,
        topic="water",
        urgency=Urgency.NORMAL,
        area="330702",
        facts="ไม่มีน้ำใช้",
        people_concerned=7,
        received_at=datetime(2021, 8, 17, tzinfo=BANGKOK),
        phone="๐๘๑-๒๓๔๕๖๗๘",
    )


def test_an_xlsx_with_real_numbers_and_days_is_read() -> None:
    cells: list[Any] = list(ROW)
    cells[0], cells[8] = 64001.0, 7
    for day in (date(2021, 8, 17), date(2564, 8, 17)):
        cells[1] = day
        [row] = read(xlsx_of(("รายงาน",), HEAD, (), cells))
        assert (row.row, row.reference, row.people_concerned) == (4, "64001", 7)
        assert row.received_at == datetime(2021, 8, 17, tzinfo=BANGKOK)


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("เลขที่เรื่อง", "", "reference: missing"),
        ("รายละเอียด", "", "facts: missing"),
        ("รายละเอียด", "ก" * 4001, "facts: too_long"),
        ("รายละเอียด", "โทร 081 234 5678", "facts: phone_in_text"),
        ("ประเภท", "อื่น", "type: unknown"),
        ("ประเภท", "", "type: missing"),
        ("จังหวัด", "เชียงกู่", "area: area_unknown"),
        ("วันที่รับ", "29 ก.พ. 2564", "received: no_date"),
        ("วันที่รับ", "21/8/2564", "received: date_in_future"),
        ("จำนวนราย", "-7", "people: no_number"),
        ("จำนวนราย", "เจ็ด", "people: no_number"),
        ("จำนวนราย", "100001", "people: no_number"),
    ],
)
def test_what_is_wrong_with_one_row_is_told_and_the_others_are_read(
    column: str, cell: str, fault: str
) -> None:
    other = ("64-002", *ROW[1:])
    wrong, right = read(csv_of(HEAD, with_cell(column, cell), other))
    assert fault in wrong.faults
    assert (right.faults, right.reference) == ((), "64-002")


def test_a_text_that_is_confirmed_to_hold_no_phone_is_taken() -> None:
    rows = csv_of(HEAD, with_cell("รายละเอียด", "เลขที่ 081 234 5678"))
    assert read(rows, confirmed=True)[0].faults == ()


def test_a_number_that_stands_twice_is_refused_the_second_time() -> None:
    first, second = read(csv_of(HEAD, ROW, with_cell("เลขที่เรื่อง", "64-001")))
    assert (first.faults, second.faults) == ((), ("reference: as_in_row_2",))


def test_a_formula_is_not_calculated() -> None:
    wrong, text = read(
        xlsx_of(HEAD, with_cell("รายละเอียด", '=HYPERLINK("http://x","y")'), ("2", *ROW[1:]))
    )
    assert wrong.faults[:1] == ("facts: formula",)
    assert text.faults == ()
    [plain] = read(csv_of(HEAD, with_cell("รายละเอียด", "=1+1")))
    assert plain.facts == "=1+1", "a text, which the files of ours mark as one"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "no_head"),
        ("ชื่อ,ที่อยู่\r\nก,ข".encode(), "no_head"),
        (csv_of(HEAD), "no_row"),
        (b"PK\x03\x04 nothing", "no_xlsx"),
        (b"%PDF-1.4 \x00\xff", "no_head"),
        (packed({"a.xml": b"<" + b"x" * 5_000_000}), "unpacks_too_large"),
        (packed({"a.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}), "has_dtd"),
        (
            csv_of(HEAD, *((str(n), *ROW[1:]) for n in range(ROWS_MOST + 1))),
            f"at_most_{ROWS_MOST}_cases",
        ),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(content: bytes, fault: str) -> None:
    with pytest.raises(SheetFault) as refused:
        read(content)
    assert refused.value.faults == [fault]
