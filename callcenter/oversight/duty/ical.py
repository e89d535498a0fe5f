"""Shifts and holidays as iCalendar (RFC 5545), read and written strictly. Pure.

Events (VEVENT) with a beginning and an end are read; other components are skipped. What this module
does not know and what would change the meaning is refused with its line, not guessed: repetition
rules, whole days in place of times, time zones other than Thailand's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from callcenter.oversight.duty.model import Shift
from callcenter.oversight.duty.rules import THAILAND

BYTES_MOST = 1_000_000
EVENTS_MOST = 2_000
FAULTS_MOST = 10
LINE_BYTES = 75  # of one line of a file, RFC 5545 section 3.1
_ZONES = ("Asia/Bangkok", "SE Asia Standard Time", "UTC", "Etc/UTC")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)", re.ASCII)
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_LENGTH = re.compile(r"P(?:(\d{1,2})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?)?", re.ASCII)
_LINE = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)',
    re.DOTALL,
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)')
_REFUSED = {
    "RRULE": "repetition rules are not read: export the single events",
    "RDATE": "repetition rules are not read: export the single events",
    "RECURRENCE-ID": "repetition rules are not read: export the single events",
}
OUR_QUEUE, OUR_OPERATOR = "X-HOTLINE-QUEUE", "X-HOTLINE-OPERATOR"


class CalendarError(Exception):
    """The calendar is refused. `faults` are sentences that begin with the line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Line(NamedTuple):
    """One property, unfolded. `number` is that of its first line in the file."""

    number: int
    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True, kw_only=True)
class Event:
    """One event as it was read. `line`: where it begins. `summary`: the text that people see."""

    line: int
    uid: str
    summary: str
    begins: datetime | date
    ends: datetime | date
    operator: str = ""
    queue: str = ""
    note: str = ""
    cancelled: bool = False


@dataclass(slots=True)
class _Faults:
    said: list[str] = field(default_factory=list)

    def add(self, line: int, text: str) -> None:
        if len(self.said) < FAULTS_MOST:
            self.said.append(f"line {line}: {text}")


def read(data: bytes) -> list[Event]:
    """The events of a file. Raises CalendarError with all faults, at most ten."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CalendarError(["the file is not UTF-8 text"]) from error
    faults = _Faults()
    lines = list(_lines(text, faults))
    if not lines or (lines[0].name, lines[0].value.upper()) != ("BEGIN", "VCALENDAR"):
        raise CalendarError(["line 1: a calendar begins with BEGIN:VCALENDAR"])
    events = _events(lines, faults)
    if faults.said:
        raise CalendarError(faults.said)
    if len(events) > EVENTS_MOST:
        raise CalendarError([f"there are {len(events)} events; at most {EVENTS_MOST} are read"])
    return events


def _lines(text: str, faults: _Faults) -> Iterator[Line]:
    held, number = "", 0
    rows = text.replace("\r\n", "\n").split("\n")
    for place, row in enumerate([*rows, ""], 1):
        if row[:1] in (" ", "\t") and held:
            held += row[1:]
            continue
        if held:
            found = _LINE.fullmatch(held)
            if found is None or any(ord(sign) < 32 and sign != "\t" for sign in held):
                faults.add(number, "is no line of a calendar (NAME:value)")
            else:
                pairs = _PARAMETER.findall(found[2])
                parameters = {name.upper(): value.strip('"') for name, value in pairs}
                yield Line(number, found[1].upper(), parameters, found[3])
        held, number = row, place


def _events(lines: list[Line], faults: _Faults) -> list[Event]:
    found: list[Event] = []
    open_parts: list[str] = []
    inside: list[Line] = []
    for line in lines:
        if line.name == "BEGIN":
            open_parts.append(line.value.upper())
            if open_parts == ["VCALENDAR", "VEVENT"]:
                inside = [line]
        elif line.name == "END":
            if not open_parts or open_parts[-1] != line.value.upper():
                faults.add(line.number, f"END:{line.value[:20]} ends what did not begin")
                return found
            if open_parts == ["VCALENDAR", "VEVENT"] and (event := _event(inside, faults)):
                found.append(event)
            open_parts.pop()
        elif open_parts == ["VCALENDAR", "VEVENT"]:
            inside.append(line)
    if open_parts:
        faults.add(lines[-1].number, f"the file ends before END:{open_parts[-1][:20]}")
    return found


def _event(lines: list[Line], faults: _Faults) -> Event | None:
    first = lines[0].number
    by_name: dict[str, Line] = {}
    for line in lines[1:]:
        if line.name in _REFUSED:
            faults.add(line.number, _REFUSED[line.name])
            return None
        if line.name in ("DTSTART", "DTEND", "DURATION", "UID") and line.name in by_name:
            faults.add(line.number, f"{line.name} stands twice in one event")
            return None
        by_name.setdefault(line.name, line)
    begins = _moment(by_name.get("DTSTART"), faults, first, "DTSTART")
    if begins is None:
        return None
    ends = _end(begins, by_name, faults, first)
    if ends is None:
        return None

    def text(name: str) -> str:
        return _plain(by_name[name].value) if name in by_name else ""

    return Event(
        line=first,
        uid=text("UID"),
        summary=text("SUMMARY"),
        begins=begins,
        ends=ends,
        operator=text(OUR_OPERATOR),
        queue=text(OUR_QUEUE),
        note=text("DESCRIPTION"),
        cancelled=text("STATUS").upper() == "CANCELLED",
    )


def _end(
    begins: datetime | date, by_name: Mapping[str, Line], faults: _Faults, first: int
) -> datetime | date | None:
    if "DURATION" in by_name:
        line = by_name["DURATION"]
        found = _LENGTH.fullmatch(line.value)
        if found is None or not any(found.groups()) or not isinstance(begins, datetime):
            faults.add(line.number, "DURATION must be as PT8H or PT7H30M, after a time")
            return None
        days, hours, minutes = (int(part or 0) for part in found.groups())
        return begins + timedelta(days=days, hours=hours, minutes=minutes)
    if "DTEND" not in by_name and not isinstance(begins, datetime):
        return begins + timedelta(days=1)
    ends = _moment(by_name.get("DTEND"), faults, first, "DTEND")
    if ends is None:
        return None
    same = isinstance(ends, datetime) is isinstance(begins, datetime)
    if not same or ends <= begins:
        faults.add(by_name["DTEND"].number, "the event ends before it begins")
        return None
    return ends


def _moment(line: Line | None, faults: _Faults, first: int, name: str) -> datetime | date | None:
    """A moment or day. A time without a zone is Thailand's."""
    if line is None:
        faults.add(first, f"the event has no {name}")
        return None
    try:
        if line.parameters.get("VALUE", "").upper() == "DATE" or _DAY.fullmatch(line.value):
            found = _DAY.fullmatch(line.value)
            if found is None:
                raise ValueError
            return date(*(int(part) for part in found.groups()))
        found = _TIME.fullmatch(line.value)
        if found is None:
            raise ValueError
        zone = line.parameters.get("TZID", "")
        if zone and zone not in _ZONES:
            faults.add(line.number, f"{name}: the time zone must be Asia/Bangkok or UTC")
            return None
        there = UTC if found[7] or "UTC" in zone else THAILAND
        year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
        return datetime(year, month, day, hour, minute, second, tzinfo=there).astimezone(UTC)
    except (ValueError, OverflowError):
        faults.add(line.number, f"{name} must be as 20261130T013000Z")
        return None


