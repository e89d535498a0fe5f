"""The words and the shape of a case. Who complains is not in it: that is kept apart (`Person`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from callcenter.desks.shared.clocks import Clock
from callcenter.desks.shared.documents import DocumentEvent
from callcenter.desks.shared.hops import Hop, holder

KIND = "case"


class CaseType(StrEnum):
    """What the citizen wants."""

    COMPLAINT = "complaint"
    HELP = "help"
    QUESTION = "question"
    TIP_OFF = "tip_off"
    SUGGESTION = "suggestion"


class Channel(StrEnum):
    """How the matter came."""

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
    """Urgent: an imminent disaster or an emergency."""

    NORMAL = "normal"
    URGENT = "urgent"


class Conclusion(StrEnum):
    """What the check of one allegation found."""

    SUBSTANTIATED = "substantiated"
    NOT_SUBSTANTIATED = "not_substantiated"
    REMEDIED = "remedied"  # put right during the check
    NOT_DETERMINABLE = "not_determinable"


class CaseOutcome(StrEnum):
    """Of the whole case: all conclusions are the same, or it is `partly`."""

    SUBSTANTIATED = "substantiated"
    NOT_SUBSTANTIATED = "not_substantiated"
    REMEDIED = "remedied"
    NOT_DETERMINABLE = "not_determinable"
    PARTLY = "partly"


class NoteKind(StrEnum):
    """Why something was written to a case."""

    PROGRESS = "progress"  # by the unit that has it
    MESSAGE = "message"  # by the citizen, later
    TAKEN = "taken"  # what was done


class PersonRole(StrEnum):
    """Who somebody is in a case."""

    COMPLAINANT = "complainant"
    CONTACT = "contact"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allegation:
    """One thing that is said to be so, and what the check found."""

    n: int
    text: str
    conclusion: Conclusion | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that was written to a case."""

    kind: NoteKind
    at: datetime
    unit: str
    actor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who complains, whom to ask, or who is named. `e164` is what a look-up by phone finds."""

    role: PersonRole
    name: str = ""
    phone: str = ""
    e164: str | None = None
    address: str = ""
    anonymous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case with its hand-overs and clocks. `unit` is responsible for it; `people_concerned` None:
    not known, and never the number of cases. `source_itself`: the source posted its reference here;
    otherwise whoever took the case says so. `rules` makes every change."""

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

    @property
    def holder(self) -> str:
        """The unit whose turn it is."""
        return holder(self.hops, self.unit)

    @property
    def outcome(self) -> CaseOutcome | None:
        return outcome_of(each.conclusion for each in self.allegations)

    @property
    def next_due(self) -> datetime | None:
        """The earliest deadline that somebody can still miss."""
        due = [clock.due_at for clock in self.clocks if clock.runs and clock.paused_at is None]
        return min(due, default=None)


class CaseState(StrEnum):
    """Where a case is. With hops open, they say which of referred and in_progress it is."""

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
    """What an action comes to: the case as it is then, the entry of its history, and what was
    written to it."""

    case: Case
    event: DocumentEvent
    notes: tuple[Note, ...] = ()


def outcome_of(conclusions: Iterable[Conclusion | None]) -> CaseOutcome | None:
    """None while a conclusion is missing, or when nothing was alleged."""
    found = set(conclusions)
    if not found or None in found:
        return None
    if len(found) > 1:
        return CaseOutcome.PARTLY
    [only] = found
    return CaseOutcome(only) if only else None
