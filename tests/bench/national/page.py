"""The page in README.md beside this file: every figure in it is from the run or costs.json.

Called by __main__.py, which puts it between the marks there. How large the parts must be is
told by sizes_page.py.
"""

from collections.abc import Sequence

from callcenter.oversight.service_level.rules import service_levels
from tests.bench.national import findings as n
from tests.bench.national.country import DAY_SECONDS, FIRST_HOUR, HOUR, assumptions
from tests.bench.national.course import Story
from tests.bench.national.sizes_page import breaks, cost_table, sizes
from tests.bench.national.told import Told, details, percent, table, wrapped

PICTURE = "metrics/pictures/national_day.svg"


def page(told: Told) -> str:
    """The whole page, without its marks."""
    plan, course = told.plan, told.course
    calls = len(course.stories)
    blocks = "\n\n".join(
        [
            f"A model of a day of the whole country, played through the real engine on a virtual"
            f" clock: {plan.provinces} provinces, {plan.operators:,} operators, {plan.calls:,}"
            f" calls, and one hour with {plan.times:g} times as many ({calls:,} calls in all)."
            f" `{told.command}` (seed {plan.seed}, {told.when}, {told.machine}; it took"
            f" {told.seconds:.0f} s) prints this page. Books kept apart from the engine watched"
            f" every step, the engine's invariants were asked {told.looked} times: every call came"
            f" out once, nobody was served before their turn, nobody waited while somebody was"
            f" free, and the counts of the metrics are off by {told.scrape.mismatch}.",
            table(["assumed", "how much", "from"], assumptions(plan)),
            f"![The day: calls, line, operators](../../../{PICTURE})",
            _periods(told),
            _provinces(told),
            _rates(told),
            "## How large the parts must be",
            sizes(told),
            breaks(told),
            _theory(told),
            details("Hour by hour", _hours(told)),
            details("Every published service level", _levels(told)),
            details("The measured costs (`tests/bench/national/costs.json`)", cost_table(told)),
        ]
    )
    return "\n\n".join(wrapped(block) for block in blocks.split("\n\n"))


# --- what came of it -----------------------------------------------------------------------------


def _line(name: str, told: Told, stories: Sequence[Story], seconds: Sequence[int]) -> list[str]:
    row = n.row(stories)
    waiting = max((told.course.seconds.waiting[second] for second in seconds), default=0)
    return [
        name,
        f"{row.calls:,}",
        f"{row.answered:,} ({percent(row.answered / max(1, row.calls))})",
        f"{row.abandoned:,}",
        percent(row.service_level),
        *(f"{wait:.0f} s" for wait in row.waits),
        f"{waiting:,}",
        f"{100 * n.occupancy(told.course, seconds):.0f} %",
    ]


_HEAD = [
    "", "calls", "answered", "gave up", "80/20", "wait p50", "p90", "p99", "longest",
    "deepest line", "busy",
]  # fmt: skip


def _periods(told: Told) -> str:
    parts = told.parts
    rush, recovery = (range(s.begin, s.end) for s in (parts.rush, parts.recovery))
    minutes = (parts.recovery.end - parts.recovery.begin) / 60
    everything = list(told.course.stories.values())
    lines = [
        _line("the ordinary hours", told, told.ordinary(), parts.ordinary_seconds()),
        _line(f"the hour of {told.plan.times:g}×", told, told.of(parts.rush), rush),
        _line(f"recovery, {minutes:.0f} min", told, told.of(parts.recovery), recovery),
        _line("the day", told, everything, range(int(DAY_SECONDS))),
    ]
    return (
        table(_HEAD, lines) + "\n\nWaits are those of the answered, the greeting included; 80/20"
        " is the share answered within 20 s, as this hotline counts it (formula `hotline`); busy is"
        " the share of those on duty who ring, talk or write. The line is gone"
        f" {minutes:.0f} minutes after the rush."
    )


