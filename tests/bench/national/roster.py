"""Who works on the modelled day: three shifts from 07:00, each with its breaks.

Called by world.py. The same plan makes the same roster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from callcenter.core.ids import OperatorId, QueueName
from tests.bench.national.country import CABINET, HOUR, NATIONAL, Plan, province_queue, weights


@dataclass(frozen=True, slots=True)
class Duty:
    """One operator's day: from when to when, and the breaks (from, to)."""

    operator: OperatorId
    queues: tuple[QueueName, ...]
    begins: float
    ends: float
    breaks: tuple[tuple[float, float], ...]


def duties(plan: Plan) -> list[Duty]:
    """Everybody who works on the day."""
    draw = Random(plan.seed + 1)
    in_provinces = round(plan.operators * plan.province_operators)
    national = plan.operators - in_provinces
    staff = {NATIONAL: _by_share(national // 2, plan.shifts)}
    staff[CABINET] = _by_share(national - national // 2, plan.shifts)
    staff |= _in_provinces(plan, in_provinces)
    return [
        _duty(queue, shift, number, draw)
        for queue, shifts in staff.items()
        for shift, count in enumerate(shifts)
        for number in range(count)
    ]


def _in_provinces(plan: Plan, operators: int) -> dict[QueueName, list[int]]:
    """One at night in each, at least one in the other shifts, the rest by size."""
    rest = operators - 3 * plan.provinces
    if rest < 0:
        raise ValueError(
            f"{operators} operators cannot man {plan.provinces} provinces day and night"
        )
    morning, afternoon, _ = plan.shifts
    first, second = _by_share(rest, (morning, afternoon))
    early, late = _by_share(first, weights(plan)), _by_share(second, weights(plan))
    return {province_queue(n): [1 + early[n], 1 + late[n], 1] for n in range(plan.provinces)}


def _by_share(total: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers that sum up to the total: the largest remainders get what is left."""
    exact = [total * share / sum(shares) for share in shares]
    found = [int(part) for part in exact]
    order = sorted(range(len(exact)), key=lambda n: found[n] - exact[n])
    for n in order[: total - sum(found)]:
        found[n] += 1
    return found


def _duty(queue: QueueName, shift: int, number: int, draw: Random) -> Duty:
    begins = shift * 8 * HOUR + draw.uniform(0, 300)
    breaks = []
    for earliest, latest, minutes in ((0.5, 2.0, 15), (2.25, 6.0, 60), (6.25, 7.5, 15)):
        start = begins + draw.uniform(earliest, latest) * HOUR
        breaks.append((start, start + minutes * 60.0))
    name = OperatorId(f"{queue}-{shift}-{number}")
    return Duty(
        name, (queue,), begins, (shift + 1) * 8 * HOUR + draw.uniform(300, 600), tuple(breaks)
    )
