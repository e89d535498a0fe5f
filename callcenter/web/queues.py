"""Queues as they are now: who waits, how long, and which operators are there."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Annotated

import msgspec
from msgspec import Meta

from callcenter.core import estimate
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId, QueueName
from callcenter.core.state import Aside, Call, OfferState, Queue, State
from callcenter.ports.people import Role
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.masking import masked
from callcenter.web.numbers import Numbers, numbers_shown

endpoints = Endpoints("queues")
UNKNOWN_QUEUE = ProblemKind(404, "There is no such queue")


class ParkedCall(msgspec.Struct):
    """A call that is parked: in which place (1 to 20), who parked it, for how long it has been
    there and how long it still may."""

    place: int
    call: str
    line: str
    operator: str
    parked_seconds: float
    left_seconds: float


class QueueView(msgspec.Struct):
    """One queue, now. `waiting`: callers who are not answered yet, and callers who are back after a
    lost talk, whose wait begins then. `oldest_wait_seconds` 0: nobody waits. `parked`: calls in
    a parking place, by place."""

    queue: str
    title: str
    waiting: int
    waiting_limit: int
    oldest_wait_seconds: float
    operators: dict[str, int]
    in_site: bool
    parked: list[ParkedCall]


class QueueList(msgspec.Struct):
    """All queues. `connected`: Asterisk answers. If not, its lifeboat serves new callers."""

    connected: bool
    queues: list[QueueView]


class WaitingState(StrEnum):
    """The state of a waiting caller."""

    WAITING = "waiting"  # waits in line
    OFFERED = "offered"  # an operator's phone rings; the place in line is kept
    CALLBACK = "callback"  # has no leg, and will be called back in turn
    CALLED = "called"  # is being called back; an operator is kept free
    CONNECTING = "connecting"  # the operator answered, the legs are being joined


class WaitingCall(msgspec.Struct):
    """A caller who waits. `place` 1 is next; null while an operator's phone rings. `wait_seconds`:
    since the arrival, or since the return after a lost talk. `expected_seconds`: the estimated rest
    of the wait. `at_most_seconds`: nine of ten callers wait no longer. Both are null while unknown,
    and while a phone rings. `redial`: the caller left before, called again, and got the old place.
    `needs`: skills that an operator must have for this caller at present, with their levels."""

    call: str
    line: str
    priority: int
    state: WaitingState
    place: int | None
    wait_seconds: float
    expected_seconds: float | None
    at_most_seconds: float | None
    redial: bool
    needs: dict[str, int]
    caller: str


class WaitingCalls(msgspec.Struct):
    """The callers of a queue in the order in which they will be answered.

    `waiting` is their number; the first `limit` of them are listed. `numbers` says whether the
    callers' numbers are masked or full.
    """

    queue: str
    waiting: int
    numbers: Numbers
    calls: list[WaitingCall]


class WaitingQuery(msgspec.Struct):
    """How many callers to list, and how to show their numbers."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    numbers: Numbers = Numbers.MASKED


@endpoints.get("/queues", needs=Role.OPERATOR)
async def list_queues(request: Request[None]) -> QueueList:
    """List all queues, now."""
    state, now = request.engine.state, request.engine.now()
    counts = state.operators_by_queue()
    shown = [view(state, name, now, counts[name]) for name in state.queues]
    return QueueList(connected=state.connected, queues=shown)


@endpoints.get("/queues/{queue}", needs=Role.OPERATOR, problems=("unknown_queue",))
async def show_queue(request: Request[None]) -> QueueView:
    """Show one queue, now."""
    name = _find(request).rules.name
    state, now = request.engine.state, request.engine.now()
    return view(state, name, now, state.operators_by_queue()[name])


