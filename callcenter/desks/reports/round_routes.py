"""Rounds in the API: which units must report what until when, and the mail about it.

The ministry (role central) makes and changes rounds. An expected unit sees its own line of a round.
"""

from datetime import datetime, timedelta

import msgspec

from callcenter.desks.reports.asking import (
    ROUND,
    Parts,
    central_only,
    endpoints,
    moment_of,
    refuse_published,
    round_of,
    seen_of,
    unknown_round,
)
from callcenter.desks.reports.model import (
    FORM_VERSION,
    Letter,
    Round,
)
from callcenter.desks.reports.store import NewRound, version_of
from callcenter.desks.reports.views import (
    Excusing,
    Expecting,
    IncomingList,
    IncomingView,
    LetterFields,
    MailList,
    MailView,
    NewReportRound,
    RateView,
    RoundChange,
    RoundFields,
    RoundLetter,
    RoundList,
    RoundView,
    Tile,
    UnitLines,
)
from callcenter.desks.shared.letter_views import (
    LetterList,
    Recording,
    letter_from,
    letter_view,
)
from callcenter.desks.shared.letters import LetterFault
from callcenter.desks.shared.rounds import (
    Expected,
    Rate,
    completeness,
    expected_state,
    round_state,
    timeliness,
)
from callcenter.desks.shared.routes import (
    ANYONE,
    standing_of,
    today,
)
from callcenter.desks.shared.thai import written_moment
from callcenter.desks.shared.units import DeskRole, Standing, UnitLevel
from callcenter.ports.people import Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem


@endpoints.post(
    "/report-rounds",
    needs=ANYONE,
    status=201,
    problems=("not_allowed", "round_fault", "date_fault", "unknown_unit"),
)
async def make_round(request: Request[Parts], body: NewReportRound) -> RoundView:
    """Open a round (role central). The expected units are fixed now."""
    standing = await central_only(request)
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
    made, is_new = await request.parts.reports.add_round(new, set(units), request.person.name, now)
    if is_new:
        await request.note("round.made", str(made.id), units=len(set(units)))
    return await _round_view(request, standing, made)


@endpoints.get("/report-rounds", needs=ANYONE)
async def list_rounds(request: Request[Parts]) -> RoundList:
    """List the rounds in which one's units are expected. The ministry and viewers see all."""
    standing = await standing_of(request, request.parts.units)
    found = []
    for each in await request.parts.reports.rounds():
        view = await _round_view(request, standing, each)
        if view.units:
            found.append(view)
    return RoundList(rounds=found)


@endpoints.get("/report-rounds/{round}", needs=ANYONE, problems=("unknown_round",))
async def one_round(request: Request[Parts]) -> RoundView:
    """Show a round with its units.

    It tells which are waiting, late or missing, and the time that is left.
    """
    standing = await standing_of(request, request.parts.units)
    return await _round_view(request, standing, await round_of(request, standing))


@endpoints.put(
    "/report-rounds/{round}",
    needs=ANYONE,
    problems=(
        *ROUND,
        "round_fault",
        "round_published",
        "round_changed",
        "version_needed",
        "date_fault",
    ),
)
async def change_round(request: Request[Parts], body: RoundChange) -> RoundView:
    """Change the due time, the name, the letter or the address (role central)."""
    standing = await central_only(request)
    found = await round_of(request, standing)
    refuse_published(found)
    if body.version is None:
        raise Problem("version_needed", "Send the `version` of the round as you saw it.")
    new = _new_round(body, found.opens_at)
    if not await request.parts.reports.change_round(found.id, new, body.version):
        raise Problem("round_changed", "Look at it again: somebody has changed it.")
    await request.note("round.changed", str(found.id), due=body.due)
    return await _round_view(request, standing, await round_of(request, standing))


@endpoints.get("/report-rounds/{round}/letters", needs=ANYONE, problems=("unknown_round",))
async def list_round_letters(request: Request[Parts]) -> LetterList:
    """List the official letters about a round: the one that asked for it, and later ones."""
    standing = await standing_of(request, request.parts.units)
    found = await round_of(request, standing)
    kept = await request.parts.reports.letters(found.id)
    return LetterList(letters=[letter_view(each, standing.units) for each in kept])


@endpoints.post(
    "/report-rounds/{round}/letters",
    needs=ANYONE,
    problems=(
        *ROUND,
        "round_fault",
        "round_published",
        "round_changed",
        "date_fault",
        "letter_fault",
        "unknown_unit",
    ),
)
async def add_letter_to_round(request: Request[Parts], body: RoundLetter) -> RoundView:
    """Keep an official letter about a round (role central).

    If it names a deadline, the round is due then. The audit says which letter changed it.
    """
    standing = await central_only(request)
    found = await round_of(request, standing)
    refuse_published(found)
    unit = standing.own_units(DeskRole.CENTRAL)[0]
    recording = Recording(by=request.person.name, unit=unit, at=request.wall())
    letter = letter_from(body, standing.units, recording)
    if letter.due_at is not None and letter.due_at <= found.opens_at:
        raise Problem("round_fault", "It is due after it opens.")
    try:
        before = await request.parts.reports.add_letter(found.id, letter, body.version)
    except LetterFault as fault:
        raise Problem("letter_fault", str(fault), faults=[fault.code]) from fault
    if before is None:
        raise Problem("round_changed", "Look at it again: somebody has changed it.")
    changed = {} if letter.due_at is None else {"due": written_moment(letter.due_at)}
    await request.note("round.letter", str(found.id), letter=letter.written, **changed)
    return await _round_view(request, standing, await round_of(request, standing))


