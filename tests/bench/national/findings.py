"""From the day's course to what is told of it: periods, provinces, peaks, loads, Erlang's check.

Called by page.py. Pure. Three periods: the rush (its hour), the recovery (from its end until no
more wait than in the hour before it), and the ordinary hours (all others).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from callcenter.core.outcome import Outcome
from callcenter.oversight.service_level.rules import FORMULA_BY_NAME, service_level
from tests.bench.erlang_formulas import wait_of_impatient, wait_of_patient
from tests.bench.figures import quantile
from tests.bench.national.country import (
    CABINET,
    DAY_SECONDS,
    FIRST_HOUR,
    HOUR,
    Plan,
    province_queue,
)
from tests.bench.national.course import BySecond, Course, Story
from tests.bench.national.sizing import Load

OURS = FORMULA_BY_NAME["hotline"]
QUARTER, MINUTE = 900, 60
ENOUGH_CALLS = 300  # of the line that is held against Erlang, in an hour


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of the day, from and before."""

    begin: int
    end: int

    def holds(self, at: float) -> bool:
        """Whether an instant lies in it."""
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True)
class Periods:
    """The day's parts."""

    rush: Span
    recovery: Span

    def is_ordinary(self, at: float) -> bool:
        """In neither."""
        return not self.rush.holds(at) and not self.recovery.holds(at)

    def ordinary_seconds(self) -> list[int]:
        """Of the 24 hours."""
        return [second for second in range(int(DAY_SECONDS)) if self.is_ordinary(second)]


def periods(plan: Plan, course: Course) -> Periods:
    """Where the rush begins and when its line is gone."""
    begin = int(((plan.hour - FIRST_HOUR) % 24) * HOUR)
    end = begin + int(HOUR)
    waiting = course.seconds.waiting
    usual = max(waiting[max(0, begin - int(HOUR)) : begin], default=0)
    over = next(second for second in range(end, len(waiting)) if waiting[second] <= usual)
    return Periods(Span(begin, end), Span(end, over))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of some calls. Waits of the answered, in seconds from the call's beginning."""

    calls: int
    answered: int
    abandoned: int  # of them short: hung up in the first seconds
    short: int
    overflowed: int
    service_level: float | None  # 80/20 as this hotline counts it, 0 to 1
    waits: Sequence[float]  # p50, p90, p99, longest


def row(stories: Sequence[Story]) -> Row:
    """Of these calls."""
    outcomes = [story.outcome for story in stories]
    waits = [s.wait_seconds for s in stories if s.outcome is Outcome.ANSWERED] or [0.0]
    short = outcomes.count(Outcome.ABANDONED_SHORT)
    return Row(
        calls=len(stories),
        answered=outcomes.count(Outcome.ANSWERED),
        abandoned=outcomes.count(Outcome.ABANDONED) + short,
        short=short,
        overflowed=outcomes.count(Outcome.OVERFLOW),
        service_level=service_level(OURS, (story.scored() for story in stories)).ratio,
        waits=[*(quantile(waits, q) for q in (0.5, 0.9, 0.99)), max(waits)],
    )


def occupancy(course: Course, seconds: Iterable[int]) -> float:
    """Share of the operators on duty who ring, talk or write, over these seconds."""
    busy = duty = 0
    for second in seconds:
        busy += course.seconds.busy[second]
        duty += course.seconds.on_duty[second]
    return busy / duty if duty else 0.0


# --- provinces -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provinces:
    """The median and the worst of the provinces' lines, by service level and by share answered."""

    median_level: float
    worst_level: float
    median_answered: float
    worst_answered: float
    moved: float  # share of calls that went on to the national line


def provinces(plan: Plan, stories: Iterable[Story]) -> Provinces:
    """Of the calls to provinces among these."""
    by_line: dict[str, list[Story]] = {province_queue(n): [] for n in range(plan.provinces)}
    for story in stories:
        if story.line in by_line:
            by_line[story.line].append(story)
    rows = [row(held) for held in by_line.values() if held]
    levels = [r.service_level for r in rows if r.service_level is not None]
    answered = [r.answered / r.calls for r in rows]
    calls = [story for held in by_line.values() for story in held]
    moved = sum(story.queue != story.line for story in calls) / len(calls)
    return Provinces(median(levels), min(levels), median(answered), min(answered), moved)