def _provinces(told: Told) -> str:
    lines = []
    for name, stories in (
        ("the ordinary hours", told.ordinary()),
        (f"the hour of {told.plan.times:g}×", told.of(told.parts.rush)),
    ):
        p = n.provinces(told.plan, stories)
        shares = (p.median_level, p.worst_level, p.median_answered, p.worst_answered, p.moved)
        lines.append([name, *map(percent, shares)])
    head = ["provinces", "80/20, median", "worst", "answered, median", "worst", "went on to 1567"]
    return table(head, lines) + "\n\n" + _sooner(told)


def _sooner(told: Told) -> str:
    sooner, usual, rush = told.sooner, n.row(told.ordinary()), n.row(told.of(told.parts.rush))
    mine = n.provinces(told.plan, told.ordinary())
    return (
        f"What the model is for: with `overflow_seconds` {sooner.overflow_seconds:g} instead of"
        f" {told.plan.overflow_seconds:g}, the same people and the same calls, the ordinary hours"
        f" reach 80/20 {percent(sooner.ordinary.service_level)} instead of"
        f" {percent(usual.service_level)}, the median province"
        f" {percent(sooner.provinces.median_level)} instead of {percent(mine.median_level)}, the"
        f" worst {percent(sooner.provinces.worst_level)} instead of {percent(mine.worst_level)}:"
        " two operators are a small queue, and the country is a large one. In the rush"
        f" {percent(sooner.rush.answered / sooner.rush.calls)} are answered instead of"
        f" {percent(rush.answered / rush.calls)}: there, no order of serving helps, only more"
        " operators, a recorded answer before the queue, or call-backs."
    )


def _rates(told: Told) -> str:
    by, course = told.course.seconds, told.course
    names = ("steps", "facts", "requests", "rows")
    calls = len(course.stories)
    rows = [
        ["the busiest second", *(f"{max(getattr(by, name)):,}" for name in names)],
        [
            "the busiest minute, a second",
            *(f"{n.worst_minute(getattr(by, name), lambda _: True):.1f}" for name in names),
        ],
        ["the day", *(f"{sum(getattr(by, name)):,}" for name in names)],
        ["a call", *(f"{sum(getattr(by, name)) / calls:.1f}" for name in names)],
    ]
    return table(
        ["the engine's work", "steps", "facts", "requests to Asterisk", "row writes"], rows
    )


# --- theory, hours, formulas, costs --------------------------------------------------------------


def _theory(told: Told) -> str:
    checks = n.checks(told.plan, told.course, told.parts)
    rows = [
        [
            "all" if check.hour is None else f"{check.hour:02}:00",
            f"{check.calls:,}",
            f"{check.operators:.1f}",
            f"{check.erlangs:.1f}",
            f"{check.waited:.2f} s",
            f"{check.impatient:.2f} s",
            "–" if check.patient is None else f"{check.patient:.2f} s",
        ]
        for check in checks
    ]
    head = ["1111, hour", "calls", "operators", "erlangs", "mean wait", "Erlang A", "Erlang C"]
    return (
        "Does it wait as theory says? The line 1111, which nobody overflows into, in the three"
        " busiest ordinary hours, the quietest, and all together (mean time in line until the first"
        " phone rings; one day of one seed, and operators who come and go on breaks, so the order"
        " of magnitude is all that is compared; the exact comparison is"
        " `tests/simulation/test_oracles.py`):\n\n" + table(head, rows)
    )


def _hours(told: Told) -> str:
    lines = []
    for hour in range(24):
        span = n.Span(int(hour * HOUR), int((hour + 1) * HOUR))
        name = f"{(hour + FIRST_HOUR) % 24:02}:00"
        lines.append(_line(name, told, told.of(span), range(span.begin, span.end)))
    return table(_HEAD, lines)


def _levels(told: Told) -> str:
    groups = [
        told.ordinary(),
        told.of(told.parts.rush),
        told.of(told.parts.recovery),
        list(told.course.stories.values()),
    ]
    columns = [service_levels([story.scored() for story in stories]) for stories in groups]
    rows = [
        [
            f"{first.formula.title_en} (`{first.formula.name}`)",
            f"{first.threshold_seconds} s from {first.clock}",
            *(percent(column[place].ratio) for column in columns),
        ]
        for place, first in enumerate(columns[0])
    ]
    return table(["formula", "within", "ordinary", "the rush", "recovery", "the day"], rows)
