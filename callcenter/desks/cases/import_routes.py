"""Lists of cases from another centre's spreadsheet, such as that of 1111: preview and import.

Each row is a case of its own: what is wrong with one does not stop the others, and is told with the
number of its row. The source's own number makes a row known again, so the same list, given twice,
makes nothing twice. Who complains is kept as with every case; the file itself is not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

import msgspec

from callcenter.desks.cases import rules
from callcenter.desks.cases.asking import Parts, act_of, endpoints, own_unit, unit_of
from callcenter.desks.cases.case_rows import BYTES_MOST, CaseRow, read_list
from callcenter.desks.cases.model import Channel, Person, PersonRole
from callcenter.desks.cases.rules import Act, CaseFault, Intake
from callcenter.desks.cases.store import ReferenceKnownError
from callcenter.desks.cases.views import CaseImport, CaseImportQuery, ImportedRow, RowResult
from callcenter.desks.cases.words import TOPICS
from callcenter.desks.shared.routes import ANYONE, standing_of, today
from callcenter.desks.shared.scope import Scope, scope_of
from callcenter.desks.shared.sheet_rows import SheetFault
from callcenter.desks.shared.thai import buddhist
from callcenter.desks.shared.units import DeskRole, Function, Standing
from callcenter.storage.caller_number import caller_number
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem

__all__ = ["endpoints"]
_TOPICS = {**{name.casefold(): code for code, name in TOPICS.items()}, **{c: c for c in TOPICS}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Importing:
    """For whom a list is imported. `unit` None: the source itself passes its cases down."""

    standing: Standing
    scope: Scope
    act: Act
    source: str
    channel: Channel
    unit: str | None
    to_unit: str | None


@endpoints.post(
    "/case-imports",
    needs=ANYONE,
    upload_bytes=BYTES_MOST,
    problems=("list_refused", "not_allowed", "unit_needed", "unknown_unit"),
)
async def import_cases(
    request: Request[Parts], query: CaseImportQuery, upload: bytes
) -> CaseImport:
    """Import a list of cases from XLSX or CSV; with `dry_run`, only tell what would become of it.

    A referrer passes its own cases down, each to the province where it is or to `to_unit`. An
    operator or supervisor takes the list of `source` for the own unit. A row whose number is known
    already makes nothing.
    """
    importing = await _importing(request, query)
    try:
        rows = read_list(upload, _TOPICS, today(request), confirmed=query.confirmed)
    except SheetFault as fault:
        raise Problem("list_refused", "Nothing was taken from it.", faults=fault.faults) from fault
    async with request.parts.importing:
        done = [await _one(request, importing, row, dry_run=query.dry_run) for row in rows]
    counted = {result: sum(each.result is result for each in done) for result in RowResult}
    await request.note(
        "cases.imported",
        importing.source,
        dry_run=query.dry_run,
        sha256=sha256(upload).hexdigest(),
        **{result.value: many for result, many in counted.items()},
    )
    return CaseImport(dry_run=query.dry_run, counts=counted, rows=done)


async def _importing(request: Request[Parts], query: CaseImportQuery) -> _Importing:
    standing = await standing_of(request, request.parts.units)
    unit: str | None = None
    if query.source is msgspec.UNSET:
        if DeskRole.REFERRER not in standing.roles():
            raise Problem("unit_needed", "Say whose list it is.")
        source = own_unit(standing, query.unit or None, DeskRole.REFERRER)
    else:
        unit = own_unit(standing, query.unit or None, DeskRole.OPERATOR, DeskRole.SUPERVISOR)
        source = unit_of(standing, query.source).id
    to_unit = query.to_unit or None
    if to_unit is not None:
        unit_of(standing, to_unit)
    is_1111 = Function.GCC1111 in standing.units.by_id[source].functions
    return _Importing(
        standing=standing,
        scope=scope_of(standing),
        act=await act_of(request, unit or source),
        source=source,
        channel=Channel.REFERRAL_1111 if is_1111 else Channel.REFERRAL,
        unit=unit,
        to_unit=to_unit,
    )


async def _one(
    request: Request[Parts], importing: _Importing, row: CaseRow, *, dry_run: bool
) -> ImportedRow:
    """What becomes, or would become, of one row."""
    if row.faults:
        return _result(row, RowResult.REFUSED, faults=row.faults)
    responsible = importing.unit or importing.to_unit or f"p{row.area[:2]}"
    unit = importing.standing.units.by_id.get(responsible)
    if unit is None or not unit.works_on(today(request)) or unit.id == importing.source:
        return _result(row, RowResult.REFUSED, faults=("to_unit: unit_closed",))
    if (known := await _known(request, importing, row)) is not None:
        return _result(row, RowResult.KNOWN, case=known)
    if dry_run:
        return _result(row, RowResult.NEW)
    year = buddhist(today(request).year)
    number = await request.parts.cases.next_number(row.area[:2], year)
    intake = Intake(
        id=uuid4(),
        number=number,
        type=row.type,
        topic=row.topic,
        urgency=row.urgency,
        channel=importing.channel.value,
        area=row.area,
        facts=row.facts,
        wish=row.wish,
        place_note=row.place_note,
        people_concerned=row.people_concerned,
        source_unit=importing.source,
        source_reference=row.reference,
        source_received_at=row.received_at or importing.act.at,
    )
    try:
        made = rules.create(intake, unit.id, importing.act, referred=importing.unit is None)
        await request.parts.cases.add(made, _persons(row))
    except CaseFault as fault:
        return _result(row, RowResult.REFUSED, faults=(f"received: {fault.code}",))
    except ReferenceKnownError:  # it was posted by itself at the same moment
        return _result(row, RowResult.KNOWN, case=await _known(request, importing, row))
    return _result(row, RowResult.MADE, case=number)


async def _known(request: Request[Parts], importing: _Importing, row: CaseRow) -> str | None:
    """The number of the case with this reference, if the person may see it."""
    found = await request.parts.cases.of_reference(
        importing.source, row.reference, importing.scope, itself=importing.unit is None
    )
    return None if found is None else found.number


def _persons(row: CaseRow) -> list[Person]:
    if not (row.name or row.phone or row.address):
        return []
    return [
        Person(
            role=PersonRole.COMPLAINANT,
            name=row.name,
            phone=row.phone,
            e164=caller_number(row.phone).e164,
            address=row.address,
        )
    ]


def _result(
    row: CaseRow, result: RowResult, *, case: str | None = None, faults: Sequence[str] = ()
) -> ImportedRow:
    return ImportedRow(
        row=row.row, reference=row.reference, result=result, case=case, faults=list(faults)
    )
