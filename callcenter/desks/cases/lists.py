"""A list of cases as a file: CSV or a spreadsheet (XLSX). Pure, except for a file on the disk.

Neither has who complains, facts or answers, because a file is passed on from person to person. Rows
come in pieces, so that the list of a whole country is never in memory at once.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from callcenter.desks.cases.model import Channel, Urgency
from callcenter.desks.cases.store import CaseLine
from callcenter.desks.cases.words import CHANNELS, OUTCOMES, STATES, TOPICS, TYPES
from callcenter.desks.shared.areas import written_area
from callcenter.desks.shared.numbers import written_number
from callcenter.desks.shared.sheets import safe_text
from callcenter.desks.shared.thai import local
from callcenter.desks.shared.units import Units

CSV = "text/csv; charset=utf-8"
HEADERS = (
    "เลขเรื่อง",
    "ประเภท",
    "หัวข้อ",
    "ความเร่งด่วน",
    "สถานะ",
    "ช่องทาง",
    "รหัสพื้นที่",
    "พื้นที่",
    "หน่วยงานรับผิดชอบ",
    "ขณะนี้อยู่ที่",
    "จำนวนผู้เกี่ยวข้อง (ราย)",
    "รับเรื่องเมื่อ",
    "กำหนดถัดไป",
    "เกินกำหนด",
    "ยุติเมื่อ",
    "ผลสรุป",
)
WIDTHS = (17, 16, 20, 12, 18, 20, 10, 44, 40, 40, 12, 22, 22, 10, 22, 24)
MARK = b"\xef\xbb\xbf"  # shows a spreadsheet program that the text is UTF-8
BUDDHIST = "[$-107041E]d mmm yyyy hh:mm"  # format of a cell: a date of the Buddhist calendar
SHEET_ROWS = 1_000_000  # a sheet can have only a few more
Cell = str | int | datetime | None
_URGENCIES = {Urgency.NORMAL: "ปกติ", Urgency.URGENT: "เร่งด่วน"}


def row_of(line: CaseLine, units: Units, now: datetime) -> list[Cell]:
    """The columns of one case. Times are those of Bangkok."""
    is_late = line.due_at is not None and line.due_at < now
    return [
        written_number(line.number),
        TYPES[line.type],
        TOPICS.get(line.topic, line.topic),
        _URGENCIES[line.urgency],
        STATES[line.state],
        CHANNELS[Channel(line.channel)],
        line.area,
        written_area(line.area),
        _name(units, line.unit),
        _name(units, line.holder),
        line.people_concerned,
        _moment(line.created_at),
        _moment(line.due_at),
        "ใช่" if is_late else "ไม่ใช่",
        _moment(line.closed_at),
        "" if line.outcome is None else OUTCOMES[line.outcome],
    ]


def csv_piece(rows: Iterable[Sequence[Cell]], *, first: bool) -> bytes:
    """Some rows; the first piece also has the headers. A text that a spreadsheet would calculate is
    marked as text. A time is in ISO 8601, without its zone."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if first:
        writer.writerow(HEADERS)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    return (MARK if first else b"") + out.getvalue().encode()


class Sheet:
    """A spreadsheet that is written row by row into a file. Its methods run in another thread."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "tmpdir": str(path.parent)}
        )
        self._bold = self._book.add_format({"bold": True, "text_wrap": True})
        self._date = self._book.add_format({"num_format": BUDDHIST})
        self._row = 0
        self._sheet: Any = None

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write some more rows."""
        for row in rows:
            if self._sheet is None or self._row > SHEET_ROWS:
                self._begin()
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._row += 1

    def close(self) -> None:
        """Finish the file."""
        if self._sheet is None:
            self._begin()
        self._book.close()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 1)
        for column, width in enumerate(WIDTHS):
            self._sheet.set_column(column, column, width)
        for column, title in enumerate(HEADERS):
            self._sheet.write_string(0, column, title, self._bold)
        self._row = 1

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            self._sheet.write_datetime(self._row, column, cell, self._date)
        elif isinstance(cell, int):
            self._sheet.write_number(self._row, column, cell)
        elif cell:
            self._sheet.write_string(self._row, column, cell)


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    return "" if cell is None else safe_text(str(cell))


def _moment(at: datetime | None) -> datetime | None:
    return None if at is None else local(at).replace(tzinfo=None, second=0, microsecond=0)


def _name(units: Units, unit: str) -> str:
    known = units.by_id.get(unit)
    return known.name_th if known else unit
