"""Callbacks that have not been completed: the citizens who must still be called back."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

import msgspec

from callcenter.core import outward
from callcenter.core.events import CallbackCancelled, CallbackHurried, CallbackWanted
from callcenter.core.ids import CallId, LineName, OperatorId, QueueName
from callcenter.core.state import Call, CallState
from callcenter.ports.people import DatabaseAwayError, Role
from callcenter.ports.records import CallRecords
from callcenter.thai_holidays import Holidays
from callcenter.web.calls import Moment
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.masking import masked
from callcenter.web.numbers import Numbers, numbers_shown
from callcenter.web.texts import CallName

endpoints = Endpoints("callbacks")


THAILAND = timezone(timedelta(hours=7))  # Thailand has no summer time
LATEST = timedelta(days=3)  # the latest time that may be chosen
# after a call an operator may ask for a callback of its caller for this long
OWN_CALL = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of callbacks work with. `holidays`: as the ministry confirmed them."""

    records: CallRecords
    holidays: Callable[[], Awaitable[Holidays]]


class CallbackState(StrEnum):
    """The state of a callback."""

    WAITING = "waiting"  # waits in line
    CALLED = "called"  # the citizen is being called now
    RESTING = "resting"  # the citizen was not reached, and is tried again later


class CallbackView(msgspec.Struct):
    """A callback. `waits_seconds`: since the first arrival. `place` is null while the citizen is
    called, between two tries, and before the chosen time. `due_at`: the chosen time; null: when it
    is the citizen's turn. `next_try_at`: when the citizen is called, or called again. `tries`
    counts each call. `refusals`: how many the carrier refused or did not answer in a row until now;
    these do not count as tries of the site file."""

    call: str
    queue: str
    line: str
    caller: str
    state: CallbackState
    asked_at: datetime
    waits_seconds: float
    tries: int
    refusals: int
    place: int | None
    next_try_at: datetime | None
    due_at: datetime | None


class NewCallback(msgspec.Struct, forbid_unknown_fields=True):
    """The call whose caller must be called back, at the number it came from and no other. `at`: not
    before this time, which must be within the hours; null: when it is the caller's turn."""

    call: CallName
    at: Moment | None = None


class CallbackMade(msgspec.Struct):
    """The callback is a call of its own. This is its name."""

    call: str


class CallbackList(msgspec.Struct):
    """Callbacks that are not completed, longest wait first. `held`: why nobody is called at present
    (off, restart, hours, carrier, at_once, per_hour); empty: citizens are called in turn."""

    held: str
    numbers: Numbers
    callbacks: list[CallbackView]


class CallbackQuery(msgspec.Struct):
    """Whether to show the numbers in full."""

    numbers: Numbers = Numbers.MASKED


@endpoints.get("/callbacks", needs=Role.SUPERVISOR)
async def list_callbacks(request: Request[Parts], query: CallbackQuery) -> CallbackList:
    """List the callbacks that are not completed.

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
async def cancel_callback(request: Request[Parts]) -> None:
    """Cancel a callback. A phone that rings for it stops."""
    name, state = CallId(request.path["call"]), request.engine.state
    call = state.calls.get(name)
    if call is None or not call.is_parked:
        raise Problem("no_callback", "GET /api/v1/callbacks lists those there are.")
    await request.tell(CallbackCancelled(call=name))
    await request.note("callback.cancelled", name)


@endpoints.post(
    "/callbacks/{call}/attempt", needs=Role.SUPERVISOR, status=204, problems=("no_callback", "busy")
)
async def try_callback_now(request: Request[Parts]) -> None:
    """Try a callback now, as soon as an operator is free, without waiting for its time."""
    name, state = CallId(request.path["call"]), request.engine.state
    call = state.calls.get(name)
    if call is None or not call.is_parked:
        raise Problem("no_callback", "GET /api/v1/callbacks lists those there are.")
    await request.tell(CallbackHurried(call=name))
    await request.note("callback.hurried", name)


@endpoints.post(
    "/callbacks",
    needs=Role.OPERATOR,
    status=201,
    problems=("unknown_call", "not_called_back", "outside_hours", "busy"),
)
async def ask_for_callback(request: Request[Parts], body: NewCallback) -> CallbackMade:
    """Call a caller back, now or at a chosen time.

    An operator may ask this for their present call, or for one of the last hour; a supervisor for
    any call.
    """
    found = await _caller_of(request, CallId(body.call))
    state, now = request.engine.state, request.engine.now()
    why = outward.why_refused(state, found.caller, found.queue, now)
    if why or not state.site.callbacks.prefixes:
        raise Problem("not_called_back", REFUSED.get(why, REFUSED["number"]))
    after = await _seconds_until(request, found.queue, body.at)
    name = CallId(f"asked-{secrets.token_hex(8)}")
    wanted = CallbackWanted(
        call=name,
        line=found.line,
        did=found.did,
        caller=found.caller,
        queue=found.queue,
        after_seconds=after,
    )
    await request.tell(wanted)
    if name not in state.calls:
        raise Problem("not_called_back", REFUSED["number"])
    await request.note("callback.asked", name, of=body.call, at=body.at or "")
    return CallbackMade(call=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    """The caller's number and queue."""

    line: LineName
    did: str
    caller: str
    queue: QueueName


