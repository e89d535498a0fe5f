"""A list of cases as an official paper: the values for the form (Typst). Pure.

It is for reading and signing, so it has fewer columns than the spreadsheet and a limited length.
Like the other files it has nobody who complains, no facts and no answers.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from callcenter.desks.cases.model import Urgency
from callcenter.desks.cases.store import CaseLine
from callcenter.desks.cases.words import OUTCOMES, STATES, TOPICS, TYPES
from callcenter.desks.shared.areas import written_area
from callcenter.desks.shared.numbers import written_number
from callcenter.desks.shared.thai import buddhist, local, thai, written_moment
from callcenter.desks.shared.units import Units

FORM = Path(__file__).parent / "forms/list.typ"
MOST = 500  # cases, on some forty pages; made in less than a second
PAGES = 100
COLUMNS = {
    "เลขเรื่อง": 5,
    "เรื่อง": 6,
    "สถานะ": 5,
    "พื้นที่": 8,
    "ขณะนี้อยู่ที่": 8,
    "ราย": 2,
    "รับเมื่อ": 5,
    "กำหนดถัดไป": 6,
}


def fill(lines: Sequence[CaseLine], units: Units, now: datetime) -> dict[str, object]:
    """The values of the paper."""
    return {
        "title": "บัญชีเรื่องร้องเรียน ร้องทุกข์",
        "many": thai(f"จำนวน {len(lines):,} เรื่อง"),
        "made": f"จัดทำเมื่อวันที่ {written_moment(now)}",
        "pages": [thai(n) for n in range(PAGES)],
        "columns": list(COLUMNS),
        "widths": list(COLUMNS.values()),
        "rows": [_row(line, units, now) for line in lines],
    }


def _row(line: CaseLine, units: Units, now: datetime) -> list[str]:
    urgent = " (เร่งด่วน)" if line.urgency is Urgency.URGENT else ""
    outcome = "" if line.outcome is None else f": {OUTCOMES[line.outcome]}"
    holder = units.by_id.get(line.holder)
    late = line.due_at is not None and line.due_at < now
    return [
        thai(written_number(line.number)),
        f"{TYPES[line.type]} {TOPICS.get(line.topic, line.topic)}{urgent}",
        f"{STATES[line.state]}{outcome}",
        written_area(line.area),
        holder.name_th if holder else line.holder,
        "" if line.people_concerned is None else thai(line.people_concerned),
        _short(line.created_at),
        f"{_short(line.due_at)}{' เกินกำหนด' if late else ''}",
    ]


def _short(at: datetime | None) -> str:
    """๑๔/๓/๒๕๖๕ ๑๒.๐๐"""
    if at is None:
        return ""
    shown = local(at)
    return thai(f"{shown.day}/{shown.month}/{buddhist(shown.year)} {shown:%H.%M}")
