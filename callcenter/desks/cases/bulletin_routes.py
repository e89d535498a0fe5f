"""Bulletins in the API: a unit's own people make, change and publish them."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.desks.cases import papers
from callcenter.desks.cases.asking import Parts, endpoints, own_unit
from callcenter.desks.cases.bulletin_store import (
    Bulletin,
    BulletinChangedError,
    IssueTakenError,
)
from callcenter.desks.cases.bulletins import HEADINGS, Figures, figures, results, written
from callcenter.desks.cases.model import Channel
from callcenter.desks.cases.views import Line, Long, Short
from callcenter.desks.cases.words import CHANNELS
from callcenter.desks.shared.papers import pdf
from callcenter.desks.shared.routes import ANYONE, Day, UnitId, standing_of, today
from callcenter.desks.shared.thai import thai, written_date
from callcenter.desks.shared.units import DeskRole, Standing
from callcenter.thai_holidays import FIRST_YEAR, LAST_YEAR
from callcenter.web.endpoint import Download, Request
from callcenter.web.errors import Problem

WRITERS = (DeskRole.SUPERVISOR, DeskRole.PROVINCE_ADMIN)
READERS = (*WRITERS, DeskRole.OPERATOR, DeskRole.OFFICER)
Issue = Annotated[int, Meta(ge=1, le=99_999)]


class NewBulletin(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An issue about the days from `first` to `last`. `channels`: those recorded here for the whole
    period; if left out, those that have cases. `issue`: if left out, the next one."""

    subject: Short
    first: Day
    last: Day
    unit: UnitId | None = None
    issue: Issue | None = None
    day: Day | UnsetType = UNSET
    channels: list[Channel] | UnsetType = UNSET
    background: Long = ""
    benefit: Long = ""
    contacts: Line = ""


