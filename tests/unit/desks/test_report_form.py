"""RP-04, RP-07, RP-08: the form, its totals and its files. Pure."""

import csv
import io
import json
from datetime import UTC, datetime

import msgspec
import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.desks.reports import exports, form
from callcenter.desks.reports.consolidation import Consolidation, rows, shares, texts, totals
from callcenter.desks.reports.form import FormFault
from callcenter.desks.reports.model import (
    Body,
    Counts,
    Field,
    Section,
    Signed,
    Submitted,
    Tag,
    Typed,
    UnitResult,
    Written,
)

F = Field
SINCE, BEFORE = datetime(2022, 3, 12, 17, tzinfo=UTC), datetime(2022, 3, 13, 17, tzinfo=UTC)
SYSTEM = Counts(
    formula="hotline prefill 1",
    since=SINCE,
    before=BEFORE,
    counted_at=BEFORE,
    lines=("1567",),
    numbers={F.RECEIVED: 100, F.ANSWERED: 80, F.ELIGIBLE: 95, F.IN_20_SECONDS: 60},
)
TEXT = "ขาดเจ้าหน้าที่\n\u00a0เวลากลางคืน 🌙 =1+1"
FULL = Body(
    numbers={
        F.ADMISSION_RECEIVED: Typed(value=3),
        F.ADMISSION_ENDED: Typed(value=2),
        F.ADMISSION_OPEN: Typed(value=1),
    },
    texts={Section.OBSTACLES: Written(text=TEXT, tags=(Tag.STAFF,))},
    signed=Signed(reporter="นายวิชัย"),
)


def test_rp_04_the_form_has_every_part_that_the_letter_asks_for() -> None:
    assert {each.value for each in Section} == {
        "admission",
        "obstacles",
        "suggestions",
        "coordination",
        "publicity",
    }
    assert {*form.NAMES} == {*Field} and {*form.SECTIONS} == {*Section}
    assert form.submitted(FULL, SYSTEM).texts[Section.OBSTACLES].text == TEXT


def test_rp_03_a_typed_number_keeps_the_system_s_beside_it_and_needs_a_reason() -> None:
    typed = Body(numbers={F.ANSWERED: Typed(value=85)})
    with pytest.raises(FormFault) as fault:
        form.check(typed, SYSTEM)
    assert (fault.value.code, fault.value.faults) == ("why_needed", ["answered: 80"])
    reason = Body(numbers={F.ANSWERED: Typed(value=85, why="สายสำรอง")})
    form.check(reason, SYSTEM)
    shown = form.numbers(reason, SYSTEM)[F.ANSWERED]
    assert (shown.value, shown.origin, shown.system_value, shown.why) == (
        85,
        "typed",
        80,
        "สายสำรอง",
    )
    assert F.REJECTED not in form.numbers(reason, SYSTEM), "what nobody counted is no zero"


def test_rp_04_more_answered_than_received_is_refused_with_both_numbers() -> None:
    typed = Body(numbers={F.ANSWERED: Typed(value=101, why="x")})
    with pytest.raises(FormFault) as fault:
        form.check(typed, SYSTEM)
    assert fault.value.code == "adds_up"
    assert fault.value.faults == ["answered = 101", "received = 100"]


@pytest.mark.parametrize("value", [-1, 1.5, 2e9, float("inf"), float("nan")])
def test_rp_04_calls_are_whole_numbers_from_zero(value: float) -> None:
    with pytest.raises(FormFault, match="whole number"):
        form.check(Body(numbers={F.REJECTED: Typed(value=value)}), None)


def test_rp_04_an_empty_part_b_is_refused_unless_there_is_nothing_to_report() -> None:
    empty = Body(signed=Signed(reporter="นายวิชัย"))
    with pytest.raises(FormFault) as fault:
        form.submitted(empty, SYSTEM)
    assert fault.value.code == "form_incomplete"
    assert fault.value.faults == ["admission_received", "admission_ended", "admission_open"]
    nil = Body(signed=Signed(reporter="นายวิชัย"), nil=(Section.ADMISSION,))
    assert F.ADMISSION_RECEIVED not in form.submitted(nil, SYSTEM).numbers


