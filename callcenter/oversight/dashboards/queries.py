"""The PromQL that several pages share; each query keeps to the lines or queues that are chosen.

Used by the pages. A share is a plain division: 0/0 has no number, which panels show as "no calls".
Official figures come from SQL; Prometheus sees a call when it ends, the reports when it arrived.
"""

from callcenter.oversight.service_level import promql
from callcenter.oversight.service_level.rules import ELIGIBLE, FORMULA_BY_NAME

LINE = 'line=~"$line"'
QUEUE = 'queue=~"$queue"'
BOTH = f"{LINE},{QUEUE}"
WINDOW = "[$__range]"
COURSE = "[$__rate_interval]"
_ELIGIBLE = "|".join(sorted(outcome.value for outcome in ELIGIBLE))


def increase(series: str, matchers: str, by: str = "line", window: str = WINDOW) -> str:
    """How many there were in the window."""
    return f"sum by ({by}) (increase({series}{{{matchers}}}{window}))"


def per_minute(series: str, matchers: str, by: str = "line") -> str:
    """How many a minute, as a course."""
    return f"60 * sum by ({by}) (rate({series}{{{matchers}}}{COURSE}))"


def eligible(by: str = "line", matchers: str = LINE) -> str:
    """E: offered and finished, less short abandons."""
    return increase("hotline_calls_ended_total", f'outcome=~"{_ELIGIBLE}",{matchers}', by)


def ended(outcome: str, by: str = "line", matchers: str = LINE) -> str:
    """Calls with these outcomes (a regular expression)."""
    return increase("hotline_calls_ended_total", f'outcome=~"{outcome}",{matchers}', by)


def over(above: str, below: str) -> str:
    """A share: 0 to 1, no number when there was nothing."""
    return f"{above} / {below}"


def service_level(formula: str, threshold_seconds: int, window: str = "$__range") -> str:
    """One formula over the chosen time, by line."""
    chosen = FORMULA_BY_NAME[formula]
    met = promql.met(chosen, threshold_seconds=threshold_seconds, window=window, matchers=LINE)
    counted = promql.counted(
        chosen, threshold_seconds=threshold_seconds, window=window, matchers=LINE
    )
    return over(f"({met})", f"({counted})")


def recorded_level(threshold_seconds: int, formula: str = "hotline") -> str:
    """The recorded half-hour service level, for courses."""
    return f'{promql.RECORD}{{formula="{formula}",threshold_seconds="{threshold_seconds}",{LINE}}}'


def mean(series: str, matchers: str, by: str = "line", window: str = WINDOW) -> str:
    """The mean of a histogram's values in the window."""
    return over(
        increase(f"{series}_sum", matchers, by, window),
        increase(f"{series}_count", matchers, by, window),
    )


def quantile(share: float, series: str, matchers: str, by: str = "line") -> str:
    """A quantile of a histogram over the chosen time; between bucket edges it is estimated."""
    return f"histogram_quantile({share}, {increase(f'{series}_bucket', matchers, f'{by}, le')})"


def operators(states: str, by: str = "queue") -> str:
    """How many operators are in these states (a regular expression) now."""
    return f'sum by ({by}) (hotline_operators{{state=~"{states}",{QUEUE}}})'


def occupancy(window: str = WINDOW) -> str:
    """Talking and writing up over being on duty."""
    busy = f'avg_over_time(hotline_operators{{state=~"on_call|wrapup",{QUEUE}}}{window})'
    duty = (
        f'avg_over_time(hotline_operators{{state=~"available|ringing|on_call|wrapup",{QUEUE}}}'
        f"{window})"
    )
    return over(f"sum by (queue) ({busy})", f"sum by (queue) ({duty})")
