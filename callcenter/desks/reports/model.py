"""The terms of the report round: a round, a unit's report, and its form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from callcenter.desks.shared.rounds import Submission

KIND = "report"
FORM_VERSION = 1


class ReportState(StrEnum):
    """The state of a report."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"


class Field(StrEnum):
    """The numbers of form v1."""

    RECEIVED = "received"
    REJECTED = "rejected"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    ABANDONED_SHORT = "abandoned_short"
    OTHER_ENDED = "other_ended"
    ELIGIBLE = "eligible"
    IN_20_SECONDS = "in_20_seconds"
    IN_60_SECONDS = "in_60_seconds"
    WAIT_SECONDS = "wait_seconds"
    STAFF_MEAN = "staff_mean"
    STAFF_LEAST = "staff_least"
    HOURS_WITHOUT_STAFF = "hours_without_staff"
    CASES_RECEIVED = "cases_received"
    CASES_ENDED = "cases_ended"
    CASES_OPEN = "cases_open"
    ADMISSION_RECEIVED = "admission_received"
    ADMISSION_ENDED = "admission_ended"
    ADMISSION_OPEN = "admission_open"
    ADMISSION_NO_BED = "admission_no_bed"
    ADMISSION_NO_TRANSPORT = "admission_no_transport"
    ADMISSION_NO_ANSWER = "admission_no_answer"
    ADMISSION_OTHER = "admission_other"


class Section(StrEnum):
    """The texts of form v1."""

    ADMISSION = "admission"
    OBSTACLES = "obstacles"
    SUGGESTIONS = "suggestions"
    COORDINATION = "coordination"
    PUBLICITY = "publicity"


class Tag(StrEnum):
    """The subject of an obstacle or a suggestion."""

    STAFF = "staff"
    LINES = "lines"
    SYSTEM = "system"
    KNOWLEDGE = "knowledge"
    AGENCY = "agency"
    OTHER = "other"


class Typed(msgspec.Struct, frozen=True):
    """A number that a person gave. `why` is needed if the system has counted it, too."""

    value: float
    why: str = ""


class Written(msgspec.Struct, frozen=True):
    """A text and its subject."""

    text: str = ""
    tags: tuple[Tag, ...] = ()


class Signed(msgspec.Struct, frozen=True):
    """Who reports and who approves."""

    reporter: str = ""
    position: str = ""
    phone: str = ""
    approver: str = ""
    approver_position: str = ""


class Body(msgspec.Struct, frozen=True):
    """What people wrote into a report. `nil`: sections with nothing to report."""

    numbers: dict[Field, Typed] = {}
    texts: dict[Section, Written] = {}
    signed: Signed = Signed()
    nil: tuple[Section, ...] = ()


class Counts(msgspec.Struct, frozen=True):
    """What the system counted for a report. A missing field has no data: it is not 0."""

    formula: str
    since: datetime
    before: datetime
    counted_at: datetime
    lines: tuple[str, ...] = ()
    numbers: dict[Field, float] = {}


class Shown(msgspec.Struct, frozen=True):
    """A number of a report, together with the system's own."""

    value: float
    origin: str = msgspec.field(name="from")
    system_value: float | None = None
    why: str = ""


class Submitted(msgspec.Struct, frozen=True):
    """What was submitted. It is kept unchanged, whatever is written afterwards."""

    form_version: int
    numbers: dict[Field, Shown]
    texts: dict[Section, Written]
    signed: Signed
    nil: tuple[Section, ...]
    formula: str
    counted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The official letter that asked for a round."""

    number: str = ""
    date: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round. The period is [period_from, period_before). `address`: where reports are mailed
    to."""

    id: int
    name: str
    letter: Letter
    period_from: datetime
    period_before: datetime
    opens_at: datetime
    due_at: datetime
    form_version: int
    address: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """A unit that is expected to report in a round, and the state of its report."""

    unit: str
    report: str | None
    state: ReportState | None
    excuse: str
    submission: Submission
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One unit's report in one round. `first_at`: the time of submission that counts."""

    id: UUID
    number: str
    round: int
    unit: str
    area: str
    state: ReportState
    version: int
    body: Body
    system: Counts | None
    first_at: datetime | None
    submitted_at: datetime | None
    returned_at: datetime | None
    returned_why: str
    open_until: datetime | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What was submitted, when and by whom."""

    number: int
    at: datetime
    by: str
    sha256: str
    body: Submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitResult:
    """One unit in a national table. `body` None: nothing was submitted."""

    unit: str
    area: str
    name_th: str
    state: str
    body: Submitted | None
    lines: Mapping[str, float] = field(default_factory=dict)
