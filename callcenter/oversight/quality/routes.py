"""The quality sheet in the API, for supervisors: draw a sample and judge its calls. The share of
right answers is shown with the number of calls."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.oversight.quality import rules
from callcenter.oversight.quality.model import Aspect, Figure, Judgement, Sample, Sheet
from callcenter.oversight.quality.store import QualityInPostgres
from callcenter.ports.metrics import Kind, Samples, Series
from callcenter.ports.people import Role
from callcenter.web.calls import Moment
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.texts import QueueId

LONGEST = timedelta(days=92)
_PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$(?!\n)"
Note = Annotated[str, Meta(max_length=2000, pattern=_PLAIN, description="up to 2,000 characters")]


class NewSample(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Draw from the calls that arrived from `arrived_from` until `arrived_before` (excluded)."""

    arrived_from: Moment
    arrived_before: Moment
    line: QueueId | None = None
    calls: Annotated[int, Meta(ge=1, le=rules.CALLS_MOST)] = 30


class SampleView(msgspec.Struct):
    """A sample: `drawn` calls out of `answered` calls, of which `judged` are judged."""

    sample: int
    arrived_from: datetime
    arrived_before: datetime
    line: str | None
    answered: int
    drawn: int
    judged: int
    seed: str
    drawn_by: str
    drawn_at: datetime


class SampleList(msgspec.Struct):
    """Samples, latest first."""

    samples: list[SampleView]


class SheetView(msgspec.Struct):
    """A call of a sample with its judgement. `GET /calls/{call}/answers` has what the caller was
    told."""

    call: str
    operator: str
    line: str
    arrived_at: datetime
    talk_seconds: float | None
    correct: Judgement | None
    complete: Judgement | None
    polite: Judgement | None
    note: str
    judged_by: str | None
    judged_at: datetime | None


class OneSample(msgspec.Struct):
    """A sample with its calls, in the order in which they were drawn."""

    sample: SampleView
    calls: list[SheetView]
    figures: list["FigureView"]


