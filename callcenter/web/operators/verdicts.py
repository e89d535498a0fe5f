"""Counts talks at browser phones by the line quality that the page measured."""

from collections import Counter

from callcenter.ports.metrics import Kind, Samples, Series
from callcenter.ports.quality import Verdict

TALKS = Series(
    name="hotline_browser_talks",
    kind=Kind.COUNTER,
    labels=("verdict",),
    help="Talks of phones in the browser, by what the page measured of the line.",
)


class Verdicts:
    """The number of talks of each verdict since the start."""

    def __init__(self) -> None:
        self.counted: Counter[Verdict] = Counter()

    def samples(self) -> Samples:
        """The samples for a scrape."""
        return {(verdict.value,): float(self.counted[verdict]) for verdict in Verdict}
