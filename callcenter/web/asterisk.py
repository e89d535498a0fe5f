"""Asterisk's restart: an administrator asks for it, watches it, or cancels it."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from callcenter.ports.engine import InboxFull
from callcenter.ports.people import Role
from callcenter.runtime.restart import UNDER_WAY, Phase, Restart
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

LONGEST_SECONDS = 24 * 3600.0

endpoints = Endpoints("asterisk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints work with."""

    restart: Restart


class RestartWanted(msgspec.Struct, forbid_unknown_fields=True):
    """How long callers who are there are still served. With 0 all are let go at once."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_SECONDS)]


class RestartView(msgspec.Struct):
    """The phase of a restart. `callers`: all callers in Asterisk. `problem`: why it failed."""

    phase: Phase
    waiting: int
    talking: int
    callers: int
    seconds_left: float
    problem: str


@endpoints.get("/asterisk/restart", needs=Role.ADMINISTRATOR)
async def show_restart(request: Request[Parts]) -> RestartView:
    """Show the phase of the restart, or how the last one ended."""
    return _view(request.parts.restart)


@endpoints.post(
    "/asterisk/restart",
    needs=Role.ADMINISTRATOR,
    status=202,
    problems=("asterisk_away", "several_nodes", "restarting", "busy"),
)
async def restart(request: Request[Parts], body: RestartWanted) -> RestartView:
    """Restart Asterisk when no caller is left.

    No new caller is let in. Callers who are there are served until the limit, and then let go. New
    callers, and callers who are let go, hear that they should call later. If it is asked for again
    while callers are still there, it sets another limit.
    """
    if len(request.engine.state.nodes) > 1:
        raise Problem(
            "several_nodes",
            "Drain one (`callcenter node drain NAME`), and restart it on its host when it is "
            "empty: callers are served by the others meanwhile.",
        )
    if not request.engine.state.connected:
        raise Problem("asterisk_away", "There are no callers to wait for: restart it on its host.")
    if request.parts.restart.phase is Phase.RESTARTING:
        raise Problem("restarting", "Asterisk is being restarted in this moment.")
    try:
        await request.parts.restart.begin(body.seconds)
    except InboxFull as error:
        raise Problem("busy", "Calls come first. Try again.", retry_seconds=2) from error
    await request.note("asterisk.restart_asked", "asterisk", seconds=round(body.seconds))
    return _view(request.parts.restart)


@endpoints.delete(
    "/asterisk/restart", needs=Role.ADMINISTRATOR, problems=("no_restart", "restarting")
)
async def call_off(request: Request[Parts]) -> RestartView:
    """Cancel the restart: callers are let in again. Callers who were let go are not called back."""
    if request.parts.restart.phase is Phase.RESTARTING:
        raise Problem("restarting", "Asterisk is being restarted in this moment.")
    if request.parts.restart.phase not in UNDER_WAY:
        raise Problem("no_restart", "Nobody has asked for one.")
    await request.parts.restart.cancel()
    await request.note("asterisk.restart_called_off", "asterisk")
    return _view(request.parts.restart)


def _view(restart: Restart) -> RestartView:
    seen = restart.progress()
    return RestartView(
        phase=seen.phase,
        waiting=seen.waiting,
        talking=seen.talking,
        callers=seen.callers,
        seconds_left=seen.seconds_left,
        problem=seen.problem,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "asterisk_away": ProblemKind(409, "The service has no connection to Asterisk"),
        "several_nodes": ProblemKind(409, "There are several Asterisks"),
        "restarting": ProblemKind(409, "Asterisk is being restarted"),
        "no_restart": ProblemKind(409, "No restart is under way"),
    },
)
