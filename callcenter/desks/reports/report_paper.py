"""A unit's submitted report as an official paper: the values for the form (Typst). Pure.

The form is this system's own. It has who signs, and no phone number. A number that nobody gave is a
dash, not a zero.
"""

from pathlib import Path

from callcenter.desks.reports.exports import BLANK
from callcenter.desks.reports.form import NAMES, SECTIONS
from callcenter.desks.reports.model import Field, Revision, Round, Section, Shown, Submitted
from callcenter.desks.reports.paper import TAGS, letter_line, number_th
from callcenter.desks.shared.thai import thai, written_moment

FORM = Path(__file__).parent / "forms/report.typ"
PAGES = 100


def fill(of: Round, unit: str, report: str, revision: Revision) -> dict[str, object]:
    """The values of the paper. `unit` is its name, `report` its number."""
    body = revision.body
    sent = f"ฉบับที่ {revision.number} ส่งเมื่อวันที่ {written_moment(revision.at)}"
    return {
        "title": "รายงานผลการดำเนินงานศูนย์ประสานงานข้อมูล (Call Center)",
        "name": thai(of.name),
        "unit": unit,
        "sent": thai(sent),
        "number": thai(report),
        "period": " ถึงก่อน ".join(map(written_moment, (of.period_from, of.period_before))),
        "due": written_moment(of.due_at),
        "letter": letter_line(of.letter),
        "counted": _counted(body),
        "pages": [thai(n) for n in range(PAGES)],
        "numbers": [[thai(NAMES[each]), *_number(body.numbers.get(each))] for each in Field],
        "sections": [
            {"title": f"{thai(n)}. {SECTIONS[each]}", **_said(body, each)}
            for n, each in enumerate(Section, start=2)
        ],
        "signed": [
            [role, name, position]
            for role, name, position in (
                ("ผู้รายงาน", body.signed.reporter, body.signed.position),
                ("ผู้อนุมัติ", body.signed.approver, body.signed.approver_position),
            )
            if name
        ],
        "sum": revision.sha256,
    }


def _counted(body: Submitted) -> str:
    if body.counted_at is None:
        return ""
    return thai(f"สูตร {body.formula} เมื่อวันที่ {written_moment(body.counted_at)}")


def _number(shown: Shown | None) -> tuple[str, str, str, str]:
    """The number, where it is from, what the system counted, and why it is not that."""
    if shown is None:
        return BLANK, "", "", ""
    system = "" if shown.system_value is None else number_th(shown.system_value)
    origin = "กรอกเอง" if shown.origin == "typed" else "ระบบ"
    return number_th(shown.value), origin, system, shown.why


def _said(body: Submitted, section: Section) -> dict[str, str]:
    written = body.texts.get(section)
    if written is not None and written.text.strip():
        tags = ", ".join(TAGS[tag] for tag in written.tags)
        return {"tags": f"({tags})" if tags else "", "text": written.text}
    return {"tags": "", "text": "ไม่มีเรื่องที่ต้องรายงาน" if section in body.nil else BLANK}
