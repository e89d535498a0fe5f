"""The counters and histograms that this process keeps. Each child is made once and then found by
its labels.

Looking a child up in a dict costs a tenth of asking the library for it.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from callcenter.ports.metrics import Series


class CounterFamily:
    """A declared counter with its children."""

    def __init__(self, series: Series, registry: CollectorRegistry) -> None:
        self.series = series
        self._parent = Counter(series.name, series.help, series.labels, registry=registry)
        self.children: dict[tuple[str, ...], Counter] = {} if series.labels else {(): self._parent}
        self.total = 0  # the sum of all children as printed; the counting identities use it

    def count(self, *labels: str, by: int = 1) -> None:
        """Add `by` to the child with these labels."""
        self._child(*labels).inc(by)
        self.total += by

    def _child(self, *labels: str) -> Counter:
        found = self.children.get(labels)
        if found is None:
            found = self.children[labels] = self._parent.labels(*labels)
        return found

    def prepare(self, combinations: Iterable[tuple[str, ...]]) -> None:
        """Make these children at 0, because `increase()` does not see the first event of a new
        series."""
        for labels in combinations:
            self._child(*labels)


class HistogramFamily:
    """A declared histogram with its children."""

    def __init__(self, series: Series, registry: CollectorRegistry) -> None:
        self.series = series
        self._parent = Histogram(
            series.name, series.help, series.labels, buckets=series.buckets, registry=registry
        )
        self.children: dict[tuple[str, ...], Histogram] = (
            {} if series.labels else {(): self._parent}
        )

    def child(self, *labels: str) -> Histogram:
        """The histogram with these labels. It is made if there is none yet."""
        found = self.children.get(labels)
        if found is None:
            found = self.children[labels] = self._parent.labels(*labels)
        return found

    def prepare(self, combinations: Iterable[tuple[str, ...]]) -> None:
        """Make these children, empty."""
        for labels in combinations:
            self.child(*labels)


Family = CounterFamily | HistogramFamily
