"""Files of a case in the API: announce, send, list, fetch and remove them.

A file is first announced with its name and then sent, so that no name is in an address or a log.
Nothing of a file is read before it is known that the person may add it to the case. Each look is in
the audit, also a refused one. Every file is sent as a download, so that no browser opens it in the
service's own page.
"""

from callcenter.desks.cases.asking import (
    Parts,
    endpoints,
    may_see_person,
    unknown_case,
)
from callcenter.desks.cases.files import (
    AWAITED,
    MOST_BYTES,
    CaseFile,
    FileFault,
    file_name,
    may_remove,
    units_that_may_add,
)
from callcenter.desks.cases.model import Case
from callcenter.desks.cases.vault import Incoming, NoRoomError
from callcenter.desks.cases.views import (
    CaseFileList,
    CaseFilePlace,
    CaseFileView,
    NewCaseFile,
    RemovingFile,
)
from callcenter.desks.shared.routes import ANYONE, standing_of
from callcenter.desks.shared.scope import scope_of
from callcenter.desks.shared.units import Standing
from callcenter.web.endpoint import Download, Request, Upload
from callcenter.web.errors import Problem

__all__ = ["endpoints"]


@endpoints.get("/cases/{case}/files", needs=ANYONE, problems=("unknown_case",))
async def list_case_files(request: Request[Parts]) -> CaseFileList:
    """List the files of a case. Those that show who complains are only for people who may see that.

    Each look is in the audit.
    """
    standing, case = await _case_of(request)
    found = await request.parts.files.files(case.id)
    sees_all = await may_see_person(request, standing, case)
    shown = [each for each in found if sees_all or not each.shows_person]
    await request.audit("case.files", case.number, shown=len(shown))
    return CaseFileList(
        files=[_view(each, case, standing) for each in shown],
        hidden=sum(each.is_there for each in found) - sum(each.is_there for each in shown),
    )


@endpoints.post(
    "/cases/{case}/files",
    needs=ANYONE,
    status=201,
    problems=("unknown_case", "not_allowed", "file_name", "too_many_files"),
)
async def announce_case_file(request: Request[Parts], body: NewCaseFile) -> CaseFilePlace:
    """Announce a file by its name, and get the number under which to send it within an hour."""
    standing, case = await _case_of(request)
    unit = _adding_unit(case, standing, body.unit)
    try:
        made = await request.parts.files.announce(
            case.id,
            file_name(body.name),
            shows_person=body.shows_person,
            unit=unit,
            by=request.person.name,
            at=request.wall(),
        )
    except FileFault as fault:
        raise Problem(fault.code, str(fault)) from fault
    return CaseFilePlace(file=made.n, until=made.added_at + AWAITED)


@endpoints.put(
    "/cases/{case}/files/{file}/content",
    needs=ANYONE,
    status=201,
    problems=(
        "unknown_case",
        "unknown_file",
        "not_allowed",
        "file_there",
        "file_refused",
        "no_room",
        "busy",
    ),
    upload_bytes=MOST_BYTES,
)
async def send_case_file(request: Request[Parts], upload: Upload) -> CaseFileView:
    """Send a file that was announced: PDF, JPEG, PNG, XLSX or CSV, at most 10 MB.

    The kind is found from the content. An archive is not unpacked.
    """
    standing, case = await _case_of(request)
    place = await request.parts.files.file(case.id, int(request.path["file"]))
    if place is None or place.added_by != request.person.name:
        raise _unknown_file()
    if place.stored_at is not None:
        raise Problem("file_there", "Announce another file to send one more.")
    if not place.awaits(request.wall()):
        raise _unknown_file()
    _adding_unit(case, standing, place.unit)
    incoming = await _taken(request.parts, upload)
    kept = await _kept(request, case, place, incoming)
    await request.note(
        "case.file.added",
        case.number,
        file=kept.n,
        unit=kept.unit,
        kind=incoming.kind.value,
        size=incoming.size,
        sha256=incoming.sha256,
        shows_person=kept.shows_person,
    )
    return _view(kept, case, standing)


