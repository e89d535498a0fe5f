"""XC-02 and XC-05: Thai digits, Buddhist years, Bangkok time whatever the machine is set to."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.desks.shared.numbers import (
    NumberFault,
    make_number,
    read_number,
    written_number,
)
from callcenter.desks.shared.thai import (
    DateFault,
    arabic,
    composed,
    fiscal_year,
    has_phone,
    read_date,
    read_moment,
    read_time,
    thai,
    written_date,
    written_moment,
)


@pytest.mark.parametrize(
    "text",
    [
        "๑๔ มี.ค. ๒๕๖๕",
        "14 มีนาคม 2565",
        "14 มีนาคม พ.ศ. ๒๕๖๕",
        "14/3/2565",
        "14-03-2565",
        "14.3.2565",
        "2565-03-14",
        "2022-03-14",
        "14/3/2022",
        " ๑๔\u00a0มีนาคม  ๒๕๖๕ ",
    ],
)
def test_xc_02_a_date_is_read_however_it_is_written(text: str) -> None:
    assert read_date(text) == date(2022, 3, 14)


def test_xc_02_leap_days_are_those_of_the_common_era() -> None:
    assert read_date("๒๙ กุมภาพันธ์ ๒๕๖๓") == date(2020, 2, 29)
    with pytest.raises(DateFault, match="29/2/2564"):
        read_date("29/2/2564")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31/12/9999",
        "1/1/0001",
        "14/3/65",
        "14 march 2565",
        "31/4/2565",
        "0/1/2565",
        "14/3-2565",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(DateFault):
        read_date(text)


@pytest.mark.parametrize("year", ["2565", "9999", "0001"])
def test_with_an_offset_a_year_is_of_the_common_era(year: str) -> None:
    """Taken as it stands, a round would be due in five hundred years."""
    with pytest.raises(DateFault):
        read_moment(f"{year}-03-14T12:00:00+07:00")
    assert read_moment("2022-03-14T12:00:00+07:00") == datetime(2022, 3, 14, 5, tzinfo=UTC)


def test_times_as_letters_have_them() -> None:
    assert read_time("๑๒.๐๐ น.") == read_time("12:00") == time(12)
    for wrong in ("24.00 น.", "12", "noon"):
        with pytest.raises(DateFault):
            read_time(wrong)


def test_official_writing() -> None:
    due = datetime(2022, 3, 14, 5, tzinfo=UTC)
    assert written_moment(due) == "๑๔ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น."
    assert (fiscal_year(date(2021, 9, 30)), fiscal_year(date(2021, 10, 1))) == (2564, 2565)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_a_written_date_is_read_as_the_same(day: date) -> None:
    assert read_date(written_date(day)) == day


@given(st.text())
def test_thai_digits_and_back(text: str) -> None:
    assert arabic(thai(arabic(text))) == arabic(text)


def test_xc_05_a_machine_in_another_time_zone_gives_the_same_answers() -> None:
    program = (
        "from datetime import *; from callcenter.desks.shared import clocks, thai;"
        "from callcenter import thai_holidays as h;"
        "t = datetime(2022, 4, 12, 20, tzinfo=UTC);"  # 13 April in Bangkok already
        "c = clocks.Counted.WORKING_DAYS;"
        "r = clocks.ClockRule(name='x', urgent=False, counted=c, amount=1);"
        "print(clocks.due_at(r, t, h.Holidays().is_off).astimezone(UTC), thai.written_moment(t))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "TZ": zone},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for zone in ("UTC", "America/Los_Angeles", "Asia/Bangkok", "Pacific/Kiritimati")
    }
    assert said == {"2022-04-18 09:30:00+00:00 ๑๓ เมษายน ๒๕๖๕ เวลา ๐๓.๐๐ น.\n"}


# --- numbers ---------------------------------------------------------------------------------


def test_the_number_of_the_letters_example() -> None:
    number = make_number("33", 2564, 123)
    assert written_number(number) == "33-64-000123-3"
    assert read_number("๓๓-๖๔-๐๐๐๑๒๓-๓") == read_number(" 33 64 000123 3") == number


runnings = st.integers(min_value=1, max_value=999_999)


@given(runnings, st.integers(0, 10), st.integers(1, 9))
def test_dd_01_one_digit_changed_is_caught(running: int, place: int, by: int) -> None:
    number = make_number("33", 2564, running)
    wrong = f"{number[:place]}{(int(number[place]) + by) % 10}{number[place + 1 :]}"
    with pytest.raises(NumberFault):
        read_number(wrong)


@given(runnings, st.integers(0, 9))
def test_dd_01_two_digits_swapped_are_caught(running: int, place: int) -> None:
    number = make_number("33", 2564, running)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(NumberFault):
            read_number(swapped)


@pytest.mark.parametrize(
    "text",
    [
        "โทร 081-234-5678",
        "โทร 081.234.5678",
        "(081) 234-5678",
        "(081) 234 5678",
        "เกิดเหตุ 01.02.2565 โทร.0812345678 ทุกวัน",
        "1567 081-234-5678",
        "02-123-4567-8",
        "0066812345678",
        "๐๘๑ ๒๓๔ ๕๖๗๘",
        "0812345678",
        "08–1234–5678",
        "045 614 545",
        "0-4561-4545",
        "+66 81 234 5678",
        "+66(0)81-234-5678",
        "66812345678",
    ],
)
def test_a_phone_number_is_known_however_it_is_written(text: str) -> None:
    assert has_phone(text)


@pytest.mark.parametrize(
    "text",
    [
        "วันที่ 01/02/2565 เวลา 08.30 น.",
        "วันที่ 01.02.2565 08.30 น.",
        "เรื่องที่ 33640001233",
        "สายด่วน 1567",
        "ถนนกว้าง 6.00 เมตร ยาว 0.850 กม.",
        "หนังสือ มท 0307.2/ว 1234",
        "หนังสือ มท 0307.2/1234",
        "วันที่ 05.02.2565 1 ราย",
        "วันที่ 05-02-2565 3 ครั้ง",
        "วันที่ 05/02/2565 1 ราย",
        "33-66-212345-3",
        "งบ 1,081,234,567.80 บาท",
        "พิกัด 15.0123 104.0567",
    ],
)
def test_other_numbers_are_no_phone(text: str) -> None:
    assert not has_phone(text)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("น\u0e4d\u0e49\u0e32พอง", "น้ำพอง"),  # the circle, the tone mark, then the stroke
        ("น\u0e49\u0e4d\u0e32พอง", "น้ำพอง"),
        ("อ\u0e4d\u0e32เภอ", "อำเภอ"),
        ("ท\u0e48\u0e35", "ที่"),  # the tone mark before the vowel: it looks the same
        ("ก\u0e48\u0e39", "กู่"),
        ("น้ำ", "น้ำ"),
        ("ปรางค์กู่", "ปรางค์กู่"),
    ],
)
def test_xc_02_a_thai_letter_is_one_however_it_was_typed(typed: str, meant: str) -> None:
    assert composed(typed) == meant
