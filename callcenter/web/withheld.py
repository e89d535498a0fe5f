"""Withheld numbers: nobody sees them, except when a life depends on it.

Off unless the site file says how long such a number is kept ([calls] withheld_number_hours). The
number is read from Asterisk when the caller arrives, and kept in a table of its own. It is in no
record, list, search, log or metric. A supervisor gets it for one call at a time, for a reason that
is written to the audit first (PDPA section 24 (2): danger to a person's life).
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
import structlog
from msgspec import Meta

from callcenter.core.facts import CallReceived, Fact
from callcenter.core.ids import CallId
from callcenter.ports.engine import Listener, RunningEngine
from callcenter.ports.people import DatabaseAwayError, Role
from callcenter.ports.withheld_numbers import Callers, WithheldNumber, WithheldNumbers
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

KEEP_TRIES, KEEP_PAUSE_SECONDS = 5, 1.0
FORGET_SECONDS = 600.0  # between two removals of numbers that were kept long enough

log = structlog.get_logger(__name__)
endpoints = Endpoints("calls")


@dataclass(slots=True, kw_only=True)
class Parts:
    """What these endpoints work with. `wall` gives the time now, aware."""

    numbers: WithheldNumbers
    callers: Callers
    engine: RunningEngine
    wall: Callable[[], datetime]
    forgot_at: float = field(default=-FORGET_SECONDS)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def listen(self, facts: Sequence[Fact]) -> None:
        """Read the numbers of callers who arrive without one."""
        hours = self.engine.state.site.withheld_number_hours
        for fact in facts:
            if (
                isinstance(fact, CallReceived)
                and not fact.caller
                and not fact.from_ledger
                and hours
            ):
                self._begin(self._take(fact.call, timedelta(hours=hours)))
        if self.engine.now() - self.forgot_at >= FORGET_SECONDS:
            self.forgot_at = self.engine.now()
            self._begin(self._forget())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        """End what is under way, so that no database connection stays in use."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _take(self, call: CallId, time: timedelta) -> None:
        number = await self.callers.withheld_number(call)
        if not number:
            return
        kept = WithheldNumber(call=call, number=number, kept_until=self.wall() + time)
        for _ in range(KEEP_TRIES):
            try:
                await self.numbers.keep(kept)
                return
            except DatabaseAwayError:
                await asyncio.sleep(KEEP_PAUSE_SECONDS)
        log.warning("a withheld number was not kept: the database is away", call=call)

    async def _forget(self) -> None:
        try:
            if count := await self.numbers.forget(self.wall()):
                log.info("withheld numbers are forgotten", numbers=count)
        except DatabaseAwayError:
            self.forgot_at = -FORGET_SECONDS  # try again with the next call


class WhyUncovered(msgspec.Struct, forbid_unknown_fields=True):
    """Why the number is needed. Do not write whose number it is: the audit keeps this text."""

    reason: Annotated[
        str,
        Meta(
            min_length=8,
            max_length=500,
            pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$(?!\n)",
            description="a text without control characters",
            examples=["says that he will jump"],
        ),
    ]


class UncoveredNumber(msgspec.Struct):
    """The number that the caller withheld. It is deleted at `kept_until`."""

    call: str
    number: str
    kept_until: datetime


@endpoints.post(
    "/calls/{call}/withheld-number",
    needs=Role.SUPERVISOR,
    problems=("no_withheld_number",),
)
async def uncover(request: Request[Parts], body: WhyUncovered) -> UncoveredNumber:
    """Show the number that a caller withheld, in an emergency. The audit keeps the reason."""
    call = CallId(request.path["call"])
    await request.audit("call.uncover", call, reason=body.reason)
    found = await request.parts.numbers.of(call, request.wall())
    if found is None:
        raise Problem(
            "no_withheld_number",
            "The caller withheld none, or it was not kept: see withheld_number_hours in the site"
            " file. The carrier has it in its own records.",
        )
    return UncoveredNumber(call=call, number=found.number, kept_until=found.kept_until)


def _listeners(parts: Parts) -> Sequence[Listener]:
    return [parts.listen]


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={"no_withheld_number": ProblemKind(404, "No withheld number is kept of this call")},
    path_patterns={"call": r"[A-Za-z0-9._-]{1,150}"},
    listeners=_listeners,
    close=Parts.close,
)
