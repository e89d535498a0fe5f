"""The wall clock of the service's host is set, back and forth, while people wait and talk."""

from itertools import pairwise

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.parts import obtain_faketime
from tests.people import until
from tests.people.phone import answers

STAMPS = ("arrived_at", "queued_at", "answered_at", "talk_ended_at", "ended_at")


class Clock:
    """The service's wall clock; its monotonic one, and Asterisk's, stay right."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline, self._file = hotline, hotline.directory / "clock"
        self.settings = {
            "LD_PRELOAD": str(obtain_faketime()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.is_ahead_by(0)

    def is_ahead_by(self, seconds: int) -> None:
        self._file.write_text(f"{seconds:+d}\n")

    async def is_set(self, seconds: int) -> None:
        """And the service has seen it."""
        before = await self.steps()
        self.is_ahead_by(seconds)

        async def is_noted() -> bool:
            await self._hotline.pause("malee")  # a fact, which has a stamp
            await self._hotline.resume("malee")
            return await self.steps() == before + 1

        await until(is_noted, within=15)

    async def steps(self) -> float:
        return await self._hotline.api.metric("hotline_clock_steps_total")


@pytest.mark.rare
async def test_no_call_ends_before_it_came_and_the_step_is_noted(fragile: Hotline) -> None:
    """A hotline of its own: its records have calls of tomorrow."""
    hotline = fragile
    clock = Clock(hotline)
    await hotline.service.stops()
    hotline.service.settings.update(clock.settings)
    await hotline.service.starts()
    said = hotline.service.says()
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await hotline.operator("malee", queues=("gcc",))
    for seconds in (-3600, 0, 86_400, 0):
        began = now()
        talker, waiter, leaver = [await hotline.calls("1567") for _ in range(3)]
        await talker.comes_to_hear(somchai.voice, within=5)
        await leaver.comes_to_hear("music", within=5)
        await clock.is_set(seconds)
        leaver.hang_up()
        talker.hang_up()
        await waiter.comes_to_hear(somchai.voice, within=20)
        waiter.hang_up()
        await hotline.api.is_in("somchai", "available", within=20)
        took = now() - began
        for caller in (talker, waiter, leaver):
            record = await hotline.record(caller, within=10)
            stamps = [at for stamp in STAMPS if (at := record[stamp]) is not None]
            assert all(earlier <= later for earlier, later in pairwise(stamps)), record
            assert 0 <= record["wait_seconds"] + (record["talk_seconds"] or 0) < took, record
    assert said("the wall clock was set")
    states = await hotline.records.rows(
        "select count(*) as wrong from operator_states where ended_at < began_at or seconds > 600"
    )
    assert states[0]["wrong"] == 0
