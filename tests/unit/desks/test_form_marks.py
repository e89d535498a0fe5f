"""A form that comes back says of which round and unit it is; JSON must be as it was submitted."""

import io
from typing import Any

import msgspec
import openpyxl  # type: ignore[import-untyped]
import pytest

from callcenter.desks.reports import json_in, sheet
from callcenter.desks.reports.exports import ReportFile
from callcenter.desks.reports.form import checksum
from callcenter.desks.reports.model import (
    Body,
    Field,
    Section,
    Shown,
    Signed,
    Submitted,
    Typed,
    Written,
)
from callcenter.desks.reports.sheet import Mark
from callcenter.desks.shared.sheet_rows import SheetFault
from callcenter.desks.shared.thai import BANGKOK, read_moment

HERE = Mark(7, "p33")
FIELDS = list(Field)[:2]
BODY = Submitted(
    form_version=1,
    numbers={
        FIELDS[0]: Shown(value=3.0, origin="typed", system_value=2.0, why="นับซ้ำ"),
        FIELDS[1]: Shown(value=9.0, origin="system"),
    },
    texts={Section.OBSTACLES: Written(text="สายไม่พอ\n🌙")},
    signed=Signed(reporter="นายวิชัย"),
    nil=(),
    formula="v1",
    counted_at=None,
)


def filled(mark: Mark | None) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(sheet.blank("รอบมีนาคม", "ศรีสะเกษ", None, mark)))
    for row in book.active.iter_rows():
        if row[0].value == FIELDS[0].value:
            row[2].value = 3
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refused(read: Any) -> tuple[str, list[str]]:
    with pytest.raises(SheetFault) as fault:
        read()
    return fault.value.code, fault.value.faults


@pytest.mark.parametrize("mark", [HERE, None])
def test_the_form_of_the_round_and_unit_and_one_without_a_mark_are_read(mark: Mark | None) -> None:
    read = sheet.read("a.xlsx", filled(mark), Body(), HERE)
    assert read.numbers == {FIELDS[0]: Typed(value=3.0)}


def test_the_form_of_another_round_or_unit_is_refused_with_its_name() -> None:
    other = filled(Mark(8, "p33"))
    assert refused(lambda: sheet.read("a.xlsx", other, Body(), HERE)) == (
        "another_round",
        ["รอบมีนาคม"],
    )
    other = filled(Mark(7, "p34"))
    assert refused(lambda: sheet.read("a.xlsx", other, Body(), HERE)) == (
        "another_unit",
        ["ศรีสะเกษ"],
    )


def as_json(**other: Any) -> bytes:
    file = ReportFile(
        round=7,
        round_name="รอบมีนาคม",
        report="33650000019",
        unit="p33",
        area="33",
        name_th="ศรีสะเกษ",
        revision=1,
        submitted_at=read_moment("14/3/2565 11:00").astimezone(BANGKOK),
        sha256=checksum(BODY),
        body=BODY,
    )
    return msgspec.json.encode(msgspec.structs.replace(file, **other))


def test_rp_07_the_json_of_a_report_comes_back_with_the_same_numbers_and_texts() -> None:
    before = Body(numbers={FIELDS[1]: Typed(value=1.0)}, nil=(Section.OBSTACLES,))
    read = json_in.read(as_json(), before, HERE)
    assert read.numbers == {FIELDS[0]: Typed(value=3.0, why="นับซ้ำ"), FIELDS[1]: Typed(value=1.0)}
    assert read.texts == BODY.texts
    assert (read.signed, read.nil) == (BODY.signed, ())
    assert json_in.read(b"\xef\xbb\xbf" + as_json(), before, HERE) == read


def test_json_that_is_not_as_it_was_submitted_or_of_another_round_is_refused() -> None:
    def code(content: bytes) -> tuple[str, list[str]]:
        return refused(lambda: json_in.read(content, Body(), HERE))

    assert code(as_json().replace(b"3.0", b"4.0")) == ("hash_wrong", [])
    assert code(as_json(sha256="0" * 64)) == ("hash_wrong", [])
    assert code(as_json(round=8)) == ("another_round", ["รอบมีนาคม"])
    assert code(as_json(unit="p34")) == ("another_unit", ["ศรีสะเกษ"])
    for content in (b"", b"{}", b"[" * 100_000, b"\xff", b"null", b'{"round": "7"}'):
        assert code(content) == ("sheet_fault", ["no_json"])
