"""PromQL that several pages share. Each query is limited to the chosen lines or queues.

A share is a plain division: 0/0 has no value, which panels show as "no calls". Official figures
come from SQL. Prometheus counts a call when it ends, reports when it arrived.
"""

from callcenter.oversight.service_level import promql
from callcenter.oversight.service_level.rules import ELIGIBLE, FORMULA_BY_NAME

LINE = 'line=~"$line"'
QUEUE = 'queue=~"$queue"'
BOTH = f"{LINE},{QUEUE}"
REFUSED = 'reason!="unknown_number"'
"""Calls that the engine did not let in. A call to a number that is not published belongs to no
line."""
ENOUGH = 19.5
"""`increase` may give this for 20. A percentage of fewer calls has no meaning."""
WINDOW = "[$__range]"
COURSE = "[$__rate_interval]"
_ELIGIBLE = "|".join(sorted(outcome.value for outcome in ELIGIBLE))


def increase(series: str, matchers: str, by: str = "line", window: str = WINDOW) -> str:
    """The number of events in the window."""
    return f"sum by ({by}) (increase({series}{{{matchers}}}{window}))"


def per_minute(series: str, matchers: str, by: str = "line") -> str:
    """Events in a minute, as a course."""
    return f"60 * sum by ({by}) (rate({series}{{{matchers}}}{COURSE}))"


def eligible(by: str = "line", matchers: str = LINE) -> str:
    """E: offered and finished calls, without short abandons."""
    return increase("hotline_calls_ended_total", f'outcome=~"{_ELIGIBLE}",{matchers}', by)


def ended(outcome: str, by: str = "line", matchers: str = LINE) -> str:
    """Calls with these outcomes (a regular expression)."""
    return increase("hotline_calls_ended_total", f'outcome=~"{outcome}",{matchers}', by)


def over(above: str, below: str) -> str:
    """A share from 0 to 1; no value if there was nothing to count."""
    return f"{above} / {below}"


def of_enough(share: str, counted: str) -> str:
    """The share. -1, "few calls", if it is of fewer than 20; no value if it is of none."""
    return f"({share}) * ({counted} > bool {ENOUGH}) - ({counted} <= bool {ENOUGH})"


def of_how_many(part: str, whole: str) -> str:
    """`part` by line, with the whole as label `of`, for a legend."""
    return (
        f'round({part}) * on (line) group_left (of) count_values by (line) ("of", round({whole}))'
    )


def admitted() -> str:
    """The share of received calls that were let in."""
    refused = increase("hotline_calls_rejected_total", f"{REFUSED},{LINE}")
    return f"1 - {over(refused, increase('hotline_calls_received_total', LINE))}"


def calls_of_the_trunks() -> str:
    """All incoming calls, with those that Asterisk refused by itself. For the latter the line is
    unknown, so this is for all lines together."""
    return (
        f"sum(increase(hotline_calls_received_total{WINDOW}))"
        f" + sum(increase(hotline_trunk_refused_total{WINDOW}))"
    )


def admitted_of_all() -> str:
    """The share of these that were let in."""
    refused = (
        f"sum(increase(hotline_calls_rejected_total{{{REFUSED}}}{WINDOW}))"
        f" + sum(increase(hotline_trunk_refused_total{WINDOW}))"
    )
    return f"1 - {over(f'({refused})', f'({calls_of_the_trunks()})')}"


def trunk_up(matchers: str = "") -> str:
    """The share of time a trunk was up, by trunk. No value if the carrier is not asked."""
    return f"min by (trunk) (avg_over_time(hotline_trunk_up{{{matchers}}}{WINDOW}))"


def or_not_known(of_trunks: str, matchers: str = "") -> str:
    """-2, "not known", for a trunk whose carrier is not asked."""
    trunks = f"sum by (trunk) (hotline_trunk_channels{{{matchers}}})"
    return f"{of_trunks} or on (trunk) 0 * {trunks} - 2"


def service_level(
    formula: str, threshold_seconds: int, window: str = "$__range", matchers: str = LINE
) -> str:
    """One formula over the chosen time, by line."""
    chosen = FORMULA_BY_NAME[formula]
    met, counted = (
        count(chosen, threshold_seconds=threshold_seconds, window=window, matchers=matchers)
        for count in (promql.met, promql.counted)
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


def quantile(
    share: float, series: str, matchers: str, by: str = "line", window: str = WINDOW
) -> str:
    """A quantile of a histogram over the chosen time. Between bucket edges it is estimated."""
    counted = increase(f"{series}_bucket", matchers, f"{by}, le", window)
    return f"histogram_quantile({share}, {counted})"


def operators(states: str, by: str = "queue") -> str:
    """How many operators are in these states (a regular expression) now."""
    return f'sum by ({by}) (hotline_operators{{state=~"{states}",{QUEUE}}})'


def occupancy(window: str = WINDOW) -> str:
    """Time spent on talks and wrap-up, divided by time on duty."""
    busy = f'avg_over_time(hotline_operators{{state=~"on_call|wrapup",{QUEUE}}}{window})'
    duty = (
        f'avg_over_time(hotline_operators{{state=~"available|ringing|on_call|wrapup",{QUEUE}}}'
        f"{window})"
    )
    return over(f"sum by (queue) ({busy})", f"sum by (queue) ({duty})")