class Judging(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The judgement of a call."""

    correct: Judgement
    complete: Judgement
    polite: Judgement
    note: Note = ""


class FigureView(msgspec.Struct):
    """`share` = `good` / `judged`. The share of all calls lies between `low` and `high`, 19 times
    of 20. All are null if no call was judged."""

    aspect: Aspect
    good: int
    judged: int
    share: float | None
    low: float | None
    high: float | None


class QualityAnswer(msgspec.Struct):
    """The figures of the judged calls that arrived in this time."""

    since: datetime
    before: datetime
    figures: list[FigureView]


class QualityQuery(msgspec.Struct):
    """Which calls. If left out: those of the last 30 days, and every line."""

    arrived_from: Moment | UnsetType = UNSET
    arrived_before: Moment | UnsetType = UNSET
    line: QueueId | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    quality: QualityInPostgres
    counted: Counted[dict[tuple[Aspect, Judgement], int]]


endpoints = Endpoints("quality")


@endpoints.post("/quality-samples", needs=Role.SUPERVISOR, status=201, problems=("no_calls",))
async def draw_sample(request: Request[Parts], body: NewSample) -> SampleView:
    """Draw a random sample of answered calls to be judged. Talks shorter than 10 s are left out."""
    since, before = _period(body.arrived_from, body.arrived_before)
    made = await request.parts.quality.draw(
        since,
        before,
        body.line,
        body.calls,
        seed=secrets.token_hex(8),
        by=request.person.name,
        at=request.wall(),
    )
    if made is None:
        raise Problem("no_calls", "No call was answered in that time: choose a longer one.")
    await request.note("quality.drawn", str(made.id), calls=made.drawn)
    return _sample_view(made)


@endpoints.get("/quality-samples", needs=Role.SUPERVISOR)
async def list_samples(request: Request[Parts]) -> SampleList:
    """List the samples, latest first."""
    found = await request.parts.quality.samples(100)
    return SampleList(samples=[_sample_view(each) for each in found])


@endpoints.get("/quality-samples/{sample}", needs=Role.SUPERVISOR, problems=("unknown_sample",))
async def one_sample(request: Request[Parts]) -> OneSample:
    """Show a sample with its calls and their judgements."""
    return await _one(request, await _sample(request))


@endpoints.put(
    "/quality-samples/{sample}/calls/{call}",
    needs=Role.SUPERVISOR,
    problems=("unknown_sample", "own_call"),
)
async def judge_call(request: Request[Parts], body: Judging) -> OneSample:
    """Judge a call of the sample. Nobody may judge their own call."""
    sample = await _sample(request)
    found = await request.parts.quality.sheets(sample.id, request.path["call"])
    if not found:
        raise Problem("unknown_sample", "The call is not in this sample.")
    [sheet] = found
    if sheet.operator == request.person.name:
        raise Problem("own_call", "It was your own call: somebody else judges it.")
    verdicts = {
        Aspect.CORRECT: body.correct,
        Aspect.COMPLETE: body.complete,
        Aspect.POLITE: body.polite,
    }
    await request.parts.quality.judge(
        sheet, verdicts, body.note.strip(), request.person.name, request.wall()
    )
    await request.note("quality.judged", sheet.call, sample=sample.id)
    return await _one(request, await _sample(request))


@endpoints.get("/quality", needs=Role.SUPERVISOR)
async def quality(request: Request[Parts], query: QualityQuery) -> QualityAnswer:
    """Show how many of the judged calls were correct, complete, polite."""
    now = request.wall()
    before = now if query.arrived_before is UNSET else _moment(query.arrived_before)
    since = before - timedelta(days=30)
    if query.arrived_from is not UNSET:
        since = _moment(query.arrived_from)
    _refuse_period(since, before)
    found = await request.parts.quality.counts(since, before, query.line or None)
    figures = [_figure_view(each) for each in rules.figures(found)]
    return QualityAnswer(since=since, before=before, figures=figures)


async def _sample(request: Request[Parts]) -> Sample:
    found = await request.parts.quality.sample(int(request.path["sample"]))
    if found is None:
        raise Problem("unknown_sample", "GET /api/v1/quality-samples lists those there are.")
    return found


async def _one(request: Request[Parts], sample: Sample) -> OneSample:
    sheets = await request.parts.quality.sheets(sample.id)
    counts = rules.counted(sheet.verdicts for sheet in sheets)
    return OneSample(
        sample=_sample_view(sample),
        calls=[_sheet_view(sheet) for sheet in sheets],
        figures=[_figure_view(each) for each in rules.figures(counts)],
    )


def _period(since: str, before: str) -> tuple[datetime, datetime]:
    found = _moment(since), _moment(before)
    _refuse_period(*found)
    return found


def _refuse_period(since: datetime, before: datetime) -> None:
    if not timedelta() < before - since <= LONGEST:
        fault = f"arrived_from must lie before arrived_before, at most {LONGEST.days} days"
        raise Problem("invalid", "Correct it and send the request again.", faults=[fault])


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Problem("invalid", "There is no such day.", faults=[text]) from error


def _sample_view(sample: Sample) -> SampleView:
    return SampleView(
        sample=sample.id,
        arrived_from=sample.since,
        arrived_before=sample.before,
        line=sample.line,
        answered=sample.answered,
        drawn=sample.drawn,
        judged=sample.judged,
        seed=sample.seed,
        drawn_by=sample.drawn_by,
        drawn_at=sample.drawn_at,
    )


def _sheet_view(sheet: Sheet) -> SheetView:
    return SheetView(
        call=sheet.call,
        operator=sheet.operator,
        line=sheet.line,
        arrived_at=sheet.arrived_at,
        talk_seconds=sheet.talk_seconds,
        correct=sheet.verdicts.get(Aspect.CORRECT),
        complete=sheet.verdicts.get(Aspect.COMPLETE),
        polite=sheet.verdicts.get(Aspect.POLITE),
        note=sheet.note,
        judged_by=sheet.judged_by,
        judged_at=sheet.judged_at,
    )


def _figure_view(figure: Figure) -> FigureView:
    return FigureView(
        aspect=figure.aspect,
        good=figure.good,
        judged=figure.judged,
        share=figure.share,
        low=figure.low,
        high=figure.high,
    )


JUDGED = Series(
    name="hotline_quality_judged",
    kind=Kind.GAUGE,
    labels=("aspect", "verdict"),
    help="Calls of the last 30 days that supervisors judged, by what they found.",
)


def _judged(found: dict[tuple[Aspect, Judgement], int]) -> Samples:
    return {
        (aspect.value, verdict.value): found.get((aspect, verdict), 0)
        for aspect in Aspect
        for verdict in Judgement
    }


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_sample": ProblemKind(404, "There is no such sample"),
        "own_call": ProblemKind(409, "It is one's own call"),
        "no_calls": ProblemKind(422, "There is no call to draw"),
    },
    path_patterns={"sample": r"[1-9][0-9]{0,8}", "call": r"[A-Za-z0-9._-]{1,150}"},
    metrics={JUDGED: lambda parts: parts.counted.samples(_judged)},
)
