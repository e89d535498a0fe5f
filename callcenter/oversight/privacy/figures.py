"""Figures of the daily run that removes personal data.

Counters begin at 0 with the service. Overdue data is counted in the database four times an hour.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callcenter.ports.metrics import Kind, Samples, Series
from callcenter.ports.personal_data import PersonalData

GRACE = timedelta(hours=36)
"""One day until the next run, and half a day for it. Data that is there for longer is late."""
COUNT_SECONDS = 900.0
STALE_SECONDS = 7_200.0

REMOVED = Series(
    name="hotline_retention_removed",
    kind=Kind.COUNTER,
    labels=("kind",),
    help="Personal data that was forgotten because its time was over, by kind: rows and files.",
)
RAN = Series(
    name="hotline_retention_last_run_timestamp_seconds",
    kind=Kind.GAUGE,
    labels=(),
    help="When a run that forgets personal data last came to its end; 0: none since the service"
    " was started, which begins with one.",
)
LATE = Series(
    name="hotline_retention_overdue",
    kind=Kind.GAUGE,
    labels=("kind",),
    help="Personal data that is still there 36 hours after its time was over, by kind; counted"
    " every 15 minutes. The daily run leaves none.",
)


@dataclass(slots=True)
class Tally:
    """Counts since the service was started. `ran_at`: the end of the last run that removed
    everything."""

    removed: Counter[str] = field(default_factory=Counter)
    ran_at: datetime | None = None

    def ran(self) -> Samples:
        """The time of that run, in seconds since 1970."""
        return {(): self.ran_at.timestamp() if self.ran_at else 0.0}


async def late(keepers: Sequence[PersonalData], now: datetime) -> Mapping[str, int]:
    """How much of each kind should have been removed more than GRACE ago."""
    found = dict[str, int]()
    for keeper in keepers:
        found |= dict.fromkeys(keeper.kept_days, 0)
        found |= await keeper.overdue(now - GRACE)
    return found
