"""Reading and writing answers in the API. A version is never changed: each action makes a new
one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime

from msgspec import UNSET

from callcenter.desks.answers import rules
from callcenter.desks.answers.asking import (
    WRITERS,
    Parts,
    endpoints,
    number_of,
    unknown_answer,
    view_of,
)
from callcenter.desks.answers.model import Answer, Version, Wording
from callcenter.desks.answers.store import AnswerFilter, StaleError
from callcenter.desks.answers.views import (
    AnswerFields,
    AnswerList,
    AnswerQuery,
    AnswerView,
    NewAnswer,
    NewVersion,
    OneAnswerQuery,
    Reviewing,
    VersionList,
    VersionView,
    Withdrawing,
)
from callcenter.desks.shared.routes import ANYONE, standing_of, today
from callcenter.desks.shared.thai import BANGKOK, written_date
from callcenter.desks.shared.units import Standing
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem

DOING = ("unknown_answer", "not_allowed", "answer_changed")


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
    views = [view_of(request, standing, each) for each in found]
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
    return view_of(request, standing, made)


@endpoints.get("/answers/{answer}", needs=ANYONE, problems=("unknown_answer",))
async def one_answer(request: Request[Parts], query: OneAnswerQuery) -> AnswerView:
    """Show an answer as it is now, or with `on=` as it was at the end of that day in Bangkok."""
    at = None
    if query.on is not UNSET:
        at = datetime.combine(query.on, datetime.max.time(), BANGKOK)
    version = None if query.version is UNSET else query.version
    found = await request.parts.answers.answer(number_of(request), at=at, version=version)
    if found is None:
        raise unknown_answer()
    standing = await standing_of(request, request.parts.units)
    return view_of(request, standing, found, min(at, request.wall()) if at else None)


@endpoints.get("/answers/{answer}/versions", needs=ANYONE, problems=("unknown_answer",))
async def list_versions(request: Request[Parts]) -> VersionList:
    """List all versions that were ever in force, latest first."""
    found = await request.parts.answers.versions(number_of(request))
    if not found:
        raise unknown_answer()
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


Change = Callable[[Answer, str, datetime], Awaitable[Answer]]


async def _change(request: Request[Parts], version: int, what: str, change: Change) -> AnswerView:
    standing = await standing_of(request, request.parts.units)
    found = await request.parts.answers.answer(number_of(request))
    if found is None:
        raise unknown_answer()
    if found.unit not in standing.units_as(*WRITERS):
        raise Problem("not_allowed", "It is changed by the unit that owns it.")
    if version != found.latest:
        raise _changed(found)
    try:
        made = await change(found, request.person.name, request.wall())
    except StaleError as error:
        raise _changed(found) from error
    await request.note(what, str(made.id), version=made.version.number)
    return view_of(request, standing, made)


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


def _version_view(version: Version) -> VersionView:
    return VersionView(
        version=version.number,
        since=version.since,
        written_by=version.written_by,
        title=version.wording.title,
        review_by=version.wording.review_by,
    )


def _changed(found: Answer) -> Problem:
    detail = "Somebody was quicker. Look at it again."
    return Problem("answer_changed", detail, faults=[str(found.latest)])
