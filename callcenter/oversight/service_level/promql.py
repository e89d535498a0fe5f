"""The formulas in PromQL, and the recording rules printed from them.

The histogram's clock runs from arrival, so these are the formulas by the arrival clock. By the
queue's clock they are available only in SQL. This module never runs a query.
"""

from collections.abc import Iterator, Sequence

from callcenter.oversight.service_level.model import Clock, Count, Formula, Within
from callcenter.oversight.service_level.rules import FORMULAS

ENDED = "hotline_calls_ended_total"
WAITS = "hotline_call_wait_seconds_bucket"
RECORD = "line:hotline_service_level:ratio30m"
RECORD_WINDOW = "30m"
OWN_THRESHOLDS = (12, 15, 20, 60)
"""Our own formula is recorded at each published threshold: Hong Kong, NENA, convention,
NBTC/NHS."""


def met(formula: Formula, *, threshold_seconds: int, window: str, matchers: str = "") -> str:
    """How many calls met the formula in the window, by line."""
    return _sum(formula.met, threshold_seconds, window, matchers)


def counted(formula: Formula, *, threshold_seconds: int, window: str, matchers: str = "") -> str:
    """How many calls the formula counts in the window, by line."""
    return _sum(formula.counted, threshold_seconds, window, matchers)


def ratio(formula: Formula, *, threshold_seconds: int, window: str, matchers: str = "") -> str:
    """0 to 1 by line; NaN (0/0) for a line without calls. `matchers`: such as `line=~"$line"`."""
    above = met(formula, threshold_seconds=threshold_seconds, window=window, matchers=matchers)
    below = counted(formula, threshold_seconds=threshold_seconds, window=window, matchers=matchers)
    return f"({above}) / ({below})"


def recorded() -> Iterator[tuple[Formula, int]]:
    """The recorded formulas with their thresholds (each is an edge of a bucket)."""
    for formula in FORMULAS:
        thresholds = OWN_THRESHOLDS if formula.name == "hotline" else (formula.threshold_seconds,)
        for threshold_seconds in thresholds:
            yield formula, threshold_seconds


def rule_file() -> str:
    """The text of metrics/rules/service_level.yml."""
    rules = [_rule(formula, threshold) for formula, threshold in recorded()]
    return "\n".join([*_HEAD, *(line for rule in rules for line in rule)]) + "\n"


_HEAD = (
    "# Printed by `python -m callcenter.oversight.dashboards`; change the formulas in",
    "# callcenter/oversight/service_level/rules.py, then print it again.",
    "# Waits count from arrival here; with the queue's clock the same formulas are in the API.",
    "groups:",
    "  - name: hotline-service-level",
    "    rules:",
)


def _rule(formula: Formula, threshold_seconds: int) -> Sequence[str]:
    expression = ratio(formula, threshold_seconds=threshold_seconds, window=RECORD_WINDOW)
    return (
        f"      - record: {RECORD}",
        f"        expr: '{expression}'",
        "        labels:",
        f"          formula: {formula.name}",
        f'          version: "{formula.version}"',
        f'          threshold_seconds: "{threshold_seconds}"',
        f"          clock: {Clock.ARRIVAL.value}",
    )


def _sum(counts: tuple[Count, ...], threshold_seconds: int, window: str, matchers: str) -> str:
    parts = [_count(part, threshold_seconds, window, matchers) for part in counts]
    return " + ".join(parts)


def _count(part: Count, threshold_seconds: int, window: str, matchers: str) -> str:
    outcomes = "|".join(sorted(outcome.value for outcome in part.outcomes))
    chosen = ",".join(filter(None, [f'outcome=~"{outcomes}"', matchers]))
    every = f"sum by (line) (increase({ENDED}{{{chosen}}}[{window}]))"
    # prometheus_client prints an edge as a float: le="20.0".
    in_time = (
        f'sum by (line) (increase({WAITS}{{{chosen},le="{float(threshold_seconds)}"}}[{window}]))'
    )
    match part.within:
        case Within.ANY:
            return every
        case Within.THRESHOLD:
            return in_time
        case Within.BEYOND:
            return f"({every} - {in_time})"