@endpoints.post(
    "/report-rounds/{round}/units",
    needs=ANYONE,
    problems=(*ROUND, "unknown_unit", "round_published"),
)
async def expect_unit(request: Request[Parts], body: Expecting) -> RoundView:
    """Add a unit to a round (role central)."""
    standing = await central_only(request)
    found = await round_of(request, standing)
    refuse_published(found)
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
    """Excuse a unit from reporting this time (role central)."""
    standing = await central_only(request)
    found = await round_of(request, standing)
    refuse_published(found)
    why = body.why.strip()
    by = request.person.name if why else None
    if not await request.parts.reports.excuse(found.id, body.unit, by, why):
        raise Problem("unknown_unit", "It is not expected in this round.")
    await request.note("round.excused", str(found.id), unit=body.unit)
    return await _round_view(request, standing, found)


@endpoints.get("/report-rounds/{round}/mails", needs=ANYONE, problems=ROUND)
async def list_mails(request: Request[Parts]) -> MailList:
    """List the reminders and reports mailed for a round (role central).

    For each: to whom, when, and whether it was sent.
    """
    standing = await central_only(request)
    found = await round_of(request, standing)
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


@endpoints.get("/report-rounds/{round}/incoming-mails", needs=ANYONE, problems=ROUND)
async def list_incoming(request: Request[Parts]) -> IncomingList:
    """Mails that came in for a round, and what became of each (role central)."""
    standing = await central_only(request)
    found = await round_of(request, standing)
    came = await request.parts.incoming.mails.of_round(found.id)
    return IncomingList(
        mails=[
            IncomingView(
                mail=each.id,
                unit=each.unit,
                at=each.at,
                kind=each.kind.value,
                fault=each.fault,
                details=list(each.details),
            )
            for each in came
        ]
    )


@endpoints.post(
    "/report-rounds/{round}/mails/{mail}/again", needs=ANYONE, status=204, problems=ROUND
)
async def send_again(request: Request[Parts]) -> None:
    """Try to send a mail again (role central)."""
    standing = await central_only(request)
    found = await round_of(request, standing)
    mail = int(request.path["mail"])
    if mail not in {each.id for each in await request.parts.outbox.of_round(found.id)}:
        raise unknown_round()
    await request.parts.outbox.again(mail, request.wall())
    await request.note("round.mail_again", str(found.id), mail=mail)


@endpoints.get("/unit-lines/{unit}", needs=Role.ADMINISTRATOR, problems=("unknown_unit",))
async def lines_of_unit(request: Request[Parts]) -> UnitLines:
    """List the hotlines whose calls are counted for a unit."""
    await _require_unit(request)
    return UnitLines(lines=await request.parts.reports.lines_of([request.path["unit"]]))


@endpoints.put("/unit-lines/{unit}", needs=Role.ADMINISTRATOR, problems=("unknown_unit",))
async def set_lines_of_unit(request: Request[Parts], body: UnitLines) -> UnitLines:
    """Set the hotlines of a unit. Reports that were counted already stay as they are."""
    await _require_unit(request)
    lines = sorted(set(body.lines))
    await request.parts.reports.set_lines(request.path["unit"], lines)
    await request.note("unit.lines", request.path["unit"], lines=lines)
    return UnitLines(lines=lines)


async def _round_view(request: Request[Parts], standing: Standing, of: Round) -> RoundView:
    now = request.wall()
    seen = await seen_of(request, standing, of)
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


def _rate(rate: Rate) -> RateView:
    return RateView(counted=rate.counted, of=rate.of, share=rate.share)


def _new_round(fields: RoundFields, opens_at: datetime) -> NewRound:
    """The round. `opens_at` is used if the fields do not give it."""
    new = NewRound(
        name=fields.name.strip(),
        letter=Letter(**msgspec.structs.asdict(fields.letter)),
        period_from=moment_of(fields.period_from),
        period_before=moment_of(fields.period_before),
        opens_at=opens_at if fields.opens is None else moment_of(fields.opens),
        due_at=moment_of(fields.due),
        form_version=FORM_VERSION,
        address=fields.address,
    )
    if not timedelta() < new.period_before - new.period_from <= timedelta(days=400):
        raise Problem("round_fault", "The period ends after it begins, within 400 days.")
    if new.due_at <= new.opens_at:
        raise Problem("round_fault", "It is due after it opens.")
    return new


async def _require_unit(request: Request[Parts]) -> None:
    if request.path["unit"] not in (await request.parts.units.units()).by_id:
        raise Problem("unknown_unit", "GET /api/v1/units lists those there are.")
