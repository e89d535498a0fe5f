"""Cases in the API. Whatever a person may not see is answered as what is not there.

What may be done, and for which unit, is decided by states, parties and rules; kept by store. Names
and phones of citizens are answered by one endpoint alone, which writes each look into the audit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from msgspec import UNSET

from callcenter.core.ids import CallId, OperatorId
from callcenter.desks.cases import rules
from callcenter.desks.cases.figures import (
    CASES_CLOSED,
    CASES_OPEN,
    CASES_OVERDUE,
    CASES_REOPENED,
    CaseFigures,
)
from callcenter.desks.cases.limits import Limit
from callcenter.desks.cases.model import Case, Change, Person, PersonRole, Urgency
from callcenter.desks.cases.parties import actions_now, units_that_may
from callcenter.desks.cases.rules import Act, CaseFault, Finding, Intake
from callcenter.desks.cases.states import CaseAction
from callcenter.desks.cases.store import (
    CaseFilter,
    CaseLine,
    CasesInPostgres,
    ReferenceKnownError,
    StaleError,
    Told,
)
from callcenter.desks.cases.views import (
    AgeingList,
    AgeingView,
    Answering,
    CaseCreated,
    CaseFields,
    CaseList,
    CaseQuery,
    CaseSearch,
    CaseView,
    Correcting,
    Doing,
    InformingCitizen,
    LimitList,
    LimitView,
    Merging,
    NewCase,
    NewLimit,
    NewReferral,
    PersonList,
    PersonView,
    Recalling,
    Referring,
    Returning,
    Saying,
    case_view,
    has_phone,
    line_view,
    name_of,
)
from callcenter.desks.shared.clocks import ClockRule
from callcenter.desks.shared.documents import NotNow
from callcenter.desks.shared.numbers import NumberFault, read_number, written_number
from callcenter.desks.shared.routes import (
    ANYONE,
    AREA_KINDS,
    UNKNOWN_UNIT,
    found_area,
    standing_of,
    today,
)
from callcenter.desks.shared.scope import identity_scope_of, phone_scope_of, scope_of
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import buddhist
from callcenter.desks.shared.units import DeskRole, Standing, Unit
from callcenter.ports.people import Role
from callcenter.ports.records import CallRecords
from callcenter.storage.caller_number import caller_number
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

EARLIER_MOST = 20
endpoints = Endpoints("cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    cases: CasesInPostgres
    units: UnitsInPostgres
    records: CallRecords
    figures: CaseFigures


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
DOING = (
    "case_fault",
    "changed_meanwhile",
    "not_allowed",
    "not_now",
    "unit_needed",
    "unknown_case",
)
REFERRING = (*DOING, "unit_closed", "unknown_unit")


# --- making --------------------------------------------------------------------------------------


@endpoints.post("/cases", needs=ANYONE, status=201, problems=MAKING)
async def create_case(request: Request[Parts], body: NewCase) -> CaseCreated:
    """Make a case of one's own unit, beside a call or from any other channel."""
    standing = await standing_of(request, request.parts.units)
    unit = _own_unit(standing, body.unit, DeskRole.OPERATOR, DeskRole.SUPERVISOR)
    if body.source_unit is not None:
        _unit(standing, body.source_unit)
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
    act = await _act(request, unit)
    return await _made(
        request, standing, lambda: rules.create(intake, unit, act, referred=False), persons
    )


@endpoints.post("/referrals", needs=ANYONE, status=201, problems=MAKING)
async def refer_in(request: Request[Parts], body: NewReferral) -> CaseCreated:
    """Pass a case down, with one's own reference. The same reference again gives the same case."""
    standing = await standing_of(request, request.parts.units)
    source = _own_unit(standing, body.unit, DeskRole.REFERRER)
    receiver = _working_unit(request, standing, body.to_unit)
    known = await request.parts.cases.of_reference(source, body.reference, scope_of(standing))
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
    act = await _act(request, source)
    try:
        return await _made(
            request,
            standing,
            lambda: rules.create(intake, receiver.id, act, referred=True),
            _persons(body),
        )
    except Problem as problem:
        again = await request.parts.cases.of_reference(source, body.reference, scope_of(standing))
        if problem.code != "reference_known" or again is None:
            raise
        return await _created(request, standing, again)  # posted twice in one moment


