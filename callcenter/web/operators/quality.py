"""The line quality that the page measures in a talk: how it is now, for the floor, and once all of
it, when the talk is over.

The page makes the verdict (src/phone/quality.ts), because it shows the same words during the talk.
"""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from callcenter.core.ids import CallId, OperatorId
from callcenter.ports.people import OperatorCard, Role
from callcenter.ports.quality import CallQuality, Verdict
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, find_card
from callcenter.web.texts import CallName

STILL_HIS_OWN = timedelta(hours=1)  # after the call, for a page that lost its connection at the end
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Share = Annotated[float, Meta(ge=0, le=1)]


class TalkQuality(msgspec.Struct, forbid_unknown_fields=True):
    """The line quality of a talk that is over. `loss`: the share of lost incoming packets, 0 to
    1."""

    call: CallName
    seconds: Seconds
    loss: Share
    jitter_seconds: Seconds
    verdict: Verdict
    round_trip_seconds: Seconds | None = None


class LineNow(msgspec.Struct, forbid_unknown_fields=True):
    """How the line of the present call is."""

    call: CallName
    verdict: Verdict


class CallQualityView(msgspec.Struct):
    """One operator's part of a call."""

    operator: str
    measured_at: datetime
    seconds: float
    loss: float
    jitter_seconds: float
    round_trip_seconds: float | None
    verdict: Verdict


class CallQualityList(msgspec.Struct):
    """One entry for each operator who talked at a browser's phone, in order of time."""

    quality: list[CallQualityView]


@endpoints.put(
    "/operators/{operator}/quality",
    needs=Role.OPERATOR,
    status=204,
    problems=("unknown_operator", "no_call"),
)
async def tell_line(request: Request[Parts], body: LineNow) -> None:
    """Say how the line of one's present call is. Everybody who sees the floor sees it."""
    operator = (await _own_phone(request)).operator
    found = request.engine.state.operators.get(operator)
    if found is None or found.call != body.call:
        raise Problem("no_call", "That is not the present call.")
    request.parts.windows.line_is(operator, CallId(body.call), body.verdict)


@endpoints.post(
    "/operators/{operator}/quality",
    needs=Role.OPERATOR,
    status=204,
    problems=("unknown_operator", "no_call"),
)
async def tell_quality(request: Request[Parts], body: TalkQuality) -> None:
    """Send what one's own phone measured in a talk that just ended.

    Only the first report counts.
    """
    operator, call = (await _own_phone(request)).operator, CallId(body.call)
    await _require_own(request, operator, call)
    quality = CallQuality(
        call=call,
        operator=operator,
        measured_at=request.wall(),
        seconds=body.seconds,
        loss=body.loss,
        jitter_seconds=body.jitter_seconds,
        round_trip_seconds=body.round_trip_seconds,
        verdict=body.verdict,
    )
    if await request.parts.qualities.add(quality):
        request.parts.verdicts.counted[body.verdict] += 1


async def _own_phone(request: Request[Parts]) -> OperatorCard:
    if request.person.name != request.path["operator"]:
        raise Problem("not_allowed", "Told by the phone of the operator who talked.")
    return await find_card(request)


@endpoints.get("/calls/{call}/quality", needs=Role.SUPERVISOR)
async def show_quality(request: Request[Parts]) -> CallQualityList:
    """Show what phones in the browser measured in a call."""
    found = await request.parts.qualities.of(CallId(request.path["call"]))
    return CallQualityList(
        quality=[
            CallQualityView(
                operator=each.operator,
                measured_at=each.measured_at,
                seconds=each.seconds,
                loss=each.loss,
                jitter_seconds=each.jitter_seconds,
                round_trip_seconds=each.round_trip_seconds,
                verdict=each.verdict,
            )
            for each in found
        ]
    )


async def _require_own(request: Request[Parts], operator: OperatorId, call: CallId) -> None:
    known = request.engine.state.operators.get(operator)
    if known is not None and known.call == call:
        return
    record = await request.parts.records.call(call)
    late = record is not None and record.operator == operator
    if not late or (
        record is not None
        and record.ended_at is not None
        and request.wall() - record.ended_at > STILL_HIS_OWN
    ):
        raise Problem("no_call", "Only the present call, and those just before, can be told of.")
