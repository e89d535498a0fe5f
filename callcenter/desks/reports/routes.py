"""The report round in the API. What is outside a person's scope is answered as what is not there.

A province's administrator edits, its supervisor submits, the ministry (role central) makes rounds,
accepts, returns and publishes. Whether something is possible now is decided by states and form.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import UNSET

from callcenter.desks.reports import exports, form
from callcenter.desks.reports.consolidation import Consolidation, rows, shares, texts, totals
from callcenter.desks.reports.exports import PeriodFault, ReportFile
from callcenter.desks.reports.figures import DUE, MAILS, UNITS, Figures, mails
from callcenter.desks.reports.form import FormFault
from callcenter.desks.reports.model import (
    FORM_VERSION,
    Body,
    Counts,
    Expectation,
    Field,
    Letter,
    Report,
    ReportState,
    Revision,
    Round,
    Section,
    Shown,
    Signed,
    Typed,
    UnitResult,
    Written,
)
from callcenter.desks.reports.post import File, Mail, Outbox, Post
from callcenter.desks.reports.prefill import Prefill
from callcenter.desks.reports.states import EDITORS, TABLE, ReportAction
from callcenter.desks.reports.store import NewRound, ReportsInPostgres, StaleError, version_of
from callcenter.desks.reports.views import (
    DoingReport,
    EditionQuery,
    EditionView,
    Excusing,
    Expecting,
    HistoryEntry,
    LetterFields,
    MailList,
    MailView,
    NewReportRound,
    NumberView,
    RateView,
    ReportView,
    ReturningReport,
    RevisionList,
    RevisionView,
    RoundChange,
    RoundFields,
    RoundList,
    RoundView,
    Saving,
    SignedFields,
    Starting,
    TextFields,
    Tile,
    UnitLines,
)
from callcenter.desks.shared.documents import DocumentEvent, NotNow
from callcenter.desks.shared.numbers import written_number
from callcenter.desks.shared.rounds import (
    Expected,
    Rate,
    completeness,
    counts_from,
    expected_state,
    round_state,
    timeliness,
)
from callcenter.desks.shared.routes import (
    ANYONE,
    UNKNOWN_UNIT,
    standing_of,
    today,
)
from callcenter.desks.shared.scope import Scope
from callcenter.desks.shared.store import UnitsInPostgres
from callcenter.desks.shared.thai import DateFault, buddhist, read_moment, written_moment
from callcenter.desks.shared.units import DeskRole, Standing, UnitLevel
from callcenter.ports.people import Role
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Download, Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    reports: ReportsInPostgres
    units: UnitsInPostgres
    prefill: Prefill
    outbox: Outbox
    post: Post
    figures: Counted[Figures]


endpoints = Endpoints("reports")
ROUND = ("unknown_round", "not_allowed")
REPORT = ("unknown_report", "not_allowed", "not_now", "report_changed", "round_published")
FORM = ("adds_up", "number_fault", "why_needed")


# --- rounds --------------------------------------------------------------------------------------


@endpoints.post(
    "/report-rounds",
    needs=ANYONE,
    status=201,
    problems=("not_allowed", "round_fault", "date_fault", "unknown_unit"),
)
async def make_round(request: Request[Parts], body: NewReportRound) -> RoundView:
    """Open a round (role central). Who is expected is written down now."""
    standing = await _central(request)
    now = request.wall()
    new = _new_round(body, now)
    day = today(request)
    units = body.units
    if units is None:
        units = [
            unit.id
            for unit in standing.units.by_id.values()
            if unit.level is UnitLevel.PROVINCE and unit.works_on(day)
        ]
    unknown = sorted({*units} - {*standing.units.by_id})
    if unknown:
        raise Problem(
            "unknown_unit", "GET /api/v1/units lists those there are.", faults=unknown[:20]
        )
    if not units:
        raise Problem("round_fault", "Nobody is expected: add units first.")
    made = await request.parts.reports.add_round(new, set(units), request.person.name, now)
    await request.note("round.made", str(made.id), units=len(set(units)))
    return await _round_view(request, standing, made)


@endpoints.get("/report-rounds", needs=ANYONE)
async def list_rounds(request: Request[Parts]) -> RoundList:
    """Rounds in which one's units are expected; the ministry and viewers see all."""
    standing = await standing_of(request, request.parts.units)
    found = []
    for each in await request.parts.reports.rounds():
        view = await _round_view(request, standing, each)
        if view.units:
            found.append(view)
    return RoundList(rounds=found)


