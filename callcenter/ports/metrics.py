"""How a metric is declared and read. Telemetry shares these types with the parts that it reads."""

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
    """One declared metric. The name of a counter is without its `_total`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()


SUM, ALL = "sum", "+Inf"

Samples = Mapping[tuple[str, ...], float]
"""Values by labels, in the order of the declaration. A histogram has one more label at the end: the
bound (`le`; each bound counts the smaller ones, too, and ALL is the count), or SUM."""


def bound(value: float) -> str:
    """A bucket's bound as a label."""
    return f"{value:g}" if value < 1e6 else f"{value:.0f}"
