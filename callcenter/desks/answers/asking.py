"""What all endpoints of the answer base share: their parts, who may write, and how an answer is
shown."""

from dataclasses import dataclass
from datetime import datetime

from callcenter.desks.answers import rules
from callcenter.desks.answers.model import Answer
from callcenter.desks.answers.store import AnswersInPostgres, Counts
from callcenter.desks.answers.views import AnswerView
from callcenter.desks.shared.routes import standing_of
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import written_date
from callcenter.desks.shared.units import DeskRole, Standing
from callcenter.ports.records import CallRecords
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem

WRITERS = (DeskRole.SUPERVISOR, DeskRole.PROVINCE_ADMIN, DeskRole.OFFICER, DeskRole.CENTRAL)


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


async def require_writer(request: Request[Parts]) -> None:
    """A person with a grant of those who write answers. Problem."""
    standing = await standing_of(request, request.parts.units)
    if not standing.roles() & {*WRITERS}:
        raise Problem("not_allowed", "This needs a grant of who writes answers.")


def number_of(request: Request[Parts]) -> int:
    """The answer that the path names."""
    return int(request.path["answer"])


def link_of(answer: int, version: int) -> str:
    """Its page, for people."""
    return f"/desks.html#/answers/{answer}/{version}"


def view_of(
    request: Request[Parts], standing: Standing, found: Answer, at: datetime | None = None
) -> AnswerView:
    """An answer as the person sees it; its state is that of `at`, or of now."""
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
        link=link_of(found.id, version.number),
    )


def unknown_answer() -> Problem:
    """There is none of that number."""
    return Problem("unknown_answer", "POST /api/v1/answer-search finds those there are.")
