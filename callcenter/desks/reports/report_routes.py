"""A unit's report in the API. A province's administrator edits it, its supervisor submits it, the
ministry (role central) accepts or returns it. states and form decide whether that is possible
now."""

from dataclasses import replace
from datetime import datetime

import msgspec
from msgspec import UNSET

from callcenter.desks.reports import form
from callcenter.desks.reports.asking import (
    ROUND,
    Parts,
    endpoints,
    moment_of,
    refuse_published,
    report_of,
    round_of,
    unknown_round,
)
from callcenter.desks.reports.form import FormFault
from callcenter.desks.reports.model import (
    Body,
    Field,
    Report,
    ReportState,
    Revision,
    Round,
    Section,
    Shown,
    Signed,
    Typed,
    Written,
)
from callcenter.desks.reports.post import Mail
from callcenter.desks.reports.report_files import mail_of
from callcenter.desks.reports.states import EDITORS, TABLE, ReportAction
from callcenter.desks.reports.store import StaleError
from callcenter.desks.reports.views import (
    DoingReport,
    HistoryEntry,
    NumberView,
    ReportView,
    ReturningReport,
    RevisionList,
    RevisionView,
    Saving,
    SignedFields,
    Starting,
    TextFields,
)
from callcenter.desks.shared.documents import DocumentEvent, NotNow
from callcenter.desks.shared.numbers import written_number
from callcenter.desks.shared.rounds import (
    counts_from,
    expected_state,
)
from callcenter.desks.shared.routes import (
    ANYONE,
    standing_of,
)
from callcenter.desks.shared.thai import written_moment
from callcenter.desks.shared.units import DeskRole, Standing
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem

REPORT = ("unknown_report", "not_allowed", "not_now", "report_changed", "round_published")


FORM = ("adds_up", "number_fault", "why_needed")


@endpoints.post(
    "/report-rounds/{round}/reports",
    needs=ANYONE,
    problems=(*ROUND, "unit_needed", "round_published", "not_open", "count_too_long"),
)
async def start_report(request: Request[Parts], body: Starting) -> ReportView:
    """Begin a unit's report, filled with what the system counted. Or show the existing one."""
    standing = await standing_of(request, request.parts.units)
    found = await round_of(request, standing)
    unit = await _expected_unit(request, standing, found, body.unit)
    store = request.parts.reports
    if await store.report_of(found.id, unit) is None:
        refuse_published(found)
        if request.wall() < found.opens_at:
            raise Problem("not_open", f"It opens {written_moment(found.opens_at)}.")
    with _counting():
        report = await request.parts.drafting.begin(
            found, unit, standing.units, request.person.name
        )
    return await _report_view(request, standing, report, found)


@endpoints.get("/reports/{report}", needs=ANYONE, problems=("unknown_report",))
async def one_report(request: Request[Parts]) -> ReportView:
    """Show a report as it is written now, with the system's figures."""
    standing = await standing_of(request, request.parts.units)
    report, found = await report_of(request, standing)
    return await _report_view(request, standing, report, found)


@endpoints.patch("/reports/{report}", needs=ANYONE, problems=(*REPORT, *FORM))
async def save_report(request: Request[Parts], body: Saving) -> ReportView:
    """Write into a report. This does not submit it."""
    standing, report, found = await _for(request, ReportAction.SAVE, body.version)
    numbers = {k: v for k, v in report.body.numbers.items() if k not in body.numbers}
    numbers |= {
        Field(k): Typed(value=v.value, why=v.why.strip())
        for k, v in body.numbers.items()
        if v is not None
    }
    written = {Section(k): Written(text=v.text, tags=tuple(v.tags)) for k, v in body.texts.items()}
    signed = report.body.signed
    if body.signed is not UNSET:
        signed = Signed(**msgspec.structs.asdict(body.signed))
    saved = Body(
        numbers=numbers,
        texts={**report.body.texts, **written},
        signed=signed,
        nil=report.body.nil if body.nil is UNSET else tuple(dict.fromkeys(body.nil)),
    )
    with _form_faults():
        form.check(saved, report.system)
    changed = [*body.numbers, *body.texts]
    done = replace(report, body=saved)
    return await _done(
        request, standing, done, found, ReportAction.SAVE, changes={"fields": changed}
    )


