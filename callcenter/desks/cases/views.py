"""Cases as the API shows and takes them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.desks.cases.call_area import AreaFrom
from callcenter.desks.cases.files import FileKind
from callcenter.desks.cases.limits import Limit
from callcenter.desks.cases.model import (
    Case,
    CaseOutcome,
    CaseState,
    CaseType,
    Channel,
    Conclusion,
    NoteKind,
    PersonRole,
    Urgency,
)
from callcenter.desks.cases.parties import Choice
from callcenter.desks.cases.states import CaseAction
from callcenter.desks.cases.store import EXCERPT, CaseLine, Told
from callcenter.desks.cases.words import read_aloud
from callcenter.desks.shared.areas import written_area, written_area_en
from callcenter.desks.shared.clocks import Clock, Counted
from callcenter.desks.shared.hops import Hop, HopState, Purpose, ReturnReason
from callcenter.desks.shared.letter_views import LetterText, LetterView, letter_view
from callcenter.desks.shared.numbers import written_number
from callcenter.desks.shared.routes import AreaCode, AreaText, UnitId
from callcenter.desks.shared.units import Unit, Units
from callcenter.web.calls import Moment
from callcenter.web.texts import CallName

_PLAIN = r"^[^\x00-\x08\x0b-\x1f\x7f]*$(?!\n)"
_WRITTEN = r"^[^\x00-\x08\x0b-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b-\x1f\x7f]*$(?!\n)"
_SOMETHING = "a text without control characters"
Short = Annotated[str, Meta(max_length=200, pattern=_PLAIN, description=_SOMETHING)]
Line = Annotated[str, Meta(max_length=1000, pattern=_PLAIN, description=_SOMETHING)]
Long = Annotated[str, Meta(max_length=10_000, pattern=_PLAIN, description=_SOMETHING)]
Facts = Annotated[str, Meta(max_length=4000, pattern=_WRITTEN, description=_SOMETHING)]
Reason = Annotated[str, Meta(max_length=1000, pattern=_WRITTEN, description=_SOMETHING)]
Topic = Annotated[
    str,
    Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$(?!\n)", description="a topic's code", examples=["water"]),
]
Reference = Annotated[
    str,
    Meta(
        max_length=60,
        pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$(?!\n)",
        description="the number that the source gave it",
    ),
]
CaseNumber = Annotated[
    str, Meta(pattern=r"^[0-9]{11}$(?!\n)", description="eleven digits, the last a check digit")
]
Version = Annotated[int, Meta(ge=1, le=1_000_000)]
# --- what is shown -------------------------------------------------------------------------------


class ClockView(msgspec.Struct):
    """A deadline. `days_left` null: nothing is awaited any more; negative: overdue. `letter`: the
    letter of the case that set it."""

    name: str
    rule: str
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    ended_at: datetime | None
    paused: bool
    overdue: bool
    on_time: bool | None
    days_left: float | None
    letter: int | None


class HopView(msgspec.Struct):
    """One hand-over. `seconds`: from sending to its end, or until now."""

    n: int
    from_unit: str
    to_unit: str
    from_name: str
    to_name: str
    from_name_en: str
    to_name_en: str
    purpose: Purpose
    state: HopState
    sent_at: datetime
    seen_at: datetime | None
    received_at: datetime | None
    ended_at: datetime | None
    seconds: float
    reason: str
    note: str
    answer: str
    clocks: list[ClockView]


class AllegationView(msgspec.Struct):
    """One allegation, and what the check found about it."""

    n: int
    text: str
    conclusion: Conclusion | None
    note: str


class EventView(msgspec.Struct):
    """One entry of the history."""

    seq: int
    at: datetime
    actor: str
    unit: str
    action: str
    from_state: str | None
    to_state: str
    reason: str
    changes: dict[str, list[str | int | None]]


class NoteView(msgspec.Struct):
    """What somebody wrote to the case."""

    kind: NoteKind
    at: datetime
    unit: str
    actor: str
    text: str


class CaseLineView(msgspec.Struct):
    """A case in a list. `excerpt`: the beginning of its facts, so that cases can be told apart."""

    case: str
    written: str
    type: CaseType
    topic: str
    urgency: Urgency
    state: CaseState
    said_th: str
    said_en: str
    unit: str
    holder: str
    holder_name: str
    area: str
    area_written: str
    people_concerned: int | None
    created_at: datetime
    due_at: datetime | None
    days_left: float | None
    outcome: CaseOutcome | None
    version: int
    excerpt: str
    area_written_en: str
    holder_name_en: str


class CaseList(msgspec.Struct):
    """Cases: urgent ones first, then those due first. `next`: give it as `after` to get the next
    page."""

    cases: list[CaseLineView]
    next: str | None


class BlockedAction(msgspec.Struct):
    """An action that the person may take at another time, and a code for why not now.
    `other_state`: not allowed in the present state of the case."""

    action: CaseAction
    why_not: str


class CaseView(msgspec.Struct):
    """A case with its hand-overs and its history, without who complains. `actions`: what the person
    may do with it now; `blocked`: what not now. `seconds`: from its creation to its end, or until
    now. `source_itself`: the source posted its reference here; false: the person who took the case
    entered it. `files`: their number. `may_add_files`: whether the person may add one. `letters`:
    without what would tell who complains."""

    case: str
    written: str
    version: int
    type: CaseType
    topic: str
    urgency: Urgency
    channel: str
    state: CaseState
    said_th: str
    said_en: str
    unit: str
    unit_name: str
    holder: str
    holder_name: str
    area: str
    area_written: str
    unit_name_en: str
    holder_name_en: str
    area_written_en: str
    place_note: str
    people_concerned: int | None
    facts: str
    wish: str
    answer: str
    benefit: str
    outcome: CaseOutcome | None
    call: str | None
    source_unit: str | None
    source_reference: str | None
    source_itself: bool
    source_received_at: datetime | None
    source_informed_at: datetime | None
    source_informed_how: str
    citizen_informed_at: datetime | None
    citizen_informed_how: str
    citizen_why_not: str
    duplicate_of: str | None
    reopened: int
    created_at: datetime
    created_by: str
    closed_at: datetime | None
    seconds: float
    due_at: datetime | None
    days_left: float | None
    actions: list[CaseAction]
    blocked: list[BlockedAction]
    allegations: list[AllegationView]
    hops: list[HopView]
    clocks: list[ClockView]
    events: list[EventView]
    notes: list[NoteView]
    files: int
    may_add_files: bool
    letters: list[LetterView]


class CaseFileView(msgspec.Struct):
    """A file of a case. `kind`: found from its content. `removed_at`: it was removed, and has no
    name any more. `may_remove`: whether the person may remove it."""

    file: int
    name: str
    kind: FileKind
    size: int
    sha256: str
    shows_person: bool
    unit: str
    added_by: str
    added_at: datetime
    removed_at: datetime | None
    removed_by: str | None
    removed_why: str
    may_remove: bool


class CaseFileList(msgspec.Struct):
    """The files of a case. `hidden`: the number of files that show who complains, and that this
    person may not see."""

    files: list[CaseFileView]
    hidden: int


class CaseFilePlace(msgspec.Struct):
    """The number of a file whose content may be sent until `until`."""

    file: int
    until: datetime


class RowResult(StrEnum):
    """What became of a row of a list: a case was made, would be made (`new`, in a preview), is
    there already, or the row cannot be taken."""

    MADE = "made"
    NEW = "new"
    KNOWN = "known"
    REFUSED = "refused"


class ImportedRow(msgspec.Struct):
    """A row of a list. `row`: its number in the file. `faults`: each "column: code"."""

    row: int
    reference: str
    result: RowResult
    case: str | None
    faults: list[str]


class CaseImport(msgspec.Struct):
    """What became, or with `dry_run` would become, of a list of cases."""

    dry_run: bool
    counts: dict[RowResult, int]
    rows: list[ImportedRow]


class CaseImportQuery(msgspec.Struct):
    """`dry_run`: only tell what would become of the list. `source`: whose list it is, where that is
    not one's own unit. `to_unit`: who gets the cases; left out: the province of each. `confirmed`:
    what looks like a phone number in a text is none."""

    dry_run: bool = True
    source: UnitId | UnsetType = UNSET
    unit: UnitId | UnsetType = UNSET
    to_unit: UnitId | UnsetType = UNSET
    confirmed: bool = False


class CallArea(msgspec.Struct):
    """The province of a call. `known_from`: the caller chose it in the menu, or the number of a
    fixed line tells it; null: it is not known."""

    area: str | None
    area_written: str
    area_written_en: str
    known_from: AreaFrom | None


class CaseCreated(msgspec.Struct):
    """The new case. `similar`: open cases of the topic in the same area, from the last 30 days,
    which may be the same matter."""

    case: CaseView
    similar: list[CaseLineView]


class PersonView(msgspec.Struct):
    """The complainant, a contact, or a person who is named."""

    role: PersonRole
    name: str
    phone: str
    address: str
    anonymous: bool


class PersonList(msgspec.Struct):
    """The people of a case. Each look is in the audit."""

    persons: list[PersonView]


class AgeingView(msgspec.Struct):
    """Open cases of a unit. `people`: the people concerned, as far as known; not the number of
    cases."""

    holder: str
    holder_name: str
    holder_name_en: str
    state: CaseState
    cases: int
    people: int
    overdue: int
    oldest: datetime


class AgeingList(msgspec.Struct):
    """The number of open cases by unit, those with the most overdue first."""

    holders: list[AgeingView]


class LimitView(msgspec.Struct):
    """How long a step may take. Version 1 is the default of this system, no law."""

    limit: Limit
    urgency: Urgency
    counted: Counted
    amount: int
    version: int


class LimitList(msgspec.Struct):
    """All time limits, as they are now."""

    limits: list[LimitView]


# --- what is taken -------------------------------------------------------------------------------


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """The complainant, a contact, or a person who is named."""

    role: PersonRole = PersonRole.COMPLAINANT
    name: Short = ""
    phone: Annotated[str, Meta(max_length=40, pattern=_PLAIN, description=_SOMETHING)] = ""
    address: Line = ""
    anonymous: bool = False


class CaseFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is known of a new case. `area`: as people write it, or its code; at least a province.
    `confirmed`: a text has something like a phone number, and it is not the citizen's."""

    type: CaseType
    topic: Topic
    area: AreaText
    facts: Facts
    urgency: Urgency = Urgency.NORMAL
    wish: Line = ""
    place_note: Short = ""
    people_concerned: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    allegations: Annotated[list[Reason], Meta(max_length=20)] = []
    persons: Annotated[list[NewPerson], Meta(max_length=20)] = []
    confirmed: bool = False


