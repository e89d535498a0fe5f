"""From the start of a warm service to the first call answered, by the wire.

`kill -9` while callers wait; their operators hang up meanwhile, and nobody is rung. The service is
started: how long until an operator's phone is answered, for somebody who waited all the time.
"""

import asyncio
import time

from tests.bench import scenarios, wire
from tests.bench.blocks import stand_in_line
from tests.bench.crowd import OPERATORS_PORT
from tests.bench.lab import OURS, SIP, Lab
from tests.bench.table import Options, Row

OPERATORS, WAITING = 10, 50
ALL_HUNG_UP_SECONDS = 3.0  # the longest talk, and the BYE


async def start_to_answer(options: Options) -> list[Row]:
    """Of a service with a journal, 50 callers and the operators it had."""
    took: list[float] = []
    async with Lab(OPERATORS) as lab:
        lab.crowd.operators_work(scenarios.talk(1.0))
        await stand_in_line(lab, OURS, WAITING + OPERATORS)
        for _ in range(max(3, options.blocks // 2)):
            took.append(await _once(lab))
            print(f"  {took[-1]:.2f} s", flush=True)
        await lab.callers_go()
    options.raw["start_to_answer"] = took
    slowest = max(took)
    return [
        Row(
            what=f"start of a warm service → first call answered, slowest of {len(took)}",
            goal="≤ 2 s",
            ours=f"{slowest:.2f} s (median {sorted(took)[len(took) // 2]:.2f})",
            reached=slowest <= 2.0,
        )
    ]


async def _once(lab: Lab) -> float:
    await lab.service.kills()
    await asyncio.sleep(ALL_HUNG_UP_SECONDS)
    file = lab.directory / "restart.pcap"
    with wire.Capture(file, SIP):
        began = time.time()
        lab.service.launch()
        await lab.service.is_ready()
        await asyncio.sleep(2)
    story = wire.read(file, asterisk_port=SIP, operators_port=OPERATORS_PORT)
    return min(rung.answered_at for rung in story.answered) - began
