"""A list of cases that another centre keeps in a spreadsheet, such as that of 1111. Pure.

The first row that names the columns begins the list; their order is free. Each row is read alone:
what is wrong with one says nothing about the others. A row is known again by the source's own
number, so a list may be given as often as one likes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from callcenter.desks.cases.model import CaseType, Urgency
from callcenter.desks.shared.areas import (
    AreaAbolished,
    AreaAmbiguous,
    AreaUnknown,
    find_area,
)
from callcenter.desks.shared.sheet_rows import FORMULA, SheetFault, tables
from callcenter.desks.shared.thai import BANGKOK, DateFault, arabic, has_phone, read_date

ROWS_MOST = 500  # cases of one list
COLUMNS_MOST = 40
_HEAD_WITHIN = 20  # rows above the list, such as its title
BYTES_MOST = 5_000_000
FACTS_MOST, LINE_MOST, SHORT_MOST, REFERENCE_MOST, PHONE_MOST = 4_000, 1_000, 200, 60, 40
PEOPLE_MOST = 100_000

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "reference": ("เลขที่เรื่อง", "เลขเรื่อง", "รหัสเรื่อง", "เลขที่รับ", "reference"),
    "received": ("วันที่รับเรื่อง", "วันที่รับ", "วันที่", "received"),
    "type": ("ประเภทเรื่อง", "ประเภท", "type"),
    "topic": ("หัวข้อ", "หมวด", "topic"),
    "urgency": ("ความเร่งด่วน", "เร่งด่วน", "urgency"),
    "area": ("พื้นที่", "สถานที่", "area"),
    "subdistrict": ("ตำบล", "แขวง", "ตำบล/แขวง", "subdistrict"),
    "district": ("อำเภอ", "เขต", "อำเภอ/เขต", "district"),
    "province": ("จังหวัด", "province"),
    "place_note": ("บริเวณ", "ที่เกิดเหตุ", "place_note"),
    "facts": ("รายละเอียด", "ข้อเท็จจริง", "เรื่อง", "facts"),
    "wish": ("ความประสงค์", "ข้อเสนอ", "wish"),
    "people": ("จำนวนผู้เดือดร้อน", "จำนวนราย", "people_concerned"),
    "name": ("ชื่อผู้ร้อง", "ผู้ร้อง", "ผู้ร้องเรียน", "name"),
    "phone": ("โทรศัพท์", "เบอร์โทรศัพท์", "เบอร์โทร", "phone"),
    "address": ("ที่อยู่", "address"),
}
"""The names that a column may have."""
_TYPES = {
    "ร้องเรียน": CaseType.COMPLAINT,
    "ร้องทุกข์": CaseType.COMPLAINT,
    "ขอความช่วยเหลือ": CaseType.HELP,
    "สอบถาม": CaseType.QUESTION,
    "แจ้งเบาะแส": CaseType.TIP_OFF,
    "ข้อเสนอแนะ": CaseType.SUGGESTION,
    "เสนอแนะ": CaseType.SUGGESTION,
    **{each.value: each for each in CaseType},
}
_URGENT = {
    "": Urgency.NORMAL,
    "ปกติ": Urgency.NORMAL,
    "normal": Urgency.NORMAL,
    "ด่วน": Urgency.URGENT,
    "เร่งด่วน": Urgency.URGENT,
    "ด่วนที่สุด": Urgency.URGENT,
    "urgent": Urgency.URGENT,
}
_MOST = {
    "reference": REFERENCE_MOST,
    "facts": FACTS_MOST,
    "wish": LINE_MOST,
    "place_note": SHORT_MOST,
    "name": SHORT_MOST,
    "phone": PHONE_MOST,
    "address": LINE_MOST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One row. `row`: its number in the file. `faults`: "column: code"; if there are any, nothing
    else of it may be used but the reference."""

    row: int
    reference: str
    faults: tuple[str, ...] = ()
    type: CaseType = CaseType.COMPLAINT
    topic: str = "other"
    urgency: Urgency = Urgency.NORMAL
    area: str = ""
    facts: str = ""
    wish: str = ""
    place_note: str = ""
    people_concerned: int | None = None
    received_at: datetime | None = None
    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(slots=True)
class _Reading:
    cells: Mapping[str, str]
    today: date
    topics: Mapping[str, str]
    confirmed: bool
    faults: list[str] = field(default_factory=list)

    def say(self, column: str, code: str) -> None:
        self.faults.append(f"{column}: {code}")


def read_list(
    content: bytes, topics: Mapping[str, str], today: date, *, confirmed: bool = False
) -> list[CaseRow]:
    """The rows of a file. `topics`: Thai names and codes of topics, to codes. `confirmed`: what
    looks like a phone number in a text is none. Raises SheetFault if the file is no such list."""
    columns, rows = _list_in(content)
    found: list[CaseRow] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        named = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
        row = _row(number, _Reading(named, today, topics, confirmed))
        if row.reference and (first := seen.setdefault(row.reference, number)) != number:
            again = f"reference: as_in_row_{first}"
            row = CaseRow(row=number, reference=row.reference, faults=(*row.faults, again))
        found.append(row)
    if len(found) > ROWS_MOST:
        raise SheetFault("too_large", [f"at_most_{ROWS_MOST}_cases"])
    if not found:
        raise SheetFault("sheet_fault", ["no_row"])
    return found


