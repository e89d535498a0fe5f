"""Areas, units, grants and holidays in the API. Every desk needs them.

Everyone who is logged in can read the names of areas and offices. Administrators add offices and
give grants. The ministry (role `central`) confirms the holidays of a year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.config import ACCEPTED, PATTERN
from callcenter.core.ids import OperatorId
from callcenter.desks.shared.areas import (
    Area,
    AreaAbolished,
    AreaAmbiguous,
    AreaLevel,
    AreaUnknown,
    all_areas,
    area_of,
    begin_with,
    find_area,
    written_area,
)
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import YEARS, composed, local
from callcenter.desks.shared.thailand import units_of_thailand
from callcenter.desks.shared.units import (
    DeskRole,
    Function,
    Grant,
    Standing,
    Unit,
    UnitFault,
    UnitLevel,
)
from callcenter.ports.metrics import Kind, Series
from callcenter.ports.people import Role
from callcenter.ports.records import CallRecords
from callcenter.thai_holidays import FIRST_YEAR, LAST_YEAR, unconfirmed
from callcenter.web.accounts import UNKNOWN_ACCOUNT
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.texts import AccountName, PersonName, QueueId

ADMIN = Role.ADMINISTRATOR
ANYONE = Role.OFFICER
UnitId = QueueId
AreaCode = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{2}){0,3}$(?!\n)",
        description="DOPA's code of 2, 4 or 6 digits; empty: the whole country",
        examples=["33", "3307", "330702"],
    ),
]
AreaText = Annotated[
    str,
    Meta(min_length=1, max_length=200, description="an area as people write it, or its code"),
]
UnitText = Annotated[
    str, Meta(min_length=1, max_length=100, description="an office's id, or a part of its name")
]
Day = Annotated[
    date,
    Meta(description="a day of the common era (RFC 3339); 2565 is 2022"),
]
HolidayName = Annotated[
    str, Meta(min_length=1, max_length=400, pattern=PATTERN, description=ACCEPTED)
]
Email = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,190}$(?!\n)",
        description="an e-mail address, without quotation marks, brackets and commas",
    ),
]


class AreaView(msgspec.Struct):
    """An area. `written`: with its parents, as in a letter."""

    code: str
    level: int
    kind: str
    name_th: str
    name_en: str
    parent: str
    written: str


class AreaList(msgspec.Struct):
    """Areas. `exact`: the text names exactly this one."""

    exact: bool
    areas: list[AreaView]


class AreaQuery(msgspec.Struct):
    """The typed text. If left out, the provinces."""

    text: AreaText | UnsetType = UNSET


class UnitView(msgspec.Struct):
    """An office."""

    unit: str
    level: UnitLevel
    functions: list[Function]
    name_th: str
    name_en: str
    area: str
    parent: str | None
    email: str | None
    active_from: date
    active_to: date | None


class UnitList(msgspec.Struct):
    """Offices by id. `next`: give it as `after` to get the next page."""

    units: list[UnitView]
    next: str | None


class UnitQuery(msgspec.Struct):
    """Filters for offices. If left out, all that work today."""

    level: UnitLevel | UnsetType = UNSET
    function: Function | UnsetType = UNSET
    area: AreaCode | UnsetType = UNSET
    parent: UnitId | UnsetType = UNSET
    text: UnitText | UnsetType = UNSET
    closed: bool = False
    limit: Annotated[int, Meta(ge=1, le=2000)] = 500
    after: UnitId | UnsetType = UNSET


class UnitFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The fields of an office. It works from `active_from` until the day before `active_to`."""

    level: UnitLevel
    name_th: PersonName
    name_en: PersonName
    functions: Annotated[list[Function], Meta(max_length=8)] = []
    area: AreaCode = ""
    parent: UnitId | None = None
    email: Email | None = None
    active_from: Day | UnsetType = UNSET
    active_to: Day | None = None


class NewUnit(UnitFields, kw_only=True, forbid_unknown_fields=True):
    """An office to be added."""

    unit: UnitId


class UnitsAdded(msgspec.Struct):
    """The number of new offices, and of those that existed already."""

    added: int
    known: int


class GrantView(msgspec.Struct):
    """An account's role at a unit, from `since` until the day before `until`."""

    grant: int
    account: str
    role: DeskRole
    unit: str
    since: date
    until: date | None


class GrantList(msgspec.Struct):
    """Grants, past and present ones, in the order in which they were given."""

    grants: list[GrantView]


class GrantQuery(msgspec.Struct):
    """The account and the unit of the grants."""

    account: AccountName | UnsetType = UNSET
    unit: UnitId | UnsetType = UNSET


class NewGrant(msgspec.Struct, forbid_unknown_fields=True):
    """A role for an account at a unit and all units below. If dates are left out: from today,
    without an end."""

    account: AccountName
    role: DeskRole
    unit: UnitId
    since: Day | UnsetType = UNSET
    until: Day | None = None


