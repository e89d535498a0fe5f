"""What people do with a case: one table of the actions, and one function that does them.

The case is found in the person's scope, and the unit by the rules. The result is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import UNSET

from callcenter.desks.cases import rules
from callcenter.desks.cases.asking import (
    Parts,
    act_of,
    area_code,
    changed_meanwhile,
    endpoints,
    may_see_person,
    refuse_phones,
    told_of,
    unknown_case,
    view_of,
    working_unit,
)
from callcenter.desks.cases.model import Case, Change
from callcenter.desks.cases.parties import units_that_may
from callcenter.desks.cases.rules import Act, CaseFault, Finding
from callcenter.desks.cases.states import CaseAction
from callcenter.desks.cases.store import StaleError
from callcenter.desks.cases.views import (
    AddingLetter,
    Answering,
    CaseView,
    Correcting,
    Doing,
    InformingCitizen,
    Merging,
    Recalling,
    Referring,
    Returning,
    Saying,
)
from callcenter.desks.shared.documents import NotNow
from callcenter.desks.shared.letter_views import (
    LetterList,
    Recording,
    letter_from,
    letter_view,
)
from callcenter.desks.shared.routes import ANYONE, AREA_KINDS, standing_of
from callcenter.desks.shared.scope import scope_of
from callcenter.desks.shared.units import Standing
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem

__all__ = ["DOABLE", "endpoints"]
A = CaseAction
DOING = (
    "case_fault",
    "changed_meanwhile",
    "not_allowed",
    "not_now",
    "unit_needed",
    "unknown_case",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doable:
    """An action that needs only the case and the request. `name`: that of the operation."""

    action: CaseAction
    name: str
    takes: type
    rule: Callable[[Case, Act, Any], Change]
    summary: str


def _answer(case: Case, act: Act, said: Answering) -> Change:
    found = [
        Finding(n=f.n, text=f.text, conclusion=f.conclusion, note=f.note) for f in said.findings
    ]
    return rules.answer(case, act, said.text, found, said.taken, said.benefit)


def _inform_citizen(case: Case, act: Act, said: InformingCitizen) -> Change:
    how, why_not = said.how.strip(), said.why_not.strip()
    if bool(how) == bool(why_not):
        raise CaseFault("how_or_why_not", "Say how the citizen was told, or why not: one of them.")
    return rules.inform_citizen(case, act, how, why_not)


DOABLE = (
    Doable(
        action=A.ANSWER_AT_ONCE,
        name="answer_case_at_once",
        takes=Saying,
        rule=lambda case, act, said: rules.answer_at_once(case, act, said.text),
        summary="Answer a question, or a request for help, that needs nobody else.",
    ),
    Doable(
        action=A.TAKE,
        name="take_case",
        takes=Doing,
        rule=lambda case, act, said: rules.take(case, act),
        summary="Work on it in the unit that is responsible.",
    ),
    Doable(
        action=A.RECALL,
        name="recall_case",
        takes=Recalling,
        rule=lambda case, act, said: rules.recall(case, act, said.hop, said.text),
        summary="Take a hand-over back that was not received yet.",
    ),
    Doable(
        action=A.RECEIVE,
        name="receive_case",
        takes=Doing,
        rule=lambda case, act, said: rules.receive(case, act),
        summary="Have it in hand, so that its sender knows.",
    ),
    Doable(
        action=A.RETURN,
        name="return_case",
        takes=Returning,
        rule=lambda case, act, said: rules.give_back(case, act, said.reason, said.text),
        summary="Give it back to who sent it, with a reason.",
    ),
    Doable(
        action=A.PROGRESS,
        name="note_progress",
        takes=Saying,
        rule=lambda case, act, said: rules.progress(case, act, said.text),
        summary="Write down what has been done so far.",
    ),
    Doable(
        action=A.WAIT,
        name="let_case_wait",
        takes=Saying,
        rule=lambda case, act, said: rules.wait(case, act, said.text),
        summary="Say what was asked of whom. No clock runs until it is resumed.",
    ),
    Doable(
        action=A.RESUME,
        name="resume_case",
        takes=Doing,
        rule=lambda case, act, said: rules.resume(case, act),
        summary="What was waited for is there.",
    ),
    Doable(
        action=A.ANSWER,
        name="answer_case",
        takes=Answering,
        rule=_answer,
        summary="Say what was found and done. A complaint needs a conclusion for each allegation.",
    ),
    Doable(
        action=A.SEND_BACK,
        name="send_case_back",
        takes=Saying,
        rule=lambda case, act, said: rules.send_back(case, act, said.text),
        summary="The answer is not good enough: work on it again.",
    ),
    Doable(
        action=A.REPORT_TO_SOURCE,
        name="report_to_source",
        takes=Saying,
        rule=lambda case, act, said: rules.report_to_source(case, act, said.text),
        summary="Who passed it down has the result; the text says how it was told.",
    ),
    Doable(
        action=A.INFORM_CITIZEN,
        name="inform_citizen",
        takes=InformingCitizen,
        rule=_inform_citizen,
        summary="The citizen has the result, or it is said why not.",
    ),
    Doable(
        action=A.CLOSE,
        name="close_case",
        takes=Doing,
        rule=lambda case, act, said: rules.close(case, act),
        summary="End it, when source and citizen have the result.",
    ),
    Doable(
        action=A.REOPEN,
        name="reopen_case",
        takes=Saying,
        rule=lambda case, act, said: rules.reopen(case, act, said.text),
        summary="The citizen, or who passed it down, asks again within 90 days.",
    ),
    Doable(
        action=A.WITHDRAW,
        name="withdraw_case",
        takes=Saying,
        rule=lambda case, act, said: rules.withdraw(case, act, said.text),
        summary="The citizen does not want it any more.",
    ),
    Doable(
        action=A.MESSAGE,
        name="add_message",
        takes=Saying,
        rule=lambda case, act, said: rules.message(case, act, said.text),
        summary="Write down what the citizen said later. Whoever has the case sees it.",
    ),
)


def _declare(doable: Doable) -> None:
    """Make the action's endpoint, as a function with a decorator would be."""

    async def handler(request: Request[Parts], body: Any) -> CaseView:
        rule = doable.rule
        return await _do(request, body, doable.action, lambda case, act: rule(case, act, body))

    handler.__name__, handler.__doc__ = doable.name, doable.summary
    handler.__annotations__["body"] = doable.takes
    path = f"/cases/{{case}}/{doable.action.value.replace('_', '-')}"
    endpoints.post(path, needs=ANYONE, problems=DOING)(handler)


