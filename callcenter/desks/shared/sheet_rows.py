"""The rows of a spreadsheet that somebody gives us: XLSX or CSV of any usual kind. Pure.

A file of a stranger may be broken, or unpack to very much; then it is refused at little cost.
Nothing in it is calculated: a cell with a formula is told as such.
"""

import codecs
import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice

import openpyxl  # type: ignore[import-untyped]

from callcenter.desks.shared.thai import BUDDHIST_YEARS, FIRST_BUDDHIST_YEAR

UNPACKED_MOST = 20_000_000  # bytes of all that is in an XLSX, such as pictures
XML_MOST = 4_000_000  # of what openpyxl parses, which takes forty times that in memory
PARTS_MOST = 200  # files in it
SHEETS_MOST = 10
FORMULA = "\0formula"
"""What stands for a cell that would be calculated. No text of a file has a NUL."""
# What openpyxl and zipfile raise at files of strangers (test_hostile_sheets.py).
NO_XLSX = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,  # a method of packing nobody knows, a password
    SyntaxError,  # of XML
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
)


class SheetFault(ValueError):
    """The file cannot be taken. `code` and `faults` are for programs: what is wrong with the file,
    or each row with what stands in it."""

    def __init__(self, code: str, faults: list[str]) -> None:
        self.code, self.faults = code, faults
        super().__init__(code)


def tables(content: bytes, rows: int, columns: int) -> Iterator[list[Sequence[str]]]:
    """The tables that a file may mean: each sheet of an XLSX, or a CSV read with each usual
    separator. At most so many rows and columns of each. Raises SheetFault."""
    if content.startswith(b"PK"):
        yield from _of_xlsx(content, rows, columns)
    else:
        yield from _of_csv(content, rows, columns)


def text_of_csv(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or the Thai code page of old spreadsheets."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp874", errors="replace")


def refuse_bomb(content: bytes) -> None:
    """A small file may unpack to a large one, and an entity of XML to a larger one. No XLSX has a
    DTD (ECMA-376, part 2)."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        infos = parts.infolist()
        if len(infos) > PARTS_MOST or sum(info.file_size for info in infos) > UNPACKED_MOST:
            raise SheetFault("too_large", ["unpacks_too_large"])
        xml = 0
        for info in infos:
            # UTF-16 has a NUL beside each of these letters.
            letters = parts.read(info).replace(b"\0", b"")
            if letters.lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n").startswith(b"<"):
                xml += info.file_size
            if b"<!DOCTYPE" in letters:
                raise SheetFault("sheet_fault", ["has_dtd"])
        if xml > XML_MOST:
            raise SheetFault("too_large", ["unpacks_too_large"])


def _of_csv(content: bytes, rows: int, columns: int) -> Iterator[list[Sequence[str]]]:
    text = text_of_csv(content)
    for separator in ",;\t":
        try:
            found = csv.reader(io.StringIO(text), delimiter=separator)
            yield [[_clean(cell) for cell in row[:columns]] for row in islice(found, rows)]
        except csv.Error as error:
            raise SheetFault("sheet_fault", ["no_csv"]) from error


def _of_xlsx(content: bytes, rows: int, columns: int) -> Iterator[list[Sequence[str]]]:
    try:
        refuse_bomb(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        for sheet in book.worksheets[:SHEETS_MOST]:
            found = sheet.iter_rows(max_row=rows, max_col=columns)
            yield [[_told(cell) for cell in row] for row in found]
    except SheetFault:
        raise
    except NO_XLSX as error:
        raise SheetFault("sheet_fault", ["no_xlsx"]) from error


def _told(cell: object) -> str:
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    if getattr(cell, "data_type", "") == "f":
        return FORMULA
    if isinstance(value, datetime | date):
        # a spreadsheet may keep the day that somebody typed in a Buddhist year
        year = value.year - (BUDDHIST_YEARS if value.year >= FIRST_BUDDHIST_YEAR else 0)
        return f"{year:04}-{value.month:02}-{value.day:02}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _clean(str(value))


def _clean(cell: str) -> str:
    """The text without control characters: no database keeps all of them."""
    return "".join(sign for sign in cell if sign in "\n\t" or sign >= " ")