async def _caller_of(request: Request[Parts], name: CallId) -> _Caller:
    state, me = request.engine.state, OperatorId(request.person.name)
    supervises = request.person.role in (Role.SUPERVISOR, Role.ADMINISTRATOR)
    if call := state.calls.get(name):
        if supervises or call.operator == me:
            return _Caller(line=call.line, did=call.did, caller=call.caller, queue=call.queue)
        raise Problem("unknown_call", "You have no such call.")
    record = await request.parts.records.call(name)
    if record is not None and not supervises:
        ended = record.ended_at or record.arrived_at
        if record.operator != me or request.wall() - ended > OWN_CALL:
            record = None
    if record is None:
        raise Problem("unknown_call", "You have no such call.")
    queue = record.queue or state.site.lines[LineName(record.line)].queue
    return _Caller(
        line=LineName(record.line),
        did=record.did,
        caller=record.caller,
        queue=QueueName(queue),
    )


async def _seconds_until(request: Request[Parts], queue: QueueName, at: str | None) -> float:
    """Seconds from now until the chosen time; 0 if none is chosen. Problem outside_hours if nobody
    is called at that time, or if it is over or too far away."""
    if at is None:
        return 0.0
    moment, wall = datetime.fromisoformat(at), request.wall()
    if not wall < moment <= wall + LATEST:
        raise Problem("outside_hours", "Choose a time within the next three days.")
    site, local = request.engine.state.site, moment.astimezone(THAILAND)
    rules = site.queues.get(queue)
    days = await _days_off(request, local)
    for hours in (site.callbacks.hours, rules.hours if rules else None):
        if hours is not None and not hours.is_open(local, days):
            raise Problem("outside_hours", "Nobody is called back at that time.")
    return (moment - wall).total_seconds()


async def _days_off(request: Request[Parts], at: datetime) -> set[date]:
    """The holidays among that day and the day before. While the database is away, the generally
    known ones."""
    try:
        known = await request.parts.holidays()
    except DatabaseAwayError:
        known = Holidays({})
    return {day for day in (at.date(), at.date() - timedelta(days=1)) if day in known.of(day.year)}


REFUSED = {
    "number": "Nobody is called back at the number that this call came from.",
    "asked": "A callback to this number has not come about yet.",
    "full": "So many are to be called back in this queue that no more are taken.",
    "often": "This number was called as often as is allowed in a day.",
}


def _view(request: Request[Parts], call: Call, numbers: Numbers) -> CallbackView:
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
        refusals=back.refusals,
        place=line.place_of(call.id) if call.id in line else None,
        next_try_at=wall + timedelta(seconds=call.until - now) if rests else None,
        due_at=wall + timedelta(seconds=back.due_at - now) if back.due_at else None,
    )


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "no_callback": ProblemKind(404, "Nobody is to be called back for this call"),
        "unknown_call": ProblemKind(404, "There is no such call"),
        "not_called_back": ProblemKind(409, "Nobody may be called back there"),
        "outside_hours": ProblemKind(422, "Nobody is called back at that time"),
    },
    path_patterns={"call": r"[A-Za-z0-9._-]{1,150}"},
)
