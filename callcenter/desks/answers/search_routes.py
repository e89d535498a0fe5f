"""Searching the answer base in the API, and what nobody found."""

from callcenter.desks.answers import rules
from callcenter.desks.answers.asking import Parts, endpoints, require_writer
from callcenter.desks.answers.model import AnswerState
from callcenter.desks.answers.views import (
    AnswerHit,
    AnswerSearch,
    AnswersFound,
    MissList,
    MissQuery,
    MissView,
)
from callcenter.desks.shared.routes import ANYONE
from callcenter.desks.shared.thai import written_date
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem


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


@endpoints.get("/answer-misses", needs=ANYONE, problems=("not_allowed",))
async def list_misses(request: Request[Parts], query: MissQuery) -> MissList:
    """List the searches that found nothing, the most frequent first.

    For people who write answers.
    """
    await require_writer(request)
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
    await require_writer(request)
    if not await request.parts.answers.settle(int(request.path["miss"])):
        raise Problem("unknown_miss", "GET /api/v1/answer-misses lists those there are.")
