"""The papers of a case: the cover sheet of a hand-over, and the letter of answer.

Pure: from the case and the offices it makes the values for the form. Neither paper has who
complains.
"""

from datetime import datetime
from pathlib import Path

from callcenter.desks.cases.limits import Limit
from callcenter.desks.cases.model import Case, CaseOutcome, CaseState, NoteKind
from callcenter.desks.cases.rules import CaseFault
from callcenter.desks.cases.store import Told
from callcenter.desks.cases.words import OUTCOMES, TYPES
from callcenter.desks.shared.areas import written_area
from callcenter.desks.shared.hops import open_acts
from callcenter.desks.shared.numbers import written_number
from callcenter.desks.shared.thai import local, thai, written_date, written_moment
from callcenter.desks.shared.units import Units

FORMS = Path(__file__).parent / "forms"
COVER_SHEET, ANSWER_LETTER = "cover-sheet", "answer-letter"
STEPS = {
    Limit.RECEIVE.value: "ลงรับเรื่อง",
    Limit.PROGRESS.value: "รายงานความคืบหน้าครั้งแรก",
    Limit.ANSWER.value: "แจ้งผลการดำเนินการ",
}


def form_of(paper: str) -> Path:
    """The Typst file of a paper."""
    return FORMS / f"{paper.replace('-', '_')}.typ"


def fill(paper: str, told: Told, units: Units, now: datetime) -> dict[str, object]:
    """The values of a paper. Raises CaseFault if there is nothing to print yet."""
    return (
        cover_sheet(told.case, units) if paper == COVER_SHEET else answer_letter(told, units, now)
    )


def cover_sheet(case: Case, units: Units) -> dict[str, object]:
    """The cover sheet of the newest open hand-over."""
    handed = open_acts(case.hops)
    if not handed:
        raise CaseFault("not_handed_on", "Nobody has been handed this case.")
    hop = handed[-1]
    due = {clock.name: clock.due_at for clock in case.clocks if clock.hop == hop.n}
    return {
        **_head(case, units, hop.from_unit, hop.to_unit, hop.sent_at),
        "subject": f"ขอส่ง{TYPES[case.type]} เลขที่ {_number(case)}",
        "opening": (
            f"ด้วย{_name(units, hop.from_unit)}ได้รับ{TYPES[case.type]} "
            f"เมื่อวันที่ {written_moment(case.created_at)} รายละเอียดดังนี้"
        ),
        "facts": case.facts,
        "allegations": [each.text for each in case.allegations],
        "area": f"{written_area(case.area)} {case.place_note}".strip(),
        "people": "" if case.people_concerned is None else thai(f"{case.people_concerned} ราย"),
        "wish": case.wish,
        "note": hop.note,
        "limits": [f"{STEPS[name]} ภายในวันที่ {written_moment(at)}" for name, at in due.items()],
    }


def answer_letter(told: Told, units: Units, now: datetime) -> dict[str, object]:
    """The letter to the unit that passed the case down. Without one, to the person who brought
    it."""
    case = told.case
    if case.state not in (CaseState.ANSWERED, CaseState.CLOSED):
        raise CaseFault("not_answered", "It has not been answered yet.")
    found = [
        f"{each.text} : {OUTCOMES[CaseOutcome(each.conclusion)]} {each.note}".strip()
        for each in case.allegations
        if each.conclusion is not None
    ]
    return {
        **_head(case, units, case.unit, case.source_unit, now),
        "subject": f"แจ้งผลการดำเนินการ{TYPES[case.type]} เลขที่ {_number(case)}",
        "opening": (
            f"ตามที่ได้รับ{TYPES[case.type]} เมื่อวันที่ {written_moment(case.created_at)} "
            f"ในพื้นที่{written_area(case.area)} ความว่า"
        ),
        "facts": case.facts,
        "findings": found,
        "outcome": OUTCOMES[case.outcome] if case.outcome else "",
        "answer": case.answer,
        "taken": [note.text for note in told.notes if note.kind is NoteKind.TAKEN],
        "benefit": case.benefit,
    }


def _head(case: Case, units: Units, a: str, b: str | None, at: datetime) -> dict[str, object]:
    return {
        "number": _number(case),
        "from": _name(units, a),
        "to": "ผู้แจ้งเรื่อง" if b is None else _name(units, b),
        "date": written_date(local(at).date()),
        "reference": "" if case.source_reference is None else thai(case.source_reference),
        "numerals": [thai(n) for n in range(1, len(case.allegations) + 1)],
    }


def _number(case: Case) -> str:
    return thai(written_number(case.number))


def _name(units: Units, unit: str) -> str:
    known = units.by_id.get(unit)
    return known.name_th if known else unit