for _each in DOABLE:
    _declare(_each)


# --- actions that need more than the case ---------------------------------------------------------

REFERRING = (*DOING, "unit_closed", "unknown_unit")


@endpoints.post("/cases/{case}/refer", needs=ANYONE, problems=REFERRING)
async def refer_case(request: Request[Parts], body: Referring) -> CaseView:
    """Hand a case over to another unit. Its number stays, and the receiver's clock starts anew."""
    standing = await standing_of(request, request.parts.units)
    to = working_unit(request, standing, body.to_unit).id
    return await _do(request, body, A.REFER, lambda c, act: rules.refer(c, act, to, body.note))


@endpoints.post("/cases/{case}/inform", needs=ANYONE, problems=REFERRING)
async def inform_unit(request: Request[Parts], body: Referring) -> CaseView:
    """Inform another unit of a case. Nothing is asked of that unit."""
    standing = await standing_of(request, request.parts.units)
    to = working_unit(request, standing, body.to_unit).id
    return await _do(request, body, A.INFORM, lambda c, act: rules.inform(c, act, to, body.note))


@endpoints.post("/cases/{case}/merge", needs=ANYONE, problems=DOING)
async def merge_case(request: Request[Parts], body: Merging) -> CaseView:
    """Merge a case into another case of the same matter. Its number still finds it."""
    standing = await standing_of(request, request.parts.units)
    target = await request.parts.cases.case(body.into, scope_of(standing))
    if target is None:
        raise unknown_case()
    return await _do(request, body, A.MERGE, lambda c, act: rules.merge(c, act, target))


