"""What it costs to ask who is still there: silent callers every 30 s, phones every 5 s.

The dearest case: all callers wait and send no packet of sound, so that each is looked at and asked
by a re-INVITE; half a hundred phones answer OPTIONS. Labs with and without take turns.
"""

import asyncio
from statistics import fmean

from tests.bench import scenarios
from tests.bench.blocks import rounds, stand_in_line
from tests.bench.cost import cpu_seconds
from tests.bench.lab import OURS, Lab
from tests.bench.table import Options, Row

CALLERS, OPERATORS = 200, 50
SETTLE_SECONDS = 35.0  # until who came last has been looked at once
LOOK_SECONDS = 60.0  # twice the time between two looks


async def asking(options: Options) -> list[Row]:
    """200 callers wait in rooms, 50 operators are paused, nothing else happens."""
    used: dict[bool, list[float]] = {False: [], True: []}
    for order in rounds([False, True], max(1, options.blocks // 3), options.seed):
        for asks in order:
            used[asks].append(await _waiting(asks))
    options.raw["asking"] = {str(asks): seen for asks, seen in used.items()}
    silent, asked = fmean(used[False]), fmean(used[True])
    return [
        Row(
            goal="",
            what=f"{CALLERS} silent callers wait, {OPERATORS} phones: processor time a second, "
            f"nobody asked {silent:.1f} ms/s; everybody asked",
            ours=f"{asked:.1f} ms/s",
        )
    ]


async def _waiting(asks: bool) -> float:
    """Milliseconds of processor time a second, of all parts."""
    async with Lab(OPERATORS, asks=asks) as lab:
        lab.crowd.operators_work(scenarios.talk(3600))
        for operator in lab.operators:
            await lab.api.ask("POST", f"/operators/{operator}/pause", {"reason": "lunch"})
        await stand_in_line(lab, OURS, CALLERS)
        await asyncio.sleep(SETTLE_SECONDS)
        parts = lab.parts(OURS)
        before = {part: cpu_seconds(pids) for part, pids in parts.items()}
        await asyncio.sleep(LOOK_SECONDS)
        each = {
            part: 1000 * (cpu_seconds(pids) - before[part]) / LOOK_SECONDS
            for part, pids in parts.items()
        }
        told = " ".join(f"{part} {value:.1f}" for part, value in each.items())
        print(f"  {'asked' if asks else 'not asked':10} {told} ms/s", flush=True)
        if lab.channels() < CALLERS:
            raise RuntimeError(f"{CALLERS - lab.channels()} callers are gone: they did not answer")
        await lab.callers_hang_up()
        return sum(each.values())
