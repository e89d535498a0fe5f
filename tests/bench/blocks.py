"""A block: one arm under one load for some seconds, seen from outside. Blocks are interleaved.

`rounds` gives the order, `Measured.block` runs one. A block is void, which stops the benchmark,
when the capture lost packets, when more than 0.1 % of the SIP messages had to be repeated, when
Asterisk refused something, or when one of its task queues came near its limit.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.bench import wire
from tests.bench.cost import cpu_seconds
from tests.bench.crowd import OPERATORS_PORT
from tests.bench.lab import NAMES, OPEN, OURS, SIP, Lab
from tests.bench.open_lines import OpenLines
from tests.people import until

REPEATS_LIMIT = 0.001
DEPTH_LIMIT = 450
FILL_RATE = 200.0  # callers a second while a line is being filled
FILL_SECONDS = 60.0
SETTLE_SECONDS = 2.0

Arm = TypeVar("Arm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What one block showed. Processor times in seconds by part."""

    number: str
    seconds: float
    story: wire.Story
    answered: int  # calls
    gaps: list[float]  # of open lines: see open_lines.py
    cpu: dict[str, float]
    crowd_cpu: float
    depth: int
    requests: float  # to Asterisk, for calls; of ours only

    @property
    def cpu_in_all(self) -> float:
        """All parts this queue needs."""
        return sum(self.cpu.values())

    def faults(self) -> list[str]:
        """Why this block does not count."""
        found = []
        if self.story.repeated_share > REPEATS_LIMIT:
            found.append(f"{self.story.repeats} of {self.story.messages} messages repeated")
        if self.story.refusals:
            found.append(f"{self.story.refusals} refusals")
        if self.depth >= DEPTH_LIMIT:
            found.append(f"a task queue of Asterisk was {self.depth} deep")
        return found


def rounds(arms: Sequence[Arm], blocks: int, seed: int) -> Iterator[list[Arm]]:
    """The arms in an order drawn anew each round, so that no arm always comes first."""
    draw = random.Random(seed)
    for _ in range(blocks):
        yield draw.sample(list(arms), len(arms))


async def stand_in_line(
    lab: Lab,
    number: str,
    at_once: int,
    *,
    rate: float = FILL_RATE,
    present: int = 0,
    stands: float = SETTLE_SECONDS,
) -> None:
    """Callers come, `at_once` at most, and are replaced when they have talked; until `present`
    channels (else: as many as callers) are there, and then for so many seconds."""
    dialled = OURS if number == OPEN else number
    lines = len(lab.operators) - present // 2 if number == OPEN else 0  # a call is one leg more
    lab.crowd.callers_call(dialled, at_once=at_once, rate=rate)
    wanted = (present or at_once) + lines

    def instead() -> str:
        calling = "" if lab.crowd.callers_call_still else "; the callers' SIPp has ended"
        return f"{lab.channels()} channels, not {wanted}{calling}"

    # Each look is a command to Asterisk: not more often than need be.
    await until(lambda: lab.channels() >= wanted, within=FILL_SECONDS, every=0.25, but=instead)
    await asyncio.sleep(max(stands, SETTLE_SECONDS))


async def watch(lab: Lab, number: str, seconds: float, *, lines: OpenLines | None = None) -> Block:
    """Look on for so many seconds."""
    file = lab.directory / "block.pcap"
    requests_before = await lab.requests(number)
    with wire.Capture(file, SIP):
        parts = lab.parts(number)
        before = {part: cpu_seconds(pids) for part, pids in parts.items()}
        known = len(lines.gaps) if lines else 0
        joined_before = lines.joined if lines else 0
        crowd_before, began = lab.crowd.cpu_seconds(), time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - began
        cpu = {part: cpu_seconds(pids) - before[part] for part, pids in parts.items()}
        crowd_cpu = lab.crowd.cpu_seconds() - crowd_before
        joined = lines.joined - joined_before if lines else 0
        gaps = lines.gaps[known:] if lines else []
    story = wire.read(file, asterisk_port=SIP, operators_port=OPERATORS_PORT)
    return Block(
        number=number,
        seconds=took,
        story=story,
        answered=joined if lines else len(story.answered),
        gaps=gaps,
        cpu=cpu,
        crowd_cpu=crowd_cpu,
        depth=lab.deepest_queue(),
        requests=await lab.requests(number) - requests_before,
    )


async def block(
    lab: Lab,
    number: str,
    *,
    at_once: int,
    seconds: float,
    rate: float = FILL_RATE,
    present: int = 0,
    stands: float = SETTLE_SECONDS,
    lines: OpenLines | None = None,
) -> Block:
    """Fill the line, look on, clear up."""
    await stand_in_line(lab, number, at_once, rate=rate, present=present, stands=stands)
    if lines:
        lines.begin()
        await asyncio.sleep(SETTLE_SECONDS)
    seen = await watch(lab, number, seconds, lines=lines)
    if lines:
        await lines.close()
    await lab.callers_go()
    say(seen)
    return seen


def say(seen: Block) -> None:
    """A line of progress."""
    parts = " ".join(f"{part} {used / seen.seconds:.0%}" for part, used in seen.cpu.items())
    print(
        f"  {NAMES[seen.number]:13} {seen.answered / seen.seconds:6.1f} answered/s"
        f"   cpu: {parts} sipp {seen.crowd_cpu / seen.seconds:.0%}"
        f"   task queue {seen.depth}  {'; '.join(seen.faults())}",
        flush=True,
    )
