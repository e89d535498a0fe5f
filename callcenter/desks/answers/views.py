"""What the API of the answer base takes and gives."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.desks.answers.model import AnswerState
from callcenter.desks.shared.routes import Day, UnitId
from callcenter.web.texts import CallName

FOUND_MOST = 20

_WRITTEN = r"^[^\x00-\x08\x0b-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b-\x1f\x7f]*$(?!\n)"
_PLAIN = r"^[^\x00-\x08\x0b-\x1f\x7f]*$(?!\n)"
_SOMETHING = "a text without control characters"
Title = Annotated[str, Meta(max_length=200, pattern=_WRITTEN, description=_SOMETHING)]
Text = Annotated[str, Meta(max_length=10_000, pattern=_WRITTEN, description=_SOMETHING)]
Keyword = Annotated[str, Meta(max_length=60, pattern=_WRITTEN, description=_SOMETHING)]
Source = Annotated[
    str,
    Meta(max_length=500, pattern=_PLAIN, description="where the facts are from: a letter, a page"),
]
Topic = Annotated[
    str,
    Meta(pattern=r"^([a-z][a-z0-9_]{0,31})?$(?!\n)", description="a topic's code, or empty"),
]
LookedFor = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=_PLAIN, description="what is looked for")
]
Why = Annotated[str, Meta(max_length=500, pattern=_WRITTEN, description=_SOMETHING)]
Number = Annotated[int, Meta(ge=1, le=1_000_000)]


class AnswerFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The contents of an answer. `review_by`: the last day on which it counts as up to date."""

    title: Title
    text: Text
    review_by: Day
    keywords: Annotated[list[Keyword], Meta(max_length=20)] = []
    source: Source = ""
    topic: Topic = ""


class NewAnswer(AnswerFields, kw_only=True, forbid_unknown_fields=True):
    """A new answer. `unit` owns it; if left out, one's own unit."""

    unit: UnitId | None = None


class NewVersion(AnswerFields, kw_only=True, forbid_unknown_fields=True):
    """A new version, made from `version`."""

    version: Number


class Reviewing(msgspec.Struct, forbid_unknown_fields=True):
    """The answer is still right."""

    version: Number
    review_by: Day


class Withdrawing(msgspec.Struct, forbid_unknown_fields=True):
    """The answer must not be told any more."""

    version: Number
    why: Why


class AnswerView(msgspec.Struct):
    """An answer. `state` is that of now, or of the requested day. `may_write`: whether the person
    may change it. `link`: its page, for people."""

    answer: int
    version: int
    latest: int
    state: AnswerState
    title: str
    text: str
    keywords: list[str]
    source: str
    topic: str
    unit: str
    unit_name: str
    since: datetime
    written_by: str
    review_by: date
    review_by_th: str
    withdrawn_at: datetime | None
    withdrawn_why: str
    uses: int
    may_write: bool
    link: str


class AnswerHit(msgspec.Struct):
    """An answer that was found. `excerpt`: its text around the search word."""

    answer: int
    version: int
    title: str
    excerpt: str
    out_of_date: bool
    review_by_th: str
    unit_name: str
    uses: int


class AnswerSearch(msgspec.Struct, forbid_unknown_fields=True):
    """What to search for. `typing`: more letters may follow, so a miss is not counted yet."""

    text: LookedFor
    typing: bool = False
    limit: Annotated[int, Meta(ge=1, le=FOUND_MOST)] = 10


class AnswersFound(msgspec.Struct):
    """Answers, the best first. `missed`: nothing was found, and that was counted."""

    answers: list[AnswerHit]
    missed: bool


class AnswerList(msgspec.Struct):
    """Answers by id. `next`: give it as `after` to get the next page."""

    answers: list[AnswerView]
    next: int | None


class AnswerQuery(msgspec.Struct):
    """Filters for answers. Each may be left out."""

    unit: UnitId | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    state: AnswerState | UnsetType = UNSET
    after: Annotated[int, Meta(ge=0, le=10**9)] = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class OneAnswerQuery(msgspec.Struct):
    """The answer as it was at the end of a day, or one version of it. If left out, as it is now."""

    on: Day | UnsetType = UNSET
    version: Number | UnsetType = UNSET


class VersionView(msgspec.Struct):
    """A version, in force from `since` until the next one."""

    version: int
    since: datetime
    written_by: str
    title: str
    review_by: date


class VersionList(msgspec.Struct):
    """Versions, the latest first."""

    versions: list[VersionView]


class Using(msgspec.Struct, forbid_unknown_fields=True):
    """The answer is put into a note. `call`: the call of the note, if there is one; it must be
    one's own."""

    call: CallName | None = None


class UseNote(msgspec.Struct):
    """The text for the note: the answer and its link."""

    answer: int
    version: int
    out_of_date: bool
    note: str
    link: str


class UseView(msgspec.Struct):
    """An answer that was put into a note."""

    answer: int
    version: int
    account: str
    at: datetime
    link: str


class UseList(msgspec.Struct):
    """The answers that were put into the note of a call, in order."""

    uses: list[UseView]


class MissView(msgspec.Struct):
    """Something that people searched for and that no answer has."""

    miss: int
    text: str
    times: int
    first_at: datetime
    last_at: datetime


class MissList(msgspec.Struct):
    """Misses, the most frequent first."""

    misses: list[MissView]


class MissQuery(msgspec.Struct):
    """How many to list."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
