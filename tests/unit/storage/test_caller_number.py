"""Callers' numbers: every form a trunk may send gets its class, and E.164 where there is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.storage.caller_number import CallerClass, CallerNumber, caller_number

C = CallerClass


@pytest.mark.parametrize(
    ("caller", "e164"),
    [
        ("022254857", "+6622254857"),
        ("02 225 4857", "+6622254857"),
        ("0 2225 4857", "+6622254857"),
        ("๐ ๒๒๒๕ ๔๘๕๗", "+6622254857"),
        ("045-614545", "+6645614545"),
        ("6645614545", "+6645614545"),
        ("+66 45 614 545", "+6645614545"),
        ("+66(0)45614545", "+6645614545"),
        ("006645614545", "+6645614545"),
        ("0812345678", "+66812345678"),
        ("+66812345678", "+66812345678"),
        ("0601234567", "+66601234567"),
    ],
)
def test_a_thai_number_in_any_dress(caller: str, e164: str) -> None:
    assert caller_number(caller) == CallerNumber(C.NATIONAL, e164)


@pytest.mark.parametrize("caller", ["1567", "1111", "191", "1422", "1800123456", "1900123456"])
def test_short_and_toll_free_numbers_have_no_e164(caller: str) -> None:
    assert caller_number(caller) == CallerNumber(C.NATIONAL, None)


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("+698812345678", CallerNumber(C.ROAMING, "+66812345678")),
        ("698812345678", CallerNumber(C.ROAMING, "+66812345678")),
        ("+69845614545", CallerNumber(C.ROAMING, "+6645614545")),
        ("+69811111111", CallerNumber(C.ROAMING, None)),
        ("+6971234567890", CallerNumber(C.VOIP_FROM_ABROAD, None)),
        ("+697", CallerNumber(C.VOIP_FROM_ABROAD, None)),
    ],
)
def test_the_marks_of_the_regulator_are_no_country_codes(
    caller: str, expected: CallerNumber
) -> None:
    assert caller_number(caller) == expected


@pytest.mark.parametrize(
    ("caller", "e164"), [("+12025550123", "+12025550123"), ("0085221234567", "+85221234567")]
)
def test_calls_from_abroad(caller: str, e164: str) -> None:
    assert caller_number(caller) == CallerNumber(C.INTERNATIONAL, e164)


@pytest.mark.parametrize("caller", ["", "  ", "anonymous", "Anonymous", "Restricted", "unknown"])
def test_withheld_numbers(caller: str) -> None:
    assert caller_number(caller) == CallerNumber(C.WITHHELD, None)


@pytest.mark.parametrize(
    "caller",
    [
        "'; drop table calls; --",
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "08\x0012345678",
        "\u202e8765432180",
        "0" * 64,
        "09",
        "+6699",
        "١٢٣٤٥٦٧٨٩",
        "812345678",
    ],
)
def test_anything_else_is_invalid(caller: str) -> None:
    assert caller_number(caller) == CallerNumber(C.INVALID, None)


@given(st.text(max_size=64))
def test_no_text_breaks_it(caller: str) -> None:
    sorted_out = caller_number(caller)

    assert sorted_out.e164 is None or sorted_out.e164.removeprefix("+").isdecimal()


@given(st.from_regex("0[2-57][0-9]{7}|0[689][0-9]{8}", fullmatch=True))
def test_every_dress_of_a_number_is_the_same_number(number: str) -> None:
    plain = caller_number(number)

    assert plain.caller_class is C.NATIONAL
    assert caller_number("+66" + number[1:]) == plain
    assert caller_number(f" {number[:3]}-{number[3:]} ") == plain
