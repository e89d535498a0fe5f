"""Callbacks that have not come about yet: who is to be called back, and no more."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from callcenter.core.events import CallbackCancelled
from callcenter.core.ids import CallId
from callcenter.core.state import Call, CallState
from callcenter.ports.people import Role
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.masking import masked
from callcenter.web.numbers import Numbers, numbers_shown

endpoints = Endpoints("callbacks")


class CallbackState(StrEnum):
    """What is done for a citizen who is to be called back."""

    WAITING = "waiting"  # stands in line
    CALLED = "called"  # is being called now
    RESTING = "resting"  # was not reached, and is tried again later


class CallbackView(msgspec.Struct):
    """A callback. `waits_seconds`: since the first arrival. `place` is null while the citizen is
    called, and between two tries; `next_try_at`: then it is tried again."""

    call: str
    queue: str
    line: str
    caller: str
    state: CallbackState
    asked_at: datetime
    waits_seconds: float
    tries: int
    place: int | None
    next_try_at: datetime | None


class CallbackList(msgspec.Struct):
    """Those that have not come about yet, the longest wait first. `held`: why nobody is called at
    present (off, restart, hours, at_once, per_hour); empty: citizens are called in their turn."""

    held: str
    numbers: Numbers
    callbacks: list[CallbackView]


class CallbackQuery(msgspec.Struct):
    """Whether to show the numbers in full."""

    numbers: Numbers = Numbers.MASKED


@endpoints.get("/callbacks", needs=Role.SUPERVISOR)
async def list_callbacks(request: Request[None], query: CallbackQuery) -> CallbackList:
    """Who is to be called back.

    Full numbers with `numbers=full`: every such look is kept in the audit.
    """
    state = request.engine.state
    calls = [state.calls[name] for name in state.callbacks.values() if name in state.calls]
    calls.sort(key=lambda call: call.rank)
    about = f"{len(calls)} callbacks"
    numbers = await numbers_shown(
        request, query.numbers, "callbacks.read", about, [call.id for call in calls]
    )
    return CallbackList(
        held=state.callbacks_held,
        numbers=numbers,
        callbacks=[_view(request, call, numbers) for call in calls],
    )


@endpoints.delete(
    "/callbacks/{call}", needs=Role.SUPERVISOR, status=204, problems=("no_callback", "busy")
)
async def cancel_callback(request: Request[None]) -> None:
    """Nobody is called back for this call any more. A phone that rings stops."""
    name, state = CallId(request.path["call"]), request.engine.state
    call = state.calls.get(name)
    if call is None or not call.is_parked:
        raise Problem("no_callback", "GET /api/v1/callbacks lists those there are.")
    await request.tell(CallbackCancelled(call=name))
    await request.note("callback.cancelled", name)


def _view(request: Request[None], call: Call, numbers: Numbers) -> CallbackView:
    state, now = request.engine.state, request.engine.now()
    line = state.queues[call.queue].line
    back, rests = call.callback, call.state is CallState.RESTING
    assert back is not None
    resting = CallbackState.RESTING if rests else CallbackState.WAITING
    wall = request.wall()
    return CallbackView(
        call=call.id,
        queue=call.queue,
        line=call.line,
        caller=call.caller if numbers is Numbers.FULL else masked(call.caller),
        state=CallbackState.CALLED if call.is_called else resting,
        asked_at=wall - timedelta(seconds=now - back.asked_at),
        waits_seconds=round(max(0.0, now - call.rank[0]), 1),
        tries=back.tries,
        place=line.place_of(call.id) if call.id in line else None,
        next_try_at=wall + timedelta(seconds=call.until - now) if rests else None,
    )


FEATURE = Feature(
    parts=type(None),
    endpoints=endpoints,
    problems={"no_callback": ProblemKind(404, "Nobody is to be called back for this call")},
    path_patterns={"call": r"[A-Za-z0-9._-]{1,150}"},
)