def table() -> Consolidation:
    """Two of three units reported; one of them has no figures of calls."""
    without = form.submitted(FULL, None)
    results = [
        UnitResult(unit="p33", area="33", name_th="ศรีสะเกษ", state="on_time", body=full()),
        UnitResult(unit="p34", area="34", name_th="อุบลราชธานี", state="late", body=without),
        UnitResult(unit="p35", area="35", name_th="ยโสธร", state="missing", body=None),
    ]
    bodies = [full(), without]
    return Consolidation(
        round=1,
        name="รายงาน",
        period_from=SINCE,
        period_before=BEFORE,
        due_at=BEFORE,
        made_at=BEFORE,
        formulas=("hotline prefill 1",),
        expected=3,
        excused=0,
        submitted=2,
        on_time=1,
        missing=("ยโสธร",),
        totals=totals(bodies),
        shares=shares(bodies),
        units=rows(results),
        texts=texts(results),
    )


def full() -> Submitted:
    return form.submitted(FULL, SYSTEM)


def test_rp_08_a_unit_that_is_missing_is_blank_and_no_zero() -> None:
    made = table()
    assert made.totals[F.RECEIVED].value == 100 and made.totals[F.RECEIVED].units == 1
    assert made.totals[F.ADMISSION_RECEIVED].value == 6
    assert made.totals[F.REJECTED].value is None
    assert made.units[2].numbers == {}
    assert made.shares["service_level_20"].value == 60 / 95


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=8))
def test_rp_08_a_share_is_a_sum_over_a_sum(pairs: list[tuple[int, int]]) -> None:
    bodies = []
    for answered, more in pairs:
        counts = {F.ANSWERED: float(answered), F.RECEIVED: float(answered + more)}
        system = Counts(formula="x", since=SINCE, before=BEFORE, counted_at=BEFORE, numbers=counts)
        nil = Body(signed=Signed(reporter="x"), nil=(Section.ADMISSION,))
        bodies.append(form.submitted(nil, system))
    share = shares(bodies)["answered_share"]
    below = sum(answered + more for answered, more in pairs)
    assert share.below == below
    assert share.value == (sum(a for a, _ in pairs) / below if below else None)


def test_rp_07_a_spreadsheet_opens_with_the_same_numbers_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(exports.national_xlsx(table())))
    units = book["หน่วย"]
    titles = [cell.value for cell in units[1]]
    column = titles.index(form.NAMES[F.RECEIVED]) + 1
    assert [units.cell(row, column).value for row in (2, 3, 4)] == [100, "–", "–"]
    said = [cell for row in book["ข้อความ"].iter_rows() for cell in row if cell.value == TEXT]
    assert said and all(cell.data_type == "s" for cell in said)
    formulas = [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert formulas == []
    assert "ยโสธร" in book["รวม"].cell(3, 1).value


def test_rp_07_csv_and_json_have_the_same_numbers() -> None:
    text = exports.national_csv(table()).decode("utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(text)))
    assert [row["received"] for row in listed] == ["100", "", ""]
    assert [row["name_th"] for row in listed] == ["ศรีสะเกษ", "อุบลราชธานี", "ยโสธร"]
    read = json.loads(exports.national_json(table()))
    assert read["totals"]["received"] == {"value": 100.0, "units": 1}
    assert read["units"][2]["numbers"] == {}


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)"])
def test_rp_07_a_name_is_no_formula_in_csv(name: str) -> None:
    made = table()
    units = tuple(msgspec.structs.replace(row, name_th=name) for row in made.units)
    text = exports.national_csv(msgspec.structs.replace(made, units=units)).decode("utf-8-sig")
    told = [row["name_th"] for row in csv.DictReader(io.StringIO(text))]
    assert told == [f"'{name}"] * len(made.units)
