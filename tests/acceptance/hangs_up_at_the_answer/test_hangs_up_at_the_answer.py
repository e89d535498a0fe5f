"""Somsri hangs up in the very instant in which Somchai answers, fifty milliseconds either way."""

import asyncio
import random

from tests.hotline import Hotline
from tests.people.phone import ignores

TIMES = 20
JITTER_SECONDS = 0.05


async def test_every_such_call_has_one_outcome_and_somchai_is_free_at_once(
    hotline: Hotline,
) -> None:
    somchai = await hotline.operator("somchai", habit=ignores())
    loop, chance = asyncio.get_running_loop(), random.Random(1567)
    outcomes = []
    for number in range(TIMES):
        somsri = await hotline.calls("1567")
        ring = await somchai.is_rung(within=5)
        jitter = chance.uniform(-JITTER_SECONDS, JITTER_SECONDS)
        loop.call_later(JITTER_SECONDS, ring.answer)
        loop.call_later(JITTER_SECONDS + jitter, somsri.hang_up)
        await somsri.is_gone(within=5)
        await ring.is_done(within=5)
        await hotline.api.is_in("somchai", "available", within=3)
        outcomes.append((await hotline.record(somsri))["outcome"])
        assert len(somchai.calls) == number + 1, "one ring a call"
    assert set(outcomes) <= {"answered", "abandoned_short"}
    assert somchai.rang_while_busy == 0
