"""How a metric is declared and read: the words that telemetry shares with the parts it asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The types of the Prometheus text format."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One declared metric; a counter's name is without its `_total`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()


SUM, ALL = "sum", "+Inf"

Samples = Mapping[tuple[str, ...], float]
"""Values by labels, in the order of the declaration. A histogram has one label more, the last: up
to which bound it was counted (`le`, each bound counts those below it too, ALL is how many there
are), or SUM."""


def bound(value: float) -> str:
    """A bucket's bound as a label."""
    return f"{value:g}" if value < 1e6 else f"{value:.0f}"