class GrantEnd(msgspec.Struct, forbid_unknown_fields=True):
    """The first day on which the grant is not valid any more. If left out, today."""

    until: Day | UnsetType = UNSET


class Holiday(msgspec.Struct, forbid_unknown_fields=True):
    """A day on which offices are closed."""

    day: Day
    name_th: HolidayName


class HolidayYear(msgspec.Struct):
    """A year's holidays. `confirmed`: the ministry has confirmed them. Otherwise they are those
    that the program computes. `missing`: they should be confirmed by now, and are not; of the next
    year from 1 December on."""

    year: int
    confirmed: bool
    missing: bool
    days: list[Holiday]


class ConfirmedHolidays(msgspec.Struct, forbid_unknown_fields=True):
    """All holidays of the year."""

    days: Annotated[list[Holiday], Meta(max_length=100)]


AREA_PROBLEMS = ("area_unknown", "area_ambiguous", "area_abolished")


def found_area(text: str) -> Area:
    """The area that a text names. Raises a Problem if it names none, or several."""
    try:
        return find_area(text)
    except AreaUnknown as error:
        raise Problem("area_unknown", "Write it with its district and province.") from error
    except AreaAmbiguous as error:
        faults = [f"{area.code} {written_area(area.code)}" for area in error.candidates]
        raise Problem("area_ambiguous", "Choose one of these.", faults=faults) from error
    except AreaAbolished as error:
        faults = [f"{code} {written_area(code)}" for code in error.successors]
        raise Problem("area_abolished", "Use what took its place.", faults=faults) from error


def today(request: Request[Any]) -> date:
    """Today's date in Bangkok."""
    return local(request.wall()).date()


async def was_in_call(request: Request[Any], records: CallRecords, call: str) -> bool:
    """Whether the person is, or was, in the call as its operator, also before it was
    transferred."""
    name = request.person.name
    operator = request.engine.state.operators.get(OperatorId(name))
    if operator is not None and operator.call == call:
        return True
    record = await records.call(call)
    if record is None:
        return False
    return record.operator == name or any(
        offer.operator == name and offer.answered_at is not None
        for offer in await records.offers(call)
    )


async def standing_of(request: Request[Any], units: UnitsInPostgres) -> Standing:
    """What the person may do today."""
    return await units.standing(request.person.name, today(request))


