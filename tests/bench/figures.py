"""From measurements to a line of the table: quantiles, and ratios with an interval.

A ratio is the median over pairs of neighbouring blocks; its 95 % interval is a bootstrap over the
pairs. An interval that holds 1 says: no difference.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

RESAMPLES = 2000


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (0.5 is the median)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def chained(blocks: Sequence[Sequence[float]]) -> list[float]:
    """All values of all blocks."""
    return [value for block in blocks for value in block]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours divided by theirs, over pairs of blocks."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        text = f"{self.middle:.3g} ({self.low:.3g}-{self.high:.3g})"
        return f"{text}, no difference" if self.low <= 1 <= self.high else text


def ratio(ours: Sequence[float], theirs: Sequence[float], seed: int = 1) -> Ratio:
    """The median of the pairs' ratios, with its interval."""
    pairs = [a / b for a, b in zip(ours, theirs, strict=True)]
    draw = random.Random(seed)
    medians = sorted(median(draw.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    low, high = medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES)]
    return Ratio(median(pairs), low, high)


def slope(places: Sequence[float], values: Sequence[float]) -> float:
    """Least squares: how much the values rise with each unit of place; 0 for a single one."""
    mean_place, mean_value = sum(places) / len(places), sum(values) / len(values)
    spread = sum((place - mean_place) ** 2 for place in places)
    if not spread:
        return 0.0
    together = sum(
        (place - mean_place) * (value - mean_value)
        for place, value in zip(places, values, strict=True)
    )
    return together / spread
