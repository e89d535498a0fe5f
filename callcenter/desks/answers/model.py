"""The terms of the answer base. An answer is never changed: a new version is added."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class AnswerState(StrEnum):
    """Whether an answer may be told to callers."""

    IN_FORCE = "in_force"
    # nobody has confirmed it by its review date, so it may be out of date
    REVIEW_DUE = "review_due"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The contents of one version. `source`: where the facts are from. `review_by`: the last day on
    which it counts as up to date."""

    title: str
    text: str
    keywords: tuple[str, ...]
    source: str
    topic: str
    review_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version, in force from `since` until the next one."""

    number: int
    since: datetime
    written_by: str
    wording: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it was at a given time: `unit` owns it, `version` was in force then."""

    id: int
    unit: str
    version: Version
    latest: int
    withdrawn_at: datetime | None
    withdrawn_why: str
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """An answer was put into the note of a call."""

    answer: int
    version: int
    call: str | None
    account: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Something that people searched for and that no answer has."""

    id: int
    text: str
    times: int
    first_at: datetime
    last_at: datetime
