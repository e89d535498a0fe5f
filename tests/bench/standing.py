"""What it costs to let people wait: processor time of an idle line, memory of each caller in it."""

import asyncio
from statistics import fmean

from tests.bench import scenarios
from tests.bench.blocks import rounds, stand_in_line
from tests.bench.cost import Parts, cpu_seconds, memory_bytes
from tests.bench.figures import ratio
from tests.bench.lab import ALONE, NAMES, OURS, THEIRS, Lab
from tests.bench.table import Options, Row, at_most

CALLERS, OPERATORS = 1000, 200
IDLE_SECONDS = 20.0
REST_SECONDS = 2.0  # after the line has filled; the first of it go to rooms 6 s later
ALL_IN_ROOMS_SECONDS = 25.0  # who waits long goes to a holding bridge, one by one (core/rooms.py)
LONG_TALK = scenarios.talk(3600)


async def idle_line(options: Options) -> list[Row]:
    """E11: 1000 callers wait, 200 operators talk on, nothing happens.

    As many channels that wait in the dialplan, in no queue, are taken away from both.
    """
    used: dict[str, list[float]] = {OURS: [], THEIRS: [], ALONE: []}
    async with Lab(OPERATORS) as lab:
        lab.crowd.operators_work(LONG_TALK)
        for order in rounds(list(used), options.blocks, options.seed):
            for number in order:
                used[number].append(await _idle(lab, number))
    options.raw["idle_line"] = used
    ours = [own - alone for own, alone in zip(used[OURS], used[ALONE], strict=True)]
    theirs = [own - alone for own, alone in zip(used[THEIRS], used[ALONE], strict=True)]
    both = ratio(ours, theirs)
    return [
        Row(
            what=f"idle: {CALLERS} wait, {OPERATORS} operators talk; processor time a second"
            f" (beyond the {1000 * fmean(used[ALONE]):.0f} ms/s of the channels alone)",
            goal="≤ 0.05",
            theirs=f"{1000 * fmean(theirs):.1f} ms/s",
            ours=f"{1000 * fmean(ours):.1f} ms/s",
            ratio=str(both),
            reached=at_most(both, 0.05),
        )
    ]


async def _idle(lab: Lab, number: str) -> float:
    """Seconds of processor time a second, of all parts."""
    talking = OPERATORS if number == ALONE else 0  # there, the operators' legs are callers too
    await stand_in_line(lab, number, CALLERS + OPERATORS + talking)
    await asyncio.sleep(ALL_IN_ROOMS_SECONDS)
    parts = lab.parts(number)
    before = _cpu(parts)
    await asyncio.sleep(IDLE_SECONDS)
    used = (_cpu(parts) - before) / IDLE_SECONDS
    print(f"  {NAMES[number]:13} {1000 * used:.1f} ms/s", flush=True)
    await lab.callers_go()
    return used


def _cpu(parts: Parts) -> float:
    return sum(cpu_seconds(pids) for pids in parts.values())


# --- memory ------------------------------------------------------------------------------------


async def memory_of_a_caller(options: Options) -> list[Row]:
    """E12: fresh processes each time, because nobody gives back what was once taken."""
    taken: dict[str, list[dict[str, float]]] = {OURS: [], THEIRS: []}
    for order in rounds([OURS, THEIRS], max(2, options.blocks // 3), options.seed):
        for number in order:
            taken[number].append(await _taken(number))
    options.raw["memory_of_a_caller"] = taken
    ours, theirs = ([sum(one.values()) for one in taken[n]] for n in (OURS, THEIRS))
    both = ratio(ours, theirs)
    service = fmean(one["service"] for one in taken[OURS])
    return [
        Row(
            what="memory of a waiting caller, all processes",
            goal="≤ 1.05",
            theirs=f"{fmean(theirs) / 1024:.1f} kB",
            ours=f"{fmean(ours) / 1024:.1f} kB",
            ratio=str(both),
            reached=at_most(both, 1.05),
        ),
        Row(
            what="… the service's own share",
            goal="≤ 4 kB",
            ours=f"{service / 1024:.2f} kB",
            reached=service <= 4096,
        ),
    ]


async def _taken(number: str) -> dict[str, float]:
    """Bytes a caller, by part; nobody is there to answer."""
    async with Lab(1) as lab:
        await lab.api.ask("POST", f"/operators/{lab.operators[0]}/pause", {"reason": "lunch"})
        phone = lab.asterisk.endpoint(lab.operators[0])
        lab.asterisk.console(f"queue pause member {phone} queue bench")
        await _warm(lab, number)
        parts = lab.parts(number)
        before = {part: memory_bytes(pids) for part, pids in parts.items()}
        await stand_in_line(lab, number, CALLERS)
        await asyncio.sleep(REST_SECONDS)
        taken = {part: (memory_bytes(p) - before[part]) / CALLERS for part, p in parts.items()}
        told = " ".join(f"{part} {size / 1024:.1f} kB" for part, size in taken.items())
        print(f"  {NAMES[number]:13} {told}", flush=True)
        return taken


async def _warm(lab: Lab, number: str) -> None:
    """A few callers come and go, so that what the first one needs is there already."""
    await stand_in_line(lab, number, 5)
    await lab.callers_hang_up()