@endpoints.get("/queues/{queue}/calls", needs=Role.OPERATOR, problems=("unknown_queue",))
async def list_waiting_calls(request: Request[None], query: WaitingQuery) -> WaitingCalls:
    """List the callers who wait, in order.

    Full numbers only for supervisors, with `numbers=full`: every such look is kept in the audit.
    """
    queue = _find(request)
    state, now, name = request.engine.state, request.engine.now(), request.path["queue"]
    shown = list(islice(waiting_calls(state, queue), query.limit))
    numbers = await numbers_shown(
        request, query.numbers, "queue.callers", name, [c.id for c in shown]
    )
    calls = [_waiting(state, call, now, numbers) for call in shown]
    waiting = state.queue_waiting(QueueName(name)) + state.queue_returned(QueueName(name))
    return WaitingCalls(queue=name, waiting=waiting, numbers=numbers, calls=calls)


def view(
    state: State, name: QueueName, now: float, counts: Mapping[OperatorState, int]
) -> QueueView:
    """One queue, now. `counts`: how many of its operators are in each state."""
    rules = state.queues[name].rules
    return QueueView(
        queue=name,
        title=rules.title,
        waiting=state.queue_waiting(name) + state.queue_returned(name),
        waiting_limit=rules.waiting_limit,
        oldest_wait_seconds=round(state.oldest_wait_seconds(name, now), 1),
        operators={known.value: counts[known] for known in OperatorState},
        in_site=name in state.site.queues,
        parked=[_parked(call, call.aside, now) for call in _aside(state, name) if call.aside],
    )


def _aside(state: State, queue: QueueName) -> list[Call]:
    parked = (state.calls[state.aside[place]] for place in sorted(state.aside))
    return [call for call in parked if call.queue == queue]


def _parked(call: Call, aside: Aside, now: float) -> ParkedCall:
    return ParkedCall(
        place=aside.place,
        call=call.id,
        line=call.line,
        operator=aside.operator,
        parked_seconds=round(max(0.0, now - aside.since), 1),
        left_seconds=round(max(0.0, call.until - now), 1),
    )


def waiting_calls(state: State, queue: Queue) -> Iterator[Call]:
    """First the callers for whom an operator's phone rings already, then those in line."""
    for operator in queue.staff:
        call = state.calls.get(state.operators[operator].call or CallId(""))
        if call is None or call.operator != operator:  # of several phones that ring: once
            continue
        if call.waits and call.queue == queue.rules.name:
            yield call
    for waiting in queue.line:
        yield state.calls[waiting]


def _waiting(state: State, call: Call, now: float, numbers: Numbers) -> WaitingCall:
    queue, wait = state.queues[call.queue], estimate.of_caller(state, call, now)
    in_line = call.id in queue.line
    return WaitingCall(
        call=call.id,
        line=call.line,
        priority=call.priority,
        state=_state(call),
        place=queue.line.place_of(call.id) if in_line else None,
        wait_seconds=round(max(0.0, now - call.waits_since), 1),
        expected_seconds=round(wait.expected_seconds, 1) if wait else None,
        at_most_seconds=round(wait.at_most_seconds, 1) if wait else None,
        redial=call.redial_of is not None,
        needs=dict(call.needs),
        caller=call.caller if numbers is Numbers.FULL else masked(call.caller),
    )


def _state(call: Call) -> WaitingState:
    if call.is_called:
        return WaitingState.CALLED
    if call.is_parked:
        return WaitingState.CALLBACK
    if call.offer is None:
        return WaitingState.WAITING
    rings = call.offer.state is OfferState.RINGING
    return WaitingState.OFFERED if rings else WaitingState.CONNECTING


def _find(request: Request[None]) -> Queue:
    queue = request.engine.state.queues.get(QueueName(request.path["queue"]))
    if queue is None:
        names = ", ".join(request.engine.state.queues)
        raise Problem("unknown_queue", f"Queues of this site: {names}.")
    return queue


FEATURE = Feature(
    parts=type(None),
    endpoints=endpoints,
    problems={"unknown_queue": UNKNOWN_QUEUE},
    path_patterns={"queue": r"[0-9a-z][0-9a-z_-]{0,31}"},
)
