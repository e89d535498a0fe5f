"""What all endpoints of cases share: their parts, and their views."""

import asyncio
from dataclasses import dataclass, field

from callcenter.core.ids import OperatorId
from callcenter.desks.cases.bulletin_store import BulletinsInPostgres
from callcenter.desks.cases.figures import CaseFigures
from callcenter.desks.cases.file_store import FilesInPostgres
from callcenter.desks.cases.files import units_that_may_add
from callcenter.desks.cases.model import Case
from callcenter.desks.cases.parties import choices
from callcenter.desks.cases.rules import Act
from callcenter.desks.cases.store import CaseLine, CasesInPostgres, Told
from callcenter.desks.cases.vault import Vault
from callcenter.desks.cases.views import (
    CaseList,
    CaseView,
    case_view,
    line_view,
)
from callcenter.desks.shared.numbers import written_number
from callcenter.desks.shared.routes import found_area, today
from callcenter.desks.shared.scope import identity_scope_of, scope_of
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import has_phone
from callcenter.desks.shared.units import DeskRole, Standing, Unit
from callcenter.ports.records import CallRecords
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem

EARLIER_MOST = 20
LISTS_AT_ONCE = 3  # list files written at the same time; the fourth request must try again
UPLOADS_AT_ONCE = 4  # uploads at the same time; the fifth must try again
endpoints = Endpoints("cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    cases: CasesInPostgres
    units: UnitsInPostgres
    records: CallRecords
    figures: CaseFigures
    bulletins: BulletinsInPostgres
    files: FilesInPostgres
    vault: Vault
    listing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LISTS_AT_ONCE))
    importing: asyncio.Lock = field(default_factory=asyncio.Lock)
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS_AT_ONCE))


async def act_of(request: Request[Parts], unit: str) -> Act:
    """Who acts now, and for which unit."""
    holidays = await request.parts.units.holidays()
    return Act(
        account=request.person.name,
        unit=unit,
        at=request.wall(),
        limits=await request.parts.cases.limits(),
        off=holidays.is_off,
    )


async def told_of(request: Request[Parts], standing: Standing) -> Told:
    """The case in the path, with its history. Raises a Problem if it is not in the person's
    scope."""
    told = await request.parts.cases.told(request.path["case"], scope_of(standing))
    if told is None:
        raise unknown_case()
    return told


def view_of(request: Request[Parts], standing: Standing, told: Told) -> CaseView:
    """The case as this person sees it."""
    now = request.wall()
    return case_view(
        told,
        standing.units,
        now,
        choices(told.case, standing, now),
        may_add_files=bool(units_that_may_add(told.case, standing)),
    )


async def may_see_person(request: Request[Parts], standing: Standing, case: Case) -> bool:
    """Whether the person may see who complains in this case: supervisors, the unit that passed it
    down, and the operator during the call in which the case was made."""
    store = request.parts.cases
    if await store.case(case.number, identity_scope_of(standing)) is not None:
        return True
    if DeskRole.OPERATOR not in standing.roles():
        return False
    operator = request.engine.state.operators.get(OperatorId(request.person.name))
    return bool(case.call and operator and operator.call == case.call)


def list_of(
    request: Request[Parts],
    standing: Standing,
    found: list[CaseLine],
    next_after: str | None = None,
) -> CaseList:
    """Cases in the form of a list."""
    now = request.wall()
    lines = [line_view(line, standing.units, now) for line in found]
    return CaseList(cases=lines, next=next_after)


def own_unit(standing: Standing, named: str | None, *roles: DeskRole) -> str:
    """The unit for which something new is made. Raises a Problem if it is not one of the person's
    units."""
    own = standing.own_units(*roles)
    if named is not None and named in standing.units_as(*roles):
        return named
    if not own or named is not None:
        raise Problem("not_allowed", f"This needs a grant: {' or '.join(roles)} at the unit.")
    if len(own) > 1:
        raise Problem("unit_needed", "Say for which of your units.", faults=own)
    return own[0]


def unit_of(standing: Standing, name: str) -> Unit:
    """The unit. Raises a Problem if there is none."""
    found = standing.units.by_id.get(name)
    if found is None:
        raise Problem("unknown_unit", "GET /api/v1/units lists those there are.")
    return found


def working_unit(request: Request[Parts], standing: Standing, name: str) -> Unit:
    """The unit. Raises a Problem if it does not work today."""
    unit = unit_of(standing, name)
    if not unit.works_on(today(request)):
        raise Problem("unit_closed", "It does not work any more: choose another unit.")
    return unit


def area_code(text: str) -> str:
    """The code of the area in a text. Raises a Problem if it is not an area, or is the whole
    country."""
    code = found_area(text).code
    if not code:
        raise Problem("province_needed", "Name at least the province.")
    return code


def refuse_phones(confirmed: bool, *texts: str) -> None:
    """Raises a Problem if a text has something like a phone number, and nobody has confirmed it."""
    if not confirmed and any(map(has_phone, texts)):
        detail = "Move the phone number to the person. If it is none of theirs, confirm it."
        raise Problem("phone_in_text", detail)


def unknown_case() -> Problem:
    """The same problem for a case that does not exist and for one outside the scope."""
    return Problem("unknown_case", "Check the number; ask who gave it to you.")


def changed_meanwhile(case: Case) -> Problem:
    """Somebody else changed the case first."""
    detail = f"Somebody was quicker. Look at {written_number(case.number)} again."
    return Problem("changed_meanwhile", detail, faults=[str(case.version)])
