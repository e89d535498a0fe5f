"""Live: do the mean waits of real calls agree with Erlang's formulas?

Five queues of one service at once, each with its own operators, line and load. A wait is from
Asterisk's answer to the ring of the operator who took the call, or to giving up, less what it
takes when somebody is free (dial plan, request to ring), which is in nobody's formula. The loads
put into the formulas are those that came about: arrivals, and the time that a call binds an
operator, from its ring until the next one can ring.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean, stdev

from callcenter.core.legs import DeskBridge
from tests.bench.crowd import CALLERS_PORT, OPERATORS_PORT
from tests.bench.erlang_formulas import wait_of_impatient, wait_of_patient
from tests.bench.figures import quantile
from tests.bench.lab import SIP, Lab
from tests.bench.observer import Entry, Observer
from tests.bench.street import HERE, Citizen, Floor, Ringing, Street
from tests.bench.table import Options, Row
from tests.legs import bridge_named
from tests.people.until import until

BATCHES = 30
LIMIT_ERRORS = 3.5
WARM_SHARE = 0.05  # of the callers: the house was empty when the first ones came
AT_ONCE_SECONDS = 0.05  # who was served within this had found somebody free
END_SECONDS = 30.0  # for those still waiting when the last one came


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A queue: operators, load in erlangs, mean talk and patience in seconds."""

    queue: str
    operators: int
    load: float
    talk_seconds: float
    patience_seconds: float | None = None

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.load / self.talk_seconds


OFFICES = (
    Office(queue="c", operators=2, load=1.0, talk_seconds=0.6),
    Office(queue="d", operators=5, load=4.0, talk_seconds=1.0),
    Office(queue="e", operators=10, load=8.0, talk_seconds=1.5),
    Office(queue="f", operators=5, load=5.0, talk_seconds=1.0, patience_seconds=2 / 3),
    Office(queue="g", operators=20, load=20.0, talk_seconds=2.4, patience_seconds=0.8),
)


async def live(options: Options) -> list[Row]:
    """E17, all five at the same time."""
    draw = random.Random(options.seed)
    async with Lab({office.queue: office.operators for office in OFFICES}) as lab:
        means = {office.queue: office.talk_seconds for office in OFFICES}
        street = Street((HERE, SIP), draw)
        floor = Floor((HERE, SIP), lambda operator: draw.expovariate(1 / means[operator[0]]))
        await street.open(CALLERS_PORT)
        await floor.open(OPERATORS_PORT)
        async with Observer(lab.asterisk.ari_url, lab.asterisk.ari_password) as observer:
            observer.listener = lambda entry: _meets(street, floor, entry)
            await asyncio.gather(
                *(
                    street.calls(
                        lab.did_of(o.queue), o.rate, options.erlang_seconds, o.patience_seconds
                    )
                    for o in OFFICES
                )
            )
            await _all_over(street)
        street.close()
        floor.close()
        return [_row(lab.did_of(o.queue), o, street, floor, options) for o in OFFICES]


def _meets(street: Street, floor: Floor, entry: Entry) -> None:
    """A caller came into an operator's bridge: nobody gives up any more."""
    citizen = street.by_number.get(entry.number)
    desk = bridge_named(entry.bridge)
    if citizen is not None and isinstance(desk, DeskBridge) and not citizen.served_at:
        citizen.served_at = floor.rung_by[desk.operator][-1].rung_at


async def _all_over(street: Street) -> None:
    citizens = street.by_number.values()
    await until(
        lambda: all(citizen.over for citizen in citizens),
        within=END_SECONDS,
        every=1,
        but=lambda: f"{sum(not citizen.over for citizen in citizens)} still wait",
    )


def _row(line: str, office: Office, street: Street, floor: Floor, options: Options) -> Row:
    citizens = [c for c in street.by_number.values() if c.line == line and c.up_at]
    waits = _waits(citizens)[int(len(citizens) * WARM_SHARE) :]
    bound = _bound_seconds([v for k, v in floor.rung_by.items() if k[0] == office.queue])
    rate = len(citizens) / options.erlang_seconds
    exact = (
        wait_of_patient(office.operators, rate * bound, bound)
        if office.patience_seconds is None
        else wait_of_impatient(office.operators, rate * bound, bound, office.patience_seconds)
    )
    error = batch_error(waits)
    off = (fmean(waits) - exact) / error
    options.raw[f"erlang {office.queue}"] = [rate, bound, exact, fmean(waits), error, len(waits)]
    kind = "Erlang A" if office.patience_seconds else "Erlang C"
    return Row(
        what=f"{kind} live: {office.operators} operators, {rate * bound:.2f} erlangs,"
        f" {len(waits)} calls, mean wait",
        goal=f"{1000 * exact:.0f} ms within {LIMIT_ERRORS} standard errors",
        ours=f"{1000 * fmean(waits):.0f} ms (± {1000 * error:.0f}): {off:+.1f}",
        reached=abs(off) <= LIMIT_ERRORS,
    )


def _waits(citizens: Sequence[Citizen]) -> list[float]:
    """Of everyone, in order of arrival, less the time of those for whom somebody was free."""
    served = [c.served_at - c.up_at for c in citizens if c.served_at]
    at_once = quantile([wait for wait in served if wait < AT_ONCE_SECONDS], 0.5)
    return [
        max(0.0, c.served_at - c.up_at - at_once) if c.served_at else c.left_at - c.up_at
        for c in citizens
        if c.served_at or c.left_at
    ]


def _bound_seconds(rung: Sequence[Sequence[Ringing]]) -> float:
    """The mean from an operator's ring to the instant at which the next could ring."""
    talks = [r.over_at - r.rung_at for one in rung for r in one if r.over_at]
    gaps = [b.rung_at - a.over_at for one in rung for a, b in pairwise(one)]
    return fmean(talks) + quantile(gaps, 0.05)


def batch_error(waits: Sequence[float]) -> float:
    """The standard error of a mean of values that hang together, from batches of neighbours."""
    size = len(waits) // BATCHES
    means = [fmean(waits[n * size : (n + 1) * size]) for n in range(BATCHES)]
    return stdev(means) / sqrt(BATCHES)
