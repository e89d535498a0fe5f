"""The national table in the API: as it is now, as it was published, and as files."""

from msgspec import UNSET

from callcenter.desks.reports import exchange, exports, form, paper
from callcenter.desks.reports.asking import (
    ROUND,
    Parts,
    a_round,
    central_only,
    endpoints,
    round_of,
    seen_of,
    sees_all,
)
from callcenter.desks.reports.comparison import Comparison, Numbers, Side, compare
from callcenter.desks.reports.consolidation import Consolidation, rows, shares, texts, totals
from callcenter.desks.reports.exchange import NothingFault, PeriodFault
from callcenter.desks.reports.model import (
    Round,
    UnitResult,
)
from callcenter.desks.reports.views import (
    CompareQuery,
    EditionQuery,
    EditionView,
)
from callcenter.desks.shared.papers import pdf
from callcenter.desks.shared.rounds import (
    Expected,
    expected_state,
)
from callcenter.desks.shared.routes import (
    ANYONE,
    standing_of,
)
from callcenter.desks.shared.sheets import XLSX
from callcenter.desks.shared.units import DeskRole, Standing
from callcenter.web.endpoint import Download, Request
from callcenter.web.errors import Problem


@endpoints.get("/report-rounds/{round}/table", needs=ANYONE, problems=(*ROUND, "unknown_edition"))
async def national_table(request: Request[Parts], query: EditionQuery) -> EditionView:
    """Show the national table: totals, the table of units and their texts.

    Missing units are named, and do not count as zero.
    """
    return await _edition(request, query)


@endpoints.post("/report-rounds/{round}/publish", needs=ANYONE, problems=ROUND)
async def publish_round(request: Request[Parts]) -> EditionView:
    """Freeze the table as an edition (role central), and close the round."""
    standing = await central_only(request)
    found = await round_of(request, standing)
    table = await _table(request, standing, found)
    made, is_new = await request.parts.reports.publish(
        found.id, table, request.person.name, request.wall()
    )
    if is_new:
        await request.note(
            "round.published", str(found.id), edition=made.number, sha256=made.sha256
        )
    return EditionView(
        edition=made.number, published_at=made.at, sha256=made.sha256, table=made.body
    )


@endpoints.get("/report-rounds/{round}/compare", needs=ANYONE, problems=(*ROUND, "unknown_edition"))
async def compare_rounds(request: Request[Parts], query: CompareQuery) -> Comparison:
    """Compare the round with another one, for one's own units or for all.

    A number is compared over the units that gave it in both rounds. Whoever sees the national table
    sees all units. People outside the ministry see what others published.
    """
    standing = await standing_of(request, request.parts.units)
    rounds = [await round_of(request, standing), await a_round(request, standing, query.other)]
    before, after = sorted(rounds, key=lambda each: (each.period_from, each.id))
    was, now = [await _numbers(request, standing, each) for each in (before, after)]
    names = {
        unit: standing.units.by_id[unit].name_th
        for unit in sorted({*was, *now}, key=lambda unit: standing.units.by_id[unit].area)
    }
    return compare(_side(before, was), _side(after, now), was, now, names)


def _side(of: Round, numbers: Numbers) -> Side:
    return Side(
        round=of.id,
        name=of.name,
        period_from=of.period_from,
        period_before=of.period_before,
        units=len(numbers),
    )


async def _numbers(request: Request[Parts], standing: Standing, of: Round) -> Numbers:
    """For each unit that the person may see, the report that counts. The ministry and the units
    themselves see what was submitted, others what was published."""
    if DeskRole.CENTRAL not in standing.roles() and sees_all(standing, of):
        edition = await request.parts.reports.edition(of.id)
        if edition is None:
            raise Problem("unknown_edition", "It was not published.")
        return {row.unit: row.numbers for row in edition.body.units if row.numbers}
    seen = {each.unit for each in await seen_of(request, standing, of)}
    submitted = await request.parts.reports.submitted(of.id)
    return {
        unit: {field: number.value for field, number in body.numbers.items()}
        for unit, body in submitted.items()
        if unit in seen
    }


_WRITERS = {
    "xlsx": exports.national_xlsx,
    "csv": exports.national_csv,
    "json": exports.national_json,
    "adx": exchange.adx,
    "dhis2": exchange.dhis2,
}


_ENDINGS = {"adx": "adx.xml", "dhis2": "dhis2.json"}


EXPORT = (*ROUND, "unknown_edition")


@endpoints.get("/report-rounds/{round}/xlsx", needs=ANYONE, gives=XLSX, problems=EXPORT)
async def national_as_xlsx(request: Request[Parts], query: EditionQuery) -> Download:
    """Get the national table as a spreadsheet."""
    return await _file(request, query, "xlsx")


@endpoints.get("/report-rounds/{round}/pdf", needs=ANYONE, gives="application/pdf", problems=EXPORT)
async def national_as_pdf(request: Request[Parts], query: EditionQuery) -> Download:
    """Get the national table as an official paper. Every page names the units that are missing."""
    edition = await _edition(request, query)
    table = edition.table
    found = await request.parts.reports.round(table.round)
    assert found is not None
    name = f"round-{table.round}-edition-{edition.edition or 'now'}.pdf"
    await request.audit("round.export", str(table.round), file=name, sha256=form.checksum(table))
    filled = paper.fill(table, found.letter, edition.edition)
    return Download(name=name, body=await pdf(paper.FORM, filled))


@endpoints.get("/report-rounds/{round}/csv", needs=ANYONE, gives=exports.CSV, problems=EXPORT)
async def national_as_csv(request: Request[Parts], query: EditionQuery) -> Download:
    """Get the table of units as CSV."""
    return await _file(request, query, "csv")


@endpoints.get("/report-rounds/{round}/json", needs=ANYONE, problems=EXPORT)
async def national_as_json(request: Request[Parts], query: EditionQuery) -> Download:
    """Get the national table as JSON for programs."""
    return await _file(request, query, "json")


@endpoints.get(
    "/report-rounds/{round}/adx",
    needs=ANYONE,
    gives=exchange.ADX,
    problems=(*EXPORT, "nothing_reported"),
)
async def national_as_adx(request: Request[Parts], query: EditionQuery) -> Download:
    """Get aggregate data as IHE's ADX. Data elements, data set and org units (TH33) are codes."""
    return await _file(request, query, "adx")


@endpoints.get("/report-rounds/{round}/dhis2", needs=ANYONE, problems=(*EXPORT, "period_fault"))
async def national_as_dhis2(request: Request[Parts], query: EditionQuery) -> Download:
    """Get data values for DHIS2: of a day, a week, or one, two, three, six or twelve months."""
    return await _file(request, query, "dhis2")


async def _file(request: Request[Parts], query: EditionQuery, kind: str) -> Download:
    edition = await _edition(request, query)
    table = edition.table
    name = f"round-{table.round}-edition-{edition.edition or 'now'}.{_ENDINGS.get(kind, kind)}"
    try:
        body = _WRITERS[kind](table)
    except PeriodFault as error:
        raise Problem("period_fault", str(error)) from error
    except NothingFault as error:
        raise Problem("nothing_reported", str(error)) from error
    await request.audit("round.export", str(table.round), file=name, sha256=form.checksum(table))
    return Download(name=name, body=body)


async def _edition(request: Request[Parts], query: EditionQuery) -> EditionView:
    standing = await standing_of(request, request.parts.units)
    found = await round_of(request, standing)
    if not sees_all(standing, found):
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
