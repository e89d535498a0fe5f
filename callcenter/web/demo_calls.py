"""The demo's calls: they are marked in the record, and can be removed from it.

The demo tells which calls were its own when it is over. No report counts those. Prometheus has only
counts, no calls, so the demo's calls stay in the metrics of those minutes.
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
"""Only calls that arrived within this time can be marked, so that an old record cannot be
removed."""

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
    """How many of these calls are marked now."""

    marked: int


class DemoCallsFound(msgspec.Struct):
    """How many calls of the demo are in the record, and the times of the first and the last."""

    calls: int
    first_arrived_at: datetime | None
    last_arrived_at: datetime | None


class DemoCallsRemoved(msgspec.Struct):
    """How many calls were removed from the record."""

    removed: int


@endpoints.get("/demo-calls", needs=Role.ADMINISTRATOR)
async def find_demo_calls(request: Request[Parts]) -> DemoCallsFound:
    """Find the demo's calls in the record."""
    found = await request.parts.demo.span()
    return DemoCallsFound(
        calls=found.calls,
        first_arrived_at=found.first_arrived_at,
        last_arrived_at=found.last_arrived_at,
    )


@endpoints.post("/demo-calls", needs=Role.ADMINISTRATOR)
async def mark_demo_calls(request: Request[Parts], body: DemoCallIds) -> DemoCallsMarked:
    """Mark calls of the last hour as the demo's.

    A call that is not over, or that an operator answered who is not the demo's, is not marked. The
    audit keeps this request.
    """
    await request.audit("calls.mark_demo", f"{len(body.calls)} calls", calls=" ".join(body.calls))
    marked = await request.parts.demo.mark(body.calls, request.wall() - MARK_WITHIN)
    return DemoCallsMarked(marked=marked)


@endpoints.delete("/demo-calls", needs=Role.ADMINISTRATOR)
async def remove_demo_calls(request: Request[Parts]) -> DemoCallsRemoved:
    """Remove the demo's calls from the record for good. The audit keeps this request."""
    found = await request.parts.demo.span()
    await request.audit("calls.remove_demo", f"{found.calls} calls")
    return DemoCallsRemoved(removed=await request.parts.demo.remove())


FEATURE = Feature(parts=Parts, endpoints=endpoints)
