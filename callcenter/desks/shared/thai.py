"""Thai digits, Buddhist years and Bangkok time, read and written.

UTC and the common era are stored. Every day, week and deadline is one of Bangkok (UTC+7, no
daylight saving), whatever the machine's time zone is. Nothing here reads a clock.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta, timezone

BANGKOK = timezone(timedelta(hours=7), "Asia/Bangkok")
BUDDHIST_YEARS = 543
FIRST_BUDDHIST_YEAR = 2400
"""A year of four digits from here on is Buddhist. In the common era that is five centuries away."""
YEARS = range(1900, 2200)
"""Years of the common era. A year outside them was mistyped."""

MONTHS = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)
_SHORT_MONTHS = (
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
)
_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_TONE_FIRST = re.compile("([\u0e48-\u0e4b])([\u0e31\u0e34-\u0e3a])")
_TO_ARABIC = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_WRITTEN = re.compile(r"(\d{1,2})\s*([^\d\s]+)\s*(?:พ\.ศ\.|ค\.ศ\.)?\s*(\d{4})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2})[.:](\d{2})\s*(?:น\.?)?", re.ASCII)
# Characters between the digits of a phone number. No slash: มท 0307.2/1234 is the number of a
# letter.
_BETWEEN = r"[\s.()\u00ad\u2010-\u2015-]{0,2}"
_PHONE = re.compile(
    rf"(?<!\d)(?:(?:00)?66{_BETWEEN}0?|0){_BETWEEN}[2-9](?:{_BETWEEN}\d){{7,8}}(?!\d)", re.ASCII
)
_DATE = re.compile(r"(?<![\d.-])\d{1,2}([.-])\d{1,2}\1(?:19|2[05])\d\d(?!\d)", re.ASCII)
_WITH_OFFSET = re.compile(r"T.*(Z|[+-]\d{2}:\d{2})$", re.ASCII)
_MONTH_NUMBERS = {
    name.replace(".", ""): number
    for names in (MONTHS, _SHORT_MONTHS)
    for number, name in enumerate(names, start=1)
}


class DateFault(ValueError):
    """The text is not a valid date or time."""


def arabic(text: str) -> str:
    """The text with Arabic digits in place of Thai ones."""
    return text.translate(_TO_ARABIC)


def composed(text: str) -> str:
    """The text with each Thai letter written in one way. Sara am is often typed as two signs, with
    the tone mark between them or behind them; vowel and tone mark in the wrong order look right."""
    text = unicodedata.normalize("NFC", text)
    text = _SARA_AM.sub("\\1\u0e33", text)
    return _TONE_FIRST.sub("\\2\\1", text)


def has_phone(text: str) -> bool:
    """Whether a text has something like a Thai phone number, however it is written."""
    return _PHONE.search(_DATE.sub("|", arabic(text))) is not None


def thai(text: object) -> str:
    """The text with Thai digits, as in official letters."""
    return str(text).translate(_TO_THAI)


def local(moment: datetime) -> datetime:
    """A moment as a clock in Bangkok shows it."""
    return moment.astimezone(BANGKOK)


def buddhist(year: int) -> int:
    """2022 -> 2565."""
    return year + BUDDHIST_YEARS


def read_date(text: str) -> date:
    """๑๔ มี.ค. ๒๕๖๕, 14 มีนาคม พ.ศ. 2565, 14/3/2565, 2022-03-14. Raises DateFault for anything
    else.

    29 กุมภาพันธ์ 2563 is a day; 29 กุมภาพันธ์ 2564 is not.
    """
    plain = " ".join(arabic(text).split())
    if found := _YEAR_FIRST.fullmatch(plain):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(plain):
        day, month, year = int(found[1]), int(found[3]), int(found[4])
    elif (found := _WRITTEN.fullmatch(plain)) and found[2].replace(".", "") in _MONTH_NUMBERS:
        day, year = int(found[1]), int(found[3])
        month = _MONTH_NUMBERS[found[2].replace(".", "")]
    else:
        raise DateFault("write a date like 14 มี.ค. 2565, 14/3/2565 or 2022-03-14")
    if year >= FIRST_BUDDHIST_YEAR:
        year -= BUDDHIST_YEARS
    if year not in YEARS:
        raise DateFault(f"is the year {buddhist(year)} right?")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise DateFault(f"there is no {day}/{month}/{buddhist(year)}") from error


def read_time(text: str) -> time:
    """๑๒.๐๐ น., 12:00. Raises DateFault for anything else."""
    found = _TIME.fullmatch(" ".join(arabic(text).split()))
    if found is None:
        raise DateFault("write a time like 12.00 น. or 12:00")
    try:
        return time(int(found[1]), int(found[2]))
    except ValueError as error:
        raise DateFault(f"there is no time {found[1]}.{found[2]}") from error


def read_moment(text: str) -> datetime:
    """๑๔ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น., 14/3/2565 12:00, 2022-03-14T12:00:00+07:00: a moment in
    Bangkok, unless it gives its offset from UTC. Raises DateFault for anything else."""
    plain = " ".join(arabic(text).split())
    if _WITH_OFFSET.search(plain):
        try:
            moment = datetime.fromisoformat(plain)
        except ValueError as error:
            raise DateFault("write a moment like 2022-03-14T12:00:00+07:00") from error
        if moment.year not in YEARS:
            raise DateFault("with an offset the year is of the common era: 2022, not 2565")
        return moment
    day, between, hour = plain.partition(" เวลา ")
    if not between:
        day, _, hour = plain.removesuffix("น.").rstrip().rpartition(" ")
        if not day:
            day, _, hour = plain.partition("T")
    return datetime.combine(read_date(day.removeprefix("วันที่ ")), read_time(hour), BANGKOK)


def written_date(day: date) -> str:
    """๑๔ มีนาคม ๒๕๖๕"""
    return thai(f"{day.day} {MONTHS[day.month - 1]} {buddhist(day.year)}")


def written_moment(moment: datetime) -> str:
    """๑๔ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น. (in Bangkok)"""
    there = local(moment)
    return f"{written_date(there.date())} เวลา {thai(f'{there:%H.%M}')} น."


def fiscal_year(day: date) -> int:
    """The Buddhist fiscal year: from 1 October to 30 September."""
    return buddhist(day.year + (day.month >= 10))
