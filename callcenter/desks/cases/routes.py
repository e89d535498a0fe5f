"""Cases in the API. A case that a person may not see gets the same answer as one that does not
exist.

states, parties and rules decide what may be done, and for which unit. store keeps the result. Only
one endpoint gives the names and phones of citizens, and it writes each look into the audit.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from callcenter.core.ids import CallId, LineName
from callcenter.desks.cases import (
    bulletin_routes,  # noqa: F401 - declares its endpoints
    file_routes,  # noqa: F401 - declares its endpoints
    import_routes,  # noqa: F401 - declares its endpoints
    list_routes,  # noqa: F401 - declares its endpoints
    papers,
    rules,
)
from callcenter.desks.cases.actions import endpoints  # includes the endpoints declared there
from callcenter.desks.cases.asking import (
    EARLIER_MOST,
    Parts,
    act_of,
    area_code,
    list_of,
    may_see_person,
    own_unit,
    refuse_phones,
    told_of,
    unit_of,
    unknown_case,
    view_of,
    working_unit,
)
from callcenter.desks.cases.call_area import province_of
from callcenter.desks.cases.figures import (
    CASE_ASSIGN,
    CASE_HOP,
    CASES_CLOSED,
    CASES_OPEN,
    CASES_OVERDUE,
    CASES_REOPENED,
)
from callcenter.desks.cases.limits import Limit
from callcenter.desks.cases.model import Case, Change, Person, PersonRole, Urgency
from callcenter.desks.cases.rules import CaseFault, Intake
from callcenter.desks.cases.store import (
    CaseLine,
    ReferenceKnownError,
    Told,
)
from callcenter.desks.cases.views import (
    AgeingList,
    AgeingView,
    CallArea,
    CaseCreated,
    CaseFields,
    CaseList,
    CaseSearch,
    CaseView,
    LimitList,
    LimitView,
    NewCase,
    NewLimit,
    NewReferral,
    PersonList,
    PersonView,
    line_view,
    name_en_of,
    name_of,
)
from callcenter.desks.shared.areas import written_area, written_area_en
from callcenter.desks.shared.clocks import ClockRule
from callcenter.desks.shared.numbers import NumberFault, read_number, written_number
from callcenter.desks.shared.papers import pdf
from callcenter.desks.shared.routes import (
    ANYONE,
    AREA_KINDS,
    UNKNOWN_UNIT,
    standing_of,
    today,
    was_in_call,
)
from callcenter.desks.shared.scope import phone_scope_of, scope_of
from callcenter.desks.shared.thai import buddhist
from callcenter.desks.shared.units import DeskRole, Standing
from callcenter.ports.people import Role
from callcenter.storage.caller_number import caller_number
from callcenter.web.endpoint import Download, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

__all__ = ["FEATURE", "Parts", "endpoints"]
MAKING = (
    *AREA_KINDS,
    "date_in_future",
    "not_allowed",
    "phone_in_text",
    "reference_known",
    "unit_closed",
    "unit_needed",
    "unknown_unit",
    "province_needed",
)
# --- making --------------------------------------------------------------------------------------


@endpoints.post("/cases", needs=ANYONE, status=201, problems=MAKING)
async def create_case(request: Request[Parts], body: NewCase) -> CaseCreated:
    """Make a case of one's own unit, from a call or any other channel."""
    standing = await standing_of(request, request.parts.units)
    unit = own_unit(standing, body.unit, DeskRole.OPERATOR, DeskRole.SUPERVISOR)
    working_unit(request, standing, unit)
    if body.source_unit is not None:
        unit_of(standing, body.source_unit)
        await _require_new(request, standing, body.source_unit, body.source_reference)
    persons = _persons(body)
    if body.call is not None and await _may_have_the_number(request, body.call):
        persons += await _caller(request, body.call)
    intake = await _intake(
        request,
        body,
        channel=body.channel.value,
        call=body.call,
        source_unit=body.source_unit,
        source_reference=body.source_reference,
        source_received_at=_moment(body.source_received_at),
    )
    act = await act_of(request, unit)
    return await _made(
        request, standing, lambda: rules.create(intake, unit, act, referred=False), persons
    )


@endpoints.post("/referrals", needs=ANYONE, status=201, problems=MAKING)
async def refer_in(request: Request[Parts], body: NewReferral) -> CaseCreated:
    """Pass a case down, with one's own reference. The same reference again gives the same case."""
    standing = await standing_of(request, request.parts.units)
    source = own_unit(standing, body.unit, DeskRole.REFERRER)
    receiver = working_unit(request, standing, body.to_unit)
    known = await request.parts.cases.of_reference(
        source, body.reference, scope_of(standing), itself=True
    )
    if known is not None:
        return await _created(request, standing, known)
    if receiver.id == source:
        raise Problem("unit_closed", "Choose another unit: this one has it already.")
    intake = await _intake(
        request,
        body,
        channel=body.channel.value,
        source_unit=source,
        source_reference=body.reference,
        source_received_at=request.wall(),
    )
    act = await act_of(request, source)
    try:
        return await _made(
            request,
            standing,
            lambda: rules.create(intake, receiver.id, act, referred=True),
            _persons(body),
        )
    except Problem as problem:
        again = await request.parts.cases.of_reference(
            source, body.reference, scope_of(standing), itself=True
        )
        if problem.code != "reference_known" or again is None:
            raise
        return await _created(request, standing, again)  # it was posted twice at the same moment