# --- looking -------------------------------------------------------------------------------------


@endpoints.get("/cases", needs=ANYONE)
async def list_cases(request: Request[Parts], query: CaseQuery) -> CaseList:
    """Cases that a filter lets through, urgent ones first, then those due first."""
    standing = await standing_of(request, request.parts.units)
    mine = None
    if query.mine:
        mine = tuple(standing.own_units(DeskRole.OPERATOR, DeskRole.SUPERVISOR, DeskRole.OFFICER))
    wanted = CaseFilter(
        holders=mine,
        holder=query.holder or None,
        unit=query.unit or None,
        state=query.state or None,
        type=query.type or None,
        topic=query.topic or None,
        channel=query.channel or None,
        area=query.area or None,
        overdue_at=request.wall() if query.overdue else None,
        is_open=None if query.open is UNSET else query.open,
        after=query.after or None,
        limit=query.limit,
    )
    found = await request.parts.cases.lines(wanted, scope_of(standing))
    more = len(found) == query.limit
    return _list(request, standing, found, next_after=found[-1].number if more else None)


@endpoints.get("/cases/{case}", needs=ANYONE, problems=("unknown_case",))
async def show_case(request: Request[Parts]) -> CaseView:
    """A case: facts, hand-overs with their deadlines, history. Not who complains."""
    standing = await standing_of(request, request.parts.units)
    told = await _told(request, standing)
    receivers = standing.units_as(DeskRole.OFFICER, DeskRole.SUPERVISOR)
    if any(hop.seen_at is None and hop.to_unit in receivers for hop in told.case.hops):
        await request.parts.cases.seen(told.case, receivers, request.wall())
        told = await _told(request, standing)
    return _view(request, standing, told)


@endpoints.get("/cases/{case}/persons", needs=ANYONE, problems=("unknown_case",))
async def show_persons(request: Request[Parts]) -> PersonList:
    """Who complains, for supervisors, for who passed it down, and for the operator in the call.

    Every look, also a refused one, is in the audit.
    """
    number = request.path["case"]
    standing = await standing_of(request, request.parts.units)
    scope = identity_scope_of(standing)
    if await _is_in_its_call(request, standing, number):
        scope = scope_of(standing)
    allowed = await request.parts.cases.case(number, scope) is not None
    await request.audit("case.persons", number, shown=allowed)
    found = await request.parts.cases.persons(number, scope) if allowed else None
    if found is None:
        raise _unknown()
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


@endpoints.post("/case-search", needs=ANYONE, problems=("number_wrong",))
async def search_cases(request: Request[Parts], body: CaseSearch) -> CaseList:
    """Find a case by its number, as somebody reads it aloud, or by a phone.

    `said_th` and `said_en` can be read aloud to who asks.
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
    return _list(request, standing, found)


@endpoints.get("/calls/{call}/cases", needs=ANYONE)
async def cases_beside_call(request: Request[Parts]) -> CaseList:
    """Cases made in a call, and earlier ones of the caller's number, latest first."""
    standing = await standing_of(request, request.parts.units)
    scope, call = phone_scope_of(standing), request.path["call"]
    found = await request.parts.cases.of_call(call, scope, EARLIER_MOST)
    for person in await _caller(request, call):
        if person.e164 is not None:
            theirs = await request.parts.cases.of_phone(person.e164, scope, EARLIER_MOST)
            known = {line.number for line in found}
            found += [line for line in theirs if line.number not in known]
    await request.audit("cases.searched", call)
    return _list(request, standing, found)


