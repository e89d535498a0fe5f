"""Numbers, times and sentences, as the words that are heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.speech import (
    MOST,
    Keys,
    choice,
    clock,
    digits,
    duration,
    estimate,
    number,
    opens,
    place,
)
from callcenter.prompts.catalogue import BY_KEY, Language

TH, EN = Language.THAI, Language.ENGLISH


def said(language: Language, keys: Keys) -> str:
    """What is heard; Thai has no spaces between words."""
    texts = [BY_KEY[key].text(language) for key in keys]
    assert all(texts), f"not recorded in this language: {keys}"
    return ("" if language is TH else " ").join(texts)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "ศูนย์"),
        (1, "หนึ่ง"),
        (10, "สิบ"),
        (11, "สิบเอ็ด"),
        (19, "สิบเก้า"),
        (20, "ยี่สิบ"),
        (21, "ยี่สิบเอ็ด"),
        (22, "ยี่สิบสอง"),
        (31, "สามสิบเอ็ด"),
        (99, "เก้าสิบเก้า"),
        (100, "หนึ่งร้อย"),
        (101, "หนึ่งร้อยเอ็ด"),
        (110, "หนึ่งร้อยสิบ"),
        (111, "หนึ่งร้อยสิบเอ็ด"),
        (201, "สองร้อยเอ็ด"),
        (1001, "หนึ่งพันเอ็ด"),
        (1567, "หนึ่งพันห้าร้อยหกสิบเจ็ด"),
        (10_000, "หนึ่งหมื่น"),
        (21_021, "สองหมื่นหนึ่งพันยี่สิบเอ็ด"),
        (100_001, "หนึ่งแสนเอ็ด"),
        (999_999, "เก้าแสนเก้าหมื่นเก้าพันเก้าร้อยเก้าสิบเก้า"),
    ],
)
def test_numbers_in_thai(value: int, words: str) -> None:
    assert said(TH, number(TH, value)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "zero"),
        (10, "ten"),
        (11, "eleven"),
        (20, "twenty"),
        (21, "twenty one"),
        (100, "one hundred"),
        (101, "one hundred one"),
        (1000, "one thousand"),
        (1111, "one thousand one hundred eleven"),
        (20_000, "twenty thousand"),
        (100_001, "one hundred thousand one"),
        (999_999, "nine hundred ninety nine thousand nine hundred ninety nine"),
    ],
)
def test_numbers_in_english(value: int, words: str) -> None:
    assert said(EN, number(EN, value)) == words


VALUES = {f"number_{n}": n for n in (*range(21), *range(30, 100, 10))}
UNITS = {f"number_{10**power}": 10**power for power in (2, 3, 4, 5)}


def heard(keys: Keys) -> int:
    """The number that a listener understands: a word before a unit counts it, others are added."""
    total = part = 0
    for key in keys:
        if key in UNITS and UNITS[key] > 100:
            total, part = total + part * UNITS[key], 0
        elif key in UNITS:
            part *= 100
        else:
            part += 1 if key == "number_et" else VALUES[key]
    return total + part


@given(st.integers(0, MOST), st.sampled_from(Language))
def test_a_listener_understands_the_number_that_was_meant(value: int, language: Language) -> None:
    keys = number(language, value)
    assert heard(keys) == value
    said(language, keys)
    assert len(keys) <= 11


@given(st.integers(2, MOST))
def test_a_last_one_in_thai_is_et(value: int) -> None:
    keys = number(TH, value)
    ends_in_one = value % 10 == 1 and value % 100 != 11
    assert (keys[-1] == "number_et") is ends_in_one
    assert "number_et" not in keys[:-1]


@pytest.mark.parametrize("language", Language)
def test_no_two_numbers_sound_the_same(language: Language) -> None:
    seen = {number(language, value) for value in range(20_000)}
    assert len(seen) == 20_000


@pytest.mark.parametrize("value", [-1, MOST + 1])
def test_other_numbers_are_refused(value: int) -> None:
    with pytest.raises(ValueError):
        number(TH, value)


def test_digits_one_by_one() -> None:
    assert said(TH, digits("081-0")) == "ศูนย์แปดหนึ่งศูนย์"
    assert digits("+๖๖") == ()


@pytest.mark.parametrize(
    ("seconds", "thai", "english"),
    [
        (0, "ศูนย์วินาที", "zero seconds"),
        (1, "หนึ่งวินาที", "one second"),
        (60, "หนึ่งนาที", "one minute"),
        (90, "หนึ่งนาทีสามสิบวินาที", "one minute thirty seconds"),
        (7261, "สองชั่วโมงหนึ่งนาทีหนึ่งวินาที", "two hours one minute one second"),
    ],
)
def test_durations(seconds: int, thai: str, english: str) -> None:
    assert said(TH, duration(TH, seconds)) == thai
    assert said(EN, duration(EN, seconds)) == english


@pytest.mark.parametrize(
    ("hour", "minute", "thai", "english"),
    [
        (0, 0, "ศูนย์นาฬิกา", "twelve A M"),
        (2, 0, "สองนาฬิกา", "two A M"),
        (8, 30, "แปดนาฬิกาสามสิบนาที", "eight thirty A M"),
        (12, 5, "สิบสองนาฬิกาห้านาที", "twelve oh five P M"),
        (16, 30, "สิบหกนาฬิกาสามสิบนาที", "four thirty P M"),
        (21, 1, "ยี่สิบเอ็ดนาฬิกาหนึ่งนาที", "nine oh one P M"),
        (23, 59, "ยี่สิบสามนาฬิกาห้าสิบเก้านาที", "eleven fifty nine P M"),
    ],
)
def test_times_of_day(hour: int, minute: int, thai: str, english: str) -> None:
    assert said(TH, clock(TH, hour, minute)) == thai
    assert said(EN, clock(EN, hour, minute)) == english


@pytest.mark.parametrize("language", Language)
def test_every_minute_of_the_day_sounds_different(language: Language) -> None:
    seen = {clock(language, minute // 60, minute % 60) for minute in range(1440)}
    assert len(seen) == 1440
    assert all(said(language, keys) for keys in seen)


@pytest.mark.parametrize(("hour", "minute"), [(24, 0), (-1, 0), (0, 60), (0, -1)])
def test_no_time_of_day(hour: int, minute: int) -> None:
    with pytest.raises(ValueError):
        clock(EN, hour, minute)


def test_when_it_opens_again() -> None:
    assert said(TH, opens(TH, 1, 8, 30)) == ("เราจะเปิดให้บริการอีกครั้งวันจันทร์เวลาแปดนาฬิกาสามสิบนาที")
    assert said(EN, opens(EN, 7, 9, 0)) == "We will open again on Sunday at nine A M"
    with pytest.raises(ValueError):
        opens(TH, 0, 8, 30)


def test_the_place_in_line() -> None:
    assert place(TH, 1) == place(EN, 1) == ("place_next",)
    assert said(TH, place(TH, 21)) == "ขณะนี้ท่านอยู่ในลำดับที่ยี่สิบเอ็ดของการรอสาย"
    assert said(EN, place(EN, 5)) == "You are now number five in line."
    assert place(TH, MOST + 5) == place(TH, MOST)


def test_the_estimate() -> None:
    assert said(TH, estimate(TH, 5, 8)) == "คาดว่าท่านจะรอสายประมาณห้าถึงแปดนาที"
    assert said(EN, estimate(EN, 0, 1)) == "The estimated waiting time is about one minute"
    assert said(EN, estimate(EN, 8, 8)) == "The estimated waiting time is about eight minutes"
    assert estimate(EN, 0, 0) == ("estimate_under_a_minute",)


def test_a_line_of_a_menu() -> None:
    assert said(EN, choice(("menu_language_en",), "2")) == "For English press two"
    assert said(TH, choice(("menu_again",), "*")) == "ฟังซ้ำอีกครั้งกดดอกจัน"
    for key in ("A", "10", "", "٣"):
        with pytest.raises(ValueError):
            choice(("menu_again",), key)