# --- looking -------------------------------------------------------------------------------------


@endpoints.get("/cases/{case}", needs=ANYONE, problems=("unknown_case",))
async def show_case(request: Request[Parts]) -> CaseView:
    """Show a case: facts, hand-overs with their deadlines, history, but not who complains."""
    standing = await standing_of(request, request.parts.units)
    told = await told_of(request, standing)
    receivers = frozenset(standing.own_units(DeskRole.OFFICER, DeskRole.SUPERVISOR))
    if any(hop.seen_at is None and hop.to_unit in receivers for hop in told.case.hops):
        await request.parts.cases.seen(told.case, receivers, request.wall())
        told = await told_of(request, standing)
    return view_of(request, standing, told)


@endpoints.get("/cases/{case}/persons", needs=ANYONE, problems=("unknown_case",))
async def show_persons(request: Request[Parts]) -> PersonList:
    """Show who complains.

    For supervisors, for the unit that passed the case down, and for the operator during the call.
    Every look, also a refused one, is in the audit.
    """
    number = request.path["case"]
    standing = await standing_of(request, request.parts.units)
    scope = scope_of(standing)
    case = await request.parts.cases.case(number, scope)
    allowed = case is not None and await may_see_person(request, standing, case)
    await request.audit("case.persons", number, shown=allowed)
    found = await request.parts.cases.persons(number, scope) if allowed else None
    if found is None:
        raise unknown_case()
    return PersonList(
        persons=[
            PersonView(
                role=each.role,
                name=each.name,
                phone=each.phone,
                address=each.address,
                anonymous=each.anonymous,
            )
            for each in found
        ]
    )


@endpoints.get(
    "/cases/{case}/papers/{paper}",
    needs=ANYONE,
    gives="application/pdf",
    problems=("unknown_case", "case_fault"),
)
async def print_paper(request: Request[Parts]) -> Download:
    """Print a paper of a case as PDF.

    It is the cover sheet of its newest hand-over, or the letter of answer. Neither has who
    complains. The audit notes that it was printed.
    """
    paper = request.path["paper"]
    standing = await standing_of(request, request.parts.units)
    told = await told_of(request, standing)
    try:
        filled = papers.fill(paper, told, standing.units, request.wall())
    except CaseFault as error:
        raise Problem("case_fault", str(error), faults=[error.code]) from error
    await request.audit("case.paper", told.case.number, paper=paper)
    body = await pdf(papers.form_of(paper), filled)
    return Download(name=f"case-{told.case.number}-{paper}.pdf", body=body)


@endpoints.post("/case-search", needs=ANYONE, problems=("number_wrong",))
async def search_cases(request: Request[Parts], body: CaseSearch) -> CaseList:
    """Find a case by its number, as a person reads it aloud, or by a phone number.

    `said_th` and `said_en` can be read aloud to the caller.
    """
    standing = await standing_of(request, request.parts.units)
    scope, found = scope_of(standing), list[CaseLine]()
    if body.number.strip():
        try:
            number = read_number(body.number)
        except NumberFault as error:
            raise Problem("number_wrong", "Read all eleven digits once more.") from error
        found = await request.parts.cases.of_number(number, scope)
    elif (e164 := caller_number(body.phone).e164) is not None:
        found = await request.parts.cases.of_phone(e164, phone_scope_of(standing), EARLIER_MOST)
    await request.audit("cases.searched", "by phone" if body.phone else "by number")
    return list_of(request, standing, found)


@endpoints.get("/calls/{call}/cases", needs=ANYONE)
async def cases_beside_call(request: Request[Parts]) -> CaseList:
    """List the cases made in a call, and earlier ones of the caller's number, latest first.

    For the operator of the call, and for people who may see every caller's number. For anybody else
    the answer is empty, the same as for a call that does not exist.
    """
    standing = await standing_of(request, request.parts.units)
    scope, call = phone_scope_of(standing), request.path["call"]
    if not await _may_have_the_number(request, call):
        await request.audit("cases.searched", call, shown=False)
        return list_of(request, standing, [])
    found = await request.parts.cases.of_call(call, scope, EARLIER_MOST)
    for person in await _caller(request, call):
        if person.e164 is not None:
            theirs = await request.parts.cases.of_phone(person.e164, scope, EARLIER_MOST)
            known = {line.number for line in found}
            found += [line for line in theirs if line.number not in known]
    await request.audit("cases.searched", call, shown=True)
    return list_of(request, standing, found)


