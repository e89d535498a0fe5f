"""The national table as an official paper: the values for the form (Typst). Pure.

The form is this system's own, by the rules for official letters: Thai digits, full month names. A
missing number is a dash, not a zero.
"""

from pathlib import Path

from callcenter.desks.reports.consolidation import Consolidation, Share, Total
from callcenter.desks.reports.exports import BLANK
from callcenter.desks.reports.form import NAMES, SECTIONS
from callcenter.desks.reports.model import Field, Letter, Section, Tag
from callcenter.desks.shared.rounds import Expected
from callcenter.desks.shared.thai import thai, written_moment

FORM = Path(__file__).parent / "forms/national.typ"
PAGES = 1_000
NAMED_MOST = 6  # units named at the foot of each page
F = Field
COLUMNS = {
    F.RECEIVED: "สายเข้า",
    F.ANSWERED: "มีผู้รับ",
    F.ABANDONED: "วางก่อน",
    F.CASES_RECEIVED: "เรื่องรับ",
    F.CASES_ENDED: "ยุติ",
    F.CASES_OPEN: "ค้าง",
    F.ADMISSION_RECEIVED: "รับผู้ติดเชื้อ: รับ",
    F.ADMISSION_ENDED: "ยุติ",
    F.ADMISSION_OPEN: "ค้าง",
}
SHARES = {
    "answered_share": "สัดส่วนสายที่มีผู้รับ",
    "service_level_20": "รับภายใน ๒๐ วินาที",
    "service_level_60": "รับภายใน ๖๐ วินาที",
    "mean_wait_seconds": "เวลารอเฉลี่ยของสายที่มีผู้รับ (วินาที)",
}
STATES = {
    Expected.WAITING: "ยังไม่เริ่ม",
    Expected.DRAFT: "ร่าง",
    Expected.ON_TIME: "ทันกำหนด",
    Expected.LATE: "ช้า",
    Expected.MISSING: "ไม่รายงาน",
    Expected.EXCUSED: "ยกเว้น",
}
TAGS = {
    Tag.STAFF: "บุคลากร",
    Tag.LINES: "คู่สาย",
    Tag.SYSTEM: "ระบบ",
    Tag.KNOWLEDGE: "ความรู้",
    Tag.AGENCY: "หน่วยงาน",
    Tag.OTHER: "อื่น ๆ",
}


def fill(table: Consolidation, letter: Letter, edition: int | None) -> dict[str, object]:
    """The values of the paper. `edition` None: the table as it is now."""
    must = table.expected - table.excused
    said = "ร่าง" if edition is None else f"ฉบับที่ {edition} เผยแพร่"
    return {
        "title": "รายงานผลการดำเนินงานศูนย์ประสานงานข้อมูล (Call Center) รวมทั้งประเทศ",
        "name": thai(table.name),
        "edition": thai(f"{said} ณ วันที่ {written_moment(table.made_at)}"),
        "period": " ถึงก่อน ".join(map(written_moment, (table.period_from, table.period_before))),
        "due": written_moment(table.due_at),
        "letter": letter_line(letter),
        "reported": thai(f"รายงานแล้ว {table.submitted} จาก {must} หน่วย"),
        "in_time": thai(f"{table.on_time} จาก {must} หน่วย ({_percent(table.on_time, must)})"),
        "missing": _named(table.missing),
        "all_missing": " · ".join(table.missing) or "ไม่มี",
        "pages": [thai(n) for n in range(PAGES)],
        "totals": [
            [thai(NAMES[each]), _total(table.totals[each]), thai(table.totals[each].units)]
            for each in Field
        ],
        "shares": [[name, *_share(key, table.shares[key])] for key, name in SHARES.items()],
        "columns": list(COLUMNS.values()),
        "units": [
            [
                row.name_th,
                STATES[Expected(row.state)],
                *(number_th(row.numbers.get(each)) for each in COLUMNS),
            ]
            for row in table.units
        ],
        "sections": [
            {
                "title": f"{thai(n)}. {SECTIONS[section]}",
                "said": [
                    [each.name_th, ", ".join(TAGS[tag] for tag in each.tags), each.text]
                    for each in table.texts.get(section, ())
                ],
            }
            for n, section in enumerate(Section, start=4)
        ],
    }


def letter_line(letter: Letter) -> str:
    """The letter that asked for the round; empty: none is known."""
    if not letter.number:
        return ""
    dated = f" ลงวันที่ {letter.date}" if letter.date else ""
    return thai(f"หนังสือ {letter.number}{dated} {letter.subject}".strip())


def _named(missing: tuple[str, ...]) -> str:
    """The missing units for which the foot of a page has room."""
    more = len(missing) - NAMED_MOST
    named = ", ".join(missing[:NAMED_MOST])
    return named if more <= 0 else thai(f"{named} และอีก {more} หน่วย")


def _total(total: Total) -> str:
    return number_th(total.value)


def _share(key: str, share: Share) -> tuple[str, str]:
    if share.value is None:
        return BLANK, BLANK
    is_share = not key.endswith("_seconds")
    value = _percent(share.above, share.below) if is_share else number_th(share.value)
    return value, f"{number_th(share.above)} / {number_th(share.below)}"


def number_th(value: float | None) -> str:
    """A whole number, or one with one decimal."""
    if value is None:
        return BLANK
    return thai(f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}")


def _percent(above: float, below: float) -> str:
    return thai(f"ร้อยละ {100 * above / below:.1f}") if below else BLANK
