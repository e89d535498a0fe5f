"""Rounds and reports as the API shows and takes them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.desks.reports import form
from callcenter.desks.reports.consolidation import Consolidation
from callcenter.desks.reports.model import Field, ReportState, Section, Submitted, Tag
from callcenter.desks.reports.states import ReportAction
from callcenter.desks.shared.letter_views import LetterText
from callcenter.desks.shared.rounds import Expected, RoundState
from callcenter.desks.shared.routes import Email, UnitId
from callcenter.web.texts import QueueId

_PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$(?!\n)"
_WRITTEN = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$(?!\n)"
_SOMETHING = "a text without control characters"
Name = Annotated[str, Meta(max_length=200, pattern=_WRITTEN, description=_SOMETHING)]
Short = Annotated[str, Meta(max_length=200, pattern=_PLAIN, description=_SOMETHING)]
Long = Annotated[str, Meta(max_length=10_000, pattern=_PLAIN, description=_SOMETHING)]
Reason = Annotated[str, Meta(max_length=1000, pattern=_WRITTEN, description=_SOMETHING)]
When = Annotated[
    str,
    Meta(
        max_length=80,
        pattern=_WRITTEN,
        description="๑๔ มีนาคม ๒๕๖๕ เวลา ๑๒.๐๐ น., or RFC 3339",
        examples=["2022-03-14T12:00:00+07:00"],
    ),
]
FieldName = Annotated[
    str, Meta(pattern=f"^({'|'.join(Field)})$(?!\\n)", description="a number of the form")
]
SectionName = Annotated[
    str, Meta(pattern=f"^({'|'.join(Section)})$(?!\\n)", description="a text of the form")
]
"""Names, not enums, so that the API's document lists the allowed keys."""
Version = Annotated[int, Meta(ge=1, le=1_000_000)]
Amount = Annotated[float, Meta(ge=0, le=form.MOST)]


class LetterFields(msgspec.Struct, forbid_unknown_fields=True):
    """The letter that asked for the round."""

    number: Short = ""
    date: Short = ""
    subject: Short = ""


class RoundFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A round: what must be reported, and by when. `opens`: if left out, now. `address`: where each
    submitted report is mailed to."""

    name: Name
    period_from: When
    period_before: When
    due: When
    opens: When | None = None
    letter: LetterFields = msgspec.field(default_factory=LetterFields)
    address: Email | None = None


class RoundChange(RoundFields, kw_only=True, forbid_unknown_fields=True):
    """`version`: the one that was shown. If it is not the latest, the answer is 409
    `round_changed`; without it, 428 `version_needed`. So nobody overwrites what they have not
    seen."""

    version: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$(?!\n)")] | None = None


class RoundLetter(LetterText, kw_only=True, forbid_unknown_fields=True):
    """A letter about a round. If it names a deadline, the round is due then. `version`: of the
    round that was shown."""

    version: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$(?!\n)")]


class NewReportRound(RoundFields, kw_only=True, forbid_unknown_fields=True):
    """`units`: the expected units; if left out, every province and Bangkok."""

    units: Annotated[list[UnitId], Meta(max_length=2000)] | None = None


class Tile(msgspec.Struct):
    """One unit of a round. `report_state`: whether the ministry has accepted what it submitted."""

    unit: str
    name_th: str
    name_en: str
    area: str
    state: Expected
    report: str | None
    report_state: ReportState | None
    submitted_at: datetime | None
    excuse: str


class RateView(msgspec.Struct):
    """A share with both counts. null: no unit was expected."""

    counted: int
    of: int
    share: float | None


class RoundView(msgspec.Struct):
    """A round. Its units are those that the person may see. `missing`: units that have not
    submitted."""

    round: int
    version: str
    name: str
    state: RoundState
    period_from: datetime
    period_before: datetime
    opens_at: datetime
    due_at: datetime
    due_th: str
    seconds_left: float
    form_version: int
    letter: LetterFields
    address: str | None
    published_at: datetime | None
    expected: int
    states: dict[Expected, int]
    completeness: RateView
    timeliness: RateView
    missing: list[str]
    units: list[Tile]


class RoundList(msgspec.Struct):
    """Rounds, the latest due first."""

    rounds: list[RoundView]


class Excusing(msgspec.Struct, forbid_unknown_fields=True):
    """A unit that need not report. `why` empty: it must report after all."""

    unit: UnitId
    why: Short


class Expecting(msgspec.Struct, forbid_unknown_fields=True):
    """One more expected unit."""

    unit: UnitId


class Starting(msgspec.Struct, forbid_unknown_fields=True):
    """The unit of the report; if left out, one's own."""

    unit: UnitId | None = None