@endpoints.get("/calls/{call}/area", needs=ANYONE)
async def area_of_call(request: Request[Parts]) -> CallArea:
    """Tell the province of a call, for a case that is made beside it.

    The caller chose it in the menu, or the number of a fixed line tells it. For the operator of the
    call, and for people who may see every caller's number; for anybody else it is not known.
    """
    call, found = request.path["call"], None
    if await _may_have_the_number(request, call):
        state = request.engine.state
        if present := state.calls.get(CallId(call)):
            line = state.site.lines.get(present.line)
            found = province_of(present.says.get("province", ""), line, present.caller)
        elif record := await request.parts.records.call(call):
            line = state.site.lines.get(LineName(record.line))
            found = province_of(record.province or "", line, record.caller)
    return CallArea(
        area=found.area.code if found else None,
        area_written=written_area(found.area.code) if found else "",
        area_written_en=written_area_en(found.area.code) if found else "",
        known_from=found.known_from if found else None,
    )


@endpoints.get("/case-ageing", needs=ANYONE)
async def ageing(request: Request[Parts]) -> AgeingList:
    """List the number of open cases by unit, those with the most overdue first."""
    standing = await standing_of(request, request.parts.units)
    found = await request.parts.cases.ageing(scope_of(standing), request.wall())
    return AgeingList(
        holders=[
            AgeingView(
                holder=each.holder,
                holder_name=name_of(standing.units.by_id.get(each.holder)),
                holder_name_en=name_en_of(standing.units.by_id.get(each.holder)),
                state=each.state,
                cases=each.cases,
                people=each.people,
                overdue=each.overdue,
                oldest=each.oldest,
            )
            for each in found
        ]
    )


# --- time limits ---------------------------------------------------------------------------------


@endpoints.get("/case-limits", needs=ANYONE)
async def list_limits(request: Request[Parts]) -> LimitList:
    """List how long each step of a case may take.

    Version 1 has the defaults of this system, no law.
    """
    limits = await request.parts.cases.limits()
    return LimitList(limits=[_limit_view(rule) for rule in limits.values()])


@endpoints.put("/case-limits/{limit}/{urgency}", needs=ANYONE, problems=("not_allowed",))
async def set_limit(request: Request[Parts], body: NewLimit) -> LimitView:
    """Change how long a step may take (role central). Clocks that run already stay as they are."""
    standing = await standing_of(request, request.parts.units)
    if DeskRole.CENTRAL not in standing.roles():
        raise Problem("not_allowed", "Time limits are set by the ministry (role central).")
    limit, urgency = Limit(request.path["limit"]), Urgency(request.path["urgency"])
    rule = ClockRule(
        name=limit.value,
        urgent=urgency is Urgency.URGENT,
        counted=body.counted,
        amount=body.amount,
    )
    made = await request.parts.cases.set_limit(rule, request.person.name, request.wall())
    await request.note("case.limit", f"{limit.value} {urgency.value}", rule=made.text)
    return _limit_view(made)


# --- parts ---------------------------------------------------------------------------------------


async def _intake(
    request: Request[Parts], body: CaseFields, *, channel: str, **source: object
) -> Intake:
    area = area_code(body.area)
    refuse_phones(body.confirmed, body.facts, body.wish, body.place_note, *body.allegations)
    number = await request.parts.cases.next_number(area[:2], buddhist(today(request).year))
    return Intake(
        id=uuid4(),
        number=number,
        type=body.type,
        topic=body.topic,
        urgency=body.urgency,
        channel=channel,
        area=area,
        facts=body.facts.strip(),
        wish=body.wish,
        place_note=body.place_note,
        people_concerned=body.people_concerned,
        allegations=body.allegations,
        **source,  # type: ignore[arg-type]
    )


async def _made(
    request: Request[Parts],
    standing: Standing,
    rule: Callable[[], Change],
    persons: list[Person],
) -> CaseCreated:
    try:
        change = rule()
        await request.parts.cases.add(change, persons)
    except CaseFault as error:
        raise Problem("date_in_future", str(error)) from error
    except ReferenceKnownError as error:
        raise Problem("reference_known", "It was posted twice in one moment.") from error
    return await _created(request, standing, change.case)


async def _require_new(
    request: Request[Parts], standing: Standing, source: str, reference: str | None
) -> None:
    """Raises a Problem if the person can see a case with this reference. A case of another unit
    reveals nothing: a reference counts as the source's own only if the source posted it."""
    if reference is None:
        return
    scope = scope_of(standing)
    known = await request.parts.cases.of_reference(source, reference, scope, itself=False)
    if known is not None:
        detail = f"It is {written_number(known.number)}."
        raise Problem("reference_known", detail, faults=[known.number])