class NewCase(CaseFields, kw_only=True, forbid_unknown_fields=True):
    """A case of one's own unit. `call`: the call in which it was made; the caller's number is kept
    as the complainant's phone. `source_unit`: the unit that passed it down on paper or by phone."""

    channel: Channel
    unit: UnitId | None = None
    call: CallName | None = None
    source_unit: UnitId | None = None
    source_reference: Reference | None = None
    source_received_at: Moment | None = None


class NewReferral(CaseFields, kw_only=True, forbid_unknown_fields=True):
    """A case that one's unit passes down. The same reference again gives the same case."""

    to_unit: UnitId
    reference: Reference
    unit: UnitId | None = None
    channel: Channel = Channel.REFERRAL_1111


class CaseWhich(msgspec.Struct):
    """A filter for cases. `mine`: those at the units where one works."""

    mine: bool = False
    holder: UnitId | UnsetType = UNSET
    unit: UnitId | UnsetType = UNSET
    state: CaseState | UnsetType = UNSET
    type: CaseType | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    area: AreaCode | UnsetType = UNSET
    overdue: bool = False
    open: bool | UnsetType = UNSET


class CaseQuery(CaseWhich):
    """A filter for cases, and the page."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    after: CaseNumber | UnsetType = UNSET


class CaseSearch(msgspec.Struct, forbid_unknown_fields=True):
    """A case's number, with or without hyphens, in Thai or Arabic digits; or a phone."""

    number: Annotated[str, Meta(max_length=60, pattern=_PLAIN, description=_SOMETHING)] = ""
    phone: Annotated[str, Meta(max_length=40, pattern=_PLAIN, description=_SOMETHING)] = ""