class BulletinText(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The values to change. Values that are left out stay. `votes`: those of the readers."""

    version: Annotated[int, Meta(ge=1, le=1_000_000)]
    subject: Short | UnsetType = UNSET
    background: Long | UnsetType = UNSET
    results: Long | UnsetType = UNSET
    benefit: Long | UnsetType = UNSET
    contacts: Line | UnsetType = UNSET
    votes: Annotated[int, Meta(ge=0, le=10_000_000)] | UnsetType | None = UNSET
    publish: bool = False


class BulletinView(msgspec.Struct, kw_only=True):
    """An issue. `figures`: as they were counted, whatever the text says."""

    unit: str
    issue: int
    day: date
    subject: str
    first: date
    last: date
    background: str
    results: str
    benefit: str
    contacts: str
    votes: int | None
    figures: Figures
    cases: int
    people: int
    version: int
    created_by: str
    published: bool


class BulletinList(msgspec.Struct):
    """Issues, the latest first."""

    bulletins: list[BulletinView]


@endpoints.post(
    "/bulletins", needs=ANYONE, status=201, problems=("not_allowed", "unit_needed", "issue_taken")
)
async def make_bulletin(request: Request[Parts], body: NewBulletin) -> BulletinView:
    """Begin a unit's next issue.

    The figures are counted now, and its second heading is written from them.
    """
    standing = await standing_of(request, request.parts.units)
    unit = own_unit(standing, body.unit, *WRITERS)
    if not FIRST_YEAR <= body.first.year <= body.last.year <= LAST_YEAR or body.last < body.first:
        raise Problem("invalid", f"A period of the years {FIRST_YEAR} to {LAST_YEAR}, in order.")
    found = await request.parts.bulletins.count(standing.units.below(unit), body.first, body.last)
    recorded = {each.channel for each in found} if body.channels is UNSET else body.channels
    counted = figures(found, recorded, request.wall())
    bulletin = Bulletin(
        unit=unit,
        issue=0,
        day=today(request) if body.day is UNSET else body.day,
        subject=body.subject,
        first=body.first,
        last=body.last,
        background=body.background,
        results=results(body.first, body.last, counted),
        benefit=body.benefit,
        contacts=body.contacts,
        votes=None,
        figures=counted,
        version=1,
        created_by=request.person.name,
    )
    try:
        made = await request.parts.bulletins.add(bulletin, body.issue)
    except IssueTakenError as error:
        raise Problem("issue_taken", "Leave it out for the next one.") from error
    await request.note("bulletin.made", f"{made.unit} {made.issue}")
    return _view(made)


@endpoints.get("/bulletins", needs=ANYONE)
async def list_bulletins(request: Request[Parts]) -> BulletinList:
    """List the issues of the units where one works, and of those below."""
    standing = await standing_of(request, request.parts.units)
    found = await request.parts.bulletins.all(_readable(standing))
    return BulletinList(bulletins=[_view(each) for each in found])


@endpoints.get("/bulletins/{unit}/{issue}", needs=ANYONE, problems=("unknown_bulletin",))
async def show_bulletin(request: Request[Parts]) -> BulletinView:
    """Show one issue."""
    return _view(await _found(request, await standing_of(request, request.parts.units)))


@endpoints.get(
    "/bulletins/{unit}/{issue}/paper",
    needs=ANYONE,
    gives="application/pdf",
    problems=("unknown_bulletin",),
)
async def print_bulletin(request: Request[Parts]) -> Download:
    """Print an issue as PDF, with its four headings in order and the figures."""
    standing = await standing_of(request, request.parts.units)
    bulletin = await _found(request, standing)
    await request.audit("bulletin.paper", f"{bulletin.unit} {bulletin.issue}")
    filled: dict[str, Any] = {
        "unit": standing.units.by_id[bulletin.unit].name_th,
        "issue": thai(bulletin.issue),
        "date": written_date(bulletin.day),
        "subject": bulletin.subject,
        "headings": HEADINGS,
        "background": bulletin.background,
        "results": bulletin.results.split("\n"),
        "benefit": bulletin.benefit,
        "contacts": bulletin.contacts,
        "votes": "" if bulletin.votes is None else thai(bulletin.votes),
        "figures": [[CHANNELS[c.channel], written(c)] for c in bulletin.figures.channels],
    }
    body = await pdf(papers.form_of("bulletin"), filled)
    return Download(name=f"bulletin-{bulletin.unit}-{bulletin.issue}.pdf", body=body)


@endpoints.put(
    "/bulletins/{unit}/{issue}",
    needs=ANYONE,
    problems=("unknown_bulletin", "not_allowed", "changed_meanwhile", "published"),
)
async def change_bulletin(request: Request[Parts], body: BulletinText) -> BulletinView:
    """Change the texts of an issue, or publish it.

    A published issue cannot be changed, and figures never can.
    """
    standing = await standing_of(request, request.parts.units)
    bulletin = await _found(request, standing)
    if bulletin.unit not in standing.units_as(*WRITERS):
        raise Problem("not_allowed", f"This needs a grant: {' or '.join(WRITERS)} at the unit.")
    if bulletin.published_at is not None:
        raise Problem("published", "Write the next one.")
    names = ("subject", "background", "results", "benefit", "contacts", "votes")
    texts = {n: getattr(body, n) for n in names if getattr(body, n) is not UNSET}
    changed = replace(
        bulletin,
        version=body.version + 1,
        published_at=request.wall() if body.publish else None,
        **texts,
    )
    try:
        await request.parts.bulletins.save(changed)
    except BulletinChangedError as error:
        raise Problem("changed_meanwhile", "Somebody was quicker. Look at it again.") from error
    about = f"{bulletin.unit} {bulletin.issue}"
    if body.publish:
        await request.note("bulletin.published", about, version=changed.version)
    else:
        await request.note("bulletin.changed", about, version=changed.version)
    return _view(changed)


def _readable(standing: Standing) -> frozenset[str] | None:
    """The units whose issues the person may read. None: all units."""
    return None if DeskRole.CENTRAL in standing.roles() else standing.units_as(*READERS)


async def _found(request: Request[Parts], standing: Standing) -> Bulletin:
    unit, readable = request.path["unit"], _readable(standing)
    bulletin = None
    if readable is None or unit in readable:
        bulletin = await request.parts.bulletins.of(unit, int(request.path["issue"]))
    if bulletin is None:
        raise Problem("unknown_bulletin", "GET /api/v1/bulletins lists those you may see.")
    return bulletin


def _view(bulletin: Bulletin) -> BulletinView:
    same = (
        "unit issue day subject first last background results benefit contacts votes figures "
        "version created_by"
    )
    return BulletinView(
        **{name: getattr(bulletin, name) for name in same.split()},
        cases=bulletin.figures.cases,
        people=bulletin.figures.people,
        published=bulletin.published_at is not None,
    )