@endpoints.get("/report-rounds/{round}", needs=ANYONE, problems=("unknown_round",))
async def one_round(request: Request[Parts]) -> RoundView:
    """A round with its units: who is waiting, late, missing, and the time that is left."""
    standing = await standing_of(request, request.parts.units)
    return await _round_view(request, standing, await _round_of(request, standing))


@endpoints.put(
    "/report-rounds/{round}",
    needs=ANYONE,
    problems=(*ROUND, "round_fault", "round_published", "round_changed", "date_fault"),
)
async def change_round(request: Request[Parts], body: RoundChange) -> RoundView:
    """Change the due time, the name, the letter or the address (role central)."""
    standing = await _central(request)
    found = await _round_of(request, standing)
    _refuse_published(found)
    new = _new_round(body, found.opens_at)
    if not await request.parts.reports.change_round(found.id, new, body.version):
        raise Problem("round_changed", "Look at it again: somebody has changed it.")
    await request.note("round.changed", str(found.id), due=body.due)
    return await _round_view(request, standing, await _round_of(request, standing))


@endpoints.post(
    "/report-rounds/{round}/units",
    needs=ANYONE,
    problems=(*ROUND, "unknown_unit", "round_published"),
)
async def expect_unit(request: Request[Parts], body: Expecting) -> RoundView:
    """One unit more is expected (role central)."""
    standing = await _central(request)
    found = await _round_of(request, standing)
    _refuse_published(found)
    if body.unit not in standing.units.by_id:
        raise Problem("unknown_unit", "GET /api/v1/units lists those there are.")
    await request.parts.reports.expect(found.id, body.unit)
    await request.note("round.unit", str(found.id), unit=body.unit)
    return await _round_view(request, standing, found)


@endpoints.post(
    "/report-rounds/{round}/excuse",
    needs=ANYONE,
    problems=(*ROUND, "unknown_unit", "round_published"),
)
async def excuse_unit(request: Request[Parts], body: Excusing) -> RoundView:
    """A unit need not report this time (role central)."""
    standing = await _central(request)
    found = await _round_of(request, standing)
    _refuse_published(found)
    why = body.why.strip()
    by = request.person.name if why else None
    if not await request.parts.reports.excuse(found.id, body.unit, by, why):
        raise Problem("unknown_unit", "It is not expected in this round.")
    await request.note("round.excused", str(found.id), unit=body.unit)
    return await _round_view(request, standing, found)


# --- reports -------------------------------------------------------------------------------------


@endpoints.post(
    "/report-rounds/{round}/reports",
    needs=ANYONE,
    problems=(*ROUND, "unit_needed", "round_published", "not_open", "count_too_long"),
)
async def start_report(request: Request[Parts], body: Starting) -> ReportView:
    """Begin a unit's report, filled with what the system counted; or show the one there is."""
    standing = await standing_of(request, request.parts.units)
    found = await _round_of(request, standing)
    unit = await _expected_unit(request, standing, found, body.unit)
    store = request.parts.reports
    if await store.report_of(found.id, unit) is None:
        _refuse_published(found)
        if request.wall() < found.opens_at:
            raise Problem("not_open", f"It opens {written_moment(found.opens_at)}.")
        counts = await _counts(request, standing, found, unit)
        area = standing.units.by_id[unit].area
        year = buddhist(today(request).year)
        await store.start(found, unit, area, year, counts, request.person.name)
    report = await store.report_of(found.id, unit)
    assert report is not None
    return await _report_view(request, standing, report, found)


@endpoints.get("/reports/{report}", needs=ANYONE, problems=("unknown_report",))
async def one_report(request: Request[Parts]) -> ReportView:
    """A report as it is written now, with the system's figures beside it."""
    standing = await standing_of(request, request.parts.units)
    report, found = await _report_of(request, standing)
    return await _report_view(request, standing, report, found)


