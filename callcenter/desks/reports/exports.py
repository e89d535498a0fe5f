"""Reports and national tables as files: XLSX, CSV, JSON. Pure. ADX and DHIS2: `exchange.py`.

A number that nobody gave is an empty cell, or left out: never 0.
"""

import csv
import io
from datetime import datetime

import msgspec
import xlsxwriter  # type: ignore[import-untyped]

from callcenter.desks.reports.consolidation import Consolidation, Total
from callcenter.desks.reports.form import NAMES, SECTIONS, plain
from callcenter.desks.reports.model import Field, Revision, Section, Shown
from callcenter.desks.shared.sheets import safe_text
from callcenter.desks.shared.thai import written_moment

CSV = "text/csv; charset=utf-8"
JSON = "application/json"
BLANK = "–"


class ReportFile(msgspec.Struct, frozen=True):
    """A report as a file for other programs. `sha256` is the checksum of the revision."""

    round: int
    round_name: str
    report: str
    unit: str
    area: str
    name_th: str
    revision: int
    submitted_at: datetime
    sha256: str
    body: object


def national_json(table: Consolidation) -> bytes:
    """The whole table as JSON."""
    return msgspec.json.format(msgspec.json.encode(table), indent=2)


def national_csv(table: Consolidation) -> bytes:
    """One row for each unit. A mark at the beginning shows a spreadsheet program that the text is
    UTF-8. A name that a spreadsheet would calculate is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["unit", "area", "name_th", "state", *Field])
    for row in table.units:
        values = [plain(row.numbers[f]) if f in row.numbers else "" for f in Field]
        writer.writerow([row.unit, area_code(row.area), safe_text(row.name_th), row.state, *values])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def national_xlsx(table: Consolidation) -> bytes:
    """Totals, a table of units, and what they wrote."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("รวม")
        sheet.set_column(0, 0, 48)
        head = f"รายงาน {table.submitted} จาก {table.expected - table.excused} หน่วย"
        missing = ", ".join(table.missing) or "ไม่มี"
        for place, line in enumerate((table.name, head, f"ยังไม่ได้รายงาน: {missing}")):
            sheet.write_string(place, 0, line, bold)
        for place, each in enumerate(Field, start=4):
            _write_total(sheet, place, NAMES[each], table.totals[each])
        below = 5 + len(Field)
        for place, (name, share) in enumerate(table.shares.items(), start=below):
            total = Total(value=share.value, units=share.units)
            _write_total(sheet, place, name, total)
        units = book.add_worksheet("หน่วย")
        titles = ["หน่วย", "รหัส", "สถานะ", *(NAMES[each] for each in Field)]
        units.freeze_panes(1, 1)
        units.set_column(0, 0, 36)
        for column, title in enumerate(titles):
            units.write_string(0, column, title, bold)
        for place, row in enumerate(table.units, start=1):
            for column, text in enumerate((row.name_th, area_code(row.area), row.state)):
                units.write_string(place, column, text)
            for column, each in enumerate(Field, start=3):
                if each in row.numbers:
                    units.write_number(place, column, row.numbers[each])
                else:
                    units.write_string(place, column, BLANK)
        _write_texts(book, table)
    return out.getvalue()


def report_xlsx(file: ReportFile, revision: Revision) -> bytes:
    """One unit's report: each number with its source, then the texts."""
    out = io.BytesIO()
    body = revision.body
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("รายงาน")
        sheet.set_column(0, 0, 48)
        when = f"ส่งเมื่อ {written_moment(revision.at)} ฉบับที่ {revision.number}"
        for place, line in enumerate((file.round_name, file.name_th, when, file.sha256)):
            sheet.write_string(place, 0, line, bold)
        for column, title in enumerate(("รายการ", "จำนวน", "ที่มา", "ระบบนับได้", "เหตุผล")):
            sheet.write_string(5, column, title, bold)
        for place, each in enumerate(Field, start=6):
            sheet.write_string(place, 0, NAMES[each])
            _write_number(sheet, place, body.numbers.get(each))
        row = 7 + len(Field)
        for section in Section:
            written = body.texts.get(section)
            said = written.text if written else ""
            sheet.write_string(row, 0, SECTIONS[section], bold)
            sheet.write_string(row, 1, "ไม่มี" if section in body.nil and not said else said)
            row += 1
    return out.getvalue()


def area_code(code: str) -> str:
    """As OCHA writes it, such as TH33."""
    return f"TH{code}"


def _write_total(sheet: xlsxwriter.worksheet.Worksheet, row: int, name: str, total: Total) -> None:
    sheet.write_string(row, 0, name)
    if total.value is None:
        sheet.write_string(row, 1, BLANK)
    else:
        sheet.write_number(row, 1, total.value)
    sheet.write_string(row, 2, f"{total.units} หน่วย")


def _write_number(sheet: xlsxwriter.worksheet.Worksheet, row: int, number: Shown | None) -> None:
    if number is None:
        sheet.write_string(row, 1, BLANK)
        return
    sheet.write_number(row, 1, number.value)
    sheet.write_string(row, 2, "พิมพ์เอง" if number.origin == "typed" else "ระบบ")
    if number.system_value is not None:
        sheet.write_number(row, 3, number.system_value)
    sheet.write_string(row, 4, number.why)


def _write_texts(book: xlsxwriter.Workbook, table: Consolidation) -> None:
    sheet = book.add_worksheet("ข้อความ")
    row = 0
    for section, all_said in table.texts.items():
        for said in all_said:
            cells = (SECTIONS[section], said.name_th, ", ".join(said.tags), said.text)
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
            row += 1
