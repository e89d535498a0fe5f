"""Calls: the record with filters, one call with its offers, and a waiting call's priority."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.core.events import PriorityChanged
from callcenter.core.ids import CallId
from callcenter.core.outcome import Outcome
from callcenter.core.state import Hears
from callcenter.ports.people import Role
from callcenter.ports.records import CallFilter, CallRecord, CallRecords, OfferRecord
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.masking import masked
from callcenter.web.numbers import Numbers, numbers_shown
from callcenter.web.texts import OperatorName, Priority, QueueId

endpoints = Endpoints("calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of calls work with."""

    records: CallRecords


Moment = Annotated[
    str,
    Meta(
        pattern=(
            r"^2[01][0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
            r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
            r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$(?!\n)"
        ),
        description="RFC 3339 with its offset from UTC; years of the common era (2569 is 2026)",
        extra_json_schema={"format": "date-time"},
        examples=["2026-11-21T08:30:00+07:00"],
    ),
]
Mark = Annotated[
    str,
    Meta(pattern=r"^[0-9]{1,16}\.[A-Za-z0-9._-]{1,150}$(?!\n)", description="`next` of a list"),
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CallList(msgspec.Struct):
    """Calls, latest arrival first. `next`: give it as `after` to get the next page."""

    numbers: Numbers
    calls: list[CallRecord]
    next: str | None


class CallQuery(msgspec.Struct):
    """Filters for calls. Each may be left out."""

    line: QueueId | UnsetType = UNSET
    queue: QueueId | UnsetType = UNSET
    operator: OperatorName | UnsetType = UNSET
    outcome: Outcome | UnsetType = UNSET
    arrived_from: Moment | UnsetType = UNSET
    arrived_before: Moment | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    after: Mark | UnsetType = UNSET
    numbers: Numbers = Numbers.MASKED


class OneCallQuery(msgspec.Struct):
    """Whether to show the caller's number in full."""

    numbers: Numbers = Numbers.MASKED


class OneCall(msgspec.Struct):
    """A call with its offers, in order."""

    numbers: Numbers
    call: CallRecord
    offers: list[OfferRecord]


class NewPriority(msgspec.Struct, forbid_unknown_fields=True):
    """The priority: 0 (ordinary) to 9 (life in danger)."""

    priority: Priority


class PrioritySet(msgspec.Struct):
    """The call's new priority and place in line (1 is next; null while an operator's phone
    rings)."""

    call: str
    priority: int
    place: int | None


@endpoints.get("/calls", needs=Role.SUPERVISOR)
async def list_calls(request: Request[Parts], query: CallQuery) -> CallList:
    """List the calls that match a filter, latest first.

    Full numbers with `numbers=full`: every such look is kept in the audit.
    """
    wanted = CallFilter(
        line=query.line or None,
        queue=query.queue or None,
        operator=query.operator or None,
        outcome=query.outcome.value if query.outcome else None,
        arrived_from=moment("arrived_from", query.arrived_from),
        arrived_before=moment("arrived_before", query.arrived_before),
        after=_read_mark(query.after) if query.after else None,
        limit=query.limit,
    )
    found = await request.parts.records.calls(wanted)
    about = f"{len(found)} calls"
    numbers = await numbers_shown(
        request, query.numbers, "calls.read", about, [c.call for c in found]
    )
    more = len(found) == query.limit
    return CallList(
        numbers=numbers,
        calls=[_view(record, numbers) for record in found],
        next=_mark(found[-1]) if more else None,
    )


@endpoints.get("/calls/{call}", needs=Role.SUPERVISOR, problems=("unknown_call",))
async def show_call(request: Request[Parts], query: OneCallQuery) -> OneCall:
    """Show one call with its offers."""
    call = request.path["call"]
    found = await request.parts.records.call(call)
    if found is None:
        raise Problem("unknown_call", "A new call appears in the record within a second.")
    numbers = await numbers_shown(request, query.numbers, "call.read", call, [call])
    offers = await request.parts.records.offers(call)
    return OneCall(
        numbers=numbers,
        call=_view(found, numbers),
        offers=list(offers),
    )


@endpoints.put(
    "/calls/{call}/priority",
    needs=Role.OPERATOR,
    problems=("unknown_call", "not_waiting", "busy"),
)
async def set_call_priority(request: Request[Parts], body: NewPriority) -> PrioritySet:
    """Move a waiting caller up or down in line.

    Among equal priorities the earlier arrival stays first. Operators may move callers up if the
    site allows it ([calls] operators_raise). Supervisors may also move them down.
    """
    call_id, state = CallId(request.path["call"]), request.engine.state
    found = state.calls.get(call_id)
    if found is None:
        raise Problem("unknown_call", "Only a call in progress can be moved.")
    if not request.person.role.includes(Role.SUPERVISOR):
        if not state.site.operators_raise:
            raise Problem("not_allowed", "At this site only supervisors move callers.")
        if body.priority < found.priority:
            detail = "Operators move callers up; only supervisors move them down."
            raise Problem("not_allowed", detail)
    await request.tell(PriorityChanged(call=call_id, priority=body.priority))
    call = state.calls.get(call_id)
    in_line = call is not None and call.queue and call.hears in (Hears.MUSIC, Hears.PROMPT)
    if call is None or not in_line:
        raise Problem("not_waiting", "The caller is answered already, or gone.")
    await request.note("call.priority", call_id, priority=body.priority)
    line = state.queues[call.queue].line
    place = line.place_of(call_id) if call_id in line else None
    return PrioritySet(call=call_id, priority=call.priority, place=place)


def _view(record: CallRecord, numbers: Numbers) -> CallRecord:
    if numbers is Numbers.MASKED:
        return replace(record, caller=masked(record.caller))
    return record


def moment(name: str, text: str | UnsetType) -> datetime | None:
    """The time in a query parameter. Problem invalid if there is no such day."""
    if text is UNSET:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:  # the 30th of February
        raise Problem("invalid", "There is no such day.", faults=[name]) from error


def _mark(record: CallRecord) -> str:
    return f"{(record.arrived_at - EPOCH) // timedelta(microseconds=1)}.{record.call}"


def _read_mark(mark: str) -> tuple[datetime, str]:
    """Microseconds since 1970 and the call's id, as `_mark` wrote them."""
    microseconds, _, call = mark.partition(".")
    return EPOCH + timedelta(microseconds=int(microseconds)), call


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_call": ProblemKind(404, "There is no such call"),
        "not_waiting": ProblemKind(409, "The call does not wait any more"),
    },
    path_patterns={"call": r"[A-Za-z0-9._-]{1,150}"},
)