@endpoints.get("/case-ageing", needs=ANYONE)
async def ageing(request: Request[Parts]) -> AgeingList:
    """Open cases by who has them, those with the most overdue first."""
    standing = await standing_of(request, request.parts.units)
    found = await request.parts.cases.ageing(scope_of(standing), request.wall())
    return AgeingList(
        holders=[
            AgeingView(
                holder=each.holder,
                holder_name=name_of(standing.units.by_id.get(each.holder)),
                state=each.state,
                cases=each.cases,
                people=each.people,
                overdue=each.overdue,
                oldest=each.oldest,
            )
            for each in found
        ]
    )


# --- doing ---------------------------------------------------------------------------------------


@endpoints.post("/cases/{case}/answer-at-once", needs=ANYONE, problems=DOING)
async def answer_case_at_once(request: Request[Parts], body: Saying) -> CaseView:
    """Answer a question, or a request for help, that needs nobody else."""
    a = CaseAction.ANSWER_AT_ONCE
    return await _do(request, body, a, lambda c, act: rules.answer_at_once(c, act, body.text))


@endpoints.post("/cases/{case}/take", needs=ANYONE, problems=DOING)
async def take_case(request: Request[Parts], body: Doing) -> CaseView:
    """Work on it in the unit that is responsible."""
    return await _do(request, body, CaseAction.TAKE, rules.take)


@endpoints.post("/cases/{case}/refer", needs=ANYONE, problems=REFERRING)
async def refer_case(request: Request[Parts], body: Referring) -> CaseView:
    """Hand it to another unit. The number stays; the receiver has a full clock of its own."""
    standing = await standing_of(request, request.parts.units)
    to = _working_unit(request, standing, body.to_unit).id
    return await _do(
        request, body, CaseAction.REFER, lambda c, act: rules.refer(c, act, to, body.note)
    )


@endpoints.post("/cases/{case}/inform", needs=ANYONE, problems=REFERRING)
async def inform_unit(request: Request[Parts], body: Referring) -> CaseView:
    """Let another unit know of it. It is asked for nothing."""
    standing = await standing_of(request, request.parts.units)
    to = _working_unit(request, standing, body.to_unit).id
    return await _do(
        request, body, CaseAction.INFORM, lambda c, act: rules.inform(c, act, to, body.note)
    )


@endpoints.post("/cases/{case}/recall", needs=ANYONE, problems=DOING)
async def recall_case(request: Request[Parts], body: Recalling) -> CaseView:
    """Take a hand-over back that was not received yet."""
    return await _do(
        request,
        body,
        CaseAction.RECALL,
        lambda c, act: rules.recall(c, act, body.hop, body.text),
    )


@endpoints.post("/cases/{case}/receive", needs=ANYONE, problems=DOING)
async def receive_case(request: Request[Parts], body: Doing) -> CaseView:
    """Have it in hand, so that its sender knows."""
    return await _do(request, body, CaseAction.RECEIVE, rules.receive)


@endpoints.post("/cases/{case}/return", needs=ANYONE, problems=DOING)
async def return_case(request: Request[Parts], body: Returning) -> CaseView:
    """Give it back to who sent it, with a reason."""
    return await _do(
        request,
        body,
        CaseAction.RETURN,
        lambda c, act: rules.give_back(c, act, body.reason, body.text),
    )


@endpoints.post("/cases/{case}/progress", needs=ANYONE, problems=DOING)
async def note_progress(request: Request[Parts], body: Saying) -> CaseView:
    """Write down what has been done so far."""
    return await _do(
        request, body, CaseAction.PROGRESS, lambda c, act: rules.progress(c, act, body.text)
    )


@endpoints.post("/cases/{case}/wait", needs=ANYONE, problems=DOING)
async def let_case_wait(request: Request[Parts], body: Saying) -> CaseView:
    """Say what was asked of whom. No clock runs until it is resumed."""
    return await _do(request, body, CaseAction.WAIT, lambda c, act: rules.wait(c, act, body.text))


@endpoints.post("/cases/{case}/resume", needs=ANYONE, problems=DOING)
async def resume_case(request: Request[Parts], body: Doing) -> CaseView:
    """What was waited for is there."""
    return await _do(request, body, CaseAction.RESUME, rules.resume)


