"""Prints the text format a few lines at a time, so that the event loop is never held for long.

The library prints everything at once: 20 ms and more for 5,000 series. This module prints the same
samples, a few at a time, and lets other tasks run in between. Format: Prometheus text exposition
format 0.0.4.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.utils import floatToGoString

from callcenter.ports.metrics import ALL, SUM, Kind, Series
from callcenter.telemetry.families import Family

LINES_AT_ONCE = 40  # a third of a millisecond

Readings = Mapping[Series, Mapping[tuple[str, ...], float]]


async def printed(readings: Readings, distribution: Metric, families: Iterable[Family]) -> bytes:
    """All series in the text format. `readings` and `distribution` were taken at the same
    moment."""
    parts: list[bytes] = []
    held: list[str] = []
    for line in _lines(readings, distribution, families):
        held.append(line)
        if len(held) >= LINES_AT_ONCE:
            parts.append("".join(held).encode())
            held.clear()
            await asyncio.sleep(0)
    return b"".join([*parts, "".join(held).encode()])


def _lines(readings: Readings, distribution: Metric, families: Iterable[Family]) -> Iterator[str]:
    for series, samples in readings.items():
        yield _head(series)
        name = _name(series)
        for labels, value in samples.items():
            if series.kind is Kind.HISTOGRAM:
                yield from _bucket(series, labels, value)
            else:
                yield _line(name, _pairs(series.labels, labels), value)
    yield _heading(distribution.name, distribution.documentation, distribution.type)
    for sample in distribution.samples:
        yield _line(sample.name, _pairs(sample.labels, sample.labels.values()), sample.value)
    for family in families:
        yield _head(family.series)
        # A copy. A child that is made while other tasks run waits for the next page.
        children: list[tuple[tuple[str, ...], Counter | Histogram]] = [*family.children.items()]
        for labels, child in children:
            yield from _child(family.series, labels, child)


def _child(series: Series, labels: tuple[str, ...], child: Counter | Histogram) -> Iterator[str]:
    own = _pairs(series.labels, labels)
    for metric in child.collect():
        for sample in metric.samples:
            if not sample.name.endswith("_created"):
                bounds = [f'{name}="{value}"' for name, value in sample.labels.items()]
                yield _line(sample.name, [*own, *bounds], sample.value)


def _bucket(series: Series, labels: tuple[str, ...], value: float) -> Iterator[str]:
    """One sample of a histogram that was counted elsewhere: a bound, the sum, or the count."""
    own, last = _pairs(series.labels, labels[:-1]), labels[-1]
    if last == SUM:
        yield _line(f"{series.name}_sum", own, value)
        return
    yield _line(f"{series.name}_bucket", [*own, f'le="{last}"'], value)
    if last == ALL:
        yield _line(f"{series.name}_count", own, value)


def _name(series: Series) -> str:
    return series.name + "_total" if series.kind is Kind.COUNTER else series.name


def _head(series: Series) -> str:
    return _heading(_name(series), series.help, series.kind.value)


def _heading(name: str, text: str, kind: str) -> str:
    return f"# HELP {name} {_escaped_help(text)}\n# TYPE {name} {kind}\n"


def _pairs(names: Iterable[str], values: Iterable[object]) -> list[str]:
    both = zip(names, values, strict=True)
    return [f'{name}="{_escaped(str(value))}"' for name, value in both]


def _line(name: str, labels: list[str], value: float) -> str:
    inside = f"{{{','.join(labels)}}}" if labels else ""
    return f"{name}{inside} {floatToGoString(value)}\n"  # type: ignore[no-untyped-call]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _escaped_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