@endpoints.patch("/reports/{report}", needs=ANYONE, problems=(*REPORT, *FORM))
async def save_report(request: Request[Parts], body: Saving) -> ReportView:
    """Write into a report. It is not submitted by that."""
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
    """Count anew. What was typed stays."""
    standing, report, found = await _for(request, ReportAction.COUNT, body.version)
    counted = replace(report, system=await _counts(request, standing, found, report.unit))
    return await _done(request, standing, counted, found, ReportAction.COUNT)


@endpoints.post(
    "/reports/{report}/submit", needs=ANYONE, problems=(*REPORT, *FORM, "form_incomplete")
)
async def submit_report(request: Request[Parts], body: DoingReport) -> ReportView:
    """Hand it in. Again: another revision of the same report. It is mailed if the round says so."""
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
    mail = None if found.address is None else _mail(standing, found, done, revision)
    return await _done(
        request, standing, done, found, ReportAction.SUBMIT, revision=revision, mail=mail
    )


@endpoints.post("/reports/{report}/return", needs=ANYONE, problems=(*REPORT, "date_fault"))
async def return_report(request: Request[Parts], body: ReturningReport) -> ReportView:
    """Give it back with a reason (role central). Submitted again in 24 hours it keeps its time."""
    standing, report, found = await _for(request, ReportAction.RETURN, body.version)
    until = None if body.until is None else _moment(body.until)
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
    """Accept it (role central)."""
    standing, report, found = await _for(request, ReportAction.ACCEPT, body.version)
    done = replace(report, state=ReportState.ACCEPTED)
    return await _done(request, standing, done, found, ReportAction.ACCEPT)


@endpoints.get("/reports/{report}/revisions", needs=ANYONE, problems=("unknown_report",))
async def list_revisions(request: Request[Parts]) -> RevisionList:
    """All that was submitted, first to last."""
    standing = await standing_of(request, request.parts.units)
    report, _ = await _report_of(request, standing)
    found = await request.parts.reports.revisions(report)
    return RevisionList(
        revisions=[
            RevisionView(
                revision=each.number, at=each.at, by=each.by, sha256=each.sha256, body=each.body
            )
            for each in found
        ]
    )


@endpoints.get(
    "/reports/{report}/xlsx",
    needs=ANYONE,
    gives=exports.XLSX,
    problems=("unknown_report", "not_submitted"),
)
async def report_as_xlsx(request: Request[Parts]) -> Download:
    """What was submitted last, as a spreadsheet."""
    [xlsx, _] = await _report_files(request)
    return Download(name=xlsx.name, body=xlsx.body)


@endpoints.get("/reports/{report}/json", needs=ANYONE, problems=("unknown_report", "not_submitted"))
async def report_as_json(request: Request[Parts]) -> Download:
    """What was submitted last, for programs, with its checksum."""
    [_, made] = await _report_files(request)
    return Download(name=made.name, body=made.body)


# --- national ------------------------------------------------------------------------------------


@endpoints.get("/report-rounds/{round}/table", needs=ANYONE, problems=(*ROUND, "unknown_edition"))
async def national_table(request: Request[Parts], query: EditionQuery) -> EditionView:
    """Totals, the table of units and what they wrote. Who is missing is named, and is no zero."""
    return await _edition(request, query)


@endpoints.post("/report-rounds/{round}/publish", needs=ANYONE, problems=ROUND)
async def publish_round(request: Request[Parts]) -> EditionView:
    """Freeze the table as an edition (role central), and close the round."""
    standing = await _central(request)
    found = await _round_of(request, standing)
    table = await _table(request, standing, found)
    made = await request.parts.reports.publish(found.id, table, request.person.name, request.wall())
    await request.note("round.published", str(found.id), edition=made.number, sha256=made.sha256)
    return EditionView(
        edition=made.number, published_at=made.at, sha256=made.sha256, table=made.body
    )


async def _file(request: Request[Parts], query: EditionQuery, kind: str) -> Download:
    edition = await _edition(request, query)
    table = edition.table
    name = f"round-{table.round}-edition-{edition.edition or 'now'}.{_ENDINGS.get(kind, kind)}"
    try:
        body = _WRITERS[kind](table)
    except PeriodFault as error:
        raise Problem("period_fault", str(error)) from error
    await request.audit("round.export", str(table.round), file=name, sha256=form.checksum(table))
    return Download(name=name, body=body)


