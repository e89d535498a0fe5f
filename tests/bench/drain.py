"""A full line and nobody new: how long until everyone has been answered.

Counted from the last arrival, per caller still waiting then, because a queue that is slow while the
line fills has more of them. Ideal is what the operators' talks alone would take.
"""

import asyncio
from dataclasses import dataclass

from tests.bench import scenarios, wire
from tests.bench.blocks import rounds
from tests.bench.crowd import OPERATORS_PORT
from tests.bench.figures import ratio
from tests.bench.lab import NAMES, OURS, SIP, THEIRS, Lab
from tests.bench.table import Options, Row, at_most
from tests.people import until

OPERATORS, CALLERS, TALK_SECONDS = 50, 1300, 1.0
RATE = 250.0
LIMIT_SECONDS = 80.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """`left` callers waited when the last one came; all had an operator after `seconds`."""

    left: int
    seconds: float
    ideal_seconds: float

    @property
    def each(self) -> float:
        """Seconds a caller."""
        return self.seconds / self.left

    @property
    def of_ideal(self) -> float:
        """1 is perfect."""
        return self.seconds / self.ideal_seconds


async def drain(options: Options) -> list[Row]:
    """E6."""
    drained: dict[str, list[Drained]] = {OURS: [], THEIRS: []}
    async with Lab(OPERATORS) as lab:
        lab.crowd.operators_work(scenarios.talk(TALK_SECONDS))
        for order in rounds([OURS, THEIRS], max(2, options.blocks // 2), options.seed):
            for number in order:
                drained[number].append(await _drained(lab, number))
    options.raw["drain"] = {
        n: [[d.left, d.seconds, d.of_ideal] for d in drained[n]] for n in drained
    }
    ours, theirs = drained[OURS], drained[THEIRS]
    both = ratio([d.each for d in ours], [d.each for d in theirs])
    ideal = ratio([d.of_ideal for d in ours], [1.0] * len(ours))
    their_ideal = ratio([d.of_ideal for d in theirs], [1.0] * len(theirs))
    left = f"{sum(d.left for d in ours) / len(ours):.0f}"
    return [
        Row(
            what=f"drain {left} callers, {OPERATORS} operators, 1 s talks: time a caller",
            goal="≤ 0.68",
            theirs=f"{1000 * _mean(theirs):.1f} ms",
            ours=f"{1000 * _mean(ours):.1f} ms",
            ratio=str(both),
            reached=at_most(both, 0.68),
        ),
        Row(
            what="… beside the ideal (the talks alone)",
            goal="≤ 1.05",
            theirs=f"{their_ideal.middle:.3f}",
            ours=f"{ideal.middle:.3f} ({ideal.low:.3f}-{ideal.high:.3f})",
            reached=at_most(ideal, 1.05),
        ),
    ]


def _mean(drained: list[Drained]) -> float:
    return sum(d.each for d in drained) / len(drained)


async def _drained(lab: Lab, number: str) -> Drained:
    file = lab.directory / "drain.pcap"
    with wire.Capture(file, SIP):
        lab.crowd.callers_call(number, at_once=CALLERS, rate=RATE, most=CALLERS)
        await asyncio.sleep(CALLERS / RATE + 1)
        await until(lambda: not lab.channels(), within=LIMIT_SECONDS, every=1, but=lab.channels)
    await lab.callers_go()
    told = told_by(wire.read(file, asterisk_port=SIP, operators_port=OPERATORS_PORT))
    print(
        f"  {NAMES[number]:13} {told.left} callers in {told.seconds:.1f} s,"
        f" ideal × {told.of_ideal:.3f}",
        flush=True,
    )
    return told


def told_by(story: wire.Story) -> Drained:
    """What a capture of the whole drain says."""
    last = max(call.dialled_at for call in story.called)
    answers = sorted(rung.answered_at for rung in story.answered)
    left = len(story.called) - sum(at <= last for at in answers)
    talk = sum(story.talks) / len(story.talks)
    return Drained(left=left, seconds=answers[-1] - last, ideal_seconds=left * talk / OPERATORS)
