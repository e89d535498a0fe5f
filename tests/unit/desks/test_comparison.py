"""Two rounds side by side: only what is in both is compared, and the paper of a round."""

from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.desks.reports.comparison import Comparison, Side, compare
from callcenter.desks.reports.consolidation import Consolidation, rows, shares, texts, totals
from callcenter.desks.reports.model import (
    Field,
    Letter,
    Section,
    Shown,
    Signed,
    Submitted,
    Tag,
    UnitResult,
    Written,
)
from callcenter.desks.reports.paper import fill

F = Field
DAY = datetime(2022, 3, 13, tzinfo=UTC)


def side(number: int, days: int = 1) -> Side:
    since = DAY + timedelta(days=number)
    return Side(
        round=number,
        name=f"รอบ {number}",
        period_from=since,
        period_before=since + timedelta(days=days),
        units=2,
    )


def compared(was: dict[str, dict[Field, float]], now: dict[str, dict[Field, float]]) -> Comparison:
    names = dict.fromkeys(sorted({*was, *now}), "ก")
    return compare(side(1), side(2), was, now, names)


def test_who_is_missing_in_one_round_is_no_fall() -> None:
    was = {"p33": {F.RECEIVED: 10.0}, "p34": {F.RECEIVED: 90.0}}
    now = {"p33": {F.RECEIVED: 12.0}}
    told = compared(was, now)
    pair = told.totals[F.RECEIVED]
    assert (pair.before, pair.after, pair.units) == (10, 12, 1)
    assert [each.numbers.get(F.RECEIVED) for each in told.units] == [(10, 12), (90, None)]


def test_a_blank_is_no_zero() -> None:
    told = compared({"p33": {F.RECEIVED: 10.0}}, {"p33": {F.ANSWERED: 4.0}})
    pair = told.totals[F.RECEIVED]
    assert (pair.before, pair.after, pair.units) == (None, None, 0)
    assert told.units[0].numbers[F.ANSWERED] == (None, 4.0)


def test_a_share_is_a_sum_over_a_sum_of_the_same_units() -> None:
    was = {
        "p33": {F.ANSWERED: 1.0, F.RECEIVED: 2.0},
        "p34": {F.ANSWERED: 9.0, F.RECEIVED: 10.0},
        "p35": {F.ANSWERED: 5.0, F.RECEIVED: 5.0},
    }
    now = {"p33": {F.ANSWERED: 2.0, F.RECEIVED: 2.0}, "p34": {F.ANSWERED: 0.0, F.RECEIVED: 6.0}}
    pair = compared(was, now).shares["answered_share"]
    assert (pair.before, pair.after, pair.units) == (10 / 12, 2 / 8, 2)
    assert compared({}, {}).shares["answered_share"].before is None


def test_the_least_number_on_duty_is_no_sum() -> None:
    some = {"p33": {F.STAFF_LEAST: 2.0}}
    assert compared(some, some).totals[F.STAFF_LEAST].before is None


def test_periods_that_are_not_equally_long_are_told() -> None:
    one = compare(side(1), side(2, days=2), {}, {}, {})
    assert not one.same_length and compare(side(1), side(2), {}, {}, {}).same_length


def table(missing: int = 1) -> Consolidation:
    number = Shown(value=1234.0, origin="system", system_value=1234.0, why="")
    body = Submitted(
        numbers={F.RECEIVED: number},
        texts={Section.OBSTACLES: Written(text="สายไม่พอ", tags=(Tag.LINES,))},
        form_version=1,
        signed=Signed(),
        nil=(),
        formula="",
        counted_at=None,
    )
    results = [UnitResult(unit="p33", area="33", name_th="ศรีสะเกษ", state="on_time", body=body)]
    results += [
        UnitResult(unit=f"x{n}", area="10", name_th=f"หน่วย {n}", state="missing", body=None)
        for n in range(missing)
    ]
    return Consolidation(
        round=1,
        name="รายงานรอบ 1",
        period_from=DAY,
        period_before=DAY + timedelta(days=1),
        due_at=DAY + timedelta(days=1, hours=5),
        made_at=DAY + timedelta(days=2),
        formulas=(),
        expected=1 + missing,
        excused=0,
        submitted=1,
        on_time=1,
        missing=tuple(each.name_th for each in results[1:]),
        totals=totals([body]),
        shares=shares([body]),
        units=rows(results),
        texts=texts(results),
    )


def test_rp_08_the_paper_names_who_is_missing_and_has_a_dash_for_what_is_not_there() -> None:
    told: dict[str, Any] = fill(table(), Letter(number="มท 1", date="", subject=""), 2)
    assert told["reported"] == "รายงานแล้ว ๑ จาก ๒ หน่วย"
    assert (told["missing"], told["all_missing"]) == ("หน่วย 0",) * 2
    assert str(told["edition"]).startswith("ฉบับที่ ๒ เผยแพร่ ณ วันที่ ๑๕ มีนาคม ๒๕๖๕")
    sums = {row[0]: row[1:] for row in told["totals"]}
    assert sums["สายที่เข้ามา"] == ["๑,๒๓๔", "๑"]
    assert sums["เรื่องที่ค้าง"] == ["–", "๐"]
    [mine, other] = told["units"]
    assert mine[:3] == ["ศรีสะเกษ", "ทันกำหนด", "๑,๒๓๔"]
    assert other[:2] == ["หน่วย 0", "ไม่รายงาน"] and set(other[2:]) == {"–"}


def test_the_foot_of_a_page_names_as_many_as_there_is_room_for() -> None:
    told = fill(table(missing=9), Letter(), None)
    assert str(told["missing"]).endswith("หน่วย ๕ และอีก ๓ หน่วย")
    assert str(told["edition"]).startswith("ร่าง ณ วันที่")