_WRITERS = {
    "xlsx": exports.national_xlsx,
    "csv": exports.national_csv,
    "json": exports.national_json,
    "adx": exports.adx,
    "dhis2": exports.dhis2,
}
_ENDINGS = {"adx": "adx.xml", "dhis2": "dhis2.json"}
EXPORT = (*ROUND, "unknown_edition")


@endpoints.get("/report-rounds/{round}/xlsx", needs=ANYONE, gives=exports.XLSX, problems=EXPORT)
async def national_as_xlsx(request: Request[Parts], query: EditionQuery) -> Download:
    """The national table as a spreadsheet."""
    return await _file(request, query, "xlsx")


@endpoints.get("/report-rounds/{round}/csv", needs=ANYONE, gives=exports.CSV, problems=EXPORT)
async def national_as_csv(request: Request[Parts], query: EditionQuery) -> Download:
    """The table of units, comma separated."""
    return await _file(request, query, "csv")


@endpoints.get("/report-rounds/{round}/json", needs=ANYONE, problems=EXPORT)
async def national_as_json(request: Request[Parts], query: EditionQuery) -> Download:
    """The national table for programs."""
    return await _file(request, query, "json")


@endpoints.get("/report-rounds/{round}/adx", needs=ANYONE, gives=exports.ADX, problems=EXPORT)
async def national_as_adx(request: Request[Parts], query: EditionQuery) -> Download:
    """Aggregate data as IHE's ADX."""
    return await _file(request, query, "adx")


@endpoints.get("/report-rounds/{round}/dhis2", needs=ANYONE, problems=(*EXPORT, "period_fault"))
async def national_as_dhis2(request: Request[Parts], query: EditionQuery) -> Download:
    """Data values for DHIS2, of a day, month, quarter or year."""
    return await _file(request, query, "dhis2")


# --- mail, lines ---------------------------------------------------------------------------------


@endpoints.get("/report-rounds/{round}/mails", needs=ANYONE, problems=ROUND)
async def list_mails(request: Request[Parts]) -> MailList:
    """Reminders and reports of a round: to whom, when, and whether they went out (role central)."""
    standing = await _central(request)
    found = await _round_of(request, standing)
    mails = await request.parts.outbox.of_round(found.id)
    return MailList(
        mails=[
            MailView(
                mail=each.id,
                unit=each.unit,
                recipient=each.recipient,
                subject=each.subject,
                state=each.state,
                tries=each.tries,
                made_at=each.made_at,
                sent_at=each.sent_at,
                message_id=each.message_id,
                error=each.error,
                files=list(each.files),
            )
            for each in mails
        ]
    )


@endpoints.post(
    "/report-rounds/{round}/mails/{mail}/again", needs=ANYONE, status=204, problems=ROUND
)
async def send_again(request: Request[Parts]) -> None:
    """Try a mail anew (role central)."""
    standing = await _central(request)
    found = await _round_of(request, standing)
    mail = int(request.path["mail"])
    if mail not in {each.id for each in await request.parts.outbox.of_round(found.id)}:
        raise _unknown_round()
    await request.parts.outbox.again(mail, request.wall())
    await request.note("round.mail_again", str(found.id), mail=mail)


@endpoints.get("/unit-lines/{unit}", needs=Role.ADMINISTRATOR, problems=("unknown_unit",))
async def lines_of_unit(request: Request[Parts]) -> UnitLines:
    """The hotlines whose calls are counted for a unit."""
    await _require_unit(request)
    return UnitLines(lines=await request.parts.reports.lines_of([request.path["unit"]]))


@endpoints.put("/unit-lines/{unit}", needs=Role.ADMINISTRATOR, problems=("unknown_unit",))
async def set_lines_of_unit(request: Request[Parts], body: UnitLines) -> UnitLines:
    """Say which hotlines are a unit's. Reports that were counted already stay as they are."""
    await _require_unit(request)
    lines = sorted(set(body.lines))
    await request.parts.reports.set_lines(request.path["unit"], lines)
    await request.note("unit.lines", request.path["unit"], lines=lines)
    return UnitLines(lines=lines)


# --- parts ---------------------------------------------------------------------------------------


