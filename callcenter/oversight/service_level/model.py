"""The types of the service level: a scored call, a formula, a result.

A formula is declared by what it counts above and below the line, so that Python, PostgreSQL and
Prometheus compute it from one declaration. Nothing here does anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredCall:
    """What the formulas need of a call that came out. Both waits in seconds.

    `wait_seconds` runs from arrival (greeting included), `queue_wait_seconds` from queueing; for a
    call that was never queued the latter is 0.
    """

    outcome: Outcome
    reason: str
    wait_seconds: float
    queue_wait_seconds: float


class Clock(StrEnum):
    """From when a wait is counted."""

    ARRIVAL = "arrival"  # what the caller lives through
    QUEUE = "queue"  # what most published formulas mean: greeting and menu are not waiting


class Within(StrEnum):
    """Which waits a count takes."""

    ANY = "any"
    THRESHOLD = "threshold"  # at most threshold_seconds
    BEYOND = "beyond"  # longer than threshold_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many calls came out one of these ways, within that wait."""

    outcomes: frozenset[Outcome]
    within: Within


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A published service level: the counts of `met` added, over the counts of `counted` added.

    A changed meaning is a new `version`; an old report names the version it was made with.
    `threshold_seconds` and `clock` are as published. `source` says where the formula is from and
    what we had to decide ourselves.
    """

    name: str
    version: int
    title_th: str
    title_en: str
    met: tuple[Count, ...]
    counted: tuple[Count, ...]
    threshold_seconds: int
    clock: Clock
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """One formula's answer. Shown only with its formula's name, version, threshold and clock."""

    formula: Formula
    threshold_seconds: int
    clock: Clock
    met: int
    counted: int

    @property
    def ratio(self) -> float | None:
        """0 to 1; None when there was no call to count: never 0 % and never 100 %."""
        return self.met / self.counted if self.counted else None


def count(*outcomes: Outcome | Iterable[Outcome], within: Within = Within.ANY) -> Count:
    """`count(ANSWERED, ABANDONED_KINDS)`: outcomes and groups of outcomes taken together."""
    together: set[Outcome] = set()
    for entry in outcomes:
        together.update([entry] if isinstance(entry, Outcome) else entry)
    return Count(outcomes=frozenset(together), within=within)
