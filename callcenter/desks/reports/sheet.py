"""The form as a sheet that is filled in elsewhere and comes back by mail: XLSX or CSV. Pure.

A row has the code of the field, its name, the value, and why it is not what the system counted.
Rows are known by their code alone. A blank says nothing, and is never a zero; what is in a row that
has no code of the form is not read.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import openpyxl  # type: ignore[import-untyped]
import xlsxwriter  # type: ignore[import-untyped]

from callcenter.desks.reports.form import NAMES, SECTIONS, plain
from callcenter.desks.reports.model import Body, Counts, Field, Section, Signed, Typed, Written
from callcenter.desks.shared.sheet_rows import (
    NO_XLSX,
    SHEETS_MOST,
    SheetFault,
    refuse_bomb,
    text_of_csv,
)
from callcenter.desks.shared.sheets import safe_text
from callcenter.desks.shared.thai import arabic

HEAD = ("รหัส", "รายการ", "จำนวนหรือข้อความ", "เหตุผล (ถ้าต่างจากที่ระบบนับ)", "ระบบนับได้")
NOTHING = "ไม่มี"
SIGNED = {
    "reporter": "ผู้รายงาน",
    "position": "ตำแหน่ง",
    "approver": "ผู้อนุมัติ",
    "approver_position": "ตำแหน่งผู้อนุมัติ",
}
ROWS_MOST, COLUMNS_MOST = 500, 20
TEXT_MOST, WHY_MOST = 10_000, 500  # letters, as in the API


@dataclass(frozen=True, slots=True)
class Mark:
    """The round and the unit of a form. They stand in its first rows, and are checked when it comes
    back; a form without them is of an older version, and the mail's code alone counts."""

    round: int
    unit: str


def blank(title: str, unit: str, system: Counts | None, mark: Mark | None = None) -> bytes:
    """The form to fill in, with what the system counted beside it."""
    out = io.BytesIO()
    counted = system.numbers if system else {}
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("แบบรายงาน")
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 48)
        sheet.set_column(2, 4, 24)
        sheet.write_string(0, 1, title, bold)
        sheet.write_string(1, 1, unit, bold)
        if mark is not None:
            sheet.write_string(0, 0, f"{_ROUND}{mark.round}")
            sheet.write_string(1, 0, f"{_UNIT}{mark.unit}")
        for column, text in enumerate(HEAD):
            sheet.write_string(3, column, text, bold)
        for place, (code, name) in enumerate(_rows(), start=4):
            sheet.write_string(place, 0, code)
            sheet.write_string(place, 1, name)
            if code in _NUMBERS and Field(code) in counted:
                sheet.write_number(place, 4, counted[Field(code)])
    return out.getvalue()


def blank_csv(system: Counts | None = None) -> bytes:
    """The same for programs, and for spreadsheets that read CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    counted = system.numbers if system else {}
    for code, name in _rows():
        own = counted.get(Field(code)) if code in _NUMBERS else None
        writer.writerow([code, safe_text(name), "", "", "" if own is None else plain(own)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def read(name: str, content: bytes, before: Body, mark: Mark | None = None) -> Body:
    """What was filled in, over what is in the report. SheetFault."""
    rows = _csv_rows(content) if name.lower().endswith(".csv") else _xlsx_rows(content)
    if mark is not None:
        _refuse_another(rows, mark)
    numbers, texts = dict(before.numbers), dict(before.texts)
    signed = {each: getattr(before.signed, each) for each in Signed.__struct_fields__}
    nil, found, faults = list(before.nil), 0, list[str]()
    for cells in rows:
        code, value, why = cells[0].strip(), cells[2].strip(), cells[3].strip()
        found += code in _KNOWN
        if code not in _KNOWN or not value:
            continue
        if len(value) > TEXT_MOST or len(why) > WHY_MOST:
            faults.append(f"{code}: too_long")
        elif code in _NUMBERS:
            number = _number(value)
            if number is None:
                faults.append(f"{code}: {value[:40]}")
            else:
                numbers[Field(code)] = Typed(value=number, why=why)
        elif code.startswith(_TEXT):
            section = Section(code.removeprefix(_TEXT))
            nil = [each for each in nil if each is not section]
            if value == NOTHING:
                nil.append(section)
            else:
                texts[section] = Written(text=value, tags=texts.get(section, Written()).tags)
        else:
            signed[code.removeprefix(_SIGNED)] = value[:200]
    if not found:
        raise SheetFault("sheet_fault", ["no_row_of_the_form"])
    if faults:
        raise SheetFault("number_fault", faults[:20])
    return Body(numbers=numbers, texts=texts, signed=Signed(**signed), nil=tuple(nil))


def _refuse_another(rows: Sequence[Sequence[str]], mark: Mark) -> None:
    """Raises SheetFault for the form of another round or unit, with its name."""
    for cells in rows:
        code = arabic(cells[0].strip())
        if code.startswith(_ROUND) and code != f"{_ROUND}{mark.round}":
            raise SheetFault("another_round", [cells[1].strip()[:200]])
        if code.startswith(_UNIT) and code != f"{_UNIT}{mark.unit}":
            raise SheetFault("another_unit", [cells[1].strip()[:200]])


_TEXT, _SIGNED = "text.", "signed."
_ROUND, _UNIT = "round.", "unit."
_NUMBERS = frozenset(each.value for each in Field)


def _rows() -> Iterator[tuple[str, str]]:
    yield from ((each.value, NAMES[each]) for each in Field)
    yield from ((f"{_TEXT}{each.value}", SECTIONS[each]) for each in Section)
    yield from ((f"{_SIGNED}{name}", title) for name, title in SIGNED.items())


_KNOWN = frozenset(code for code, _ in _rows())


def _number(text: str) -> float | None:
    """Thai digits, thousands with commas; None: it is no number."""
    try:
        return float(arabic(text).replace(",", "").replace(" ", ""))
    except ValueError:
        return None


def _csv_rows(content: bytes) -> list[Sequence[str]]:
    """UTF-8, UTF-16 with its mark, or the Thai code page of old spreadsheets, which also choose
    what stands between cells."""
    text = text_of_csv(content)
    try:
        return _the_form(
            [
                _four(row)
                for row in islice(csv.reader(io.StringIO(text), delimiter=separator), ROWS_MOST)
            ]
            for separator in ",;\t"
        )
    except csv.Error as error:
        raise SheetFault("sheet_fault", ["no_csv"]) from error


def _xlsx_rows(content: bytes) -> list[Sequence[str]]:
    try:
        refuse_bomb(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return _the_form(
            [
                _four(["" if cell is None else _told(cell) for cell in row])
                for row in sheet.iter_rows(
                    max_row=ROWS_MOST, max_col=COLUMNS_MOST, values_only=True
                )
            ]
            for sheet in book.worksheets[:SHEETS_MOST]
        )
    except SheetFault:
        raise
    except NO_XLSX as error:
        raise SheetFault("sheet_fault", ["no_xlsx"]) from error


def _the_form(tables: Iterable[list[Sequence[str]]]) -> list[Sequence[str]]:
    """The first of these that has a row of the form."""
    for rows in tables:
        if any(cells[0].strip() in _KNOWN for cells in rows):
            return rows
    return []


def _told(cell: object) -> str:
    return plain(cell) if isinstance(cell, float) else str(cell)


def _four(row: Sequence[str]) -> Sequence[str]:
    """The cells that are read, without control characters: no database keeps all of them."""
    plain_cells = ["".join(c for c in cell if c in "\n\t" or c >= " ") for cell in row[:4]]
    return [*plain_cells, *[""] * (4 - len(plain_cells))]
