"""The demo's calls: told apart in the record, and removed from it when nobody needs them.

The demo says which calls were its own when it is over. No report counts those. Prometheus has no
calls, only counts: what the demo did stays in the metrics of its minutes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from callcenter.ports.people import Role
from callcenter.ports.records import DemoCalls
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.feature import Feature

MARK_WITHIN = timedelta(hours=1)
"""Only calls that came so lately can be marked: what is removed must not be an old record."""

endpoints = Endpoints("calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints of the demo's calls work with."""

    demo: DemoCalls


class DemoCallIds(msgspec.Struct, forbid_unknown_fields=True):
    """Calls of the demo, by their ids in the record."""

    calls: Annotated[
        list[Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,150}$(?!\n)")]],
        Meta(min_length=1, max_length=1000),
    ]


class DemoCallsMarked(msgspec.Struct):
    """How many of them are marked now."""

    marked: int


class DemoCallsFound(msgspec.Struct):
    """How many calls in the record the demo made, and when the first and the last came."""

    calls: int
    first_arrived_at: datetime | None
    last_arrived_at: datetime | None


class DemoCallsRemoved(msgspec.Struct):
    """How many calls are in the record no more."""

    removed: int


@endpoints.get("/demo-calls", needs=Role.ADMINISTRATOR)
async def find_demo_calls(request: Request[Parts]) -> DemoCallsFound:
    """What of the record the demo made."""
    found = await request.parts.demo.span()
    return DemoCallsFound(
        calls=found.calls,
        first_arrived_at=found.first_arrived_at,
        last_arrived_at=found.last_arrived_at,
    )


@endpoints.post("/demo-calls", needs=Role.ADMINISTRATOR)
async def mark_demo_calls(request: Request[Parts], body: DemoCallIds) -> DemoCallsMarked:
    """Mark calls of the last hour as the demo's. One that is not over yet, or that an operator
    answered who is not the demo's, is not marked. It is kept in the audit."""
    await request.audit("calls.mark_demo", f"{len(body.calls)} calls", calls=" ".join(body.calls))
    marked = await request.parts.demo.mark(body.calls, request.wall() - MARK_WITHIN)
    return DemoCallsMarked(marked=marked)


@endpoints.delete("/demo-calls", needs=Role.ADMINISTRATOR)
async def remove_demo_calls(request: Request[Parts]) -> DemoCallsRemoved:
    """Remove the demo's calls from the record, for good. It is kept in the audit."""
    found = await request.parts.demo.span()
    await request.audit("calls.remove_demo", f"{found.calls} calls")
    return DemoCallsRemoved(removed=await request.parts.demo.remove())


FEATURE = Feature(parts=Parts, endpoints=endpoints)
