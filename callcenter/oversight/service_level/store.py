"""The formulas in SQL: one pass over the calls of a time gives every formula for every line.

A call belongs to the time in which it arrived. (Prometheus counts it when its outcome is known.)
This module only reads, and the reader limits the time of a query.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from callcenter.core.ids import LineName
from callcenter.oversight.service_level.model import Clock, Count, Formula, ServiceLevel, Within
from callcenter.oversight.service_level.rules import FORMULAS

_WAIT = {Clock.ARRIVAL: "wait_seconds", Clock.QUEUE: "queue_wait_seconds"}


class Reader(Protocol):
    """A database for queries (storage/reader.py). Raises DatabaseAwayError, and TimeoutError if it
    answers but a query takes too long."""

    async def read(
        self, statement: str, values: Mapping[str, object]
    ) -> Sequence[Mapping[str, Any]]:
        """The rows of a `select` with `:named` values."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which calls, and the threshold and clock if not each formula's own. Times are aware.

    `since` is included, `before` is not.
    """

    since: datetime
    before: datetime
    line: LineName | None = None
    threshold_seconds: int | None = None
    clock: Clock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLevels:
    """Every formula for one line. `line` None: all lines together."""

    line: LineName | None
    levels: tuple[ServiceLevel, ...]


class ServiceLevels:
    """Asks the record of calls."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(self, asked: Asked) -> list[LineLevels]:
        """First all lines together, then each line that had a call, by name."""
        statement, values = question(asked)
        rows = await self._reader.read(statement, values)
        return [_answer(row, asked) for row in rows]


def question(asked: Asked) -> tuple[str, dict[str, object]]:
    """The query and its values."""
    values: dict[str, object] = {"since": asked.since, "before": asked.before}
    columns = ["line"]
    for place, formula in enumerate(FORMULAS):
        values[f"t{place}"] = float(_threshold(formula, asked))
        wait = _WAIT[asked.clock or formula.clock]
        columns += [
            f"{_sum(formula.met, wait, place)} as met_{place}",
            f"{_sum(formula.counted, wait, place)} as counted_{place}",
        ]
    chosen = ["arrived_at >= :since", "arrived_at < :before", "outcome is not null", "not demo"]
    if asked.line is not None:
        chosen.append("line = :line")
        values["line"] = asked.line
    statement = (
        f"select {', '.join(columns)} from calls where {' and '.join(chosen)} "
        "group by grouping sets ((), (line)) order by grouping(line) desc, line"
    )
    return statement, values


def _sum(counts: tuple[Count, ...], wait: str, place: int) -> str:
    return " + ".join(_count(part, wait, place) for part in counts)


def _count(part: Count, wait: str, place: int) -> str:
    outcomes = ", ".join(f"'{outcome.value}'" for outcome in sorted(part.outcomes))
    chosen = f"outcome in ({outcomes})"
    match part.within:
        case Within.ANY:
            pass
        case Within.THRESHOLD:
            chosen += f" and {wait} <= :t{place}"
        case Within.BEYOND:
            chosen += f" and {wait} > :t{place}"
    return f"count(*) filter (where {chosen})"


def _answer(row: Mapping[str, Any], asked: Asked) -> LineLevels:
    levels = tuple(
        ServiceLevel(
            formula=formula,
            threshold_seconds=_threshold(formula, asked),
            clock=asked.clock or formula.clock,
            met=row[f"met_{place}"],
            counted=row[f"counted_{place}"],
        )
        for place, formula in enumerate(FORMULAS)
    )
    return LineLevels(line=row["line"], levels=levels)


def _threshold(formula: Formula, asked: Asked) -> int:
    if asked.threshold_seconds is None:
        return formula.threshold_seconds
    return asked.threshold_seconds