# --- the load on the parts -----------------------------------------------------------------------


def worst_minute(values: Sequence[int], wanted: Callable[[float], bool]) -> float:
    """Most a second, over a minute of these periods."""
    sums = (
        sum(values[begin : begin + MINUTE])
        for begin in range(0, int(DAY_SECONDS), MINUTE)
        if wanted(begin)
    )
    return max(sums) / MINUTE


def load(plan: Plan, by: BySecond, wanted: Callable[[float], bool]) -> Load:
    """The worst of these periods."""
    seconds = [second for second in range(int(DAY_SECONDS)) if wanted(second)]
    quarters = [q for q in range(0, int(DAY_SECONDS), QUARTER) if wanted(q)]
    on_line = [
        (
            sum(by.callers[q : q + QUARTER])
            + sum(by.arrivals[q : q + QUARTER]) * plan.greeting_seconds
        )
        / QUARTER
        for q in quarters
    ]
    return Load(
        calls_a_second=worst_minute(by.arrivals, wanted),
        steps_a_second=worst_minute(by.steps, wanted),
        facts_a_second=worst_minute(by.facts, wanted),
        rows_a_second=worst_minute(by.rows, wanted),
        waiting=max(by.waiting[second] for second in seconds),
        talking=max(by.talking[second] for second in seconds),
        callers=max(by.callers[second] for second in seconds),
        trunk_erlangs=max(on_line),
    )


# --- theory --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """An ordinary hour of the line 1111, which no other line overflows into."""

    hour: int | None  # of the clock; None: all together, weighted by their calls
    calls: int
    operators: float  # on duty, mean
    erlangs: float
    waited: float  # mean seconds in line until a phone rang or the caller left
    impatient: float  # Erlang A
    patient: float | None  # Erlang C; None when the load is above what it can bear


def checks(plan: Plan, course: Course, parts: Periods) -> list[Check]:
    """The three busiest ordinary hours by load on an operator, the quietest, and all together."""
    found = []
    for hour in range(24):
        if not all(parts.is_ordinary(second) for second in (hour * HOUR, (hour + 1) * HOUR - 1)):
            continue
        check = _check(plan, course, hour)
        if check.calls >= ENOUGH_CALLS:
            found.append(check)
    found.sort(key=lambda check: -check.erlangs / check.operators)
    if not found:
        return []
    return [*found[:3], *found[3:][-1:], _together(found)]


def _together(found: Sequence[Check]) -> Check:
    calls = sum(check.calls for check in found)

    def mean(of: Callable[[Check], float]) -> float:
        return sum(of(check) * check.calls for check in found) / calls

    return Check(
        hour=None,
        calls=calls,
        operators=mean(lambda check: check.operators),
        erlangs=mean(lambda check: check.erlangs),
        waited=mean(lambda check: check.waited),
        impatient=mean(lambda check: check.impatient),
        patient=None,  # one hour with more load than operators would make it endless
    )


def _check(plan: Plan, course: Course, hour: int) -> Check:
    calls = [
        story
        for story in course.stories.values()
        if story.line == CABINET and story.at // HOUR == hour
    ]
    answered = sum(story.outcome is Outcome.ANSWERED for story in calls)
    operators = course.duty_seconds[CABINET, hour] / HOUR
    handling = course.busy_seconds[CABINET, hour] / max(1, answered)
    erlangs = len(calls) * handling / HOUR
    patience = plan.patience_seconds

    def between(formula: Callable[[int], float]) -> float:
        low = int(operators)
        return formula(low) + (operators - low) * (formula(low + 1) - formula(low))

    return Check(
        hour=(hour + FIRST_HOUR) % 24,
        calls=len(calls),
        operators=operators,
        erlangs=erlangs,
        waited=fmean(story.line_seconds for story in calls) if calls else 0.0,
        impatient=between(lambda n: wait_of_impatient(n, erlangs, handling, patience))
        if calls and operators >= 1
        else 0.0,
        patient=between(lambda n: wait_of_patient(n, erlangs, handling))
        if int(operators) > erlangs > 0
        else None,
    )