@endpoints.post("/cases/{case}/answer", needs=ANYONE, problems=DOING)
async def answer_case(request: Request[Parts], body: Answering) -> CaseView:
    """Say what was found and done. A complaint needs a conclusion for each allegation."""
    findings = [
        Finding(n=each.n, text=each.text, conclusion=each.conclusion, note=each.note)
        for each in body.findings
    ]
    return await _do(
        request,
        body,
        CaseAction.ANSWER,
        lambda c, act: rules.answer(c, act, body.text, findings, body.taken, body.benefit),
    )


@endpoints.post("/cases/{case}/send-back", needs=ANYONE, problems=DOING)
async def send_case_back(request: Request[Parts], body: Saying) -> CaseView:
    """The answer is not good enough: work on it again."""
    return await _do(
        request, body, CaseAction.SEND_BACK, lambda c, act: rules.send_back(c, act, body.text)
    )


@endpoints.post("/cases/{case}/report-to-source", needs=ANYONE, problems=DOING)
async def report_to_source(request: Request[Parts], body: Saying) -> CaseView:
    """Who passed it down has the result; the text says how it was told."""
    return await _do(
        request,
        body,
        CaseAction.REPORT_TO_SOURCE,
        lambda c, act: rules.report_to_source(c, act, body.text),
    )


@endpoints.post("/cases/{case}/inform-citizen", needs=ANYONE, problems=DOING)
async def inform_citizen(request: Request[Parts], body: InformingCitizen) -> CaseView:
    """The citizen has the result, or it is said why not."""
    if bool(body.how.strip()) == bool(body.why_not.strip()):
        raise Problem("case_fault", "Say how the citizen was told, or why not: one of the two.")
    return await _do(
        request,
        body,
        CaseAction.INFORM_CITIZEN,
        lambda c, act: rules.inform_citizen(c, act, body.how.strip(), body.why_not.strip()),
    )


@endpoints.post("/cases/{case}/close", needs=ANYONE, problems=DOING)
async def close_case(request: Request[Parts], body: Doing) -> CaseView:
    """End it, when source and citizen have the result."""
    return await _do(request, body, CaseAction.CLOSE, rules.close)


@endpoints.post("/cases/{case}/reopen", needs=ANYONE, problems=DOING)
async def reopen_case(request: Request[Parts], body: Saying) -> CaseView:
    """The citizen, or who passed it down, asks again within 90 days."""
    return await _do(
        request, body, CaseAction.REOPEN, lambda c, act: rules.reopen(c, act, body.text)
    )


@endpoints.post("/cases/{case}/merge", needs=ANYONE, problems=DOING)
async def merge_case(request: Request[Parts], body: Merging) -> CaseView:
    """It is the same matter as another case, which goes on. This number still finds it."""
    standing = await standing_of(request, request.parts.units)
    target = await request.parts.cases.case(body.into, scope_of(standing))
    if target is None:
        raise _unknown()
    return await _do(request, body, CaseAction.MERGE, lambda c, act: rules.merge(c, act, target))


@endpoints.post("/cases/{case}/withdraw", needs=ANYONE, problems=DOING)
async def withdraw_case(request: Request[Parts], body: Saying) -> CaseView:
    """The citizen does not want it any more."""
    return await _do(
        request, body, CaseAction.WITHDRAW, lambda c, act: rules.withdraw(c, act, body.text)
    )


@endpoints.post(
    "/cases/{case}/correct",
    needs=ANYONE,
    problems=(*DOING, *AREA_KINDS, "phone_in_text", "province_needed"),
)
async def correct_case(request: Request[Parts], body: Correcting) -> CaseView:
    """Correct facts, or add what is alleged. The history keeps what stood there before."""
    given = {name: getattr(body, name) for name in rules.CORRECTED}
    fields = {name: value for name, value in given.items() if value is not UNSET}
    if "area" in fields:
        fields["area"] = _area(str(fields["area"]))
    _refuse_phones(body.confirmed, *(v for v in fields.values() if type(v) is str))
    _refuse_phones(body.confirmed, *body.allegations)
    return await _do(
        request,
        body,
        CaseAction.CORRECT,
        lambda c, act: rules.correct(c, act, fields, body.allegations),
    )


