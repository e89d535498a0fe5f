"""Form v1: what it must contain, which numbers must add up, and how it is built. Pure.

The form is this system's own, because the form in the ministry's letter is not known. A blank is
never a zero.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from callcenter.desks.reports.model import (
    FORM_VERSION,
    Body,
    Counts,
    Field,
    Section,
    Shown,
    Submitted,
)

F = Field
MOST = 1_000_000_000
WHOLE = frozenset(Field) - {F.WAIT_SECONDS, F.STAFF_MEAN, F.HOURS_WITHOUT_STAFF}
NOT_ADDED = frozenset({F.STAFF_LEAST})
"""The least number on duty cannot be summed over provinces."""
ADMISSION = (F.ADMISSION_RECEIVED, F.ADMISSION_ENDED, F.ADMISSION_OPEN)
NO_MORE_THAN = (
    ((F.ANSWERED,), F.RECEIVED),
    ((F.ANSWERED, F.ABANDONED, F.ABANDONED_SHORT, F.REJECTED, F.OTHER_ENDED), F.RECEIVED),
    ((F.IN_20_SECONDS,), F.IN_60_SECONDS),
    ((F.IN_60_SECONDS,), F.ANSWERED),
    ((F.ADMISSION_ENDED,), F.ADMISSION_RECEIVED),
)
NAMES: Mapping[Field, str] = {
    F.RECEIVED: "สายที่เข้ามา",
    F.REJECTED: "สายที่ไม่ให้เข้า",
    F.ANSWERED: "สายที่มีผู้รับ",
    F.ABANDONED: "สายที่ผู้โทรวางก่อน",
    F.ABANDONED_SHORT: "สายที่วางภายใน 5 วินาที",
    F.OTHER_ENDED: "สายที่สิ้นสุดอย่างอื่น",
    F.ELIGIBLE: "สายที่นับเป็นตัวหาร",
    F.IN_20_SECONDS: "รับภายใน 20 วินาที",
    F.IN_60_SECONDS: "รับภายใน 60 วินาที",
    F.WAIT_SECONDS: "เวลารอรวมของสายที่มีผู้รับ (วินาที)",
    F.STAFF_MEAN: "เจ้าหน้าที่ปฏิบัติงานเฉลี่ย",
    F.STAFF_LEAST: "เจ้าหน้าที่ปฏิบัติงานน้อยที่สุด",
    F.HOURS_WITHOUT_STAFF: "ชั่วโมงที่ไม่มีเจ้าหน้าที่",
    F.CASES_RECEIVED: "เรื่องที่รับ",
    F.CASES_ENDED: "เรื่องที่ยุติ",
    F.CASES_OPEN: "เรื่องที่ค้าง",
    F.ADMISSION_RECEIVED: "ร้องเรียนการรับผู้ติดเชื้อเข้ารักษา: รับ",
    F.ADMISSION_ENDED: "ร้องเรียนการรับผู้ติดเชื้อเข้ารักษา: ยุติ",
    F.ADMISSION_OPEN: "ร้องเรียนการรับผู้ติดเชื้อเข้ารักษา: ค้าง",
    F.ADMISSION_NO_BED: "เหตุ: ไม่มีเตียง",
    F.ADMISSION_NO_TRANSPORT: "เหตุ: ไม่มีรถรับส่ง",
    F.ADMISSION_NO_ANSWER: "เหตุ: ติดต่อไม่ได้",
    F.ADMISSION_OTHER: "เหตุ: อื่น ๆ",
}
SECTIONS: Mapping[Section, str] = {
    Section.ADMISSION: "การรับผู้ติดเชื้อเข้ารักษา",
    Section.OBSTACLES: "ปัญหาและอุปสรรค",
    Section.SUGGESTIONS: "ข้อเสนอแนะ",
    Section.COORDINATION: "การประสานงาน",
    Section.PUBLICITY: "การประชาสัมพันธ์",
}


class FormFault(ValueError):
    """The form is refused. `code` is for programs, `faults` show both numbers."""

    def __init__(self, code: str, detail: str, faults: list[str]) -> None:
        self.code, self.faults = code, faults
        super().__init__(detail)


def numbers(body: Body, system: Counts | None) -> dict[Field, Shown]:
    """Every number of the form; for typed ones also the system's number."""
    counted = system.numbers if system else {}
    found = {}
    for each in Field:
        typed, own = body.numbers.get(each), counted.get(each)
        if typed is not None:
            found[each] = Shown(value=typed.value, origin="typed", system_value=own, why=typed.why)
        elif own is not None:
            found[each] = Shown(value=own, origin="system", system_value=own)
    return found


def check(body: Body, system: Counts | None) -> None:
    """Raises FormFault if numbers are impossible, contradict each other, or change the system's
    numbers without a reason."""
    for each, typed in body.numbers.items():
        value = typed.value
        if not (0 <= value <= MOST and (each not in WHOLE or value == int(value))):
            raise FormFault(
                "number_fault", "Give a whole number from 0.", [f"{each} {typed.value}"]
            )
        if system and each in system.numbers and not typed.why.strip():
            faults = [f"{each}: {plain(system.numbers[each])}"]
            raise FormFault("why_needed", "The system counted otherwise: say why.", faults)
    found = numbers(body, system)
    for parts, whole_field in NO_MORE_THAN:
        if whole_field not in found or not all(part in found for part in parts):
            continue
        added, whole_value = sum(found[part].value for part in parts), found[whole_field].value
        if added > whole_value:
            faults = [
                f"{' + '.join(parts)} = {plain(added)}",
                f"{whole_field} = {plain(whole_value)}",
            ]
            raise FormFault("adds_up", "These cannot be more than the whole.", faults)


def submitted(body: Body, system: Counts | None) -> Submitted:
    """What is submitted. Raises FormFault if something is missing."""
    check(body, system)
    missing = []
    if Section.ADMISSION not in body.nil:
        missing += [each.value for each in ADMISSION if each not in body.numbers]
    if not body.signed.reporter.strip():
        missing.append("signed.reporter")
    if missing:
        detail = "Fill these in; where there is nothing to report, say so with `nil`."
        raise FormFault("form_incomplete", detail, missing)
    return Submitted(
        form_version=FORM_VERSION,
        numbers=numbers(body, system),
        texts=body.texts,
        signed=body.signed,
        nil=body.nil,
        formula=system.formula if system else "",
        counted_at=system.counted_at if system else None,
    )


def canonical(value: object) -> bytes:
    """The one form in which a value is written for its checksum."""
    return msgspec.json.encode(value, order="sorted")


def checksum(value: object) -> str:
    """The SHA-256 of a value."""
    return digest(canonical(value))


def digest(content: bytes) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def plain(value: float) -> str:
    """12 and not 12.0; never with an exponent, and nothing is cut off that anybody counts."""
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0").rstrip(".")
