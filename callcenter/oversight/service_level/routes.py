"""GET /api/v1/service-levels: every formula side by side, for supervisors.

A share is null if there was no call.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.core.ids import LineName
from callcenter.oversight.service_level.model import Clock, ServiceLevel
from callcenter.oversight.service_level.store import Asked, LineLevels, ServiceLevels
from callcenter.ports.people import Role
from callcenter.web.calls import Moment
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.period import period
from callcenter.web.texts import QueueId

Threshold = Annotated[int, Meta(ge=1, le=3600, description="seconds")]


class LevelView(msgspec.Struct):
    """One formula: `share` = `met` / `counted`, null if nothing was counted."""

    formula: str
    version: int
    title_th: str
    title_en: str
    threshold_seconds: int
    clock: Clock
    met: int
    counted: int
    share: float | None
    source: str


class LineLevelsView(msgspec.Struct):
    """Every formula for a line. `line` null: all lines together."""

    line: str | None
    levels: list[LevelView]


class ServiceLevelAnswer(msgspec.Struct):
    """The calls that arrived from `since` to `before`, counted by every formula."""

    since: datetime
    before: datetime
    lines: list[LineLevelsView]


class ServiceLevelQuery(msgspec.Struct):
    """Which calls. If left out: the last 24 hours, every line, and each formula's own threshold and
    clock."""

    arrived_from: Moment | UnsetType = UNSET
    arrived_before: Moment | UnsetType = UNSET
    line: QueueId | UnsetType = UNSET
    threshold_seconds: Threshold | UnsetType = UNSET
    clock: Clock | UnsetType = UNSET


endpoints = Endpoints("oversight")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoint works with."""

    levels: ServiceLevels


@endpoints.get("/service-levels", needs=Role.SUPERVISOR, problems=("report_too_long",))
async def service_levels(request: Request[Parts], query: ServiceLevelQuery) -> ServiceLevelAnswer:
    """Show the service level by every published formula, from the same calls.

    Waits count from arrival (what the caller experiences) or from queueing (`clock`).
    """
    asked = _asked(query, now=request.wall())
    try:
        found = await request.parts.levels.of(asked)
    except TimeoutError as error:
        raise Problem("report_too_long", "Choose a shorter time, or one line.") from error
    return ServiceLevelAnswer(
        since=asked.since, before=asked.before, lines=[_line(line) for line in found]
    )


def _asked(query: ServiceLevelQuery, now: datetime) -> Asked:
    since, before = period(query.arrived_from, query.arrived_before, now)
    return Asked(
        since=since,
        before=before,
        line=None if query.line is UNSET else LineName(query.line),
        threshold_seconds=None if query.threshold_seconds is UNSET else query.threshold_seconds,
        clock=None if query.clock is UNSET else query.clock,
    )


def _line(found: LineLevels) -> LineLevelsView:
    return LineLevelsView(line=found.line, levels=[_level(level) for level in found.levels])


def _level(level: ServiceLevel) -> LevelView:
    formula = level.formula
    return LevelView(
        formula=formula.name,
        version=formula.version,
        title_th=formula.title_th,
        title_en=formula.title_en,
        threshold_seconds=level.threshold_seconds,
        clock=level.clock,
        met=level.met,
        counted=level.counted,
        share=level.ratio,
        source=formula.source,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={"report_too_long": ProblemKind(422, "The report takes too long")},
)