class TypedField(msgspec.Struct, forbid_unknown_fields=True):
    """A number that a person typed. `why`: needed if the system has counted it, too."""

    value: Amount
    why: Short = ""


class TextFields(msgspec.Struct, forbid_unknown_fields=True):
    """A text and its subject."""

    text: Long = ""
    tags: Annotated[list[Tag], Meta(max_length=6)] = []


class SignedFields(msgspec.Struct, forbid_unknown_fields=True):
    """Who reports and who approves."""

    reporter: Short = ""
    position: Short = ""
    phone: Short = ""
    approver: Short = ""
    approver_position: Short = ""


class Saving(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is written into a report. Values that are left out stay. A number that is null becomes
    the system's again, or blank."""

    version: Version
    numbers: dict[FieldName, TypedField | None] = {}
    texts: dict[SectionName, TextFields] = {}
    signed: SignedFields | UnsetType = UNSET
    nil: Annotated[list[Section], Meta(max_length=5)] | UnsetType = UNSET


class DoingReport(msgspec.Struct, forbid_unknown_fields=True):
    """The version from which it was made."""

    version: Version


class ReturningReport(msgspec.Struct, forbid_unknown_fields=True):
    """The reason, and until when the report is open if the round is published already."""

    version: Version
    why: Reason
    until: When | None = None


class NumberView(msgspec.Struct):
    """A number: its source (`from`), what the system counted, and what the unit last submitted for
    an earlier period. `value` null: blank."""

    field: Field
    name_th: str
    value: float | None
    origin: str | None = msgspec.field(name="from")
    system_value: float | None
    why: str
    last_value: float | None


class HistoryEntry(msgspec.Struct):
    """An entry of the report's history."""

    at: datetime
    actor: str
    action: str
    to_state: str
    reason: str


class ReportView(msgspec.Struct):
    """A report as it is written now. `revision`: how often it was submitted."""

    report: str
    written: str
    round: int
    unit: str
    unit_name: str
    state: ReportState
    expected: Expected
    version: int
    revision: int
    first_submitted_at: datetime | None
    submitted_at: datetime | None
    returned_why: str
    open_until: datetime | None
    formula: str
    counted_at: datetime | None
    lines: list[str]
    last_round: str
    numbers: list[NumberView]
    texts: dict[Section, TextFields]
    signed: SignedFields
    nil: list[Section]
    actions: list[ReportAction]
    history: list[HistoryEntry]


class RevisionView(msgspec.Struct):
    """What was submitted."""

    revision: int
    at: datetime
    by: str
    sha256: str
    body: Submitted


class RevisionList(msgspec.Struct):
    """The submissions, in order."""

    revisions: list[RevisionView]


class EditionView(msgspec.Struct):
    """A national table. `edition` null: as it is now."""

    edition: int | None
    published_at: datetime | None
    sha256: str
    table: Consolidation


class EditionQuery(msgspec.Struct):
    """The edition. If left out: the latest published one, or the table as it is now."""

    edition: Annotated[int, Meta(ge=1, le=10_000)] | UnsetType = UNSET
    now: bool = False


class CompareQuery(msgspec.Struct):
    """The other round."""

    other: Annotated[int, Meta(ge=1, le=10**9)]


class MailView(msgspec.Struct):
    """A mail of a round."""

    mail: int
    unit: str
    recipient: str
    subject: str
    state: str
    tries: int
    made_at: datetime
    sent_at: datetime | None
    message_id: str
    error: str
    files: list[str]


class IncomingView(msgspec.Struct):
    """A mail that came in for a round. `kind`: draft (the form is in the unit's draft), failed
    (`fault` and `details` say why: `field: what stands there`, or a word for what is wrong with the
    file), bounce (one of ours could not be delivered), automatic."""

    mail: int
    unit: str | None
    at: datetime
    kind: str
    fault: str
    details: list[str]


class IncomingList(msgspec.Struct):
    """The latest first."""

    mails: list[IncomingView]


class MailList(msgspec.Struct):
    """The mails, latest first."""

    mails: list[MailView]


class UnitLines(msgspec.Struct, forbid_unknown_fields=True):
    """The hotlines whose calls count for a unit."""

    lines: Annotated[list[QueueId], Meta(max_length=50)]
