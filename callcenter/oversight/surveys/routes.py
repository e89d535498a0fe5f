"""GET /api/v1/surveys, also as CSV: the results of the surveys, for supervisors."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from callcenter.oversight.surveys.store import SCORES, Asked, Surveyed, Surveys
from callcenter.ports.people import Role
from callcenter.web.calls import Moment
from callcenter.web.endpoint import Download, Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.period import period
from callcenter.web.texts import QueueId

CSV = "text/csv; charset=utf-8"


class SurveyView(msgspec.Struct):
    """The callers of a line who were served by a queue's operators. (Both null: all together.)

    `served`: answered calls. `asked`: of these, callers who got the survey. `answered`: callers who
    pressed 1 to 5. `answer_rate` = answered / asked, and `mean_score`, are null if there is none. A
    rate of few callers is chance: show `asked` with it.
    """

    line: str | None
    queue: str | None
    served: int
    asked: int
    answered: int
    answer_rate: float | None
    mean_score: float | None
    scores: dict[str, int]
    silent: int
    left: int
    cut: int


class SurveyAnswer(msgspec.Struct):
    """The calls that arrived from `since` to `before`."""

    since: datetime
    before: datetime
    surveys: list[SurveyView]


class SurveyQuery(msgspec.Struct):
    """Which calls. If left out: the last 24 hours, every line, every queue."""

    arrived_from: Moment | UnsetType = UNSET
    arrived_before: Moment | UnsetType = UNSET
    line: QueueId | UnsetType = UNSET
    queue: QueueId | UnsetType = UNSET


endpoints = Endpoints("oversight")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    surveys: Surveys


@endpoints.get("/surveys", needs=Role.SUPERVISOR, problems=("surveys_too_long",))
async def surveys(request: Request[Parts], query: SurveyQuery) -> SurveyAnswer:
    """Show how many callers got the survey, how many answered, and their scores.

    By line and queue.
    """
    asked = _asked(query, now=request.wall())
    found = await _found(request, asked)
    return SurveyAnswer(
        since=asked.since, before=asked.before, surveys=[_view(each) for each in found]
    )


@endpoints.get("/surveys/csv", needs=Role.SUPERVISOR, gives=CSV, problems=("surveys_too_long",))
async def surveys_as_csv(request: Request[Parts], query: SurveyQuery) -> Download:
    """Get the same as CSV: a row for each line and queue."""
    found = await _found(request, _asked(query, now=request.wall()))
    return Download(name="surveys.csv", body=as_csv(found))


def as_csv(found: list[Surveyed]) -> bytes:
    """A mark at the beginning shows a spreadsheet program that the text is UTF-8. There is no row
    for the total, because a spreadsheet can add. Names of lines and queues cannot be formulas: they
    have only a-z 0-9 _ - and begin with a letter or digit."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    scores = [f"score_{score}" for score in SCORES]
    counts = ["served", "asked", "answered", *scores, "silent", "left", "cut"]
    writer.writerow(["line", "queue", *counts])
    for each in found:
        if each.line is not None:
            without = (each.silent, each.left, each.cut)
            numbers = (each.served, each.asked, each.answered, *each.scores, *without)
            writer.writerow([each.line, each.queue, *numbers])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


async def _found(request: Request[Parts], asked: Asked) -> list[Surveyed]:
    try:
        return await request.parts.surveys.of(asked)
    except TimeoutError as error:
        raise Problem("surveys_too_long", "Choose a shorter time, or one line.") from error


def _asked(query: SurveyQuery, now: datetime) -> Asked:
    since, before = period(query.arrived_from, query.arrived_before, now)
    return Asked(
        since=since,
        before=before,
        line=None if query.line is UNSET else query.line,
        queue=None if query.queue is UNSET else query.queue,
    )


def _view(each: Surveyed) -> SurveyView:
    return SurveyView(
        line=each.line,
        queue=each.queue,
        served=each.served,
        asked=each.asked,
        answered=each.answered,
        answer_rate=each.rate,
        mean_score=each.mean,
        scores={str(score): many for score, many in zip(SCORES, each.scores, strict=True)},
        silent=each.silent,
        left=each.left,
        cut=each.cut,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={"surveys_too_long": ProblemKind(422, "The report takes too long")},
)