async def _created(request: Request[Parts], standing: Standing, case: Case) -> CaseCreated:
    scope, now = scope_of(standing), request.wall()
    told = await request.parts.cases.told(case.number, scope)
    similar = await request.parts.cases.similar(case, scope)
    return CaseCreated(
        case=view_of(request, standing, told or Told(case=case, events=(), notes=())),
        similar=[line_view(line, standing.units, now) for line in similar],
    )


async def _may_have_the_number(request: Request[Parts], call: str) -> bool:
    """Whether the person is, or was, in the call, or may see every caller's number. Naming another
    person's call must not reveal who called."""
    if request.person.role.includes(Role.SUPERVISOR):
        return True
    return await was_in_call(request, request.parts.records, call)


async def _caller(request: Request[Parts], call: str | None) -> list[Person]:
    """The caller of a call as the complainant, if the number is certain."""
    if call is None:
        return []
    present = request.engine.state.calls.get(CallId(call))
    record = None if present else await request.parts.records.call(call)
    number = present.caller if present else record.caller if record else ""
    e164 = caller_number(number).e164
    if e164 is None:
        return []
    return [Person(role=PersonRole.CONTACT, phone=number, e164=e164)]


def _persons(body: CaseFields) -> list[Person]:
    return [
        Person(
            role=each.role,
            name=each.name.strip(),
            phone=each.phone.strip(),
            e164=caller_number(each.phone).e164,
            address=each.address.strip(),
            anonymous=each.anonymous,
        )
        for each in body.persons
    ]


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Problem("date_in_future", "There is no such day.") from error


def _limit_view(rule: ClockRule) -> LimitView:
    return LimitView(
        limit=Limit(rule.name),
        urgency=Urgency.URGENT if rule.urgent else Urgency.NORMAL,
        counted=rule.counted,
        amount=rule.amount,
        version=rule.version,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        **AREA_KINDS,
        "unknown_case": ProblemKind(404, "There is no such case"),
        "unknown_unit": UNKNOWN_UNIT,
        "case_fault": ProblemKind(409, "That cannot be done so"),
        "changed_meanwhile": ProblemKind(409, "The case was changed in the meantime"),
        "unknown_file": ProblemKind(404, "There is no such file"),
        "file_there": ProblemKind(409, "The file is there already"),
        "too_many_files": ProblemKind(409, "The case has too many files"),
        "file_name": ProblemKind(422, "The name cannot be kept"),
        "file_refused": ProblemKind(422, "Such a file is not kept"),
        "no_room": ProblemKind(503, "There is no room for files"),
        "file_damaged": ProblemKind(503, "The file is not as it was sent"),
        "unknown_bulletin": ProblemKind(404, "There is no such bulletin"),
        "issue_taken": ProblemKind(409, "There is such an issue already"),
        "published": ProblemKind(409, "A published issue stays as it is"),
        "not_now": ProblemKind(409, "That is not possible now"),
        "reference_known": ProblemKind(409, "A case with this reference is there already"),
        "date_in_future": ProblemKind(422, "The date cannot be accepted"),
        "date_fault": ProblemKind(422, "The date cannot be accepted"),
        "list_refused": ProblemKind(422, "The file is no list of cases"),
        "list_too_long": ProblemKind(422, "The list is too long for a paper"),
        "number_wrong": ProblemKind(422, "That is no case number"),
        "phone_in_text": ProblemKind(422, "A text holds a phone number"),
        "province_needed": ProblemKind(422, "The area is too large"),
        "unit_closed": ProblemKind(422, "The unit cannot take it"),
        "unit_needed": ProblemKind(422, "It is not clear for which unit"),
    },
    path_patterns={
        "case": r"[0-9]{11}",
        "file": r"[1-9][0-9]{0,2}",
        "issue": r"[1-9][0-9]{0,4}",
        "unit": r"[0-9a-z][0-9a-z_-]{0,31}",
        "paper": f"({papers.COVER_SHEET}|{papers.ANSWER_LETTER})",
        "limit": f"({'|'.join(Limit)})",
        "urgency": f"({'|'.join(Urgency)})",
        "call": r"[A-Za-z0-9._-]{1,150}",
    },
    metrics={
        CASES_OPEN: lambda parts: parts.figures.open(),
        CASES_OVERDUE: lambda parts: parts.figures.overdue(),
        CASES_CLOSED: lambda parts: parts.figures.closed(),
        CASES_REOPENED: lambda parts: parts.figures.reopened(),
        CASE_ASSIGN: lambda parts: parts.figures.assigned(),
        CASE_HOP: lambda parts: parts.figures.hops(),
    },
)
