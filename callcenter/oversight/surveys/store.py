"""The surveys of a time in SQL: one pass over its calls. It only reads, and the reader limits the
time of a query.

A survey belongs to the time in which its call arrived.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

SCORES = (1, 2, 3, 4, 5)


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
    """Which calls. Times are aware. `since` is included, `before` is not."""

    since: datetime
    before: datetime
    line: str | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """The surveys of a line's callers who were served by a queue's operators. Both None: all.
    `served`: answered calls. `asked`: of these, callers who got the survey. `scores`: how many
    pressed each key."""

    line: str | None
    queue: str | None
    served: int
    asked: int
    scores: tuple[int, ...]
    silent: int
    left: int
    cut: int

    @property
    def answered(self) -> int:
        """The number of callers who pressed a key."""
        return sum(self.scores)

    @property
    def rate(self) -> float | None:
        """The share of asked callers who answered; None if nobody was asked."""
        return self.answered / self.asked if self.asked else None

    @property
    def mean(self) -> float | None:
        """The mean score; None if there was no answer."""
        total = sum(score * many for score, many in zip(SCORES, self.scores, strict=True))
        return total / self.answered if self.answered else None


class Surveys:
    """Asks the record of calls."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(self, asked: Asked) -> list[Surveyed]:
        """First all together, then each line and queue with a survey, by name."""
        statement, values = question(asked)
        return [_answer(row) for row in await self._reader.read(statement, values)]


def question(asked: Asked) -> tuple[str, dict[str, object]]:
    """The query and its values."""
    values: dict[str, object] = {"since": asked.since, "before": asked.before}
    chosen = ["arrived_at >= :since", "arrived_at < :before", "outcome = 'answered'", "not demo"]
    for column in ("line", "queue"):
        if (wanted := getattr(asked, column)) is not None:
            chosen.append(f"{column} = :{column}")
            values[column] = wanted
    counts = [
        "count(*) as served",
        "count(survey) as asked",
        *(f"count(*) filter (where survey_score = {score}) as s{score}" for score in SCORES),
        *(f"count(*) filter (where survey = '{end}') as {end}s" for end in _WITHOUT),
    ]
    statement = (
        f"select line, queue, {', '.join(counts)} from calls where {' and '.join(chosen)} "
        "group by grouping sets ((), (line, queue)) "
        "having grouping(line) = 1 or count(survey) > 0 "
        "order by grouping(line) desc, line, queue"
    )
    return statement, values


_WITHOUT = ("silent", "left", "cut")


def _answer(row: Mapping[str, Any]) -> Surveyed:
    return Surveyed(
        line=row["line"],
        queue=row["queue"],
        served=row["served"],
        asked=row["asked"],
        scores=tuple(row[f"s{score}"] for score in SCORES),
        silent=row["silents"],
        left=row["lefts"],
        cut=row["cuts"],
    )
