"""Calls a second, and what a call costs: processor time of all parts, and requests to Asterisk.

Closed loops: so many callers at a time, each replaced when the talk is over, so that the machine
decides how many calls a second it bears. In the open one the rate is given.
"""

from collections.abc import Sequence
from functools import partial
from statistics import fmean

from tests.bench import scenarios
from tests.bench.blocks import Block, block, rounds
from tests.bench.figures import ratio
from tests.bench.lab import OPEN, OURS, THEIRS, Lab
from tests.bench.open_lines import OpenLines
from tests.bench.table import Options, Row, at_most

OPERATORS = 200
STANDING = 1000
TALK_SECONDS, SPREAD = 1.0, 0.5
TALK = scenarios.talk(TALK_SECONDS, spread=SPREAD)
WITH_LINES = (OURS, THEIRS, OPEN)
AT_ONCE = 100
"""Callers of the loop without a queue: more than the machine bears a second, but not so many that
each waits for half a second, from which on SIP repeats its messages."""

OPEN_RATE, OPEN_SECONDS = 20.0, 20.0

ON_LINES = "with our operators on open lines (app_queue's way to it, app_agent_pool, not measured)"


async def no_queue(options: Options) -> list[Row]:
    """E8: as many calls as the machine bears, a free operator for each."""
    async with Lab(OPERATORS) as lab:
        both = (OURS, THEIRS)
        seen = await _each(lab, options, both, AT_ONCE, seconds=options.seconds, rate=400)
    return [_calls_a_second(seen, "sustained calls/s, no queue", 0.95, options)]


async def standing_queue(options: Options) -> list[Row]:
    """E9: 1000 callers are always in line, 200 operators."""
    async with Lab(OPERATORS) as lab:
        at_once = STANDING + OPERATORS
        seen = await _each(lab, options, WITH_LINES, at_once, seconds=options.seconds, rate=400)
    what = f"sustained calls/s, {STANDING} standing in queue, {OPERATORS} operators"
    return [
        _calls_a_second(seen, what, 2.0, options),
        _calls_a_second(seen, f"… {ON_LINES}", 2.0, options, OPEN),
    ]


async def cost_of_a_call(options: Options) -> list[Row]:
    """E10 and E18: 20 calls a second, hardly a queue."""
    async with Lab(OPERATORS // 4) as lab:
        seen = await _each(
            lab,
            options,
            WITH_LINES,
            at_once=10 * int(OPEN_RATE),
            seconds=OPEN_SECONDS,
            rate=OPEN_RATE,
            present=int(OPEN_RATE),
        )
    options.raw["cost_of_a_call"] = {
        number: [[b.answered, b.cpu, b.requests] for b in held] for number, held in seen.items()
    }
    return [
        _cost(seen, OURS, f"processor time of an answered call, {OPEN_RATE:.0f} calls/s"),
        _cost(seen, OPEN, f"… {ON_LINES}"),
        _requests(seen[OURS], "requests to Asterisk of an answered call"),
        _requests(seen[OPEN], "… with open lines, the caller hangs up"),
    ]


def _cost(seen: dict[str, list[Block]], arm: str, what: str) -> Row:
    cost = {n: [b.cpu_in_all / b.answered for b in held] for n, held in seen.items()}
    both = ratio(cost[arm], cost[THEIRS])
    return Row(
        what=what,
        goal="≤ 1.25",
        theirs=f"{1000 * fmean(cost[THEIRS]):.2f} ms",
        ours=f"{1000 * fmean(cost[arm]):.2f} ms ({_by_part(seen[arm])})",
        ratio=str(both),
        reached=at_most(both, 1.25),
    )


def _requests(blocks: list[Block], what: str) -> Row:
    requests = fmean(b.requests / b.answered for b in blocks)
    return Row(what=what, goal="≤ 3", ours=f"{requests:.2f}", reached=requests <= 3.005)


async def _each(
    lab: Lab,
    options: Options,
    arms: Sequence[str],
    at_once: int,
    *,
    seconds: float,
    rate: float,
    present: int = 0,
) -> dict[str, list[Block]]:
    seen: dict[str, list[Block]] = {number: [] for number in arms}
    for order in rounds(arms, options.blocks, options.seed):
        for number in order:
            told = partial(
                block, lab, number, at_once=at_once, seconds=seconds, rate=rate, present=present
            )
            if number == OPEN:
                async with OpenLines(lab, TALK_SECONDS, SPREAD) as lines:
                    seen[number].append(await told(lines=lines))
            else:
                lab.crowd.operators_work(TALK)
                seen[number].append(await told())
    return seen


def _by_part(blocks: Sequence[Block]) -> str:
    parts = {part: fmean(1000 * b.cpu[part] / b.answered for b in blocks) for part in blocks[0].cpu}
    return ", ".join(f"{part} {spent:.2f}" for part, spent in parts.items())


def _calls_a_second(
    seen: dict[str, list[Block]], what: str, goal: float, options: Options, arm: str = OURS
) -> Row:
    rates = {n: [b.answered / b.seconds for b in held] for n, held in seen.items()}
    options.raw[what] = {n: [rates[n], [b.cpu for b in seen[n]]] for n in seen}
    both = ratio(rates[arm], rates[THEIRS])
    busy = fmean((b.cpu_in_all + b.crowd_cpu) / b.seconds for b in seen[arm])
    return Row(
        what=f"{what} (all processes {busy:.0%} of a core)",
        goal=f"≥ {goal:g}",
        theirs=f"{fmean(rates[THEIRS]):.1f}/s",
        ours=f"{fmean(rates[arm]):.1f}/s",
        ratio=str(both),
        reached=both.middle >= goal,
    )
