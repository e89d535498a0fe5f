"""The types of the service level: a scored call, a formula, a result.

A formula declares what it counts above and below the fraction line, so that Python, PostgreSQL and
Prometheus compute it from one declaration. This module does nothing itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredCall:
    """What the formulas need of a scored call. Both waits are in seconds.

    `wait_seconds` runs from arrival (greeting included), `queue_wait_seconds` from queueing. For a
    call that was never queued the latter is 0.
    """

    outcome: Outcome
    reason: str
    wait_seconds: float
    queue_wait_seconds: float


class Clock(StrEnum):
    """The start of a counted wait."""

    ARRIVAL = "arrival"  # what the caller experiences
    QUEUE = "queue"  # what most published formulas mean: greeting and menu are not waiting


class Within(StrEnum):
    """The waits that a count includes."""

    ANY = "any"
    THRESHOLD = "threshold"  # at most threshold_seconds
    BEYOND = "beyond"  # longer than threshold_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The number of calls with one of these outcomes and such a wait."""

    outcomes: frozenset[Outcome]
    within: Within


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A published service level: the sum of the counts in `met`, divided by the sum of those in
    `counted`.

    A changed meaning is a new `version`. An old report names the version with which it was made.
    `threshold_seconds` and `clock` are as published. `source` says where the formula comes from,
    and what we had to decide ourselves.
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
    """One formula's result. Shown only with its formula's name, version, threshold and clock."""

    formula: Formula
    threshold_seconds: int
    clock: Clock
    met: int
    counted: int

    @property
    def ratio(self) -> float | None:
        """0 to 1; None if there was no call to count: never 0 % and never 100 %."""
        return self.met / self.counted if self.counted else None


def count(*outcomes: Outcome | Iterable[Outcome], within: Within = Within.ANY) -> Count:
    """`count(ANSWERED, ABANDONED_KINDS)`: outcomes and groups of outcomes together."""
    together: set[Outcome] = set()
    for entry in outcomes:
        together.update([entry] if isinstance(entry, Outcome) else entry)
    return Count(outcomes=frozenset(together), within=within)
