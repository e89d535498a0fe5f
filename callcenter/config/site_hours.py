"""Opening hours and rosters in the form of the site file: `"mon-fri 08:30-16:30"`, `"2026-12-31
closed"`, `"mon-sun 20:00-08:00 x2"`.

Every text is one day, or one range of days, with one or more spans of the day, or `closed`.
"""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from callcenter.config.site_faults import Faults
from callcenter.config.toml_lines import Path
from callcenter.core.hours import DAY_MINUTES, Hours, Roster, Shift, Span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ENTRIES_MOST = 400  # more than a year of single days
KEYS = ("week", "days", "holidays")
WEEK = 'texts such as "mon-fri 08:30-16:30", "sat 09:00-12:00 13:00-15:00" or "sun 20:00-08:00"'
DAYS = 'texts such as "2026-12-31 closed" or "2027-01-02 09:00-12:00"'
ROSTER_KEYS = ("week", "holidays", "days")
A_SHIFT = 'texts such as "08:30-12:00 13:00-16:30 x2" for two operators'
WEEK_SHIFTS = 'texts such as "mon-fri 08:30-16:30 x4" or "mon-sun 20:00-08:00 x1"'
DAY_SHIFTS = 'texts such as "2026-12-31 08:30-12:00 x1" or "2027-01-02 closed"'
_PEOPLE = re.compile(r"x([1-9]\d{0,3})", re.ASCII)
_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YEARS = range(2000, 2100)
_BUDDHIST_ERA = 543  # years from the common era to the Buddhist era


def read_hours(faults: Faults, path: Path, table: Mapping[str, object]) -> Hours:
    """The hours of one table. Wrong values become faults."""
    faults.unknown_keys(path, table, KEYS)
    week: dict[int, tuple[Span, ...]] = {}
    for index, text in _texts(faults, (*path, "week"), table.get("week"), WEEK):
        names, _, spans = text.partition(" ")
        days, read = _weekdays(names), _spans(spans)
        twice = [WEEKDAYS[day] for day in days or () if day in week]
        if twice:
            faults.say((*path, "week", index), text, f"{twice[0]} has its hours already, above")
        elif not days or read is None:
            faults.add((*path, "week", index), text, WEEK)
        else:
            week |= dict.fromkeys(days, read)
    days_read: dict[date, tuple[Span, ...]] = {}
    for index, text in _texts(faults, (*path, "days"), table.get("days", []), DAYS):
        name, _, spans = text.partition(" ")
        day, read = _day(name), _spans(spans)
        if day is None or read is None:
            faults.add((*path, "days", index), text, DAYS)
        elif day in days_read:
            faults.say((*path, "days", index), text, f"{name} has its hours already, above")
        elif not _is_of_our_time(faults, (*path, "days", index), text, day):
            continue
        else:
            days_read[day] = read
    holidays = table.get("holidays", "closed")
    if holidays not in ("closed", "open"):
        faults.add((*path, "holidays"), holidays, '"closed" or "open"')
    if table.get("week") == [] and not any(days_read.values()):
        never = 'it would never be open; if that is meant, say "mon-sun closed"'
        faults.say((*path, "week"), "[]", never)
    return Hours(
        week=tuple(week.get(day, ()) for day in range(7)),
        closed_on_holidays=holidays != "open",
        days=days_read,
    )


def read_roster(faults: Faults, path: Path, table: Mapping[str, object]) -> Roster:
    """The shifts of one table. Wrong values become faults."""
    faults.unknown_keys(path, table, ROSTER_KEYS)
    week: list[tuple[Shift, ...]] = [()] * 7
    for index, text in _texts(faults, (*path, "week"), table.get("week"), WEEK_SHIFTS):
        names, _, rest = text.partition(" ")
        days, shift = _weekdays(names), _shift(rest)
        if not days or shift is None:
            faults.add((*path, "week", index), text, WEEK_SHIFTS)
            continue
        for day in days:
            week[day] += (shift,)
    holidays: list[Shift] = []
    for index, text in _texts(faults, (*path, "holidays"), table.get("holidays", []), A_SHIFT):
        if shift := _shift(text):
            holidays.append(shift)
        else:
            faults.add((*path, "holidays", index), text, A_SHIFT)
    days_read: dict[date, tuple[Shift, ...]] = {}
    for index, text in _texts(faults, (*path, "days"), table.get("days", []), DAY_SHIFTS):
        name, _, rest = text.partition(" ")
        single, shift = _day(name), _shift(rest)
        if single is None or (shift is None and rest != "closed"):
            faults.add((*path, "days", index), text, DAY_SHIFTS)
        elif single in days_read and not (shift and days_read[single]):
            faults.say((*path, "days", index), text, f"{name} is planned already, above")
        elif not _is_of_our_time(faults, (*path, "days", index), text, single):
            continue
        else:
            days_read[single] = (*days_read.get(single, ()), *filter(None, [shift]))
    return Roster(
        week=tuple(week),
        holidays=tuple(holidays) if "holidays" in table else None,
        days=days_read,
    )


def _shift(text: str) -> Shift | None:
    """`08:30-12:00 13:00-16:30 x2`."""
    times, _, people = text.rpartition(" ")
    spans = _spans(times)
    found = _PEOPLE.fullmatch(people)
    return Shift(spans=spans, people=int(found[1])) if spans and found else None


def _texts(faults: Faults, path: Path, value: object, accepted: str) -> list[tuple[int, str]]:
    if isinstance(value, list) and len(value) <= ENTRIES_MOST:
        texts = [(index, each) for index, each in enumerate(value) if isinstance(each, str)]
        if len(texts) == len(value):
            return texts
    faults.add(path, value, f"a list of at most {ENTRIES_MOST} {accepted}")
    return []


def _weekdays(text: str) -> list[int] | None:
    first, _, last = text.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        return None
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _is_of_our_time(faults: Faults, path: Path, text: str, day: date) -> bool:
    """Add a fault for a year of the Buddhist era, because that day would never come."""
    if day.year in YEARS:
        return True
    meant = day.year - _BUDDHIST_ERA
    hint = f"; {day.year} of the Buddhist era is {meant}" if meant in YEARS else ""
    faults.say(path, text, f"years are from {YEARS[0]} to {YEARS[-1]}{hint}")
    return False


def _spans(text: str) -> tuple[Span, ...] | None:
    """The spans in the order of the day, without overlaps. One that ends before it begins ends on
    the next day."""
    if text == "closed":
        return ()
    spans: list[Span] = []
    for word in text.split(" "):
        found = _SPAN.fullmatch(word)
        if found is None:
            return None
        begin, end = (int(found[i]) * 60 + int(found[i + 1]) for i in (1, 3))
        if begin >= DAY_MINUTES or end > DAY_MINUTES or begin == end:
            return None
        spans.append((begin, end if end > begin else end + DAY_MINUTES))
    in_order = all(a[1] <= b[0] for a, b in pairwise(spans))
    return tuple(spans) if in_order else None