class _form_faults:  # noqa: N801 - it is used as a word
    """A fault of the form as a problem."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FormFault):
            raise Problem(error.code, str(error), faults=error.faults) from error


def _scope(standing: Standing) -> Scope:
    """Reports are seen where they are edited and above, and by the ministry."""
    return Scope(
        everything=DeskRole.CENTRAL in standing.roles(),
        units=standing.units_as(*EDITORS),
        sources=frozenset(),
    )


def _sees_all(standing: Standing, of: Round) -> bool:
    roles = standing.roles()
    if DeskRole.CENTRAL in roles:
        return True
    return DeskRole.VIEWER in roles and of.published_at is not None


async def _central(request: Request[Parts]) -> Standing:
    standing = await standing_of(request, request.parts.units)
    if DeskRole.CENTRAL not in standing.roles():
        raise Problem("not_allowed", "Rounds are the ministry's (role central).")
    return standing


async def _round_of(request: Request[Parts], standing: Standing) -> Round:
    """The round, if one may see any of its units."""
    found = await request.parts.reports.round(int(request.path["round"]))
    if found is None or not await _seen(request, standing, found):
        raise _unknown_round()
    return found


async def _seen(request: Request[Parts], standing: Standing, of: Round) -> list[Expectation]:
    expected = await request.parts.reports.expected(of.id)
    if _sees_all(standing, of):
        return expected
    mine = standing.units_as(*EDITORS)
    return [each for each in expected if each.unit in mine]


async def _report_of(request: Request[Parts], standing: Standing) -> tuple[Report, Round]:
    store = request.parts.reports
    report = await store.report(request.path["report"], _scope(standing))
    if report is None:
        raise Problem("unknown_report", "Check the number.")
    found = await store.round(report.round)
    assert found is not None
    return report, found


async def _for(
    request: Request[Parts], action: ReportAction, version: int
) -> tuple[Standing, Report, Round]:
    """The report on which somebody may do this now."""
    standing = await standing_of(request, request.parts.units)
    report, found = await _report_of(request, standing)
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
        _refuse_published(found)
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
    """Keep what was done, and show it."""
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
        raise _unknown_round()
    if len(own) > 1:
        raise Problem("unit_needed", "Say for which unit.", faults=own[:20])
    return own[0]


async def _counts(request: Request[Parts], standing: Standing, of: Round, unit: str) -> Counts:
    units = standing.units.below(unit)
    lines = await request.parts.reports.lines_of(units)
    try:
        return await request.parts.prefill.counts(
            units, lines, of.period_from, of.period_before, request.wall()
        )
    except TimeoutError as error:
        raise Problem("count_too_long", "Try again, or choose a shorter period.") from error


async def _report_files(request: Request[Parts]) -> tuple[File, File]:
    standing = await standing_of(request, request.parts.units)
    report, of = await _report_of(request, standing)
    found = await request.parts.reports.revisions(report)
    if not found:
        raise Problem("not_submitted", "Only what was submitted can be handed on.")
    await request.audit("report.export", report.number, revision=found[-1].number)
    return _files(standing, of, report, found[-1])


def _files(standing: Standing, of: Round, report: Report, revision: Revision) -> tuple[File, File]:
    content = ReportFile(
        round=of.id,
        round_name=of.name,
        report=report.number,
        unit=report.unit,
        area=report.area,
        name_th=standing.units.by_id[report.unit].name_th,
        revision=revision.number,
        submitted_at=revision.at,
        sha256=revision.sha256,
        body=revision.body,
    )
    name = f"report-{report.number}-{revision.number}"
    xlsx = exports.report_xlsx(content, revision)
    made = msgspec.json.format(msgspec.json.encode(content), indent=2)
    return (
        File(name=f"{name}.xlsx", type=exports.XLSX, sha256=form.digest(xlsx), body=xlsx),
        File(name=f"{name}.json", type=exports.JSON, sha256=form.digest(made), body=made),
    )


def _mail(standing: Standing, of: Round, report: Report, revision: Revision) -> Mail:
    """What tells the round's address. It is kept together with the revision: none is without."""
    files = _files(standing, of, report, revision)
    unit = standing.units.by_id[report.unit].name_th
    sums = "\n".join(f"{file.sha256}  {file.name}" for file in files)
    return Mail(
        key=f"{report.number}/{revision.number}",
        round=of.id,
        unit=report.unit,
        recipient=of.address or "",
        subject=f"{of.name}: {unit}",
        text=f"รายงานของ{unit} ฉบับที่ {revision.number}\n"
        f"ส่งเมื่อ {written_moment(revision.at)}\n\nSHA-256\n{sums}\n",
        files=files,
    )


