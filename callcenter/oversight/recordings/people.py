"""The personal data in recordings: exported with the rest, and purged when their time is over.

The sound is personal data of caller and operator. The row stays without it, so that the number and
the length of recordings do not change.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from callcenter.oversight.recordings.keeper import Keeper
from callcenter.oversight.recordings.model import Recording, Why
from callcenter.ports.personal_data import Held, Whose

KIND = "recordings"
AT_ONCE = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RecordingPeople:
    """`days`: from the site file in force."""

    keeper: Keeper
    days: Callable[[], int]

    @property
    def kept_days(self) -> Mapping[str, int]:
        return {KIND: self.days()}

    async def held_on(self, whose: Whose) -> Mapping[str, Sequence[Held]]:
        found = await self.keeper.rows.held_on(whose)
        return {KIND: [_held(one) for one in found]}

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        return {KIND: await self.keeper.rows.count_overdue(now, self.days())}

    async def forget(self, now: datetime) -> Mapping[str, int]:
        many = 0
        for one in await self.keeper.rows.overdue(now, self.days(), AT_ONCE):
            many += await purge(self.keeper, one, Why.RETENTION, now)
        return {KIND: many}


async def purge(keeper: Keeper, recording: Recording, why: Why, now: datetime) -> bool:
    """Purge a recording. Gives False if somebody holds it, or if it is gone. The row is changed
    first, so that a hold at the same moment is respected. A file that cannot be removed now is
    removed by the sweep."""
    if recording.file is None or not await keeper.rows.purged(recording.name, why, now):
        return False
    keeper.tally.purged[why] += 1
    try:
        await asyncio.to_thread(keeper.vault.remove, recording.file)
    except OSError as error:
        log.error("the file of a purged recording is removed later", reason=error.strerror)
    return True


def _held(one: Recording) -> Held:
    return {
        "call": one.name.call,
        "number": one.name.number,
        "line": one.line,
        "operator": one.operator,
        "began_at": one.began_at.isoformat(),
        "seconds": one.seconds,
        "state": one.state.value,
        "held": one.hold is not None,
    }
