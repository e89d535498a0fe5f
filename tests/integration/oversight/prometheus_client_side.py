"""Asking a Prometheus: its HTTP API as plain functions. Nothing is retried, nothing is hidden."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asking:
    """A Prometheus at `url`."""

    url: str

    def get(self, path: str, **values: object) -> Any:
        """`data` of an answer; HTTPError with the reason when the query is refused."""
        query = urllib.parse.urlencode(values, doseq=True)
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=20) as answer:
            return json.load(answer)["data"]

    def now(self, query: str, at: float) -> dict[Labels, float]:
        """An instant query: labels (less the name) to value, NaN included."""
        result = self.get("query", query=query, time=at)["result"]
        return {_labels(series["metric"]): float(series["value"][1]) for series in result}

    def course(self, query: str, since: float, until: float, step: float) -> list[list[float]]:
        """A range query: the values of each series."""
        result = self.get("query_range", query=query, start=since, end=until, step=step)["result"]
        return [[float(value) for _, value in series["values"]] for series in result]

    def samples(self, selector: str, at: float) -> dict[Labels, list[float]]:
        """The raw samples of `series{…}[10m]`."""
        result = self.get("query", query=selector, time=at)["result"]
        return {
            _labels(series["metric"]): [float(value) for _, value in series["values"]]
            for series in result
        }


def _labels(metric: dict[str, str]) -> Labels:
    left_out = {"__name__", "instance", "job"}
    return frozenset((name, value) for name, value in metric.items() if name not in left_out)
