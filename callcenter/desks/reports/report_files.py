"""A unit's report as files, for download and for mail."""

from dataclasses import dataclass

import msgspec
import structlog

from callcenter.desks.reports import exports, form, report_paper
from callcenter.desks.reports.asking import Parts, endpoints, report_of
from callcenter.desks.reports.exports import ReportFile
from callcenter.desks.reports.model import (
    Report,
    Revision,
    Round,
)
from callcenter.desks.reports.post import File, Mail
from callcenter.desks.shared.papers import pdf
from callcenter.desks.shared.routes import (
    ANYONE,
    standing_of,
)
from callcenter.desks.shared.sheets import XLSX
from callcenter.desks.shared.thai import written_moment
from callcenter.desks.shared.units import Standing
from callcenter.web.endpoint import Download, Request
from callcenter.web.errors import Problem

PDF = "application/pdf"
log = structlog.get_logger(__name__)


@endpoints.get(
    "/reports/{report}/xlsx",
    needs=ANYONE,
    gives=XLSX,
    problems=("unknown_report", "not_submitted"),
)
async def report_as_xlsx(request: Request[Parts]) -> Download:
    """Get the last submission as a spreadsheet."""
    return _download(xlsx_of(await _asked_for(request)))


@endpoints.get(
    "/reports/{report}/pdf",
    needs=ANYONE,
    gives=PDF,
    problems=("unknown_report", "not_submitted"),
)
async def report_as_pdf(request: Request[Parts]) -> Download:
    """Get the last submission as an official paper in Thai digits. It has no phone number."""
    return _download(await paper_of(await _asked_for(request)))


@endpoints.get("/reports/{report}/json", needs=ANYONE, problems=("unknown_report", "not_submitted"))
async def report_as_json(request: Request[Parts]) -> Download:
    """Get the last submission as JSON for programs, with its checksum."""
    return _download(json_of(await _asked_for(request)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a file is made from. `unit` is the unit's name."""

    of: Round
    report: Report
    revision: Revision
    unit: str

    def file(self, ending: str, type_: str, body: bytes) -> File:
        name = f"report-{self.report.number}-{self.revision.number}.{ending}"
        return File(name=name, type=type_, sha256=form.digest(body), body=body)

    def content(self) -> ReportFile:
        return ReportFile(
            round=self.of.id,
            round_name=self.of.name,
            report=self.report.number,
            unit=self.report.unit,
            area=self.report.area,
            name_th=self.unit,
            revision=self.revision.number,
            submitted_at=self.revision.at,
            sha256=self.revision.sha256,
            body=self.revision.body,
        )


def xlsx_of(what: Handed) -> File:
    """A submitted report as a spreadsheet."""
    return what.file("xlsx", XLSX, exports.report_xlsx(what.content(), what.revision))


async def paper_of(what: Handed) -> File:
    """As an official paper."""
    filled = report_paper.fill(what.of, what.unit, what.report.number, what.revision)
    return what.file("pdf", PDF, await pdf(report_paper.FORM, filled))


def json_of(what: Handed) -> File:
    """For programs."""
    made = msgspec.json.format(msgspec.json.encode(what.content()), indent=2)
    return what.file("json", exports.JSON, made)


async def _asked_for(request: Request[Parts]) -> Handed:
    standing = await standing_of(request, request.parts.units)
    report, of = await report_of(request, standing)
    found = await request.parts.reports.revisions(report)
    if not found:
        raise Problem("not_submitted", "Only what was submitted can be handed on.")
    await request.audit("report.export", report.number, revision=found[-1].number)
    return handed(standing, of, report, found[-1])


def handed(standing: Standing, of: Round, report: Report, revision: Revision) -> Handed:
    unit = standing.units.by_id[report.unit].name_th
    return Handed(of=of, report=report, revision=revision, unit=unit)


def _download(file: File) -> Download:
    return Download(name=file.name, body=file.body)


async def mail_of(standing: Standing, of: Round, report: Report, revision: Revision) -> Mail:
    """The mail to the round's address. It is stored together with the revision, so no revision is
    without its mail. A paper that cannot be made does not hold up the submission."""
    what = handed(standing, of, report, revision)
    files = [xlsx_of(what), json_of(what)]
    try:
        files.append(await paper_of(what))
    except RuntimeError as error:  # of Typst
        log.error("a report goes out without its paper", reason=type(error).__name__)
    sums = "\n".join(f"{file.sha256}  {file.name}" for file in files)
    return Mail(
        key=f"{report.number}/{revision.number}",
        round=of.id,
        unit=report.unit,
        recipient=of.address or "",
        subject=f"{of.name}: {what.unit}",
        text=f"รายงานของ{what.unit} ฉบับที่ {revision.number}\n"
        f"ส่งเมื่อ {written_moment(revision.at)}\n\nSHA-256\n{sums}\n",
        files=tuple(files),
    )