endpoints = Endpoints("desks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with. `unconfirmed`: the years whose holidays should be confirmed by
    now."""

    units: UnitsInPostgres
    unconfirmed: Counted[list[int]]


@endpoints.get("/areas", needs=ANYONE)
async def list_areas(request: Request[Parts], query: AreaQuery) -> AreaList:
    """Find the areas that a text names: exactly one, or several to choose from.

    Written as people do: "ตำบลกู่ อำเภอปรางค์กู่", "อ.เมือง จ.ศรีสะเกษ", "กทม.", a code.
    """
    if query.text is UNSET:
        provinces = [a for a in all_areas().values() if a.level is AreaLevel.PROVINCE]
        return AreaList(exact=False, areas=[_area_view(area) for area in provinces])
    try:
        return AreaList(exact=True, areas=[_area_view(find_area(query.text))])
    except AreaAmbiguous as error:
        found = list(error.candidates)
    except AreaAbolished as error:
        found = [area_of(code) for code in error.successors]
    except AreaUnknown:
        found = begin_with(query.text, limit=20)
    return AreaList(exact=False, areas=[_area_view(area) for area in found])


@endpoints.get("/units", needs=ANYONE)
async def list_units(request: Request[Parts], query: UnitQuery) -> UnitList:
    """List the offices that match a filter, by id."""
    day = today(request)
    found = [
        unit
        for unit in (await request.parts.units.units()).by_id.values()
        if _is_wanted(unit, query) and (query.closed or unit.works_on(day))
    ]
    page = found[: query.limit]
    more = len(found) > len(page)
    return UnitList(units=[_unit_view(u) for u in page], next=page[-1].id if more else None)


@endpoints.post("/units", needs=ADMIN, status=201, problems=("unit_exists", "unit_fault"))
async def add_unit(request: Request[Parts], body: NewUnit) -> UnitView:
    """Add an office."""
    unit = _unit_of(body.unit, body, today(request))
    await _check(request, unit)
    if not await request.parts.units.add_units([unit]):
        raise Problem("unit_exists", "Choose another id, or change that office.")
    await request.note("unit.added", unit.id)
    return _unit_view(unit)


@endpoints.post("/units-of-thailand", needs=ADMIN)
async def add_units_of_thailand(request: Request[Parts]) -> UnitsAdded:
    """Add the offices of the whole country: 1111, the ministry, 77 provinces, 928 districts.

    Offices that exist already stay as they are.
    """
    units = list(units_of_thailand(today(request)))
    added = await request.parts.units.add_units(units)
    await request.note("units.thailand", "units", added=added)
    return UnitsAdded(added=added, known=len(units) - added)


@endpoints.put("/units/{unit}", needs=ADMIN, problems=("unknown_unit", "unit_fault"))
async def change_unit(request: Request[Parts], body: UnitFields) -> UnitView:
    """Change an office, or close it by giving `active_to`."""
    name = request.path["unit"]
    present = (await request.parts.units.units()).by_id.get(name)
    if present is None:
        raise Problem("unknown_unit", "GET /api/v1/units lists those there are.")
    unit = _unit_of(name, body, present.active_from)
    await _check(request, unit)
    await request.parts.units.change_unit(unit)
    await request.note("unit.changed", name)
    return _unit_view(unit)


@endpoints.get("/grants", needs=ADMIN)
async def list_grants(request: Request[Parts], query: GrantQuery) -> GrantList:
    """List who may do what at which unit, with past grants."""
    found = await request.parts.units.grants(account=query.account or None, unit=query.unit or None)
    return GrantList(grants=[_grant_view(grant) for grant in found])


@endpoints.get("/me/grants", needs=ANYONE)
async def own_grants(request: Request[Parts]) -> GrantList:
    """List what one may do at desks today."""
    standing = await standing_of(request, request.parts.units)
    return GrantList(grants=[_grant_view(grant) for grant in standing.grants])


@endpoints.post(
    "/grants",
    needs=ADMIN,
    status=201,
    problems=("unknown_unit", "unknown_account", "grant_fault"),
)
async def add_grant(request: Request[Parts], body: NewGrant) -> GrantView:
    """Give an account a role at a unit and all units below."""
    unit = (await request.parts.units.units()).by_id.get(body.unit)
    if unit is None:
        raise Problem("unknown_unit", "GET /api/v1/units lists those there are.")
    wanted = Grant(
        id=0,
        account=body.account,
        role=body.role,
        unit=body.unit,
        since=today(request) if body.since is UNSET else body.since,
        until=body.until,
    )
    _check_grant(wanted, unit)
    given = await request.parts.units.give(wanted, request.person.name, request.wall())
    if given is None:
        raise Problem("unknown_account", "GET /api/v1/accounts lists those there are.")
    await request.note("grant.given", body.account, role=body.role.value, unit=body.unit)
    return _grant_view(given)


@endpoints.put("/grants/{grant}/until", needs=ADMIN, problems=("unknown_grant", "grant_fault"))
async def end_grant(request: Request[Parts], body: GrantEnd) -> GrantView:
    """End a grant. It is kept, so that it can be seen later who could do what on a day."""
    until = today(request) if body.until is UNSET else body.until
    _check_year(until)
    ended = await request.parts.units.end_grant(int(request.path["grant"]), until)
    if ended is None:
        raise Problem("unknown_grant", "GET /api/v1/grants lists those there are.")
    await request.note("grant.ended", ended.account, role=ended.role.value, unit=ended.unit)
    return _grant_view(ended)


@endpoints.get("/holidays/{year}", needs=ANYONE, problems=("year_fault",))
async def holidays_of_year(request: Request[Parts]) -> HolidayYear:
    """List the holidays of a year (common era) that deadlines use."""
    year = _year(request)
    calendar = await request.parts.units.holidays()
    return HolidayYear(
        year=year,
        confirmed=year in calendar.confirmed,
        missing=year in unconfirmed(today(request), calendar.confirmed),
        days=_days(calendar.of(year)),
    )


@endpoints.put(
    "/holidays/{year}", needs=ANYONE, problems=("not_allowed", "year_fault", "day_fault")
)
async def confirm_holidays(request: Request[Parts], body: ConfirmedHolidays) -> HolidayYear:
    """Confirm the holidays of a year. Deadlines that run already stay as they are."""
    standing = await standing_of(request, request.parts.units)
    is_administrator = request.person.role.includes(ADMIN)
    if not is_administrator and DeskRole.CENTRAL not in standing.roles():
        raise Problem("not_allowed", "Holidays are confirmed by the ministry (role central).")
    year = _year(request)
    days = {each.day: each.name_th for each in body.days}
    if any(day.year != year for day in days):
        raise Problem("day_fault", "Every day must lie in the year.")
    await request.parts.units.confirm_holidays(year, days, request.person.name, request.wall())
    await request.note("holidays.confirmed", str(year), days=len(days))
    return HolidayYear(year=year, confirmed=True, missing=False, days=_days(days))


def _year(request: Request[Parts]) -> int:
    year = int(request.path["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Problem("year_fault", f"Years {FIRST_YEAR} to {LAST_YEAR} of the common era.")
    return year


def _days(days: Mapping[date, str]) -> list[Holiday]:
    return [Holiday(day=day, name_th=name) for day, name in sorted(days.items())]


def _is_wanted(unit: Unit, query: UnitQuery) -> bool:
    return (
        (query.level is UNSET or unit.level is query.level)
        and (query.function is UNSET or query.function in unit.functions)
        and (query.area is UNSET or unit.area.startswith(query.area))
        and (query.parent is UNSET or unit.parent == query.parent)
        and (query.text is UNSET or _is_called(unit, query.text.strip().lower()))
        and (query.after is UNSET or unit.id > query.after)
    )


def _is_called(unit: Unit, text: str) -> bool:
    text = composed(text)
    return text == unit.id or text in composed(unit.name_th) or text in unit.name_en.lower()


def _unit_of(name: str, fields: UnitFields, usual_start: date) -> Unit:
    if fields.area:
        try:
            area_of(fields.area)
        except (AreaUnknown, AreaAbolished) as error:
            raise Problem("unit_fault", "There is no such area.") from error
    return Unit(
        id=name,
        level=fields.level,
        functions=tuple(dict.fromkeys(fields.functions)),
        name_th=fields.name_th,
        name_en=fields.name_en,
        area=fields.area,
        parent=fields.parent,
        email=fields.email,
        active_from=usual_start if fields.active_from is UNSET else fields.active_from,
        active_to=fields.active_to,
    )


async def _check(request: Request[Parts], unit: Unit) -> None:
    try:
        (await request.parts.units.units()).check(unit)
    except UnitFault as error:
        raise Problem("unit_fault", f"Not possible: {error}.") from error


def _check_grant(grant: Grant, unit: Unit) -> None:
    _check_year(grant.since)
    _check_year(grant.until)
    if grant.until is not None and grant.until <= grant.since:
        raise Problem("grant_fault", "It would end before it begins.")
    national = (DeskRole.CENTRAL, DeskRole.VIEWER)
    if grant.role in national and unit.level is not UnitLevel.NATIONAL:
        raise Problem("grant_fault", f"The role {grant.role.value} is for national units.")


def _check_year(day: date | None) -> None:
    """Refuses a Buddhist year: a grant until 2565 of the common era would never end."""
    if day is not None and day.year not in YEARS:
        raise Problem("grant_fault", "The year is of the common era: 2022, not 2565.")


def _area_view(area: Area) -> AreaView:
    return AreaView(
        code=area.code,
        level=area.level.value,
        kind=area.kind,
        name_th=area.name_th,
        name_en=area.name_en,
        parent=area.parent,
        written=written_area(area.code),
    )


def _unit_view(unit: Unit) -> UnitView:
    return UnitView(
        unit=unit.id,
        level=unit.level,
        functions=list(unit.functions),
        name_th=unit.name_th,
        name_en=unit.name_en,
        area=unit.area,
        parent=unit.parent,
        email=unit.email,
        active_from=unit.active_from,
        active_to=unit.active_to,
    )


def _grant_view(grant: Grant) -> GrantView:
    return GrantView(
        grant=grant.id,
        account=grant.account,
        role=grant.role,
        unit=grant.unit,
        since=grant.since,
        until=grant.until,
    )


AREA_KINDS = {
    "area_abolished": ProblemKind(422, "The area was abolished"),
    "area_ambiguous": ProblemKind(422, "Several areas have this name"),
    "area_unknown": ProblemKind(422, "There is no such area"),
}
UNKNOWN_UNIT = ProblemKind(404, "There is no such unit")
HOLIDAYS_UNCONFIRMED = Series(
    name="hotline_holidays_unconfirmed",
    kind=Kind.GAUGE,
    labels=(),
    help="Years whose holidays should be confirmed by now and are only computed: the present one, "
    "and from 1 December on the next one.",
)
FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_account": UNKNOWN_ACCOUNT,
        "unknown_grant": ProblemKind(404, "There is no such grant"),
        "unknown_unit": UNKNOWN_UNIT,
        "unit_exists": ProblemKind(409, "The unit is there already"),
        "day_fault": ProblemKind(422, "The day cannot be accepted"),
        "grant_fault": ProblemKind(422, "Such a grant is not possible"),
        "unit_fault": ProblemKind(422, "Such a unit is not possible"),
        "year_fault": ProblemKind(422, "The year cannot be accepted"),
    },
    path_patterns={
        "grant": r"[1-9][0-9]{0,17}",
        "unit": r"[0-9a-z][0-9a-z_-]{0,31}",
        "year": r"[12][0-9]{3}",
    },
    metrics={
        HOLIDAYS_UNCONFIRMED: lambda parts: parts.unconfirmed.samples(
            lambda years: {(): float(len(years))}
        ),
    },
)