@endpoints.post("/cases/{case}/message", needs=ANYONE, problems=DOING)
async def add_message(request: Request[Parts], body: Saying) -> CaseView:
    """Write down what the citizen said later. Whoever has the case sees it."""
    return await _do(
        request, body, CaseAction.MESSAGE, lambda c, act: rules.message(c, act, body.text)
    )


# --- time limits ---------------------------------------------------------------------------------


@endpoints.get("/case-limits", needs=ANYONE)
async def list_limits(request: Request[Parts]) -> LimitList:
    """How long each step of a case may take. Version 1: the defaults of this system, no law."""
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

Rule = Callable[[Case, Act], Change]


async def _do(request: Request[Parts], body: Doing, action: CaseAction, rule: Rule) -> CaseView:
    """Find the case and the unit, let the rule decide, keep what comes of it."""
    standing = await standing_of(request, request.parts.units)
    case = await request.parts.cases.case(request.path["case"], scope_of(standing))
    if case is None:
        raise _unknown()
    if body.version != case.version:
        raise _changed(case)
    try:
        unit = _acting_unit(case, action, standing, body.unit)
        change = rule(case, await _act(request, unit))
        await request.parts.cases.save(change)
    except NotNow as error:
        raise Problem(
            "not_now", f"The case is {error.state.value}.", faults=list(error.possible)
        ) from error
    except CaseFault as error:
        raise Problem("case_fault", str(error), faults=[error.code]) from error
    except StaleError as error:
        raise _changed(case) from error
    return _view(request, standing, await _told(request, standing))


def _acting_unit(case: Case, action: CaseAction, standing: Standing, named: str | None) -> str:
    found = units_that_may(case, action, standing)
    if named is not None:
        found = [unit for unit in found if unit == named]
    if not found:
        raise Problem("not_allowed", "Nobody gave you the right to do this with the case.")
    return found[0]


async def _act(request: Request[Parts], unit: str) -> Act:
    holidays = await request.parts.units.holidays()
    return Act(
        account=request.person.name,
        unit=unit,
        at=request.wall(),
        limits=await request.parts.cases.limits(),
        off=holidays.is_off,
    )


async def _intake(
    request: Request[Parts], body: CaseFields, *, channel: str, **source: object
) -> Intake:
    area = _area(body.area)
    _refuse_phones(body.confirmed, body.facts, body.wish, body.place_note, *body.allegations)
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
        raise Problem("reference_known", "GET /api/v1/cases lists it.") from error
    return await _created(request, standing, change.case)


async def _created(request: Request[Parts], standing: Standing, case: Case) -> CaseCreated:
    scope, now = scope_of(standing), request.wall()
    told = await request.parts.cases.told(case.number, scope)
    similar = await request.parts.cases.similar(case, scope)
    return CaseCreated(
        case=_view(request, standing, told or Told(case=case, events=(), notes=())),
        similar=[line_view(line, standing.units, now) for line in similar],
    )


async def _told(request: Request[Parts], standing: Standing) -> Told:
    told = await request.parts.cases.told(request.path["case"], scope_of(standing))
    if told is None:
        raise _unknown()
    return told


def _view(request: Request[Parts], standing: Standing, told: Told) -> CaseView:
    actions = actions_now(told.case, standing)
    return case_view(told, standing.units, request.wall(), actions)


def _list(
    request: Request[Parts],
    standing: Standing,
    found: list[CaseLine],
    next_after: str | None = None,
) -> CaseList:
    now = request.wall()
    lines = [line_view(line, standing.units, now) for line in found]
    return CaseList(cases=lines, next=next_after)


