"""Numbers, times and sentences as sequences of prompt keys, by the rules of each language. The
texts of the keys are in prompts/catalogue.py.

Thai follows the Royal Society's reading: a last 1 after other digits is เอ็ด (21 ยี่สิบเอ็ด, 101
หนึ่งร้อยเอ็ด), 20 is ยี่สิบ, and official time counts 24 hours (14:30 สิบสี่นาฬิกาสามสิบนาที).
Pure: the same question has the same answer.
"""

from collections.abc import Callable
from enum import StrEnum


class Language(StrEnum):
    """The languages of the packs of recordings."""

    THAI = "th"
    ENGLISH = "en"


MOST = 999_999
"""The largest number that can be said."""

_PLACES = ((100_000, "number_100000"), (10_000, "number_10000"), (1000, "number_1000"))

Keys = tuple[str, ...]


def number(language: Language, value: int) -> Keys:
    """0 to 999,999. Raises ValueError for other values."""
    if not 0 <= value <= MOST:
        raise ValueError(f"only 0 to {MOST} can be said")
    return _NUMBERS[language](value)


def _thai(value: int) -> Keys:
    keys: list[str] = []
    rest = value
    for size, word in (*_PLACES, (100, "number_100")):
        digit, rest = divmod(rest, size)
        if digit:
            keys += [f"number_{digit}", word]
    tens, ones = divmod(rest, 10)
    if tens == 1:
        keys.append(f"number_{rest}")
    else:
        if tens:
            keys.append(f"number_{tens}0")
        if ones == 1 and keys:
            keys.append("number_et")
        elif ones or not keys:
            keys.append(f"number_{ones}")
    return tuple(keys)


def _english(value: int) -> Keys:
    thousands, rest = divmod(value, 1000)
    if not thousands:
        return _below_thousand(rest) or ("number_0",)
    return (*_below_thousand(thousands), "number_1000", *_below_thousand(rest))


def _below_thousand(value: int) -> Keys:
    """1 to 999; nothing for 0."""
    hundreds, rest = divmod(value, 100)
    keys: Keys = (f"number_{hundreds}", "number_100") if hundreds else ()
    tens, ones = divmod(rest, 10)
    if tens < 2:
        return (*keys, f"number_{rest}") if rest else keys
    return (*keys, f"number_{tens}0", *((f"number_{ones}",) if ones else ()))


_NUMBERS: dict[Language, Callable[[int], Keys]] = {
    Language.THAI: _thai,
    Language.ENGLISH: _english,
}


def digits(text: str) -> Keys:
    """A telephone or reference number, digit by digit. Other characters are left out."""
    return tuple(f"number_{digit}" for digit in text if digit in "0123456789")


def _counted(language: Language, value: int, unit: str) -> Keys:
    several = language is Language.ENGLISH and value != 1
    return (*number(language, value), f"{unit}s" if several else unit)


def duration(language: Language, seconds: int) -> Keys:
    """Hours, minutes and seconds that are not 0: 90 is one minute thirty seconds."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    keys: Keys = ()
    if hours:
        keys += _counted(language, hours, "hour")
    if minutes:
        keys += _counted(language, minutes, "minute")
    if rest or not keys:
        keys += _counted(language, rest, "second")
    return keys


def days(language: Language, value: int) -> Keys:
    """A number of days."""
    return _counted(language, value, "day")


def minutes(language: Language, value: int) -> Keys:
    """A number of minutes."""
    return _counted(language, value, "minute")


def times(language: Language, value: int) -> Keys:
    """How often."""
    return _counted(language, value, "time")


def clock(language: Language, hour: int, minute: int) -> Keys:
    """A time of day. Raises ValueError if there is no such time."""
    if not (0 <= hour < 24 and 0 <= minute < 60):
        raise ValueError("no time of day")
    if language is Language.THAI:
        keys = (*number(language, hour), "clock_hour")
        return (*keys, *_counted(language, minute, "minute")) if minute else keys
    half = "clock_am" if hour < 12 else "clock_pm"
    spoken: Keys = (f"number_{(hour - 1) % 12 + 1}",)
    if minute:
        spoken += ("clock_oh",) if minute < 10 else ()
        spoken += number(language, minute)
    return (*spoken, half)


def opens(language: Language, weekday: int, hour: int, minute: int) -> Keys:
    """When it opens again. `weekday` is 1 (Monday) to 7."""
    if not 1 <= weekday <= 7:
        raise ValueError("no day of the week")
    on: Keys = ("day_on",) if language is Language.ENGLISH else ()
    return ("closed_opens", *on, f"day_{weekday}", "clock_at", *clock(language, hour, minute))


def place(language: Language, position: int) -> Keys:
    """The caller's place in line; 1 is next."""
    if position <= 1:
        return ("place_next",)
    return ("place", *number(language, min(position, MOST)), "place_end")


def estimate(language: Language, low_minutes: int, high_minutes: int) -> Keys:
    """The estimated wait: "about 5 minutes", or from `low_minutes` to `high_minutes`."""
    if high_minutes < 1:
        return ("estimate_under_a_minute",)
    high = _counted(language, high_minutes, "minute")
    if not 0 < low_minutes < high_minutes:
        return ("estimate", *high)
    return ("estimate", *number(language, low_minutes), "estimate_to", *high)


def choice(what: Keys, key: str) -> Keys:
    """One choice of a menu: what is reached, "press", and the key of the phone (0-9, * or #)."""
    named = {"*": "menu_star", "#": "menu_hash"}.get(key, f"number_{key}")
    if named == f"number_{key}" and (len(key) != 1 or key not in "0123456789"):
        raise ValueError("a phone has no such key")
    return (*what, "menu_press", named)
