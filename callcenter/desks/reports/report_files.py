"""A unit's report as files, for download and for mail."""

import msgspec

from callcenter.desks.reports import exports, form
from callcenter.desks.reports.asking import Parts, endpoints, report_of
from callcenter.desks.reports.exports import ReportFile
from callcenter.desks.reports.model import (
    Report,
    Revision,
    Round,
)
from callcenter.desks.reports.post import File, Mail
from callcenter.desks.shared.routes import (
    ANYONE,
    standing_of,
)
from callcenter.desks.shared.sheets import XLSX
from callcenter.desks.shared.thai import written_moment
from callcenter.desks.shared.units import Standing
from callcenter.web.endpoint import Download, Request
from callcenter.web.errors import Problem


@endpoints.get(
    "/reports/{report}/xlsx",
    needs=ANYONE,
    gives=XLSX,
    problems=("unknown_report", "not_submitted"),
)
async def report_as_xlsx(request: Request[Parts]) -> Download:
    """Get the last submission as a spreadsheet."""
    [xlsx, _] = await _report_files(request)
    return Download(name=xlsx.name, body=xlsx.body)


@endpoints.get("/reports/{report}/json", needs=ANYONE, problems=("unknown_report", "not_submitted"))
async def report_as_json(request: Request[Parts]) -> Download:
    """Get the last submission as JSON for programs, with its checksum."""
    [_, made] = await _report_files(request)
    return Download(name=made.name, body=made.body)


async def _report_files(request: Request[Parts]) -> tuple[File, File]:
    standing = await standing_of(request, request.parts.units)
    report, of = await report_of(request, standing)
    found = await request.parts.reports.revisions(report)
    if not found:
        raise Problem("not_submitted", "Only what was submitted can be handed on.")
    await request.audit("report.export", report.number, revision=found[-1].number)
    return files_of(standing, of, report, found[-1])


def files_of(
    standing: Standing, of: Round, report: Report, revision: Revision
) -> tuple[File, File]:
    """A submitted report as a spreadsheet and as JSON."""
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
        File(name=f"{name}.xlsx", type=XLSX, sha256=form.digest(xlsx), body=xlsx),
        File(name=f"{name}.json", type=exports.JSON, sha256=form.digest(made), body=made),
    )


def mail_of(standing: Standing, of: Round, report: Report, revision: Revision) -> Mail:
    """The mail to the round's address. It is stored together with the revision, so no revision is
    without its mail."""
    files = files_of(standing, of, report, revision)
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