async def _edition(request: Request[Parts], query: EditionQuery) -> EditionView:
    standing = await standing_of(request, request.parts.units)
    found = await _round_of(request, standing)
    if not _sees_all(standing, found):
        raise Problem("not_allowed", "The national table is the ministry's until it is published.")
    is_central = DeskRole.CENTRAL in standing.roles()
    wanted = None if query.edition is UNSET else query.edition
    published = await request.parts.reports.edition(found.id, wanted)
    if published is not None and not (query.now and is_central):
        return EditionView(
            edition=published.number,
            published_at=published.at,
            sha256=published.sha256,
            table=published.body,
        )
    if wanted is not None or not is_central:
        raise Problem("unknown_edition", "It was not published.")
    table = await _table(request, standing, found)
    return EditionView(edition=None, published_at=None, sha256=form.checksum(table), table=table)


async def _table(request: Request[Parts], standing: Standing, of: Round) -> Consolidation:
    now, store = request.wall(), request.parts.reports
    submitted = await store.submitted(of.id)
    expected = await store.expected(of.id)
    states = {e.unit: expected_state(of.due_at, e.submission, now) for e in expected}
    results = [
        UnitResult(
            unit=unit,
            area=standing.units.by_id[unit].area,
            name_th=standing.units.by_id[unit].name_th,
            state=state.value,
            body=submitted.get(unit),
        )
        for unit, state in states.items()
    ]
    bodies = [each.body for each in results if each.body is not None]
    in_time = sum(state is Expected.ON_TIME for state in states.values())
    formulas = sorted({body.formula for body in bodies if body.formula})
    excused = sum(state is Expected.EXCUSED for state in states.values())
    missing = [
        each.name_th for each in results if each.body is None and each.state != Expected.EXCUSED
    ]
    return Consolidation(
        round=of.id,
        name=of.name,
        period_from=of.period_from,
        period_before=of.period_before,
        due_at=of.due_at,
        made_at=now,
        formulas=tuple(formulas),
        expected=len(results),
        excused=excused,
        submitted=len(bodies),
        on_time=in_time,
        missing=tuple(missing),
        totals=totals(bodies),
        shares=shares(bodies),
        units=rows(results),
        texts=texts(results),
    )


async def _round_view(request: Request[Parts], standing: Standing, of: Round) -> RoundView:
    now = request.wall()
    seen = await _seen(request, standing, of)
    states = {each.unit: expected_state(of.due_at, each.submission, now) for each in seen}
    counted = {state: list(states.values()).count(state) for state in Expected}
    units = standing.units.by_id
    late = (Expected.WAITING, Expected.DRAFT, Expected.MISSING)
    return RoundView(
        round=of.id,
        version=version_of(of),
        name=of.name,
        state=round_state(of.opens_at, of.due_at, of.published_at, now),
        period_from=of.period_from,
        period_before=of.period_before,
        opens_at=of.opens_at,
        due_at=of.due_at,
        due_th=written_moment(of.due_at),
        seconds_left=(of.due_at - now).total_seconds(),
        form_version=of.form_version,
        letter=LetterFields(of.letter.number, of.letter.date, of.letter.subject),
        address=of.address if DeskRole.CENTRAL in standing.roles() else None,
        published_at=of.published_at,
        expected=len(seen),
        states=counted,
        completeness=_rate(completeness(states.values())),
        timeliness=_rate(timeliness(states.values())),
        missing=[unit for unit, state in states.items() if state in late],
        units=[
            Tile(
                unit=each.unit,
                name_th=units[each.unit].name_th,
                name_en=units[each.unit].name_en,
                area=units[each.unit].area,
                state=states[each.unit],
                report=each.report,
                report_state=each.state,
                submitted_at=each.submission.submitted_at,
                excuse=each.excuse,
            )
            for each in seen
        ],
    )


