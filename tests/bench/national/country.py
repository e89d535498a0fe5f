"""Who calls whom and when on the modelled day: lines, queues, callers, and what is assumed.

Called by world.py and roster.py. Everything that is assumed stands in `Plan` and `PROFILE` and is
printed by `assumptions()`. The same plan (and its seed) makes the same day. The day begins at
07:00, with the morning shift, and its last hour is the one before 07:00.
"""

from dataclasses import dataclass
from math import log, sqrt
from random import Random

from callcenter.core.ids import LineName, QueueName
from callcenter.core.site import Line, QueueRules, Site

HOUR = 3600.0
DAY_SECONDS = 24 * HOUR
FIRST_HOUR = 7  # of the clock, at which the day begins
NATIONAL, CABINET = QueueName("1567"), QueueName("1111")

# Per mille of an ordinary day's calls, by the hour of the clock (0 to 23).
PROFILE = (
    10,
    7,
    5,
    4,
    5,
    8,
    18,
    35,
    65,
    83,
    88,
    80,
    60,
    72,
    78,
    73,
    65,
    50,
    42,
    40,
    36,
    30,
    26,
    20,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The day's size and the people's habits. Times in seconds, shares 0 to 1."""

    seed: int = 1
    provinces: int = 77
    operators: int = 1_000
    calls: int = 70_000
    hour: int = 10  # of the clock, in which it is `times` as many
    times: float = 10.0
    province_calls: float = 0.40  # the rest goes to 1567 and 1111 in equal parts
    province_operators: float = 0.40
    size_exponent: float = 0.6
    shifts: tuple[float, float, float] = (0.45, 0.40, 0.15)  # of the operators, from 07, 15, 23
    greeting_seconds: float = 8.0
    talk_seconds: float = 180.0
    talk_variation: float = 1.0  # standard deviation over mean
    wrapup_seconds: float = 20.0
    pick_up_seconds: tuple[float, float] = (1.0, 6.0)
    patience_seconds: float = 180.0
    overflow_seconds: float = 30.0
    longest_wait_seconds: float = 900.0
    not_picked_up: float = 0.02
    not_reached: float = 0.01
    operator_ends: float = 0.3


def assumptions(plan: Plan) -> list[tuple[str, str, str]]:
    """What is assumed, how much, and from where: the rows of the page's table."""
    low, high = plan.pick_up_seconds
    morning, afternoon, night = plan.shifts
    extra = sum(1 for call in _extra_times(plan, Random(0)) if call)
    return [
        (
            "calls",
            f"{plan.calls:,} on an ordinary day, and {plan.times:g} times as many in the hour from"
            f" {plan.hour:02}:00, on every line alike ({extra:,} more)",
            "1330 took 70,300 on its worst day (thethaiger.com, 1 March 2565); a province's centre"
            " takes far fewer (27 matters in October 2562 in Amnat Charoen)",
        ),
        (
            "by the hour",
            "busiest 10:00 (8.8 %), quietest 03:00 (0.4 %), Poisson within the hour",
            "shape assumed; Poisson with a rate that varies: Brown et al., JASA 100 (2005) 36",
        ),
        (
            "lines",
            f"1567 and 1111 {(1 - plan.province_calls) / 2:.0%} each; {plan.provinces} provinces"
            f" {plan.province_calls:.0%}, the r-th largest as r^-{plan.size_exponent:g}",
            "assumed",
        ),
        (
            "operators",
            f"{plan.operators:,}, {plan.province_operators:.0%} of them in the provinces (one at"
            " night in each), the others half at 1567 and half at 1111;"
            f" {morning:.0%} from 07:00, {afternoon:.0%} from 15:00, {night:.0%} from 23:00;"
            " an hour (spread over four) and twice a quarter of an hour off, in the rush too, for"
            " which nobody is called in",
            "assumed; centres are open 24 hours (Sisaket's bulletin)",
        ),
        (
            "overflow",
            f"who has waited {plan.overflow_seconds:g} s in a province goes on in line for 1567,"
            f" by time of arrival; after {plan.longest_wait_seconds:g} s more, out with a message",
            "assumed; `overflow_queue`, `max_wait_seconds`",
        ),
        (
            "a talk",
            f"log-normal, mean {plan.talk_seconds:g} s, deviation"
            f" {plan.talk_variation * plan.talk_seconds:g} s; wrap-up {plan.wrapup_seconds:g} s;"
            f" the phone rings {low:g} to {high:g} s",
            "log-normal: Brown et al.; the figures assumed",
        ),
        (
            "patience",
            f"exponential, mean {plan.patience_seconds:g} s behind the greeting of"
            f" {plan.greeting_seconds:g} s; nobody dials again",
            "assumed; exponential so that Erlang A can be held against it",
        ),
        (
            "phones",
            f"{plan.not_picked_up:.0%} of the offers ring in vain (the operator is back after"
            f" 2 min), {plan.not_reached:.0%} reach no phone",
            "assumed",
        ),
    ]


# --- the site ------------------------------------------------------------------------------------


def province_queue(number: int) -> QueueName:
    """0 is the largest."""
    return QueueName(f"province-{number + 1:02}")


def weights(plan: Plan) -> list[float]:
    """Each province's share of the provinces' calls."""
    sizes = [(rank + 1) ** -plan.size_exponent for rank in range(plan.provinces)]
    return [size / sum(sizes) for size in sizes]


def site(plan: Plan) -> Site:
    """A line and a queue of each province, and the two national ones. Nobody is turned away."""
    queues = [_rules(plan, province_queue(n), NATIONAL) for n in range(plan.provinces)]
    queues += [_rules(plan, NATIONAL, None), _rules(plan, CABINET, None)]
    lines = [
        Line(name=LineName(q.name), title=q.name, dids=(q.name,), queue=q.name, priority=0)
        for q in queues
    ]
    return Site(
        lines={line.name: line for line in lines},
        queues={q.name: q for q in queues},
        line_of_did={line.dids[0]: line for line in lines},
    )


def _rules(plan: Plan, name: QueueName, onward: QueueName | None) -> QueueRules:
    return QueueRules(
        name=name,
        title=name,
        waiting_limit=10**6,
        max_wait_seconds=plan.overflow_seconds if onward else plan.longest_wait_seconds,
        overflow_queue=onward,
        ring_seconds=15.0,
        wrapup_seconds=plan.wrapup_seconds,
        short_abandon_seconds=plan.greeting_seconds + 5.0,
    )


# --- the callers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caller:
    """One call. `at` is when it reaches the engine, behind the greeting."""

    at: float
    did: QueueName
    talk_seconds: float
    patience_seconds: float


def callers(plan: Plan) -> list[Caller]:
    """All of the day, by time."""
    draw = Random(plan.seed)
    ordinary = draw.choices(range(24), PROFILE, k=plan.calls)
    times = sorted([*(_in_hour(h, draw) for h in ordinary), *_extra_times(plan, draw)])
    provinces = [share * plan.province_calls for share in weights(plan)]
    national = (1 - plan.province_calls) / 2
    names = [*(province_queue(n) for n in range(plan.provinces)), NATIONAL, CABINET]
    dids = draw.choices(names, [*provinces, national, national], k=len(times))
    sigma = sqrt(log(1 + plan.talk_variation**2))
    mean = log(plan.talk_seconds) - sigma**2 / 2
    return [
        Caller(
            at, did, draw.lognormvariate(mean, sigma), draw.expovariate(1 / plan.patience_seconds)
        )
        for at, did in zip(times, dids, strict=True)
    ]


def _in_hour(hour: int, draw: Random) -> float:
    return ((hour - FIRST_HOUR) % 24 + draw.random()) * HOUR


def _extra_times(plan: Plan, draw: Random) -> list[float]:
    usual = plan.calls * PROFILE[plan.hour] / sum(PROFILE)
    return [_in_hour(plan.hour, draw) for _ in range(round((plan.times - 1) * usual))]
