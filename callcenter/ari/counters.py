"""What the ARI adapter counts, as plain numbers.

Written by connection.py, transport.py and executor.py; telemetry reads it at a scrape. No
I/O and no locks: everything happens on one event loop.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from callcenter.ari.rest import Operation, Verdict

BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass(slots=True)
class Durations:
    """Counts by duration. `counts[i]` is for at most BOUNDS_SECONDS[i], the last entry for
    longer."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_SECONDS) + 1))
    total_seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self.total_seconds += seconds


@dataclass(slots=True)
class Counters:
    """All counts since the process began."""

    events: Counter[str] = field(default_factory=Counter)  # by ARI type, only types in use
    unknown_types: Counter[str] = field(default_factory=Counter)  # at most UNKNOWN_LIMIT names
    malformed: int = 0  # messages of a type in use that could not be decoded
    # callers that Asterisk could not describe, who were sent back into the dial plan
    untold: int = 0
    answers_late: int = 0  # REST answers after their time limit
    calls: Counter[tuple[Operation, Verdict]] = field(default_factory=Counter)
    call_seconds: Durations = field(default_factory=Durations)  # from request to answer
    commands_dropped: int = 0  # submitted while there was no connection, or too many at once
    connects: int = 0  # snapshots handed over
    losses: int = 0  # connections lost after the snapshot was handed over
    overflows: int = 0  # of the losses: events came faster than we could handle them
    event_at: float = 0.0  # loop time of the last event, 0 before the first

    UNKNOWN_LIMIT = 100

    def count_unknown(self, name: str) -> None:
        """Count an unused type. Past the limit all new names are counted as one."""
        known = name in self.unknown_types or len(self.unknown_types) < self.UNKNOWN_LIMIT
        self.unknown_types[name if known else "other"] += 1