async def _is_in_its_call(request: Request[Parts], standing: Standing, number: str) -> bool:
    """Whether the person is the operator of the call in which the case was made."""
    if DeskRole.OPERATOR not in standing.roles():
        return False
    operator = request.engine.state.operators.get(OperatorId(request.person.name))
    case = await request.parts.cases.case(number, scope_of(standing))
    return bool(case and case.call and operator and operator.call == case.call)


async def _may_have_the_number(request: Request[Parts], call: str) -> bool:
    """Whoever is, or was, in the call; and who may see every caller's number. Naming somebody
    else's call must not tell who called."""
    name = request.person.name
    if request.person.role.includes(Role.SUPERVISOR):
        return True
    operator = request.engine.state.operators.get(OperatorId(name))
    if operator is not None and operator.call == call:
        return True
    record = await request.parts.records.call(call)
    return record is not None and record.operator == name


async def _caller(request: Request[Parts], call: str | None) -> list[Person]:
    """The caller of a call as the complainant, when the number is known for sure."""
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


def _own_unit(standing: Standing, named: str | None, *roles: DeskRole) -> str:
    """The unit that a new case is made for."""
    own = standing.own_units(*roles)
    if named is not None and named in standing.units_as(*roles):
        return named
    if not own or named is not None:
        raise Problem("not_allowed", f"This needs a grant: {' or '.join(roles)} at the unit.")
    if len(own) > 1:
        raise Problem("unit_needed", "Say for which of your units.", faults=own)
    return own[0]


def _unit(standing: Standing, name: str) -> Unit:
    found = standing.units.by_id.get(name)
    if found is None:
        raise Problem("unknown_unit", "GET /api/v1/units lists those there are.")
    return found


def _working_unit(request: Request[Parts], standing: Standing, name: str) -> Unit:
    unit = _unit(standing, name)
    if not unit.works_on(today(request)):
        raise Problem("unit_closed", "It does not work any more: choose another unit.")
    return unit


def _area(text: str) -> str:
    code = found_area(text).code
    if not code:
        raise Problem("province_needed", "Name at least the province.")
    return code


def _refuse_phones(confirmed: bool, *texts: str) -> None:
    if not confirmed and has_phone(*texts):
        detail = "Move the phone number to the person. If it is none of theirs, confirm it."
        raise Problem("phone_in_text", detail)


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


def _unknown() -> Problem:
    return Problem("unknown_case", "Check the number; ask who gave it to you.")


def _changed(case: Case) -> Problem:
    detail = f"Somebody was quicker. Look at {written_number(case.number)} again."
    return Problem("changed_meanwhile", detail, faults=[str(case.version)])


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        **AREA_KINDS,
        "unknown_case": ProblemKind(404, "There is no such case"),
        "unknown_unit": UNKNOWN_UNIT,
        "case_fault": ProblemKind(409, "That cannot be done so"),
        "changed_meanwhile": ProblemKind(409, "The case was changed in the meantime"),
        "not_now": ProblemKind(409, "That is not possible now"),
        "reference_known": ProblemKind(409, "A case with this reference is there already"),
        "date_in_future": ProblemKind(422, "The date cannot be accepted"),
        "number_wrong": ProblemKind(422, "That is no case number"),
        "phone_in_text": ProblemKind(422, "A text holds a phone number"),
        "province_needed": ProblemKind(422, "The area is too large"),
        "unit_closed": ProblemKind(422, "The unit cannot take it"),
        "unit_needed": ProblemKind(422, "It is not clear for which unit"),
    },
    path_patterns={
        "case": r"[0-9]{11}",
        "limit": f"({'|'.join(Limit)})",
        "urgency": f"({'|'.join(Urgency)})",
        "call": r"[A-Za-z0-9._-]{1,150}",
    },
    metrics={
        CASES_OPEN: lambda parts: parts.figures.open(),
        CASES_OVERDUE: lambda parts: parts.figures.overdue(),
        CASES_CLOSED: lambda parts: parts.figures.closed(),
        CASES_REOPENED: lambda parts: parts.figures.reopened(),
    },
)
