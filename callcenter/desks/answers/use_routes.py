"""Answers in the notes of calls in the API: what a caller was told."""

from callcenter.desks.answers import rules
from callcenter.desks.answers.asking import Parts, endpoints, link_of, number_of, unknown_answer
from callcenter.desks.answers.model import AnswerState, Use
from callcenter.desks.answers.views import UseList, UseNote, UseView, Using
from callcenter.desks.shared.routes import ANYONE, was_in_call
from callcenter.ports.people import Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem


@endpoints.post(
    "/answers/{answer}/uses",
    needs=ANYONE,
    status=201,
    problems=("unknown_answer", "answer_withdrawn", "not_your_call"),
)
async def use_answer(request: Request[Parts], body: Using) -> UseNote:
    """Get the text and link for the note of a call. The use is counted."""
    found = await request.parts.answers.answer(number_of(request))
    if found is None:
        raise unknown_answer()
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
    link = link_of(found.id, found.version.number)
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
                link=link_of(use.answer, use.version),
            )
            for use in found
        ]
    )
