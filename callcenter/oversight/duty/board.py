"""The present shifts, for the engine's plan and for Prometheus. They are read again every half
minute, and when somebody has changed the plan. While the database is away the last ones are
used."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.overflow import is_on_duty
from callcenter.core.state import State
from callcenter.oversight.duty.model import Shift, Standing
from callcenter.oversight.duty.rules import GRACE
from callcenter.oversight.duty.store import DutyInPostgres
from callcenter.ports.people import DatabaseAwayError
from callcenter.runtime.duty import KnownDuty
from callcenter.web.endpoint import Common

LOOK_SECONDS = 30.0
# also the range that a restart finds in the file
BEHIND, AHEAD = timedelta(days=1), timedelta(days=14)
SHOWN = (Standing.PRESENT, Standing.EXPECTED, Standing.LATE)

log = structlog.get_logger(__name__)


class Board:
    """Knows who is named now."""

    def __init__(self, duty: DutyInPostgres, known: KnownDuty, common: Common) -> None:
        self._duty = duty
        self._known = known
        self._common = common
        self._shifts: list[Shift] = []

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Read the plan again, and give it to the parts that use it."""
        now = self._common.wall()
        try:
            self._shifts = await self._duty.between(now - BEHIND, now + AHEAD)
        except DatabaseAwayError:
            return
        self._known.take((QueueName(s.queue), s.begins_at, s.ends_at) for s in self._shifts)
        try:
            await asyncio.to_thread(self._known.keep)
        except OSError as error:
            log.warning("the duty roster is not kept for a restart", reason=error.strerror)

    def people(self) -> Mapping[tuple[str, ...], float]:
        """How many people are named for now, by queue and by standing."""
        return people_now(self._shifts, self._common.engine.state, self._common.wall())


def people_now(shifts: list[Shift], state: State, now: datetime) -> dict[tuple[str, ...], float]:
    """People by queue and standing. A person who was there and left counts as late, too: only the
    present moment counts here."""
    found: dict[tuple[str, ...], float] = {}
    for shift in shifts:
        if QueueName(shift.queue) not in state.site.queues:
            continue
        for standing in SHOWN:
            found.setdefault((shift.queue, standing.value), 0)
        if shift.begins_at <= now < shift.ends_at:
            found[shift.queue, standing_now(shift, state, now).value] += 1
    return found


def standing_now(shift: Shift, state: State, now: datetime) -> Standing:
    """The standing of a shift that has begun, from the engine's state of the person."""
    operator = state.operators.get(OperatorId(shift.operator))
    if operator is not None and is_on_duty(operator):
        return Standing.PRESENT
    return Standing.EXPECTED if now < shift.begins_at + GRACE else Standing.LATE
