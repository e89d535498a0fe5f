"""From an operator's goodbye to the next ring, and from the answer to both in one bridge.

The line is never empty: as soon as an operator hangs up, there is a caller to ring for. Measured:
the operator's BYE -> the next INVITE to that operator (its ringing is not ours to shorten), and
the operator's 200 OK -> the second of the two legs in their bridge.
"""

from statistics import median

from tests.bench import scenarios
from tests.bench.blocks import Block, block, rounds, stand_in_line, watch
from tests.bench.figures import chained, quantile, ratio
from tests.bench.lab import OPEN, OURS, THEIRS, Lab
from tests.bench.observer import Observer, answer_to_bridge
from tests.bench.open_lines import OpenLines
from tests.bench.table import Options, Row, at_most, milliseconds

OPERATORS = 20
WAITING = (10, 100, 1000)
STANDS_SECONDS = 20.0
"""A line has stood for as long as its callers wait by then, or this long, before it is measured:
until those who wait long are where they wait (callcenter/core/rooms.py)."""
TALK = scenarios.talk(1.0, spread=0.5)  # varied, or app_queue's looks fall in step with the talks

Gaps = dict[tuple[str, int], list[list[float]]]


async def free_to_ring(options: Options) -> list[Row]:
    """E1, E2, E3: with 10, 100 and 1000 callers waiting."""
    gaps: Gaps = {(number, waiting): [] for number in (OURS, THEIRS) for waiting in WAITING}
    async with Lab(OPERATORS) as lab:
        lab.crowd.operators_work(TALK)
        for order in rounds(list(gaps), options.blocks, options.seed):
            for number, waiting in order:
                print(f"{waiting} waiting", end="", flush=True)
                at_once = waiting + OPERATORS
                stands = min(STANDS_SECONDS, waiting / OPERATORS)
                seen = await block(
                    lab, number, at_once=at_once, seconds=options.seconds, stands=stands
                )
                gaps[number, waiting].append(seen.story.free_to_invite())
    options.raw["free_to_ring"] = {f"{n}/{w}": held for (n, w), held in gaps.items()}
    rows = [row for waiting in WAITING for row in _rows(gaps, waiting)]
    return [*rows, _growth(gaps)]


def _rows(gaps: Gaps, waiting: int) -> list[Row]:
    ours, theirs = gaps[OURS, waiting], gaps[THEIRS, waiting]
    rows = []
    for share, goal in ((0.5, 1 / 50), (0.99, 1 / 20)):
        blocks = ratio([quantile(b, share) for b in ours], [quantile(b, share) for b in theirs])
        rows.append(
            Row(
                what=f"operator free → next INVITE, p{share * 100:.0f}, {waiting} waiting",
                goal=f"≤ 1/{1 / goal:.0f}",
                theirs=milliseconds(quantile(chained(theirs), share)),
                ours=milliseconds(quantile(chained(ours), share)),
                ratio=str(blocks),
                reached=at_most(blocks, goal),
            )
        )
    return rows


def _growth(gaps: Gaps) -> Row:
    def p99(number: str, waiting: int) -> list[float]:
        return [quantile(held, 0.99) for held in gaps[number, waiting]]

    few, many = WAITING[0], WAITING[-1]
    ours = ratio(p99(OURS, many), p99(OURS, few))
    return Row(
        what=f"… growth of its p99 from {few} to {many} waiting",
        goal="≤ 1.3×",
        theirs=f"{ratio(p99(THEIRS, many), p99(THEIRS, few)).middle:.3g}×",
        ours=f"{ours.middle:.3g}× ({ours.low:.3g}-{ours.high:.3g})",
        reached=at_most(ours, 1.3),
    )


# --- answer to bridge --------------------------------------------------------------------------


