"""The site in force: lines, queues, trunks and limits; and loading a new file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from callcenter.config import Fault, SiteFileError, load_site, parse_site
from callcenter.core.events import SiteChanged
from callcenter.core.outcome import Diversion
from callcenter.core.overflow_rule import OverflowTo
from callcenter.core.site import Site
from callcenter.core.strategy import Strategy
from callcenter.ports.people import Role
from callcenter.ports.phones import PhonesError
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.operators.feature import PHONES_NOT_TOLD
from callcenter.web.operators.roster import Roster

log = structlog.get_logger(__name__)
endpoints = Endpoints("site")
FAULTS_SHOWN = 100
TEXT_SHOWN_BYTES = 200_000  # a site of 20 lines is 10 kB


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of the site work with."""

    site_file: Path
    roster: Roster


class LineView(msgspec.Struct):
    """A published number. `areas`: queues by the beginning of a caller's fixed-line number.
    `needs`: skills of the operator, with their levels. `menu`: callers hear a menu first. `survey`:
    callers are asked afterwards how it was."""

    line: str
    title: str
    dids: list[str]
    queue: str
    priority: int
    language: str
    areas: dict[str, str]
    needs: dict[str, int]
    menu: bool
    survey: bool


class OverflowRuleView(msgspec.Struct):
    """What happens to new callers, and when: more than `over` callers in line (`length`), more than
    `over` seconds of expected wait (`expected`), or nobody on duty (`no_staff`). They go to
    `queue`, hear the prompts of `message` and leave, are offered a callback at once, or are asked
    for a message of the voicemail."""

    when: Diversion
    over: float
    to: OverflowTo
    queue: str | None
    message: list[str]


class QueueRulesView(msgspec.Struct):
    """The limits of a queue, in seconds and callers. `neighbours` answer at once if nobody is on
    duty here. When `overflow_at_waiting` callers wait, new callers go to `overflow_queue` (0:
    never). A caller who reached the longest wait and can go to no other queue hears the prompts of
    `overflow_message`. `voicemail`: what is said before the tone to those who are asked for a
    message, outside the hours, when the queue is full, and after the longest wait; none: nobody is.
    `overflow`: rules for new callers. The first rule that applies and can be
    followed is followed. `strategy`: which of several free operators is offered a caller;
    `ring_at_once`: at how many phones a caller rings at the same time (1, unless the strategy is
    `ring_several`). An
    operator to whom the caller talked in the last `last_operator_seconds` comes first (0: nobody
    does)."""

    queue: str
    title: str
    waiting_limit: int
    max_wait_seconds: float
    overflow_queue: str | None
    overflow_at_waiting: int
    overflow_message: list[str]
    voicemail: list[str]
    overflow: list[OverflowRuleView]
    neighbours: list[str]
    ring_seconds: float
    wrapup_seconds: float
    short_abandon_seconds: float
    strategy: Strategy
    ring_at_once: int
    last_operator_seconds: float


class TrunkView(msgspec.Struct):
    """Where calls come in. `channels`: how many calls the contract with the carrier allows; 0:
    unknown."""

    trunk: str
    channels: int


class PauseReasonView(msgspec.Struct):
    """A reason why operators pause: the word of the API, and its name for people."""

    reason: str
    th: str
    en: str


class SiteView(msgspec.Struct):
    """The whole site in force. `operators_raise`: operators, not only supervisors, may move waiting
    callers up. `park_seconds`: how long a parked call stays in its place, 0: calls are not parked.
    `parking_places`: how many places there are."""

    lines: list[LineView]
    queues: list[QueueRulesView]
    trunks: list[TrunkView]
    pause_reasons: list[PauseReasonView]
    operators_raise: bool
    park_seconds: float
    parking_places: int


class FaultView(msgspec.Struct):
    """A fault of the site file. `line` counts from 1; 0: the file as a whole."""

    line: int
    field: str
    message: str


class SiteFileView(msgspec.Struct):
    """The site file on the disk now. `in_force`: a reload would change nothing."""

    file: str
    text: str
    faults: list[FaultView]
    in_force: bool