async def _report_view(
    request: Request[Parts], standing: Standing, report: Report, of: Round
) -> ReportView:
    expected = {e.unit: e for e in await request.parts.reports.expected(of.id)}
    now = request.wall()
    state = expected_state(of.due_at, expected[report.unit].submission, now)
    shown = form.numbers(report.body, report.system)
    system = report.system
    events = await request.parts.reports.events(report)
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
        numbers=[_number_view(each, shown.get(each)) for each in Field],
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


def _number_view(field: Field, number: Shown | None) -> NumberView:
    return NumberView(
        field=field,
        name_th=form.NAMES[field],
        value=number.value if number else None,
        origin=number.origin if number else None,
        system_value=number.system_value if number else None,
        why=number.why if number else "",
    )


def _rate(rate: Rate) -> RateView:
    return RateView(counted=rate.counted, of=rate.of, share=rate.share)


def _new_round(fields: RoundFields, opens_at: datetime) -> NewRound:
    """`opens_at`: when the fields do not say it."""
    new = NewRound(
        name=fields.name.strip(),
        letter=Letter(**msgspec.structs.asdict(fields.letter)),
        period_from=_moment(fields.period_from),
        period_before=_moment(fields.period_before),
        opens_at=opens_at if fields.opens is None else _moment(fields.opens),
        due_at=_moment(fields.due),
        form_version=FORM_VERSION,
        address=fields.address,
    )
    if not timedelta() < new.period_before - new.period_from <= timedelta(days=400):
        raise Problem("round_fault", "The period ends after it begins, within 400 days.")
    if new.due_at <= new.opens_at:
        raise Problem("round_fault", "It is due after it opens.")
    return new


def _moment(text: str) -> datetime:
    try:
        return read_moment(text).astimezone(UTC)
    except (DateFault, OverflowError) as error:
        raise Problem("date_fault", "Correct it and send it again.", faults=[str(error)]) from error


def _refuse_published(of: Round) -> None:
    if of.published_at is not None:
        detail = f"The round was published {written_moment(of.published_at)} and is closed."
        raise Problem("round_published", detail)


async def _require_unit(request: Request[Parts]) -> None:
    if request.path["unit"] not in (await request.parts.units.units()).by_id:
        raise Problem("unknown_unit", "GET /api/v1/units lists those there are.")


def _changed(report: Report) -> Problem:
    detail = f"Somebody was quicker. Look at {written_number(report.number)} again."
    return Problem("report_changed", detail, faults=[str(report.version)])


def _unknown_round() -> Problem:
    return Problem("unknown_round", "GET /api/v1/report-rounds lists those there are.")


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_round": ProblemKind(404, "There is no such round"),
        "unknown_report": ProblemKind(404, "There is no such report"),
        "unknown_edition": ProblemKind(404, "There is no such edition"),
        "unknown_unit": UNKNOWN_UNIT,
        "not_now": ProblemKind(409, "That is not possible now"),
        "not_open": ProblemKind(409, "The round is not open yet"),
        "not_submitted": ProblemKind(409, "The report was not submitted yet"),
        "report_changed": ProblemKind(409, "The report was changed in the meantime"),
        "round_published": ProblemKind(409, "The round is published"),
        "round_changed": ProblemKind(409, "The round was changed in the meantime"),
        "adds_up": ProblemKind(422, "The numbers contradict each other"),
        "count_too_long": ProblemKind(422, "Counting takes too long"),
        "date_fault": ProblemKind(422, "The date cannot be accepted"),
        "form_incomplete": ProblemKind(422, "The form is not complete"),
        "number_fault": ProblemKind(422, "The number cannot be accepted"),
        "period_fault": ProblemKind(422, "The period has no name there"),
        "round_fault": ProblemKind(422, "Such a round is not possible"),
        "unit_needed": ProblemKind(422, "It is not clear for which unit"),
        "why_needed": ProblemKind(422, "A reason is needed"),
    },
    path_patterns={
        "round": r"[1-9][0-9]{0,8}",
        "report": r"[0-9]{11}",
        "mail": r"[1-9][0-9]{0,8}",
        "unit": r"[0-9a-z][0-9a-z_-]{0,31}",
    },
    metrics={
        UNITS: lambda parts: parts.figures.samples(lambda f: f.units),
        DUE: lambda parts: parts.figures.samples(lambda f: f.due),
        MAILS: lambda parts: parts.figures.samples(mails),
    },
    run=lambda parts: parts.post.run(),
)
