"""What a sample says about all calls. Pure."""

from collections.abc import Iterable, Mapping
from math import sqrt

from callcenter.oversight.quality.model import Aspect, Figure, Judgement

CALLS_MOST = 200
"""A supervisor judges about ten calls an hour, so two hundred are one person's work for a week."""
TALK_LEAST_SECONDS = 10.0
"""Shorter talks are wrong numbers and broken lines, and cannot be judged."""
_Z = 1.96


def range_of(good: int, judged: int) -> tuple[float, float] | None:
    """The range of the share of all calls, right 19 times of 20. (Wilson's interval: it is valid
    for small samples and near 0 and 1, where the usual one is not.)"""
    if not judged:
        return None
    share, square = good / judged, _Z * _Z
    middle = share + square / (2 * judged)
    half = _Z * sqrt(share * (1 - share) / judged + square / (4 * judged * judged))
    whole = 1 + square / judged
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def figures(counts: Mapping[tuple[Aspect, Judgement], int]) -> list[Figure]:
    """One figure for each aspect."""
    found = []
    for aspect in Aspect:
        good = counts.get((aspect, Judgement.YES), 0)
        judged = good + counts.get((aspect, Judgement.NO), 0)
        low, high = range_of(good, judged) or (None, None)
        found.append(Figure(aspect=aspect, good=good, judged=judged, low=low, high=high))
    return found


def counted(
    sheets: Iterable[Mapping[Aspect, Judgement]],
) -> dict[tuple[Aspect, Judgement], int]:
    """How often each verdict was given."""
    found: dict[tuple[Aspect, Judgement], int] = {}
    for verdicts in sheets:
        for key in verdicts.items():
            found[key] = found.get(key, 0) + 1
    return found
