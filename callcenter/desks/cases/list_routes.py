"""The list of cases in the API: a page of it, or all of it as a file.

A file has exactly the cases that the list shows to the same person. The audit notes the request and
its filter before the first byte is sent.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec
from msgspec import UNSET

from callcenter.desks.cases import list_paper
from callcenter.desks.cases.asking import Parts, endpoints, list_of
from callcenter.desks.cases.lists import CSV, Sheet, csv_piece, row_of
from callcenter.desks.cases.store import CaseFilter, CaseLine, CasesInPostgres
from callcenter.desks.cases.views import CaseList, CaseQuery, CaseWhich
from callcenter.desks.shared.papers import pdf
from callcenter.desks.shared.routes import ANYONE, standing_of
from callcenter.desks.shared.scope import Scope, scope_of
from callcenter.desks.shared.sheets import XLSX
from callcenter.desks.shared.thai import local
from callcenter.desks.shared.units import DeskRole, Standing, Units
from callcenter.web.endpoint import PIECE_BYTES, Download, Request
from callcenter.web.errors import Problem

__all__ = ["endpoints"]
AT_ONCE = 2_000  # cases in one query
_APART = ThreadPoolExecutor(1, "list")  # one thread, because calls need the other processors
T = TypeVar("T")
Rows = AsyncIterator[list[CaseLine]]


@endpoints.get("/cases", needs=ANYONE)
async def list_cases(request: Request[Parts], query: CaseQuery) -> CaseList:
    """List the cases that match a filter: urgent ones first, then those due first."""
    standing = await standing_of(request, request.parts.units)
    wanted = replace(
        _filter(request, standing, query), after=query.after or None, limit=query.limit
    )
    found = await request.parts.cases.lines(wanted, scope_of(standing))
    more = len(found) == query.limit
    return list_of(request, standing, found, next_after=found[-1].number if more else None)


@endpoints.get("/case-list/csv", needs=ANYONE, gives=CSV)
async def cases_as_csv(request: Request[Parts], query: CaseWhich) -> Download:
    """Get all cases that match a filter as CSV, by number, with headers in Thai.

    It does not have who complains, facts or answers.
    """
    return await _file(request, query, "csv", _as_csv)


@endpoints.get("/case-list/xlsx", needs=ANYONE, gives=XLSX)
async def cases_as_xlsx(request: Request[Parts], query: CaseWhich) -> Download:
    """Get all cases that match a filter as a spreadsheet, by number, with headers in Thai.

    Dates are real dates, shown in the Buddhist calendar. It does not have who complains, facts or
    answers.
    """
    return await _file(request, query, "xlsx", _as_xlsx)


@endpoints.get("/case-list/pdf", needs=ANYONE, gives="application/pdf", problems=("list_too_long",))
async def cases_as_pdf(request: Request[Parts], query: CaseWhich) -> Download:
    """Get the cases that match a filter as an official paper in Thai digits, by number.

    At most 500 cases: for more take the spreadsheet. It does not have who complains, facts or
    answers.
    """
    standing = await standing_of(request, request.parts.units)
    wanted, scope = _filter(request, standing, query), scope_of(standing)
    lines = await request.parts.cases.by_number(wanted, scope, "", list_paper.MOST + 1)
    if len(lines) > list_paper.MOST:
        raise Problem("list_too_long", f"A paper has at most {list_paper.MOST} cases.")
    await _audit(request, query, "pdf")
    now = request.wall()
    filled = await asyncio.to_thread(list_paper.fill, lines, standing.units, now)
    return Download(name=_name(request, "pdf"), body=await pdf(list_paper.FORM, filled))


async def _file(
    request: Request[Parts],
    query: CaseWhich,
    kind: str,
    written: Callable[[Rows, Units, Request[Parts]], AsyncGenerator[bytes]],
) -> Download:
    parts = request.parts
    if parts.listing.locked():
        raise Problem("busy", "Another list is being written. Try again soon.", retry_seconds=10)
    standing = await standing_of(request, parts.units)
    wanted, scope = _filter(request, standing, query), scope_of(standing)
    first = await parts.cases.by_number(wanted, scope, "", AT_ONCE)
    await _audit(request, query, kind)
    rows = _all(parts.cases, wanted, scope, first)

    async def pieces() -> AsyncGenerator[bytes]:
        async with parts.listing:
            async for piece in written(rows, standing.units, request):
                yield piece

    return Download(name=_name(request, kind), body=pieces())


async def _audit(request: Request[Parts], query: CaseWhich, kind: str) -> None:
    asked = {name: value for name, value in msgspec.to_builtins(query).items() if value}
    await request.audit("cases.exported", kind, filter=[f"{k}={v}" for k, v in asked.items()])


def _name(request: Request[Parts], kind: str) -> str:
    return f"cases-{local(request.wall()):%Y%m%d-%H%M}.{kind}"


async def _all(
    cases: CasesInPostgres, wanted: CaseFilter, scope: Scope, first: list[CaseLine]
) -> Rows:
    """The first cases, and all after them."""
    some = first
    yield some
    while len(some) == AT_ONCE:
        some = await cases.by_number(wanted, scope, some[-1].number, AT_ONCE)
        yield some


async def _as_csv(rows: Rows, units: Units, request: Request[Parts]) -> AsyncGenerator[bytes]:
    now, first = request.wall(), True
    async for lines in rows:
        yield await _apart(_csv, lines, units, now, first)
        first = False


async def _as_xlsx(rows: Rows, units: Units, request: Request[Parts]) -> AsyncGenerator[bytes]:
    now = request.wall()
    with TemporaryDirectory(prefix="case-list-") as folder:
        path = Path(folder) / "cases.xlsx"
        sheet = await _apart(Sheet, path)
        async for lines in rows:
            await _apart(_fill, sheet, lines, units, now)
        await _apart(sheet.close)
        place = 0
        while piece := await _apart(_read, path, place):
            yield piece
            place += len(piece)


def _csv(lines: list[CaseLine], units: Units, now: datetime, first: bool) -> bytes:
    return csv_piece([row_of(line, units, now) for line in lines], first=first)


def _fill(sheet: Sheet, lines: list[CaseLine], units: Units, now: datetime) -> None:
    sheet.write([row_of(line, units, now) for line in lines])


def _read(path: Path, place: int) -> bytes:
    with path.open("rb") as file:
        file.seek(place)
        return file.read(PIECE_BYTES)


async def _apart(do: Callable[..., T], *with_: object) -> T:
    """Run in a thread of its own: one list is written at a time."""
    return await asyncio.get_running_loop().run_in_executor(_APART, do, *with_)


def _filter(request: Request[Parts], standing: Standing, query: CaseWhich) -> CaseFilter:
    mine = None
    if query.mine:
        mine = tuple(standing.own_units(DeskRole.OPERATOR, DeskRole.SUPERVISOR, DeskRole.OFFICER))
    return CaseFilter(
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
    )