async def answer_to_both_bridged(options: Options) -> list[Row]:
    """E4, seen by an application of the bench that hears every bridge; for both arms."""
    waits: dict[str, list[list[float]]] = {OURS: [], THEIRS: []}
    async with Lab(OPERATORS) as lab:
        lab.crowd.operators_work(TALK)
        for order in rounds([OURS, THEIRS], options.blocks, options.seed):
            for number in order:
                seen, observer = await _observed(lab, number, options.seconds)
                waits[number].append(answer_to_bridge(seen.story, observer.entries))
                await lab.callers_go()
    options.raw["answer_to_both_bridged"] = waits
    all_ours, all_theirs = chained(waits[OURS]), chained(waits[THEIRS])
    return [
        Row(
            what=f"operator's 200 OK → both bridged, p{share * 100:.0f}",
            goal="≤ 20 ms" if share == 0.99 else "",
            theirs=milliseconds(quantile(all_theirs, share)),
            ours=milliseconds(quantile(all_ours, share)),
            reached=quantile(all_ours, share) <= 0.020 if share == 0.99 else None,
        )
        for share in (0.5, 0.99)
    ]


async def _observed(lab: Lab, number: str, seconds: float) -> tuple[Block, Observer]:
    async with Observer(lab.asterisk.ari_url, lab.asterisk.ari_password) as observer:
        await stand_in_line(lab, number, WAITING[0] + OPERATORS)
        return await watch(lab, number, seconds), observer


# --- open lines --------------------------------------------------------------------------------


async def free_to_bridged(options: Options) -> list[Row]:
    """E5: operators on open lines, of ours only: from one caller's end to the next one's being in
    the operator's bridge, nobody being rung. The end is the instant at which the hang-up is asked
    for, so the caller's leaving is part of it."""
    gaps: dict[int, list[float]] = {waiting: [] for waiting in WAITING}
    async with Lab(OPERATORS) as lab:
        for order in rounds(WAITING, max(2, options.blocks // 2), options.seed):
            for waiting in order:
                print(f"{waiting} waiting", end="", flush=True)
                async with OpenLines(lab, 1.0, 0.5) as lines:
                    at_once = waiting + OPERATORS
                    seen = await block(
                        lab, OPEN, at_once=at_once, seconds=options.seconds, lines=lines
                    )
                    gaps[waiting] += seen.gaps
    options.raw["free_to_bridged"] = gaps
    return [
        Row(
            what=f"open lines: a caller's end → the next is joined, {name}, {waiting} waiting",
            goal=f"≤ {goal} ms",
            ours=milliseconds(quantile(held, share)),
            reached=quantile(held, share) * 1000 <= goal,
        )
        for waiting, held in gaps.items()
        for name, share, goal in (("p50", 0.5, 15), ("p99", 0.99, 40))
    ]


# --- the prototype's workload ------------------------------------------------------------------


async def hundred_a_second(options: Options) -> list[Row]:
    """1000 calls at 100 a second to 100 operators who talk for 2 s."""
    gaps: dict[str, list[list[float]]] = {OURS: [], THEIRS: []}
    async with Lab(100) as lab:
        lab.crowd.operators_work(scenarios.talk(2.0))
        for order in rounds([OURS, THEIRS], max(2, options.blocks // 2), options.seed):
            for number in order:
                lab.crowd.callers_call(number, at_once=1000, rate=100, most=1000)
                seen = await watch(lab, number, 22.0)
                gaps[number].append(seen.story.free_to_invite())
                await lab.callers_go()
    options.raw["hundred_a_second"] = gaps
    return [
        Row(
            what=f"1000 calls at 100/s, 100 operators, 2 s talks: free → INVITE, {name}",
            goal=f"< {goal} ms (prototype)",
            theirs=milliseconds(_middle(gaps[THEIRS], share)),
            ours=milliseconds(_middle(gaps[OURS], share)),
            ratio=str(ratio(_each(gaps[OURS], share), _each(gaps[THEIRS], share))),
            reached=_middle(gaps[OURS], share) * 1000 < goal,
        )
        for name, share, goal in (("p50", 0.5, 7.2), ("p99", 0.99, 17.0))
    ]


def _each(blocks: list[list[float]], share: float) -> list[float]:
    return [quantile(block, share) for block in blocks]


def _middle(blocks: list[list[float]], share: float) -> float:
    return median(_each(blocks, share))
