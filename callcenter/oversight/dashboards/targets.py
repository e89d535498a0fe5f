"""The targets: what is good, middling and bad, and the source of each.

The alerts in metrics/rules name the same limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.core.facts import OperatorState
from callcenter.core.outcome import OfferResult, Outcome

GREEN, AMBER, RED, BLUE, GREY = "green", "orange", "red", "blue", "text"


_GREEN, _BLUE, _ORANGE, _PURPLE = "#73bf69", "#5794f2", "#ff9830", "#b877d9"
_RED, _DARK_RED, _YELLOW, _GREY, _DARK = "#f2495c", "#8f1d2f", "#fade2a", "#8e8e8e", "#4a4f5a"

ALWAYS: Mapping[str, str] = {
    Outcome.ANSWERED: _GREEN,
    Outcome.ABANDONED: _RED,
    Outcome.ABANDONED_SHORT: _GREY,
    Outcome.OVERFLOW: _ORANGE,
    Outcome.CALLBACK: _BLUE,
    Outcome.FAILED: _DARK_RED,
    OperatorState.AVAILABLE: _GREEN,
    OperatorState.RINGING: _YELLOW,
    OperatorState.ON_CALL: _BLUE,
    OperatorState.WRAPUP: _PURPLE,
    OperatorState.PAUSED: _ORANGE,
    OperatorState.PHONE_AWAY: _DARK_RED,
    OperatorState.OFFLINE: _DARK,
    OfferResult.ANSWERED: _GREEN,
    OfferResult.NO_ANSWER: _RED,
    OfferResult.DECLINED: _ORANGE,
    OfferResult.BUSY: _YELLOW,
    OfferResult.UNREACHABLE: _DARK_RED,
    OfferResult.CALLER_LEFT: _GREY,
    OfferResult.WITHDRAWN: _DARK,
    OfferResult.ELSEWHERE: _BLUE,
}
"""The colour of an outcome, a state or a result. It is the same on every page: answered is
green."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`good`: this or better meets the target. `poor`: worse than this misses it. Between the two:
    watch.

    `more_is_better` gives the direction. `basis` is the source of the figure.
    """

    name: str
    good: float
    poor: float
    more_is_better: bool
    basis: str

    def steps(self) -> list[tuple[float | None, str]]:
        """Grafana's thresholds: the lowest value of each colour; None is minus infinity."""
        if self.more_is_better:
            return [(None, RED), (self.poor, AMBER), (self.good, GREEN)]
        return [(None, GREEN), (self.good, AMBER), (self.poor, RED)]

    def state(self, expression: str) -> str:
        """PromQL: 2 met, 1 watch, 0 missed; NaN if there is no value."""
        better = ">=" if self.more_is_better else "<"
        value = f"({expression})"
        return (
            f"({value} {better} bool {self.good}) + ({value} {better} bool {self.poor})"
            f" + 0 * {value}"
        )


SERVICE_LEVEL_20 = Target(
    name="≥ 80 %", good=0.80, poor=0.60, more_is_better=True, basis="80/20 convention"
)
SERVICE_LEVEL_60 = Target(
    name="≥ 95 %", good=0.95, poor=0.80, more_is_better=True, basis="NBTC 60 s; NHS 111 95 %"
)
ANSWERED = Target(
    name="≥ 95 %", good=0.95, poor=0.90, more_is_better=True, basis="Thai practice above 90 %"
)
ABANDONED = Target(
    name="< 5 %", good=0.05, poor=0.10, more_is_better=False, basis="NHS 111; Hong Kong 1823"
)
ADMITTED = Target(
    name="≥ 99 %", good=0.99, poor=0.90, more_is_better=True, basis="NER; NBTC call success 90 %"
)
COVERED = Target(name="100 %", good=1.0, poor=1.0, more_is_better=True, basis="open day and night")
THERE = Target(
    name="≥ 99.9 %", good=0.999, poor=0.99, more_is_better=True, basis="this hotline's own"
)
"""For trunks, and for the service with its Asterisk."""
RECORDED = Target(
    name="≥ 99 %", good=0.99, poor=0.95, more_is_better=True, basis="this hotline's own"
)
STARVED = Target(
    name="< 10 %", good=0.10, poor=0.25, more_is_better=False, basis="this hotline's own"
)
CORRECT = Target(
    name="< 5 %", good=0.05, poor=0.10, more_is_better=False, basis="this hotline's own"
)
"""For answers that were judged wrong."""
OCCUPANCY = Target(
    name="< 85 %", good=0.85, poor=0.90, more_is_better=False, basis="trade rule 60-85 %"
)
ASA_SECONDS = Target(
    name="≤ 30 s", good=30, poor=60, more_is_better=False, basis="trade 28-30 s; NBTC 60 s"
)
WAIT_95_SECONDS = Target(
    name="≤ 60 s", good=60, poor=120, more_is_better=False, basis="this hotline's own"
)
WAITED_5_MINUTES = Target(
    name="≤ 1 %", good=0.01, poor=0.05, more_is_better=False, basis="this hotline's own"
)
OLDEST_WAIT_SECONDS = Target(
    name="≤ 120 s", good=60, poor=120, more_is_better=False, basis="this hotline's own"
)
NO_ANSWER = Target(
    name="< 3 %", good=0.03, poor=0.10, more_is_better=False, basis="this hotline's own"
)
TRUNK_USE = Target(name="< 80 %", good=0.80, poor=0.95, more_is_better=False, basis="Erlang B 1 %")
BEHIND_SECONDS = Target(
    name="< 10 s", good=10, poor=60, more_is_better=False, basis="this hotline's own"
)
WEBHOOK_BEHIND_SECONDS = Target(
    name="< 60 s", good=60, poor=600, more_is_better=False, basis="this hotline's own"
)
PURGE_LAG = Target(
    name="< 1 d", good=86_400, poor=2 * 86_400, more_is_better=False, basis="the daily run of PDPA"
)
MONTHS_AHEAD = Target(
    name="> 31 d",
    good=31 * 86_400,
    poor=86_400,
    more_is_better=True,
    basis="the next month has its table",
)
NONE_AT_ALL = Target(name="0", good=1, poor=1, more_is_better=False, basis="none may be lost")
