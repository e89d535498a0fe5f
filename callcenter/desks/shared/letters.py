"""Official letters: which paper said what, and by when. Pure.

A letter belongs to one case or one round. A deadline may name the letter that set it. Whoever wrote
or received it is a unit of this system, or an office that is only named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from callcenter.desks.shared.thai import local, thai, written_date

LETTERS_MOST = 50  # of one case or round
DUE_WITHIN = timedelta(days=3660)


class LetterUrgency(StrEnum):
    """The urgency that is printed on a letter."""

    NORMAL = "normal"
    URGENT = "urgent"  # ด่วน
    VERY_URGENT = "very_urgent"  # ด่วนมาก
    MOST_URGENT = "most_urgent"  # ด่วนที่สุด


class LetterFault(Exception):
    """The letter cannot be taken with these values. `code` is for programs."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialLetter:
    """A letter as it is kept. `n` counts in its case or round. `file`: the number of the case's
    file that shows it. `due_at`: the deadline that it set. `names_person`: its subject or its
    offices tell who complains. `forgotten_at`: when those were removed."""

    n: int
    number: str
    day: date
    urgency: LetterUrgency
    subject: str
    recorded_by: str
    recorded_for: str  # a unit
    recorded_at: datetime
    from_unit: str | None = None
    sender: str = ""
    to_unit: str | None = None
    recipient: str = ""
    file: int | None = None
    due_at: datetime | None = None
    names_person: bool = False
    forgotten_at: datetime | None = None

    @property
    def written(self) -> str:
        """มท ๐๒๓๐/ว ๑๖๖๔ ลงวันที่ ๑๐ มีนาคม ๒๕๖๕"""
        return f"{thai(self.number)} ลงวันที่ {written_date(self.day)}"


def checked(letter: OfficialLetter, others: Iterable[OfficialLetter]) -> OfficialLetter:
    """The letter, with its number in the case or round. Raises LetterFault."""
    known = list(others)
    if len(known) >= LETTERS_MOST:
        raise LetterFault("too_many_letters", f"There are {LETTERS_MOST} letters already.")
    if letter.day > local(letter.recorded_at).date():
        raise LetterFault("date_in_future", "The date of the letter lies in the future.")
    if not (letter.from_unit or letter.sender) or not (letter.to_unit or letter.recipient):
        raise LetterFault("letter_offices", "Say who wrote the letter, and to whom.")
    if any(_same(letter, each) for each in known):
        raise LetterFault("letter_known", "This letter is there already.")
    if letter.due_at is not None:
        if local(letter.due_at).date() < letter.day:
            raise LetterFault("due_before_letter", "The deadline lies before the letter.")
        if letter.due_at > letter.recorded_at + DUE_WITHIN:
            raise LetterFault("due_too_far", "The deadline lies more than ten years ahead.")
    return letter


def _same(one: OfficialLetter, other: OfficialLetter) -> bool:
    """The number alone is not enough: each office counts its own."""
    return (
        "".join(one.number.split()) == "".join(other.number.split())
        and one.day == other.day
        and (one.from_unit, one.sender) == (other.from_unit, other.sender)
    )