@endpoints.post("/reports/{report}/count", needs=ANYONE, problems=(*REPORT, "count_too_long"))
async def count_report(request: Request[Parts], body: DoingReport) -> ReportView:
    """Count the system's figures again. Typed numbers stay."""
    standing, report, found = await _for(request, ReportAction.COUNT, body.version)
    with _counting():
        counts = await request.parts.drafting.counts(found, report.unit, standing.units)
    counted = replace(report, system=counts)
    return await _done(request, standing, counted, found, ReportAction.COUNT)


@endpoints.post(
    "/reports/{report}/submit", needs=ANYONE, problems=(*REPORT, *FORM, "form_incomplete")
)
async def submit_report(request: Request[Parts], body: DoingReport) -> ReportView:
    """Submit a report. A second submission is another revision of the same report.

    It is mailed if the round has an address.
    """
    standing, report, found = await _for(request, ReportAction.SUBMIT, body.version)
    with _form_faults():
        submitted = form.submitted(report.body, report.system)
    now = request.wall()
    done = replace(
        report,
        state=ReportState.SUBMITTED,
        first_at=counts_from(report.first_at, report.returned_at, now),
        submitted_at=now,
        returned_at=None,
        returned_why="",
        revision=report.revision + 1,
    )
    revision = Revision(
        number=done.revision,
        at=now,
        by=request.person.name,
        sha256=form.checksum(submitted),
        body=submitted,
    )
    mail = None if found.address is None else await mail_of(standing, found, done, revision)
    return await _done(
        request, standing, done, found, ReportAction.SUBMIT, revision=revision, mail=mail
    )


@endpoints.post("/reports/{report}/return", needs=ANYONE, problems=(*REPORT, "date_fault"))
async def return_report(request: Request[Parts], body: ReturningReport) -> ReportView:
    """Return a report with a reason (role central).

    If it is submitted again within 24 hours, it keeps its time of submission.
    """
    standing, report, found = await _for(request, ReportAction.RETURN, body.version)
    until = None if body.until is None else moment_of(body.until)
    if found.published_at is not None and until is None:
        raise Problem("date_fault", "The round is published: say until when it is open again.")
    done = replace(
        report,
        state=ReportState.DRAFT,
        returned_at=request.wall(),
        returned_why=body.why.strip(),
        open_until=until if found.published_at is not None else None,
    )
    return await _done(request, standing, done, found, ReportAction.RETURN, reason=body.why.strip())


@endpoints.post("/reports/{report}/accept", needs=ANYONE, problems=REPORT)
async def accept_report(request: Request[Parts], body: DoingReport) -> ReportView:
    """Accept a report (role central)."""
    standing, report, found = await _for(request, ReportAction.ACCEPT, body.version)
    done = replace(report, state=ReportState.ACCEPTED)
    return await _done(request, standing, done, found, ReportAction.ACCEPT)


@endpoints.get("/reports/{report}/revisions", needs=ANYONE, problems=("unknown_report",))
async def list_revisions(request: Request[Parts]) -> RevisionList:
    """List all submissions of a report, in order."""
    standing = await standing_of(request, request.parts.units)
    report, _ = await report_of(request, standing)
    found = await request.parts.reports.revisions(report)
    return RevisionList(
        revisions=[
            RevisionView(
                revision=each.number, at=each.at, by=each.by, sha256=each.sha256, body=each.body
            )
            for each in found
        ]
    )


class _form_faults:  # noqa: N801 - it is used as a word
    """Raises a fault of the form as a Problem."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FormFault):
            raise Problem(error.code, str(error), faults=error.faults) from error


class _counting:  # noqa: N801 - it is used as a word
    """Counting that takes too long as a problem."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TimeoutError):
            detail = "Try again, or choose a shorter period."
            raise Problem("count_too_long", detail) from error


async def _for(
    request: Request[Parts], action: ReportAction, version: int
) -> tuple[Standing, Report, Round]:
    """The report, if the person may do this with it now."""
    standing = await standing_of(request, request.parts.units)
    report, found = await report_of(request, standing)
    try:
        move = TABLE.move(report.state, action)
    except NotNow as error:
        raise Problem(
            "not_now", f"The report is {error.state.value}.", faults=list(error.possible)
        ) from error
    if not _may(standing, report, move.by):
        raise Problem("not_allowed", "Nobody gave you the right to do this with the report.")
    if version != report.version:
        raise _changed(report)
    if action is not ReportAction.RETURN and not _is_open(found, report, request.wall()):
        refuse_published(found)
    return standing, report, found


