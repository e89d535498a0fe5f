"""The API of the answer base. Everybody who is logged in can read it: these are the facts that
callers are told. A person with a grant at the unit that owns an answer can write it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.desks.answers import rules
from callcenter.desks.answers.model import Answer, AnswerState, Use, Version, Wording
from callcenter.desks.answers.store import AnswerFilter, AnswersInPostgres, Counts, StaleError
from callcenter.desks.shared.routes import (
    ANYONE,
    UNKNOWN_UNIT,
    Day,
    UnitId,
    standing_of,
    today,
    was_in_call,
)
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import BANGKOK, written_date
from callcenter.desks.shared.units import DeskRole, Standing
from callcenter.ports.metrics import Kind, Series
from callcenter.ports.people import Role
from callcenter.ports.records import CallRecords
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.texts import CallName

WRITERS = (DeskRole.SUPERVISOR, DeskRole.PROVINCE_ADMIN, DeskRole.OFFICER, DeskRole.CENTRAL)
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


@dataclass(slots=True)
class Searches:
    """The number of searches since the service started."""

    found: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    answers: AnswersInPostgres
    units: UnitsInPostgres
    records: CallRecords
    searches: Searches
    figures: Counted[Counts]


endpoints = Endpoints("answers")
DOING = ("unknown_answer", "not_allowed", "answer_changed")


@endpoints.post("/answer-search", needs=ANYONE)
async def search_answers(request: Request[Parts], body: AnswerSearch) -> AnswersFound:
    """Find answers by their words.

    Words are also found inside a Thai word, with or without tone marks.
    """
    parts, now = request.parts, request.wall()
    looked_for = rules.terms(body.text)
    found = await parts.answers.search(looked_for, now, body.limit) if looked_for else []
    missed = bool(looked_for) and not found and not body.typing
    if not body.typing:
        parts.searches.found += bool(found)
        parts.searches.missed += missed
    if missed and rules.is_kept(body.text):
        await parts.answers.miss(body.text.strip(), now)
    units = await parts.units.units()
    hits = [
        AnswerHit(
            answer=each.id,
            version=each.version.number,
            title=each.version.wording.title,
            excerpt=rules.excerpt(each.version.wording.text, looked_for[0]),
            out_of_date=rules.state_of(each, now) is AnswerState.REVIEW_DUE,
            review_by_th=written_date(each.version.wording.review_by),
            unit_name=units.by_id[each.unit].name_th,
            uses=each.uses,
        )
        for each in found
    ]
    return AnswersFound(answers=hits, missed=missed)


@endpoints.get("/answers", needs=ANYONE)
async def list_answers(request: Request[Parts], query: AnswerQuery) -> AnswerList:
    """List answers by id. With `state=review_due` those that somebody must review."""
    wanted = AnswerFilter(
        unit=query.unit or None,
        topic=query.topic or None,
        state=query.state or None,
        after=query.after,
        limit=query.limit,
    )
    found = await request.parts.answers.answers(wanted, request.wall())
    full = len(found) == query.limit
    standing = await standing_of(request, request.parts.units)
    views = [_view(request, standing, each) for each in found]
    return AnswerList(answers=views, next=found[-1].id if full else None)


@endpoints.post(
    "/answers",
    needs=ANYONE,
    status=201,
    problems=("not_allowed", "unit_needed", "unknown_unit", "review_fault"),
)
async def add_answer(request: Request[Parts], body: NewAnswer) -> AnswerView:
    """Write a new answer for the unit that owns it."""
    standing = await standing_of(request, request.parts.units)
    unit = _own_unit(standing, body.unit)
    wording = _wording(request, body)
    made, is_new = await request.parts.answers.add(
        unit, wording, request.person.name, request.wall()
    )
    if is_new:
        await request.note("answer.written", str(made.id), version=1)
    return _view(request, standing, made)


@endpoints.get("/answers/{answer}", needs=ANYONE, problems=("unknown_answer",))
async def one_answer(request: Request[Parts], query: OneAnswerQuery) -> AnswerView:
    """Show an answer as it is now, or with `on=` as it was at the end of that day in Bangkok."""
    at = None
    if query.on is not UNSET:
        at = datetime.combine(query.on, datetime.max.time(), BANGKOK)
    version = None if query.version is UNSET else query.version
    found = await request.parts.answers.answer(_number(request), at=at, version=version)
    if found is None:
        raise _unknown()
    standing = await standing_of(request, request.parts.units)
    return _view(request, standing, found, min(at, request.wall()) if at else None)


@endpoints.get("/answers/{answer}/versions", needs=ANYONE, problems=("unknown_answer",))
async def list_versions(request: Request[Parts]) -> VersionList:
    """List all versions that were ever in force, latest first."""
    found = await request.parts.answers.versions(_number(request))
    if not found:
        raise _unknown()
    return VersionList(versions=[_version_view(each) for each in found])


@endpoints.put("/answers/{answer}", needs=ANYONE, problems=(*DOING, "review_fault"))
async def write_answer(request: Request[Parts], body: NewVersion) -> AnswerView:
    """Write a new version. Earlier versions stay readable."""
    store = request.parts.answers

    async def write(answer: Answer, by: str, at: datetime) -> Answer:
        return await store.write(answer, _wording(request, body), by, at)

    return await _change(request, body.version, "answer.written", write)


@endpoints.post(
    "/answers/{answer}/review", needs=ANYONE, problems=(*DOING, "answer_withdrawn", "review_fault")
)
async def review_answer(request: Request[Parts], body: Reviewing) -> AnswerView:
    """Confirm that an answer is still right, and set its next review."""
    store = request.parts.answers

    async def confirm(answer: Answer, by: str, at: datetime) -> Answer:
        _refuse_review(request, body.review_by)
        if answer.withdrawn_at is not None:
            raise Problem("answer_withdrawn", "Write a new version to bring it back.")
        wording = replace(answer.version.wording, review_by=body.review_by)
        return await store.write(answer, wording, by, at)

    return await _change(request, body.version, "answer.reviewed", confirm)


@endpoints.post("/answers/{answer}/withdraw", needs=ANYONE, problems=(*DOING, "answer_withdrawn"))
async def withdraw_answer(request: Request[Parts], body: Withdrawing) -> AnswerView:
    """Withdraw an answer. It is not found any more, but its versions stay readable."""
    store = request.parts.answers

    async def withdraw(answer: Answer, by: str, at: datetime) -> Answer:
        if answer.withdrawn_at is not None:
            raise Problem("answer_withdrawn", "It is withdrawn already.")
        return await store.withdraw(answer, body.why.strip(), by, at)

    return await _change(request, body.version, "answer.withdrawn", withdraw)


@endpoints.post(
    "/answers/{answer}/uses",
    needs=ANYONE,
    status=201,
    problems=("unknown_answer", "answer_withdrawn", "not_your_call"),
)
async def use_answer(request: Request[Parts], body: Using) -> UseNote:
    """Get the text and link for the note of a call. The use is counted."""
    found = await request.parts.answers.answer(_number(request))
    if found is None:
        raise _unknown()
    now = request.wall()
    state = rules.state_of(found, now)
    if state is AnswerState.WITHDRAWN:
        raise Problem("answer_withdrawn", "It must not be told any more.")
    if body.call is not None and not await was_in_call(request, request.parts.records, body.call):
        raise Problem("not_your_call", "What a caller was told is noted by who told it.")
    use = Use(
        answer=found.id,
        version=found.version.number,
        call=body.call,
        account=request.person.name,
        at=now,
    )
    await request.parts.answers.use(use)
    link = _link(found.id, found.version.number)
    return UseNote(
        answer=found.id,
        version=found.version.number,
        out_of_date=state is AnswerState.REVIEW_DUE,
        note=rules.note_of(found, link),
        link=link,
    )


@endpoints.get("/calls/{call}/answers", needs=Role.SUPERVISOR)
async def answers_of_call(request: Request[Parts]) -> UseList:
    """List the answers, with their versions, that were put into the note of a call."""
    found = await request.parts.answers.uses_in(request.path["call"])
    return UseList(
        uses=[
            UseView(
                answer=use.answer,
                version=use.version,
                account=use.account,
                at=use.at,
                link=_link(use.answer, use.version),
            )
            for use in found
        ]
    )


@endpoints.get("/answer-misses", needs=ANYONE, problems=("not_allowed",))
async def list_misses(request: Request[Parts], query: MissQuery) -> MissList:
    """List the searches that found nothing, the most frequent first.

    For people who write answers.
    """
    await _require_writer(request)
    found = await request.parts.answers.misses(query.limit)
    return MissList(
        misses=[
            MissView(
                miss=each.id,
                text=each.text,
                times=each.times,
                first_at=each.first_at,
                last_at=each.last_at,
            )
            for each in found
        ]
    )


@endpoints.delete(
    "/answer-misses/{miss}", needs=ANYONE, status=204, problems=("not_allowed", "unknown_miss")
)
async def settle_miss(request: Request[Parts]) -> None:
    """Remove a miss from the list: its answer is written, or will not be."""
    await _require_writer(request)
    if not await request.parts.answers.settle(int(request.path["miss"])):
        raise Problem("unknown_miss", "GET /api/v1/answer-misses lists those there are.")


# --- parts ---------------------------------------------------------------------------------------

Change = Callable[[Answer, str, datetime], Awaitable[Answer]]


async def _change(request: Request[Parts], version: int, what: str, change: Change) -> AnswerView:
    standing = await standing_of(request, request.parts.units)
    found = await request.parts.answers.answer(_number(request))
    if found is None:
        raise _unknown()
    if found.unit not in standing.units_as(*WRITERS):
        raise Problem("not_allowed", "It is changed by the unit that owns it.")
    if version != found.latest:
        raise _changed(found)
    try:
        made = await change(found, request.person.name, request.wall())
    except StaleError as error:
        raise _changed(found) from error
    await request.note(what, str(made.id), version=made.version.number)
    return _view(request, standing, made)


async def _require_writer(request: Request[Parts]) -> None:
    standing = await standing_of(request, request.parts.units)
    if not standing.roles() & {*WRITERS}:
        raise Problem("not_allowed", "This needs a grant of who writes answers.")


def _own_unit(standing: Standing, named: str | None) -> str:
    if named is not None and named not in standing.units.by_id:
        raise Problem("unknown_unit", "GET /api/v1/units lists those there are.")
    if named is not None and named in standing.units_as(*WRITERS):
        return named
    own = standing.own_units(*WRITERS)
    if named is not None or not own:
        raise Problem("not_allowed", f"This needs a grant: {' or '.join(WRITERS)} at the unit.")
    if len(own) > 1:
        raise Problem("unit_needed", "Say for which of your units.", faults=own)
    return own[0]


def _wording(request: Request[Parts], fields: AnswerFields) -> Wording:
    _refuse_review(request, fields.review_by)
    return Wording(
        title=fields.title.strip(),
        text=fields.text.strip(),
        keywords=tuple(dict.fromkeys(word.strip() for word in fields.keywords)),
        source=fields.source.strip(),
        topic=fields.topic,
        review_by=fields.review_by,
    )


def _refuse_review(request: Request[Parts], review_by: date) -> None:
    fault = rules.review_fault(review_by, today(request))
    if fault is not None:
        raise Problem("review_fault", fault, faults=[written_date(review_by)])


def _number(request: Request[Parts]) -> int:
    return int(request.path["answer"])


def _link(answer: int, version: int) -> str:
    return f"/desks.html#/answers/{answer}/{version}"


def _view(
    request: Request[Parts], standing: Standing, found: Answer, at: datetime | None = None
) -> AnswerView:
    said, version = found.version.wording, found.version
    return AnswerView(
        answer=found.id,
        version=version.number,
        latest=found.latest,
        state=rules.state_of(found, at or request.wall()),
        title=said.title,
        text=said.text,
        keywords=list(said.keywords),
        source=said.source,
        topic=said.topic,
        unit=found.unit,
        unit_name=standing.units.by_id[found.unit].name_th,
        since=version.since,
        written_by=version.written_by,
        review_by=said.review_by,
        review_by_th=written_date(said.review_by),
        withdrawn_at=found.withdrawn_at,
        withdrawn_why=found.withdrawn_why,
        uses=found.uses,
        may_write=found.unit in standing.units_as(*WRITERS),
        link=_link(found.id, version.number),
    )


def _version_view(version: Version) -> VersionView:
    return VersionView(
        version=version.number,
        since=version.since,
        written_by=version.written_by,
        title=version.wording.title,
        review_by=version.wording.review_by,
    )


def _unknown() -> Problem:
    return Problem("unknown_answer", "POST /api/v1/answer-search finds those there are.")


def _changed(found: Answer) -> Problem:
    detail = "Somebody was quicker. Look at it again."
    return Problem("answer_changed", detail, faults=[str(found.latest)])


ANSWERS = Series(
    name="hotline_answers",
    kind=Kind.GAUGE,
    labels=("state",),
    help="Answers of the answer base; review_due: nobody has confirmed them by their date.",
)
SEARCHES = Series(
    name="hotline_answer_searches",
    kind=Kind.COUNTER,
    labels=("found",),
    help="How often somebody looked for an answer, and whether there was one.",
)
USES = Series(
    name="hotline_answer_uses",
    kind=Kind.COUNTER,
    labels=(),
    help="How often an answer was put into the note of a call.",
)
MISSES = Series(
    name="hotline_answer_misses",
    kind=Kind.GAUGE,
    labels=(),
    help="What was looked for, is in no answer and is still on the list.",
)
FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_answer": ProblemKind(404, "There is no such answer"),
        "unknown_miss": ProblemKind(404, "There is no such miss"),
        "unknown_unit": UNKNOWN_UNIT,
        "answer_changed": ProblemKind(409, "The answer was changed in the meantime"),
        "answer_withdrawn": ProblemKind(409, "The answer is withdrawn"),
        "not_your_call": ProblemKind(409, "The call is not one's own"),
        "review_fault": ProblemKind(422, "The date of the review cannot be accepted"),
        "unit_needed": ProblemKind(422, "It is not clear for which unit"),
    },
    path_patterns={
        "answer": r"[1-9][0-9]{0,8}",
        "miss": r"[1-9][0-9]{0,8}",
        "call": r"[A-Za-z0-9._-]{1,150}",
    },
    metrics={
        ANSWERS: lambda parts: parts.figures.samples(
            lambda c: {(state,): many for state, many in c.states.items()}
        ),
        SEARCHES: lambda parts: {
            ("yes",): parts.searches.found,
            ("no",): parts.searches.missed,
        },
        USES: lambda parts: parts.figures.samples(lambda c: {(): c.uses}),
        MISSES: lambda parts: parts.figures.samples(lambda c: {(): c.misses}),
    },
)
