"""A spreadsheet of a stranger, or of a clumsy program, is read or refused, at little cost."""

import io
import random
import re
import zipfile
from collections.abc import Mapping

import openpyxl  # type: ignore[import-untyped]
import pytest

from callcenter.desks.reports import sheet
from callcenter.desks.reports.model import Body, Field, Typed
from callcenter.desks.shared.sheet_rows import SheetFault

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
FORM = sheet.blank("รอบ", "ศรีสะเกษ", None)
SST = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(FORM)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def fault_of(content: bytes) -> str:
    """How it is refused; empty: it is read. Anything else that is raised fails the test."""
    try:
        sheet.read("a.xlsx", content, Body())
    except SheetFault as fault:
        assert fault.faults
        return fault.code
    return ""


def test_a_broken_file_is_read_or_refused() -> None:
    drawn = random.Random(11)
    for cut in range(0, len(FORM), 211):
        assert fault_of(FORM[:cut]) == "sheet_fault"
    for _ in range(900):
        flipped = bytearray(FORM)
        flipped[drawn.randrange(len(FORM))] ^= 1 << drawn.randrange(8)
        fault_of(bytes(flipped))
    for method in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        for _ in range(120):
            flipped = bytearray(packed(parts(), method))
            flipped[drawn.randrange(len(flipped))] ^= 255
            fault_of(bytes(flipped))


VALUES = (b"", b"-1", b"9" * 20, b"x", b"1e999", b"\xff", b"ZZZZZ9", b"../../x", b"s", b"d", b"nan")


@pytest.mark.parametrize("name", sorted(parts()))
def test_a_part_that_is_missing_or_wrong_is_read_or_refused(name: str) -> None:
    drawn, files = random.Random(name), parts()
    content = files.pop(name)
    fault_of(packed(files))
    wrong = [b"", b"\0\0", b"<a/>", b"no xml", content[: len(content) // 2]]
    wrong += [b'<?xml version="1.0" encoding="none"?><a/>', content.replace(b"main", b"m")]
    wrong.append(re.sub(rb'fillId="\d+"', b'fillId="%s"' % (b"9" * 20), content))
    places = [each.span(1) for each in re.finditer(rb'="([^"]*)"|>[^<]+<', content) if each[1]]
    for begin, end in drawn.sample(places, min(40, len(places))):
        wrong.append(content[:begin] + drawn.choice(VALUES) + content[end:])
    for each in wrong:
        fault_of(packed({**files, name: each}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_entities_are_refused_before_they_are_expanded(encoding: str) -> None:
    """A megabyte of XML that would be two hundred in memory."""
    strings = f"{SST.decode()}<si><t>{'&a;' * 200}</t></si></sst>"
    text = f'<!DOCTYPE x [<!ENTITY a "{"a" * 1_000_000}">]>{strings}'
    declared = f'<?xml version="1.0" encoding="{encoding[:6].rstrip("-")}"?>{text}'
    bomb = packed({**parts(), "xl/sharedStrings.xml": declared.encode(encoding)})
    assert len(bomb) < 20_000
    with pytest.raises(SheetFault) as refused:
        sheet.read("a.xlsx", bomb, Body())
    assert refused.value.faults == ["has_dtd"]


def test_much_xml_in_a_small_file_is_refused_and_a_picture_is_not_xml() -> None:
    many = SST + b"<si><t>a</t></si>" * 300_000 + b"</sst>"
    assert fault_of(packed({**parts(), "xl/sharedStrings.xml": many})) == "too_large"
    assert fault_of(packed({**parts(), "xl/media/photo.png": b"\x89PNG" * 1_200_000})) == ""
    assert (
        fault_of(packed({**parts(), "xl/media/photo.png": b"\x89PNG" * 6_000_000})) == "too_large"
    )
    assert fault_of(packed({**parts(), **{f"x{n}": b"" for n in range(300)}})) == "too_large"


TWELVE = {Field.CASES_OPEN: Typed(value=12)}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp874"])
def test_a_csv_of_any_spreadsheet_program(separator: str, encoding: str) -> None:
    lines = [
        separator.join(["รหัส", "รายการ", "จำนวน"]),
        separator.join(["cases_open", "ค้าง", "๑๒"]),
    ]
    read = sheet.read("A.CSV", "\r\n".join(lines).encode(encoding), Body())
    assert read.numbers == TWELVE


def test_a_form_on_a_later_sheet_with_merged_cells_and_a_calculated_number() -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORM))
    first = book.create_sheet("Sheet1", 0)
    first["A1"] = "หมายเหตุ"
    form = book.worksheets[1]
    [row] = [row for row in form.iter_rows() if row[0].value == "cases_open"]
    row[2].value = 12
    form.merge_cells(start_row=row[0].row, end_row=row[0].row, start_column=3, end_column=4)
    out = io.BytesIO()
    book.save(out)
    assert sheet.read("a.xlsx", out.getvalue(), Body()).numbers == TWELVE
    # What a program has calculated stands beside the formula.
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    [name] = [n for n, c in files.items() if b"<v>12</v>" in c]
    files[name] = files[name].replace(b"<v>12</v>", b"<f>5+7</f><v>12</v>")
    assert sheet.read("a.xlsx", packed(files), Body()).numbers == TWELVE