class NewCaseFile(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A file that will be sent. `shows_person`: it shows who complains, or where they live; then
    only people who may see that see the file. `unit`: the unit for which one adds it, if there are
    several."""

    name: Annotated[str, Meta(min_length=1, max_length=400, description="its name without folders")]
    shows_person: bool
    unit: UnitId | None = None


class RemovingFile(msgspec.Struct, forbid_unknown_fields=True):
    """Why a file is removed for good."""

    why: Reason


class Doing(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`version`: of the case as it was read. `unit`: the unit for which one acts, if there are
    several."""

    version: Version
    unit: UnitId | None = None


class Saying(Doing, kw_only=True, forbid_unknown_fields=True):
    """An action with a text."""

    text: Reason


class Referring(Doing, kw_only=True, forbid_unknown_fields=True):
    """The receiving unit, and a text for it."""

    to_unit: UnitId
    note: Line = ""


class Recalling(Doing, kw_only=True, forbid_unknown_fields=True):
    """The hand-over that is recalled, and why."""

    hop: Annotated[int, Meta(ge=1, le=10_000)]
    text: Reason


class Returning(Doing, kw_only=True, forbid_unknown_fields=True):
    """The reason. For `wrong_agency` and `wrong_area` the text says who is responsible."""

    reason: ReturnReason
    text: Reason


class NewFinding(msgspec.Struct, forbid_unknown_fields=True):
    """What was found about allegation `n`. Without `n`, about something that was not alleged
    before."""

    conclusion: Conclusion
    n: Annotated[int, Meta(ge=1, le=1000)] | None = None
    text: Line = ""
    note: Line = ""


class Answering(Doing, kw_only=True, forbid_unknown_fields=True):
    """The findings and measures."""

    text: Facts
    findings: Annotated[list[NewFinding], Meta(max_length=40)] = []
    taken: Annotated[list[Reason], Meta(max_length=40)] = []
    benefit: Annotated[str, Meta(max_length=500, pattern=_PLAIN, description=_SOMETHING)] = ""


class InformingCitizen(Doing, kw_only=True, forbid_unknown_fields=True):
    """How the citizen was told, or why not."""

    how: Line = ""
    why_not: Line = ""


class Merging(Doing, kw_only=True, forbid_unknown_fields=True):
    """The case into which it is merged."""

    into: CaseNumber


class AddingLetter(Doing, kw_only=True, forbid_unknown_fields=True):
    """An official letter of the case. If it names a deadline, that takes the place of the present
    one. `file`: the case's file that shows it. `names_person`: its subject or its offices tell who
    complains; then only people who may see that see them."""

    letter: LetterText
    file: Annotated[int, Meta(ge=1, le=999)] | None = None
    names_person: bool = False
    confirmed: bool = False


class Correcting(Doing, kw_only=True, forbid_unknown_fields=True):
    """The values to change. Values that are left out stay."""

    type: CaseType | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    area: AreaText | UnsetType = UNSET
    facts: Facts | UnsetType = UNSET
    wish: Line | UnsetType = UNSET
    place_note: Short | UnsetType = UNSET
    people_concerned: Annotated[int, Meta(ge=0, le=100000)] | UnsetType | None = UNSET
    allegations: Annotated[list[Reason], Meta(max_length=20)] = []
    confirmed: bool = False


class NewLimit(msgspec.Struct, forbid_unknown_fields=True):
    """How long a step may take from now on."""

    counted: Counted
    amount: Annotated[int, Meta(ge=1, le=1000)]


# --- from cases to views
# ---------------------------------------------------------------------------


def name_of(unit: Unit | None) -> str:
    """The name of a unit as people know it."""
    return unit.name_th if unit else ""


def name_en_of(unit: Unit | None) -> str:
    """The English name of a unit, if it has one."""
    return unit.name_en or unit.name_th if unit else ""


def excerpt_of(facts: str) -> str:
    """The beginning of the facts, on one line."""
    line = " ".join(facts.split())
    return line if len(facts) <= EXCERPT else f"{line[:EXCERPT].rstrip()}…"


def line_view(line: CaseLine, units: Units, now: datetime) -> CaseLineView:
    """A case in a list."""
    holder = units.by_id.get(line.holder)
    said_th, said_en = _said(line.state, holder)
    due = line.due_at
    return CaseLineView(
        case=line.number,
        written=written_number(line.number),
        type=line.type,
        topic=line.topic,
        urgency=line.urgency,
        state=line.state,
        said_th=said_th,
        said_en=said_en,
        unit=line.unit,
        holder=line.holder,
        holder_name=name_of(holder),
        area=line.area,
        area_written=written_area(line.area),
        people_concerned=line.people_concerned,
        created_at=line.created_at,
        due_at=due,
        days_left=None if due is None else (due - now).total_seconds() / 86_400,
        outcome=line.outcome,
        version=line.version,
        excerpt=excerpt_of(line.excerpt),
        area_written_en=written_area_en(line.area),
        holder_name_en=name_en_of(holder),
    )


def case_view(
    told: Told, units: Units, now: datetime, choices: list[Choice], *, may_add_files: bool
) -> CaseView:
    """A case with its way and its history."""
    case = told.case
    holder = units.by_id.get(case.holder)
    said_th, said_en = _said(case.state, holder)
    due = case.next_due
    same = (
        "version type topic urgency channel state unit holder area place_note people_concerned "
        "facts wish answer benefit outcome call source_unit source_reference source_itself "
        "source_received_at source_informed_at source_informed_how citizen_informed_at "
        "citizen_informed_how citizen_why_not duplicate_of reopened created_at created_by closed_at"
    )
    return CaseView(
        **{name: getattr(case, name) for name in same.split()},
        case=case.number,
        written=written_number(case.number),
        said_th=said_th,
        said_en=said_en,
        unit_name=name_of(units.by_id.get(case.unit)),
        holder_name=name_of(holder),
        area_written=written_area(case.area),
        unit_name_en=name_en_of(units.by_id.get(case.unit)),
        holder_name_en=name_en_of(holder),
        area_written_en=written_area_en(case.area),
        seconds=((case.closed_at or now) - case.created_at).total_seconds(),
        due_at=due,
        days_left=None if due is None else (due - now).total_seconds() / 86_400,
        actions=[each.action for each in choices if each.why_not is None],
        blocked=[
            BlockedAction(action=each.action, why_not=each.why_not)
            for each in choices
            if each.why_not is not None
        ],
        allegations=[
            AllegationView(n=a.n, text=a.text, conclusion=a.conclusion, note=a.note)
            for a in case.allegations
        ],
        hops=[_hop_view(hop, case, units, now) for hop in case.hops],
        clocks=[_clock_view(clock, now) for clock in case.clocks if clock.hop is None],
        events=[
            EventView(
                seq=e.seq,
                at=e.at,
                actor=e.actor,
                unit=e.unit,
                action=e.action,
                from_state=e.from_state,
                to_state=e.to_state,
                reason=e.reason,
                changes=msgspec.convert(e.changes, dict[str, list[str | int | None]]),
            )
            for e in told.events
        ],
        notes=[
            NoteView(kind=n.kind, at=n.at, unit=n.unit, actor=n.actor, text=n.text)
            for n in told.notes
        ],
        files=told.files,
        may_add_files=may_add_files,
        letters=[letter_view(each, units) for each in case.letters],
    )


def _said(state: CaseState, holder: Unit | None) -> tuple[str, str]:
    return read_aloud(state, name_of(holder), holder.name_en if holder else "")


def _hop_view(hop: Hop, case: Case, units: Units, now: datetime) -> HopView:
    return HopView(
        n=hop.n,
        from_unit=hop.from_unit,
        to_unit=hop.to_unit,
        from_name=name_of(units.by_id.get(hop.from_unit)),
        to_name=name_of(units.by_id.get(hop.to_unit)),
        from_name_en=name_en_of(units.by_id.get(hop.from_unit)),
        to_name_en=name_en_of(units.by_id.get(hop.to_unit)),
        purpose=hop.purpose,
        state=hop.state,
        sent_at=hop.sent_at,
        seen_at=hop.seen_at,
        received_at=hop.received_at,
        ended_at=hop.ended_at,
        seconds=((hop.ended_at or now) - hop.sent_at).total_seconds(),
        reason=hop.reason,
        note=hop.note,
        answer=hop.answer,
        clocks=[_clock_view(clock, now) for clock in case.clocks if clock.hop == hop.n],
    )


def _clock_view(clock: Clock, now: datetime) -> ClockView:
    return ClockView(
        name=clock.name,
        rule=clock.rule,
        started_at=clock.started_at,
        due_at=clock.due_at,
        met_at=clock.met_at,
        ended_at=clock.ended_at,
        paused=clock.paused_at is not None,
        overdue=clock.is_overdue(now),
        on_time=clock.was_on_time,
        days_left=clock.days_left(now),
        letter=clock.letter,
    )
