"""What all endpoints of report rounds share: their parts, and who may see and do what.

What is outside a person's scope gets the same answer as what does not exist.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from callcenter.desks.reports.drafting import Drafting
from callcenter.desks.reports.figures import Figures
from callcenter.desks.reports.mail_in import Incoming
from callcenter.desks.reports.model import (
    Expectation,
    Report,
    Round,
)
from callcenter.desks.reports.post import Outbox, Post
from callcenter.desks.reports.states import EDITORS
from callcenter.desks.reports.store import ReportsInPostgres
from callcenter.desks.shared.routes import (
    standing_of,
)
from callcenter.desks.shared.scope import Scope
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import DateFault, read_moment, written_moment
from callcenter.desks.shared.units import DeskRole, Standing
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    reports: ReportsInPostgres
    units: UnitsInPostgres
    drafting: Drafting
    outbox: Outbox
    post: Post
    incoming: Incoming
    figures: Counted[Figures]


endpoints = Endpoints("reports")


ROUND = ("unknown_round", "not_allowed")


def report_scope(standing: Standing) -> Scope:
    """Reports are seen by the units that edit them, by the units above, and by the ministry."""
    return Scope(
        everything=DeskRole.CENTRAL in standing.roles(),
        units=standing.units_as(*EDITORS),
        sources=frozenset(),
    )


def sees_all(standing: Standing, of: Round) -> bool:
    """Whether the person sees all: the ministry, and viewers once the round is published."""
    roles = standing.roles()
    if DeskRole.CENTRAL in roles:
        return True
    return DeskRole.VIEWER in roles and of.published_at is not None


async def central_only(request: Request[Parts]) -> Standing:
    """Raises a Problem for everybody who is not of the ministry."""
    standing = await standing_of(request, request.parts.units)
    if DeskRole.CENTRAL not in standing.roles():
        raise Problem("not_allowed", "Rounds are the ministry's (role central).")
    return standing


async def round_of(request: Request[Parts], standing: Standing) -> Round:
    """The round in the path, if the person may see any of its units."""
    return await a_round(request, standing, int(request.path["round"]))


async def a_round(request: Request[Parts], standing: Standing, number: int) -> Round:
    """A round, if the person may see any of its units."""
    found = await request.parts.reports.round(number)
    if found is None or not await seen_of(request, standing, found):
        raise unknown_round()
    return found


async def seen_of(request: Request[Parts], standing: Standing, of: Round) -> list[Expectation]:
    """The units of a round that the person may see."""
    expected = await request.parts.reports.expected(of.id)
    if sees_all(standing, of):
        return expected
    mine = standing.units_as(*EDITORS)
    return [each for each in expected if each.unit in mine]


async def report_of(request: Request[Parts], standing: Standing) -> tuple[Report, Round]:
    """The report in the path, if the person may see it, and its round."""
    store = request.parts.reports
    report = await store.report(request.path["report"], report_scope(standing))
    if report is None:
        raise Problem("unknown_report", "Check the number.")
    found = await store.round(report.round)
    assert found is not None
    return report, found


def moment_of(text: str) -> datetime:
    """A moment as people write it. Raises a Problem if there is no such moment."""
    try:
        return read_moment(text).astimezone(UTC)
    except (DateFault, OverflowError) as error:
        raise Problem("date_fault", "Correct it and send it again.", faults=[str(error)]) from error


def refuse_published(of: Round) -> None:
    """Raises a Problem if the round is published."""
    if of.published_at is not None:
        detail = f"The round was published {written_moment(of.published_at)} and is closed."
        raise Problem("round_published", detail)


def unknown_round() -> Problem:
    """The same problem for a round that does not exist and for one outside the scope."""
    return Problem("unknown_round", "GET /api/v1/report-rounds lists those there are.")