@endpoints.get(
    "/cases/{case}/files/{file}/content",
    needs=ANYONE,
    gives="application/octet-stream",
    problems=("unknown_case", "unknown_file", "file_damaged"),
)
async def fetch_case_file(request: Request[Parts]) -> Download:
    """Fetch a file to save it. Its own name is not in the answer, because it may be a person's."""
    standing, case = await _case_of(request)
    n = int(request.path["file"])
    file = await request.parts.files.file(case.id, n)
    allowed = file is not None and file.is_there
    if file is not None and file.shows_person:
        allowed = allowed and await may_see_person(request, standing, case)
    await request.audit("case.file", case.number, file=n, shown=allowed)
    if file is None or not allowed or file.kind is None:
        raise _unknown_file()
    path = await request.parts.vault.whole(file.id, file.sha256 or "")
    if path is None:
        raise Problem("file_damaged", "Tell who looks after the service: a backup may have it.")
    return Download(name=f"case-{case.number}-file-{n}.{file.kind.value}", body=path)


@endpoints.post(
    "/cases/{case}/files/{file}/remove",
    needs=ANYONE,
    status=204,
    problems=("unknown_case", "unknown_file", "not_allowed"),
)
async def remove_case_file(request: Request[Parts], body: RemovingFile) -> None:
    """Remove a file for good, with its name. For supervisors of the units that it concerns."""
    standing, case = await _case_of(request)
    n = int(request.path["file"])
    file = await request.parts.files.file(case.id, n)
    if not may_remove(case, [file.unit] if file else [], standing):
        raise Problem("not_allowed", "This is for the supervisor of the unit.")
    if file is None or not file.is_there:
        raise _unknown_file()
    if file.shows_person and not await may_see_person(request, standing, case):
        raise _unknown_file()
    why, by = body.why.strip(), request.person.name
    await request.audit("case.file.removed", case.number, file=n, why=why)
    if await request.parts.files.remove(case.id, n, by, why, request.wall()):
        await request.parts.vault.remove([file.id])


# --- parts ---------------------------------------------------------------------------------------


async def _case_of(request: Request[Parts]) -> tuple[Standing, Case]:
    standing = await standing_of(request, request.parts.units)
    case = await request.parts.cases.case(request.path["case"], scope_of(standing))
    if case is None:
        raise unknown_case()
    return standing, case


def _adding_unit(case: Case, standing: Standing, named: str | None) -> str:
    found = units_that_may_add(case, standing)
    if named is not None:
        found = [unit for unit in found if unit == named]
    if not found:
        raise Problem("not_allowed", "Files are added by who works on the case or passed it down.")
    return found[0]


async def _taken(parts: Parts, upload: Upload) -> Incoming:
    if parts.uploads.locked():
        raise Problem("busy", "Other files are coming in. Try again in a moment.", retry_seconds=2)
    async with parts.uploads:
        try:
            return await parts.vault.take(upload.chunks())
        except FileFault as fault:
            raise Problem(fault.code, str(fault)) from fault
        except NoRoomError as error:
            raise _no_room() from error


async def _kept(
    request: Request[Parts], case: Case, place: CaseFile, incoming: Incoming
) -> CaseFile:
    """Put the file into its place first, then into the database. So every file in the database
    exists."""
    parts = request.parts
    try:
        await parts.vault.keep(incoming)
    except NoRoomError as error:
        raise _no_room() from error
    if not await parts.files.stored(case.id, place.n, incoming, request.wall()):
        await parts.vault.remove([incoming.id])
        raise Problem("file_there", "It was sent twice in one moment, or too late.")
    kept = await parts.files.file(case.id, place.n)
    assert kept is not None
    return kept


def _no_room() -> Problem:
    detail = "Tell who looks after the service: the disk is nearly full, or refuses files."
    return Problem("no_room", detail, retry_seconds=60)


def _unknown_file() -> Problem:
    """The same problem for a file that does not exist and for one that the person may not see."""
    return Problem("unknown_file", "GET the case's files to see which there are.")


def _view(file: CaseFile, case: Case, standing: Standing) -> CaseFileView:
    assert file.kind is not None and file.size is not None and file.sha256 is not None
    return CaseFileView(
        file=file.n,
        name=file.name,
        kind=file.kind,
        size=file.size,
        sha256=file.sha256,
        shows_person=file.shows_person,
        unit=file.unit,
        added_by=file.added_by,
        added_at=file.added_at,
        removed_at=file.removed_at,
        removed_by=file.removed_by,
        removed_why=file.removed_why,
        may_remove=file.is_there and may_remove(case, [file.unit], standing),
    )
