"""Official letters as the API shows and takes them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from callcenter.desks.shared.letters import LetterUrgency, OfficialLetter
from callcenter.desks.shared.routes import UnitId
from callcenter.desks.shared.thai import DateFault, read_date, read_moment, written_date
from callcenter.desks.shared.units import Unit, Units
from callcenter.web.errors import Problem

_PLAIN = r"^[^\x00-\x1f\x7f]*$(?!\n)"
_WRITTEN = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$(?!\n)"
_SOMETHING = "a text without control characters"
Office = Annotated[str, Meta(max_length=200, pattern=_PLAIN, description=_SOMETHING)]
Number = Annotated[
    str, Meta(max_length=60, pattern=_WRITTEN, description=_SOMETHING, examples=["มท ๐๒๓๐/ว ๑๖๖๔"])
]
Subject = Annotated[str, Meta(max_length=500, pattern=_WRITTEN, description=_SOMETHING)]
Written = Annotated[
    str,
    Meta(max_length=80, pattern=_WRITTEN, description="as people write it, or ISO 8601"),
]


class LetterText(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An official letter. `date`: ๑๐ มีนาคม ๒๕๖๕, or 2022-03-10. Who wrote it is a unit
    (`from_unit`) or an office that is only named (`sender`); likewise to whom. `due`: the deadline
    that it names."""

    number: Number
    date: Written
    subject: Subject
    urgency: LetterUrgency = LetterUrgency.NORMAL
    from_unit: UnitId | None = None
    sender: Office = ""
    to_unit: UnitId | None = None
    recipient: Office = ""
    due: Written | None = None


class LetterView(msgspec.Struct):
    """An official letter. `hidden`: its subject and its offices tell who complains, and are not
    shown here. `forgotten_at`: they were removed."""

    letter: int
    number: str
    date: date
    date_th: str
    urgency: LetterUrgency
    subject: str
    from_unit: str | None
    sender: str
    sender_en: str
    to_unit: str | None
    recipient: str
    recipient_en: str
    file: int | None
    due_at: datetime | None
    names_person: bool
    hidden: bool
    forgotten_at: datetime | None
    recorded_by: str
    recorded_for: str
    recorded_at: datetime


class LetterList(msgspec.Struct):
    """The letters of a case or a round, in the order in which they were written down."""

    letters: list[LetterView]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Who writes a letter down, for which unit, and when."""

    by: str
    unit: str
    at: datetime


def letter_from(
    text: LetterText,
    units: Units,
    recording: Recording,
    *,
    file: int | None = None,
    names_person: bool = False,
) -> OfficialLetter:
    """The letter that somebody typed. Raises a Problem."""
    for unit in (text.from_unit, text.to_unit):
        if unit is not None and unit not in units.by_id:
            raise Problem("unknown_unit", "GET /api/v1/units lists those there are.", faults=[unit])
    try:
        day = read_date(text.date.removeprefix("วันที่ "))
        due = None if text.due is None else read_moment(text.due).astimezone(UTC)
    except (DateFault, OverflowError) as error:
        raise Problem("date_fault", "Correct it and send it again.", faults=[str(error)]) from error
    return OfficialLetter(
        n=0,
        number=" ".join(text.number.split()),
        day=day,
        urgency=text.urgency,
        subject=text.subject.strip(),
        from_unit=text.from_unit,
        sender=text.sender.strip(),
        to_unit=text.to_unit,
        recipient=text.recipient.strip(),
        file=file,
        due_at=due,
        names_person=names_person,
        recorded_by=recording.by,
        recorded_for=recording.unit,
        recorded_at=recording.at,
    )


def letter_view(letter: OfficialLetter, units: Units, *, sees_person: bool = False) -> LetterView:
    """The letter as a person sees it."""
    hidden = letter.names_person and not sees_person
    written_by = "" if hidden else letter.sender
    written_to = "" if hidden else letter.recipient
    wrote = None if hidden else units.by_id.get(letter.from_unit or "")
    receives = None if hidden else units.by_id.get(letter.to_unit or "")
    return LetterView(
        letter=letter.n,
        number=letter.number,
        date=letter.day,
        date_th=written_date(letter.day),
        urgency=letter.urgency,
        subject="" if hidden else letter.subject,
        from_unit=wrote.id if wrote else None,
        sender=written_by or _name_th(wrote),
        sender_en=written_by or _name_en(wrote),
        to_unit=receives.id if receives else None,
        recipient=written_to or _name_th(receives),
        recipient_en=written_to or _name_en(receives),
        file=letter.file,
        due_at=letter.due_at,
        names_person=letter.names_person,
        hidden=hidden,
        forgotten_at=letter.forgotten_at,
        recorded_by=letter.recorded_by,
        recorded_for=letter.recorded_for,
        recorded_at=letter.recorded_at,
    )


def _name_th(unit: Unit | None) -> str:
    return unit.name_th if unit else ""


def _name_en(unit: Unit | None) -> str:
    return (unit.name_en or unit.name_th) if unit else ""