def _may(standing: Standing, report: Report, roles: tuple[DeskRole, ...]) -> bool:
    if DeskRole.CENTRAL in roles and DeskRole.CENTRAL in standing.roles():
        return True
    return report.unit in standing.units_as(*(r for r in roles if r is not DeskRole.CENTRAL))


def _is_open(of: Round, report: Report, now: datetime) -> bool:
    if of.published_at is None:
        return True
    return report.open_until is not None and now <= report.open_until


async def _done(
    request: Request[Parts],
    standing: Standing,
    done: Report,
    of: Round,
    action: ReportAction,
    *,
    reason: str = "",
    changes: dict[str, object] | None = None,
    revision: Revision | None = None,
    mail: Mail | None = None,
) -> ReportView:
    """Store what was done, and show the report."""
    store = request.parts.reports
    before = await store.events(done)
    event = DocumentEvent(
        seq=len(before) + 1,
        at=revision.at if revision else request.wall(),
        actor=request.person.name,
        unit=done.unit,
        action=action.value,
        from_state=before[-1].to_state,
        to_state=done.state.value,
        reason=reason,
        changes=changes or {},
    )
    kept = replace(done, version=done.version + 1)
    try:
        await store.save(kept, event, revision, mail)
    except StaleError as error:
        raise _changed(done) from error
    return await _report_view(request, standing, kept, of)


async def _expected_unit(
    request: Request[Parts], standing: Standing, of: Round, named: str | None
) -> str:
    mine = standing.units_as(*EDITORS)
    own = [e.unit for e in await request.parts.reports.expected(of.id) if e.unit in mine]
    if named is not None:
        own = [unit for unit in own if unit == named]
    if not own:
        raise unknown_round()
    if len(own) > 1:
        raise Problem("unit_needed", "Say for which unit.", faults=own[:20])
    return own[0]


async def _report_view(
    request: Request[Parts], standing: Standing, report: Report, of: Round
) -> ReportView:
    expected = {e.unit: e for e in await request.parts.reports.expected(of.id)}
    now = request.wall()
    state = expected_state(of.due_at, expected[report.unit].submission, now)
    shown = form.numbers(report.body, report.system)
    system = report.system
    events = await request.parts.reports.events(report)
    last = await request.parts.reports.last_submitted(of, report.unit)
    return ReportView(
        report=report.number,
        written=written_number(report.number),
        round=of.id,
        unit=report.unit,
        unit_name=standing.units.by_id[report.unit].name_th,
        state=report.state,
        expected=state,
        version=report.version,
        revision=report.revision,
        first_submitted_at=report.first_at,
        submitted_at=report.submitted_at,
        returned_why=report.returned_why,
        open_until=report.open_until,
        formula=system.formula if system else "",
        counted_at=system.counted_at if system else None,
        lines=list(system.lines) if system else [],
        last_round=last[0] if last else "",
        numbers=[
            _number_view(each, shown.get(each), last[1].numbers.get(each) if last else None)
            for each in Field
        ],
        texts={k: TextFields(v.text, list(v.tags)) for k, v in report.body.texts.items()},
        signed=SignedFields(**msgspec.structs.asdict(report.body.signed)),
        nil=list(report.body.nil),
        actions=_actions(standing, report, of, now),
        history=[
            HistoryEntry(
                at=each.at,
                actor=each.actor,
                action=each.action,
                to_state=each.to_state,
                reason=each.reason,
            )
            for each in events
        ],
    )


def _actions(standing: Standing, report: Report, of: Round, now: datetime) -> list[ReportAction]:
    open_now = _is_open(of, report, now)
    return [
        action
        for action in TABLE.possible(report.state)
        if _may(standing, report, TABLE.move(report.state, action).by)
        and (open_now or action is ReportAction.RETURN)
    ]


def _number_view(field: Field, number: Shown | None, last: Shown | None) -> NumberView:
    return NumberView(
        field=field,
        name_th=form.NAMES[field],
        value=number.value if number else None,
        origin=number.origin if number else None,
        system_value=number.system_value if number else None,
        why=number.why if number else "",
        last_value=last.value if last else None,
    )


def _changed(report: Report) -> Problem:
    detail = f"Somebody was quicker. Look at {written_number(report.number)} again."
    return Problem("report_changed", detail, faults=[str(report.version)])
