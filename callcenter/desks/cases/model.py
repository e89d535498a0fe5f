"""The terms and the data of a case. It does not include who complains: that is kept apart
(`Person`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from callcenter.desks.shared.clocks import Clock
from callcenter.desks.shared.documents import DocumentEvent
from callcenter.desks.shared.hops import Hop, holder
from callcenter.desks.shared.letters import OfficialLetter

KIND = "case"


class CaseType(StrEnum):
    """What the citizen wants."""

    COMPLAINT = "complaint"
    HELP = "help"
    QUESTION = "question"
    TIP_OFF = "tip_off"
    SUGGESTION = "suggestion"


class Channel(StrEnum):
    """How the matter reached us."""

    LINE_1567 = "1567"
    LINE_1111 = "1111"
    PROVINCE_LINE = "province_line"
    PAGE_INBOX = "page_inbox"
    WALK_IN = "walk_in"
    LETTER = "letter"
    PO_BOX = "po_box"
    LINE_APP = "line"
    WEB = "web"
    EMAIL = "email"
    REFERRAL_1111 = "referral_1111"
    REFERRAL = "referral"


class Urgency(StrEnum):
    """Urgency. Urgent means an imminent disaster or an emergency."""

    NORMAL = "normal"
    URGENT = "urgent"


class Conclusion(StrEnum):
    """What the check of one allegation found."""

    SUBSTANTIATED = "substantiated"
    NOT_SUBSTANTIATED = "not_substantiated"
    REMEDIED = "remedied"  # put right during the check
    NOT_DETERMINABLE = "not_determinable"


class CaseOutcome(StrEnum):
    """The outcome of the whole case. If the conclusions differ, it is `partly`."""

    SUBSTANTIATED = "substantiated"
    NOT_SUBSTANTIATED = "not_substantiated"
    REMEDIED = "remedied"
    NOT_DETERMINABLE = "not_determinable"
    PARTLY = "partly"


class NoteKind(StrEnum):
    """The purpose of a note."""

    PROGRESS = "progress"  # by the unit that has the case
    MESSAGE = "message"  # by the citizen, after the beginning
    TAKEN = "taken"  # what was done


class PersonRole(StrEnum):
    """The role of a person in a case."""

    COMPLAINANT = "complainant"
    CONTACT = "contact"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allegation:
    """One allegation, and what the check found about it."""

    n: int
    text: str
    conclusion: Conclusion | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note to a case."""

    kind: NoteKind
    at: datetime
    unit: str
    actor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The complainant, a contact, or a person who is named. `e164` is what a search by phone
    finds."""

    role: PersonRole
    name: str = ""
    phone: str = ""
    e164: str | None = None
    address: str = ""
    anonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case with its hand-overs and clocks. `unit` is responsible for it. `people_concerned` None:
    unknown; it is never the number of cases. `source_itself`: the source posted its reference here;
    otherwise the person who took the case entered it. `rules` makes every change."""

    id: UUID
    number: str
    type: CaseType
    topic: str
    urgency: Urgency
    channel: str
    unit: str
    area: str
    state: "CaseState"
    version: int
    created_at: datetime
    created_by: str
    facts: str
    wish: str = ""
    place_note: str = ""
    people_concerned: int | None = None
    call: str | None = None
    source_unit: str | None = None
    source_reference: str | None = None
    source_itself: bool = False
    source_received_at: datetime | None = None
    source_informed_at: datetime | None = None
    source_informed_how: str = ""
    citizen_informed_at: datetime | None = None
    citizen_informed_how: str = ""
    citizen_why_not: str = ""
    answer: str = ""
    benefit: str = ""
    duplicate_of: str | None = None
    reopened: int = 0
    closed_at: datetime | None = None
    allegations: tuple[Allegation, ...] = ()
    hops: tuple[Hop, ...] = ()
    clocks: tuple[Clock, ...] = ()
    letters: tuple[OfficialLetter, ...] = ()

    @property
    def holder(self) -> str:
        """The unit that must act next."""
        return holder(self.hops, self.unit)

    @property
    def outcome(self) -> CaseOutcome | None:
        return outcome_of(each.conclusion for each in self.allegations)

    @property
    def next_due(self) -> datetime | None:
        """The earliest deadline that can still be missed."""
        due = [clock.due_at for clock in self.clocks if clock.runs and clock.paused_at is None]
        return min(due, default=None)


class CaseState(StrEnum):
    """The state of a case. While hand-overs are open, they decide between referred and
    in_progress."""

    RECEIVED = "received"
    REFERRED = "referred"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


ENDED = (CaseState.CLOSED, CaseState.DUPLICATE, CaseState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The result of an action: the case after it, the entry of its history, and its notes."""

    case: Case
    event: DocumentEvent
    notes: tuple[Note, ...] = ()


def outcome_of(conclusions: Iterable[Conclusion | None]) -> CaseOutcome | None:
    """The outcome. None while a conclusion is missing, or if nothing was alleged."""
    found = set(conclusions)
    if not found or None in found:
        return None
    if len(found) > 1:
        return CaseOutcome.PARTLY
    [only] = found
    return CaseOutcome(only) if only else None