def _list_in(content: bytes) -> tuple[dict[str, int], Iterable[tuple[int, Sequence[str]]]]:
    names = {_plain(name): column for column, known in COLUMNS.items() for name in known}
    for table in tables(content, ROWS_MOST + _HEAD_WITHIN + 100, COLUMNS_MOST):
        for place, cells in enumerate(table[:_HEAD_WITHIN]):
            columns: dict[str, int] = {}
            for at, cell in enumerate(cells):
                if column := names.get(_plain(cell)):
                    columns.setdefault(column, at)
            if {"reference", "facts"} <= set(columns):
                return columns, enumerate(table[place + 1 :], start=place + 2)
    raise SheetFault("sheet_fault", ["no_head"])


def _row(number: int, reading: _Reading) -> CaseRow:
    cells = reading.cells
    for column, cell in cells.items():
        if cell == FORMULA:
            reading.say(column, "formula")
        elif len(cell) > _MOST.get(column, LINE_MOST):
            reading.say(column, "too_long")
    reference = "" if cells.get("reference") == FORMULA else cells.get("reference", "")
    if not reference:
        reading.say("reference", "missing")
    if not cells.get("facts"):
        reading.say("facts", "missing")
    kind, topic, urgency = _type(reading), _topic(reading), _urgency(reading)
    area, people, received = _area(reading), _people(reading), _received(reading)
    if not reading.confirmed:
        for column in ("facts", "wish", "place_note"):
            if has_phone(cells.get(column, "")):
                reading.say(column, "phone_in_text")
    if reading.faults:
        return CaseRow(
            row=number,
            reference=arabic(" ".join(reference.split()))[:REFERENCE_MOST],
            faults=tuple(dict.fromkeys(reading.faults)),
        )
    return CaseRow(
        row=number,
        reference=arabic(" ".join(reference.split())),
        type=kind,
        topic=topic,
        urgency=urgency,
        area=area,
        facts=cells["facts"],
        wish=cells.get("wish", ""),
        place_note=cells.get("place_note", ""),
        people_concerned=people,
        received_at=received,
        name=cells.get("name", ""),
        phone=" ".join(cells.get("phone", "").split()),
        address=" ".join(cells.get("address", "").split()),
    )


def _type(reading: _Reading) -> CaseType:
    said = reading.cells.get("type", "")
    found = _TYPES.get(said.casefold().removeprefix("เรื่อง"))
    if found is None:
        reading.say("type", "unknown" if said else "missing")
    return found or CaseType.COMPLAINT


def _topic(reading: _Reading) -> str:
    return reading.topics.get(reading.cells.get("topic", "").casefold(), "other")


def _urgency(reading: _Reading) -> Urgency:
    found = _URGENT.get(reading.cells.get("urgency", "").casefold())
    if found is None:
        reading.say("urgency", "unknown")
    return found or Urgency.NORMAL


def _area(reading: _Reading) -> str:
    levels = (("subdistrict", "ตำบล"), ("district", "อำเภอ"), ("province", "จังหวัด"))
    parts = [_with(word, reading.cells.get(name, "")) for name, word in levels]
    text = reading.cells.get("area") or " ".join(part for part in parts if part)
    if not text:
        reading.say("area", "missing")
        return ""
    try:
        code = find_area(text).code
    except AreaUnknown:
        reading.say("area", "area_unknown")
    except AreaAmbiguous:
        reading.say("area", "area_ambiguous")
    except AreaAbolished:
        reading.say("area", "area_abolished")
    else:
        if code:
            return code
        reading.say("area", "province_needed")
    return ""


def _with(word: str, name: str) -> str:
    """The name with its level before it, if it has none; Bangkok has other words."""
    known = ("ตำบล", "แขวง", "ต.", "อำเภอ", "เขต", "อ.", "จังหวัด", "จ.", "กรุงเทพ", "กทม")
    return name if not name or name.startswith(known) else f"{word}{name}"


def _people(reading: _Reading) -> int | None:
    text = arabic(reading.cells.get("people", "")).replace(",", "").removesuffix("ราย").strip()
    if not text or text == "-":
        return None
    if not (text.isascii() and text.isdecimal()) or int(text) > PEOPLE_MOST:
        reading.say("people", "no_number")
        return None
    return int(text)


def _received(reading: _Reading) -> datetime | None:
    text = reading.cells.get("received", "")
    if not text or text == FORMULA:
        return None
    try:
        day = read_date(text.removeprefix("วันที่ "))
    except DateFault:
        reading.say("received", "no_date")
        return None
    if day > reading.today:
        reading.say("received", "date_in_future")
        return None
    return datetime.combine(day, time(), BANGKOK)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