def _plain(value: str) -> str:
    """A text without its escapes. Control characters become spaces."""
    signs = {"n": "\n", "N": "\n"}
    text = re.sub(r"\\(.)", lambda found: signs.get(found[1], found[1]), value)
    return "".join(" " if ord(sign) < 32 or ord(sign) == 127 else sign for sign in text).strip()


# --- writing ------------------------------------------------------------------------------------


def shifts_as_calendar(
    shifts: Iterable[Shift], names: Mapping[str, str], queues: Mapping[str, str], now: datetime
) -> bytes:
    """A file with shifts. `names` are those of operators, `queues` the titles of queues."""
    lines = []
    for shift in shifts:
        who = names.get(shift.operator, shift.operator)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escaped(shift.uid)}",
            f"DTSTAMP:{_stamp(now)}",
            f"SEQUENCE:{shift.version - 1}",
            f"DTSTART:{_stamp(shift.begins_at)}",
            f"DTEND:{_stamp(shift.ends_at)}",
            f"SUMMARY:{_escaped(f'{who} · {queues.get(shift.queue, shift.queue)}')}",
            *([f"DESCRIPTION:{_escaped(shift.note)}"] if shift.note else []),
            f"{OUR_OPERATOR}:{_escaped(shift.operator)}",
            f"{OUR_QUEUE}:{_escaped(shift.queue)}",
            "END:VEVENT",
        ]
    return _calendar(lines)


def days_as_calendar(days: Mapping[date, str], now: datetime) -> bytes:
    """A file with holidays."""
    lines = []
    for day, name in sorted(days.items()):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day.isoformat()}@holidays.hotline",
            f"DTSTAMP:{_stamp(now)}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(name)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return _calendar(lines)


def _calendar(lines: list[str]) -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//callcenter//duty roster//TH"]
    whole = [*head, "CALSCALE:GREGORIAN", "METHOD:PUBLISH", *lines, "END:VCALENDAR"]
    return b"".join(_folded(line) for line in whole)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """At most 75 bytes a line, never cut inside a character (a Thai one has three bytes)."""
    parts: list[bytes] = []
    part = b""
    for sign in line:
        more = sign.encode()
        if len(part) + len(more) > LINE_BYTES - bool(parts):
            parts.append(part)
            part = b""
        part += more
    return b"\r\n ".join([*parts, part]) + b"\r\n"
