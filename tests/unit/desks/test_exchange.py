"""RP-07: what a health information system takes of a national table. Pure."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from callcenter.desks.reports import exchange, form, sheet
from callcenter.desks.reports.consolidation import Consolidation, UnitRow
from callcenter.desks.reports.exchange import NothingFault, PeriodFault
from callcenter.desks.reports.model import Field
from callcenter.desks.shared.thai import BANGKOK
from tests.unit.desks.foreign_readers import (
    RefusedError,
    Stored,
    adx_in_dhis2,
    json_in_dhis2,
    valid_adx,
)
from tests.unit.desks.test_report_form import table


def of_period(begin: str, end: str) -> Consolidation:
    since, before = (datetime.fromisoformat(each).replace(tzinfo=BANGKOK) for each in (begin, end))
    return replace(table(), period_from=since, period_before=before)


def meant(of: Consolidation, period: str) -> Stored:
    return {
        (f"TH{row.area}", period, field.value): Decimal(str(number))
        for row in of.units
        for field, number in row.numbers.items()
    }


@pytest.mark.parametrize(
    ("begin", "end", "period", "in_adx"),
    [
        ("2022-03-13", "2022-03-14", "20220313", "2022-03-13/P1D"),
        ("2022-02-28", "2022-03-07", "2022W9", "2022-02-28/P7D"),
        ("2025-12-29", "2026-01-05", "2026W1", "2025-12-29/P7D"),
        ("2022-03-01", "2022-04-01", "202203", "2022-03-01/P1M"),
        ("2022-02-01", "2022-03-01", "202202", "2022-02-01/P1M"),
        ("2022-03-01", "2022-05-01", "202202B", "2022-03-01/P2M"),
        ("2022-11-01", "2023-01-01", "202206B", "2022-11-01/P2M"),
        ("2021-10-01", "2022-01-01", "2021Q4", "2021-10-01/P3M"),
        ("2022-01-01", "2022-07-01", "2022S1", "2022-01-01/P6M"),
        ("2021-10-01", "2022-04-01", "2021AprilS2", "2021-10-01/P6M"),
        ("2022-01-01", "2023-01-01", "2022", "2022-01-01/P1Y"),
        ("2021-10-01", "2022-10-01", "2021Oct", "2021-10-01/P1Y"),  # fiscal year 2565
    ],
)
def test_rp_07_dhis2_reads_the_same_numbers_from_adx_and_from_json(
    begin: str, end: str, period: str, in_adx: str
) -> None:
    of = of_period(begin, end)
    assert adx_in_dhis2(exchange.adx(of)) == json_in_dhis2(exchange.dhis2(of)) == meant(of, period)
    assert {group.get("period") for group in valid_adx(exchange.adx(of))} == {in_adx}
    assert ("TH33", period, "rejected") not in meant(of, period), "nobody gave it: no zero"


@pytest.mark.parametrize(
    ("begin", "end", "in_adx"),
    [
        ("2022-03-01", "2022-03-15", "2022-03-01/P14D"),
        ("2022-03-01", "2022-03-08", "2022-03-01/P7D"),  # from Tuesday
        ("2022-02-01", "2022-04-01", "2022-02-01/P2M"),
        ("2022-02-01", "2022-05-01", "2022-02-01/P3M"),
        ("2022-02-01", "2022-08-01", "2022-02-01/P6M"),
        ("2022-02-01", "2023-02-01", "2022-02-01/P1Y"),
        ("2022-01-01", "2024-01-01", "2022-01-01/P24M"),
        ("2022-03-13T08:00", "2022-03-14T08:00", "2022-03-13T08:00:00+07:00/P1DT0H0M0S"),
        ("2022-03-13T08:00", "2022-03-13T20:30:01", "2022-03-13T08:00:00+07:00/PT12H30M1S"),
    ],
)
def test_rp_07_a_period_that_dhis2_cannot_name_is_refused_and_adx_has_it_to_the_second(
    begin: str, end: str, in_adx: str
) -> None:
    """A part of a day is not that day."""
    of = of_period(begin, end)
    with pytest.raises(PeriodFault):
        exchange.dhis2(of)
    assert {group.get("period") for group in valid_adx(exchange.adx(of))} == {in_adx}


def test_rp_07_where_nobody_has_reported_there_is_no_adx() -> None:
    of = table()
    nobody = replace(of, units=tuple(replace(row, numbers={}) for row in of.units))
    with pytest.raises(NothingFault):
        exchange.adx(nobody)
    assert json_in_dhis2(exchange.dhis2(nobody)) == {}


def test_rp_07_two_units_of_one_area_do_not_overwrite_each_other() -> None:
    of = table()
    second = UnitRow(
        unit="p33b", area="33", name_th="x", state="late", numbers={Field.RECEIVED: 7}, typed=()
    )
    both = replace(of, units=(*of.units, second))
    stored = adx_in_dhis2(exchange.adx(both))
    assert stored == json_in_dhis2(exchange.dhis2(both))
    assert stored["TH33_p33", "20220313", "received"] == 100
    assert stored["TH33_p33b", "20220313", "received"] == 7
    assert {unit for unit, _, _ in stored} == {"TH33_p33", "TH33_p33b", "TH34"}


@given(st.floats(0, 1e9))
def test_rp_07_a_number_is_written_without_exponent_and_to_the_millionth(value: float) -> None:
    of = table()
    numbers = {Field.WAIT_SECONDS: value}
    of = replace(of, units=tuple(replace(row, numbers=numbers) for row in of.units))
    for stored in (adx_in_dhis2(exchange.adx(of)), json_in_dhis2(exchange.dhis2(of))):
        [told] = set(stored.values())
        assert abs(told - Decimal(value)) <= Decimal("0.0000006")


def test_rp_07_a_long_number_is_the_same_in_every_file() -> None:
    assert form.plain(1234567.5) == "1234567.5"
    assert form.plain(999_999_999.25) == "999999999.25"
    assert (form.plain(0.1), form.plain(3.0), form.plain(1e-7)) == ("0.1", "3", "0")
    assert sheet._told(1234567.5) == "1234567.5"  # as a spreadsheet gives it


@pytest.mark.parametrize(
    "wrong",
    [
        b"exported",
        b"orgUnit",
        b"period",
        b"dataElement",
        b"urn:ihe:qrph:adx:2015",
        b"/P1D",
        b"group",
    ],
)
def test_the_foreign_reader_does_refuse(wrong: bytes) -> None:
    with pytest.raises(RefusedError):
        valid_adx(exchange.adx(table()).replace(wrong, b"other"))
    for period in ("P31D", "P4M", "P1Q"):
        with pytest.raises(RefusedError):
            adx_in_dhis2(exchange.adx(table()).replace(b"P1D", period.encode()))
    with pytest.raises(RefusedError):
        json_in_dhis2(exchange.dhis2(table()).replace(b"CODE", b"UID"))