@endpoints.get("/site", needs=Role.OPERATOR)
async def show_site(request: Request[Parts]) -> SiteView:
    """Show the lines, queues and limits in force."""
    return view(request.engine.state.site)


@endpoints.get("/site/file", needs=Role.ADMINISTRATOR)
async def show_site_file(request: Request[Parts]) -> SiteFileView:
    """Show the site file on the disk, and its faults. This puts nothing in force."""
    file = request.parts.site_file
    text, site, faults = await asyncio.to_thread(_read, file)
    return SiteFileView(
        file=str(file),
        text=text,
        faults=[FaultView(line=f.line, field=f.field, message=f.message) for f in faults],
        in_force=site == request.engine.state.site,
    )


def _read(file: Path) -> tuple[str, Site | None, Sequence[Fault]]:
    """The text, and the site or the faults."""
    text = ""
    try:
        raw = file.read_bytes()
        text = raw[:TEXT_SHOWN_BYTES].decode("utf-8-sig", "replace")
        return text, parse_site(raw, str(file)), ()
    except OSError:
        pass
    except SiteFileError as error:
        return text, None, error.faults[:FAULTS_SHOWN]
    try:
        return text, load_site(file), ()
    except SiteFileError as error:  # its message says why the file cannot be read
        return text, None, error.faults


@endpoints.post(
    "/site/reload", needs=Role.ADMINISTRATOR, problems=("site_refused", "phones_not_told", "busy")
)
async def reload_site(request: Request[Parts]) -> SiteView:
    """Read the site file again and put it in force. No call is affected.

    A file with faults is refused with all of them (FILE:LINE: FIELD: what is wrong), and the
    service goes on with the present site. Asterisk is also told all phones again.
    """
    try:
        site = await asyncio.to_thread(load_site, request.parts.site_file)
    except SiteFileError as error:
        faults = str(error).split("\n")[:FAULTS_SHOWN]
        raise Problem("site_refused", "The old site stays in force.", faults=faults) from error
    await request.tell(SiteChanged(site=site))
    await request.note("site.reloaded", "site")
    try:
        await request.parts.roster.publish(anew=True)
    except PhonesError as error:
        raise Problem("phones_not_told", "The new site is in force; the phones are not.") from error
    return view(site)


def view(site: Site) -> SiteView:
    """The site as it is shown."""
    return SiteView(
        lines=[
            LineView(
                line=line.name,
                title=line.title,
                dids=list(line.dids),
                queue=line.queue,
                priority=line.priority,
                language=line.language,
                areas=dict(line.areas),
                needs=dict(line.needs),
                menu=line.menu is not None,
                survey=line.survey,
            )
            for line in site.lines.values()
        ],
        queues=[
            QueueRulesView(
                queue=rules.name,
                title=rules.title,
                waiting_limit=rules.waiting_limit,
                max_wait_seconds=rules.max_wait_seconds,
                overflow_queue=rules.overflow_queue,
                overflow_at_waiting=rules.overflow_at_waiting,
                overflow_message=list(rules.overflow_message),
                voicemail=list(rules.voicemail),
                overflow=[
                    OverflowRuleView(
                        when=rule.when,
                        over=rule.over,
                        to=rule.to,
                        queue=rule.queue,
                        message=list(rule.message),
                    )
                    for rule in rules.overflow_rules
                ],
                neighbours=list(rules.neighbours),
                ring_seconds=rules.ring_seconds,
                wrapup_seconds=rules.wrapup_seconds,
                short_abandon_seconds=rules.short_abandon_seconds,
                strategy=rules.strategy,
                ring_at_once=rules.ring_at_once,
                last_operator_seconds=rules.last_operator_seconds,
            )
            for rules in site.queues.values()
        ],
        trunks=[TrunkView(trunk=t.name, channels=t.channels) for t in site.trunks.values()],
        pause_reasons=[
            PauseReasonView(reason=each.name, th=each.th, en=each.en) for each in site.pause_reasons
        ],
        operators_raise=site.operators_raise,
        park_seconds=site.park.seconds,
        parking_places=site.park.places,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "site_refused": ProblemKind(409, "The site file has faults"),
        "phones_not_told": PHONES_NOT_TOLD,
    },
)