@endpoints.post(
    "/cases/{case}/correct",
    needs=ANYONE,
    problems=(*DOING, *AREA_KINDS, "phone_in_text", "province_needed"),
)
async def correct_case(request: Request[Parts], body: Correcting) -> CaseView:
    """Correct facts, or add allegations. The history keeps the earlier facts."""
    given = {name: getattr(body, name) for name in rules.CORRECTED}
    fields = {name: value for name, value in given.items() if value is not UNSET}
    if "area" in fields:
        fields["area"] = area_code(str(fields["area"]))
    refuse_phones(body.confirmed, *(v for v in fields.values() if type(v) is str))
    refuse_phones(body.confirmed, *body.allegations)
    return await _do(
        request, body, A.CORRECT, lambda c, act: rules.correct(c, act, fields, body.allegations)
    )


LETTER = (*DOING, "date_fault", "phone_in_text", "unknown_file", "unknown_unit")


@endpoints.post("/cases/{case}/letter", needs=ANYONE, problems=LETTER)
async def add_letter_to_case(request: Request[Parts], body: AddingLetter) -> CaseView:
    """Keep an official letter of the case. A deadline that it names takes the place of the present.

    Only the responsible unit sets a deadline. The history says which letter set it.
    """
    told = body.letter
    if not body.names_person:
        refuse_phones(body.confirmed, told.subject, told.sender, told.recipient)
    standing = await standing_of(request, request.parts.units)
    case = await request.parts.cases.case(request.path["case"], scope_of(standing))
    if case is None:
        raise unknown_case()
    if body.file is not None:
        file = await request.parts.files.file(case.id, body.file)
        if file is None or not file.is_there:
            raise Problem("unknown_file", "GET the case's files to see which there are.")

    def kept(case: Case, act: Act) -> Change:
        recording = Recording(by=act.account, unit=act.unit, at=act.at)
        official = letter_from(
            told, standing.units, recording, file=body.file, names_person=body.names_person
        )
        return rules.letter(case, act, official)

    view = await _do(request, body, A.LETTER, kept)
    added = view.letters[-1]
    await request.note(
        "case.letter.added", case.number, letter=added.letter, due=_iso(added.due_at)
    )
    return view


@endpoints.get("/cases/{case}/letters", needs=ANYONE, problems=("unknown_case",))
async def list_case_letters(request: Request[Parts]) -> LetterList:
    """List the official letters of a case, with what tells who complains for those who may see it.

    Each look is in the audit.
    """
    standing = await standing_of(request, request.parts.units)
    case = await request.parts.cases.case(request.path["case"], scope_of(standing))
    if case is None:
        raise unknown_case()
    sees = await may_see_person(request, standing, case)
    await request.audit("case.letters", case.number, shown=len(case.letters), person=sees)
    found = [letter_view(each, standing.units, sees_person=sees) for each in case.letters]
    return LetterList(letters=found)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# --- how actions are done -------------------------------------------------------------------------


async def _do(
    request: Request[Parts], body: Doing, action: CaseAction, rule: Callable[[Case, Act], Change]
) -> CaseView:
    """Find the case and the unit, let the rule decide, and store the result."""
    standing = await standing_of(request, request.parts.units)
    case = await request.parts.cases.case(request.path["case"], scope_of(standing))
    if case is None:
        raise unknown_case()
    if body.version != case.version:
        raise changed_meanwhile(case)
    try:
        unit = _acting_unit(case, action, standing, body.unit)
        change = rule(case, await act_of(request, unit))
        await request.parts.cases.save(change)
    except NotNow as error:
        raise Problem(
            "not_now", f"The case is {error.state.value}.", faults=list(error.possible)
        ) from error
    except CaseFault as error:
        raise Problem("case_fault", str(error), faults=[error.code]) from error
    except StaleError as error:
        raise changed_meanwhile(case) from error
    return view_of(request, standing, await told_of(request, standing))


def _acting_unit(case: Case, action: CaseAction, standing: Standing, named: str | None) -> str:
    found = units_that_may(case, action, standing)
    if named is not None:
        found = [unit for unit in found if unit == named]
    if not found:
        raise Problem("not_allowed", "Nobody gave you the right to do this with the case.")
    return found[0]
