"""One fault, a few strikes at random phases of the load, and the verdict."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from random import Random
from subprocess import SubprocessError

from callcenter.hosting.children import quiet
from tests.faults.auditor import Findings, audit
from tests.faults.crowd import OPERATORS
from tests.faults.evidence import gathered, in_time, is_ready, start_again
from tests.faults.fault import Fault
from tests.faults.lab import Lab
from tests.people.until import NeverTrue

Say = Callable[[str], None]

BETWEEN_STRIKES_SECONDS = (0.5, 3.0)
RECOVERY_LIMIT_SECONDS = 30.0
READY_LIMIT_SECONDS = 20.0
NOBODY_SERVED_SECONDS = 15.0  # then who is left is stranded
DRAIN_LIMIT_SECONDS = 75.0


async def suffers(
    strikes: Sequence[Fault], *, seed: int, operators: int = OPERATORS, say: Say = quiet
) -> Findings:
    """Play them on one lab. Whatever happens, everything that was started is ended."""
    drawn_from = f"{seed} {strikes[0].name}"
    chance = Random(drawn_from)
    lab = Lab(drawn_from, operators, edge=any(fault.edge for fault in strikes))
    for prepares in {fault.prepares for fault in strikes}:
        prepares(lab)
    try:
        async with lab.hotline:
            await lab.crowd.opens()
            lab.crowd.begins()
            try:
                await lab.crowd.burst(operators * 3)
                for number, fault in enumerate(strikes, 1):
                    await _strike(fault, lab, chance)
                    say(f"{fault.name} {number}/{len(strikes)}: {lab.recoveries[-1]:.1f} s")
            except (NeverTrue, OSError, AssertionError, SubprocessError) as error:
                lab.broken.append(f"{type(error).__name__}: {error}"[:300])
                await _again_if_it_crashed(lab)
                if not await is_ready(lab):
                    await start_again(lab)
            finally:
                await lab.undo.aclose()
                await lab.crowd.ends()
            left = await lab.crowd.drains(NOBODY_SERVED_SECONDS, DRAIN_LIMIT_SECONDS)
            return audit(await gathered(lab, list(left)))
    finally:
        for undo in lab.finally_undo:
            undo()


async def _strike(fault: Fault, lab: Lab, chance: Random) -> None:
    await asyncio.sleep(chance.uniform(*BETWEEN_STRIKES_SECONDS))
    struck = time.monotonic()
    await fault.strikes(lab, chance)
    await asyncio.sleep(chance.uniform(*fault.lasts_seconds))
    await fault.heals(lab, chance)
    await lab.undo.aclose()
    lab.undo = AsyncExitStack()
    healed = time.monotonic()
    await _again_if_it_crashed(lab)
    lab.recoveries.append(await _recovery(lab, healed))
    if not await in_time(READY_LIMIT_SECONDS, lambda: is_ready(lab)):
        lab.broken.append(f"not ready again: {lab.hotline.service.readiness()}")
        await start_again(lab)
    lab.outages.append((struck, time.monotonic()))
    if not fault.sound_goes_on:
        lab.lame.append(lab.outages[-1])


async def _again_if_it_crashed(lab: Lab) -> None:
    """As the product's supervisor does; it is told, and is no reason not to judge the rest."""
    asterisk = lab.hotline.asterisk
    if asterisk.ended():
        lab.broken.append("Asterisk crashed, and was started again")
        lab.crowd.everybody_is_cut()
        await asyncio.to_thread(asterisk.start)


async def _recovery(lab: Lab, healed: float) -> float:
    """Seconds until somebody who was rung after the heal talks with a caller."""
    while time.monotonic() - healed < RECOVERY_LIMIT_SECONDS:
        if served := lab.crowd.served_since(healed):
            return served - healed
        await asyncio.sleep(0.05)
    return RECOVERY_LIMIT_SECONDS
