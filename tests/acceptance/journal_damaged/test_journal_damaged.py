"""kill -9, and the newest file of the journal is damaged before the next start."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import until
from tests.people.phone import answers

HEADER_BYTE = 20


def a_flipped_byte_in_its_header(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[HEADER_BYTE] ^= 0xFF
    path.write_bytes(content)


def nothing_in_it(path: Path) -> None:
    path.write_bytes(b"")


def nothing_that_can_be_read(path: Path) -> None:
    path.write_bytes(b"\xa5" * path.stat().st_size)


@pytest.mark.parametrize(
    "damage", [a_flipped_byte_in_its_header, nothing_in_it, nothing_that_can_be_read]
)
async def test_operators_are_at_work_and_callers_are_served(
    hotline: Hotline, damage: Callable[[Path], None]
) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    malee = await hotline.operator("malee", habit=answers(0.1))
    wirat = await hotline.operator("wirat", habit=answers(0.1))
    await hotline.log_out("malee")
    await hotline.pause("wirat", "lunch")
    talker = await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=5)
    waiting = [await hotline.calls("1567") for _ in range(3)]
    for caller in waiting:
        await caller.comes_to_hear("music", within=5)
    await hotline.in_line("damrong", *waiting)
    await until(lambda: all_is_stored(hotline), within=10)

    killed = now()
    await hotline.service.kills()
    damage(max((hotline.directory / "data" / "journal").glob("*.journal")))
    said = hotline.service.says()
    hotline.service.launch()
    await hotline.service.is_ready()
    await hotline.api.is_in("wirat", "paused/lunch", within=20)
    assert await hotline.api.state("malee") == "offline"
    await hotline.in_line("damrong", *waiting, within=10)
    assert talker.heard(killed, one_in=4).only(somchai.voice), "the talk was not touched"
    assert len(somchai.calls) == 1 and somchai.rang_while_busy == 0, "who talks is not rung"
    assert said("the journal was damaged")
    degraded = await asyncio.to_thread(hotline.service.readiness)
    assert "was damaged" in str(degraded), degraded
    assert "was damaged" in " ".join((await hotline.service.doctor()).split())

    talker.hang_up()  # and nobody but the service can end the operator's leg
    for caller in waiting:
        await caller.comes_to_hear(somchai.voice, within=10)
        caller.hang_up()
    for caller in (talker, *waiting):
        record = await hotline.record(caller, within=10)
        assert (record["outcome"], record["operator"]) == ("answered", "somchai")
        assert caller is talker or not record["known_from_ledger"]  # the end of that talk may be
    assert malee.calls == [] and wirat.calls == []
    assert await hotline.records.dead_letters() == []
    await hotline.service.stops()
    await hotline.service.starts()  # it is told once


async def all_is_stored(hotline: Hotline) -> bool:
    return await hotline.api.metric("hotline_record_behind_facts") == 0
