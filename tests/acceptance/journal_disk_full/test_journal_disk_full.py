"""The journal's disk is full to its last byte while calls go on; then kill -9 and a start on it.
What the disk refuses is in a second place, in memory."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.hotline import Hotline
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import answers

DISK_MIB = 4

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a disk is mounted")


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """One in memory, mounted there."""
    place.mkdir(parents=True)
    size = f"size={DISK_MIB}m"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", place], check=False)
    assert mounted.returncode == 0, "root mounts a disk of memory for this story"
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@pytest_asyncio.fixture(loop_scope="session")
async def cramped() -> AsyncIterator[Hotline]:
    """A hotline whose journal has a disk of its own."""
    hotline = Hotline()
    with small_disk(journal(hotline)):
        async with hotline:
            yield hotline
            await hotline.everyone_leaves()
    shutil.rmtree(hotline.directory, ignore_errors=True)


def journal(hotline: Hotline) -> Path:
    return hotline.directory / "data" / "journal"


def fill(hotline: Hotline) -> None:
    """To the last byte."""
    with (journal(hotline) / "full").open("wb", buffering=0) as file:
        for size in (65_536, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


def make_room(hotline: Hotline) -> None:
    (journal(hotline) / "full").unlink()


async def all_is_stored(hotline: Hotline) -> bool:
    return await hotline.api.metric("hotline_record_behind_facts") == 0


async def is_told(hotline: Hotline) -> bool:
    return "The disk takes no facts" in str(await asyncio.to_thread(hotline.service.readiness))


async def refuses(hotline: Hotline) -> bool:
    """What is left of the file's last page is written full."""
    await hotline.pause("malee")
    await hotline.resume("malee")
    return await is_told(hotline)


async def is_served(operator: OperatorPhone, caller: Caller) -> None:
    """The caller is answered, and leaves."""
    await caller.comes_to_hear(operator.voice, within=10)
    caller.hang_up()


async def require_one_row_each(hotline: Hotline, answered: list[Caller], left: Caller) -> None:
    for caller in answered:
        record = await hotline.record(caller, within=20)
        assert (record["outcome"], record["operator"]) == ("answered", "somchai"), record
        assert len(await hotline.records.calls(caller.number)) == 1
    assert (await hotline.record(left, within=20))["outcome"] in ("abandoned_short", "abandoned")


def second_place(hotline: Hotline) -> list[Path]:
    """What of the journal is in memory."""
    name = (journal(hotline) / "name").read_text()
    return list(Path("/dev/shm").glob(f"callcenter-{name}/*"))


async def test_nothing_is_lost_while_the_disk_is_full_nor_by_a_kill(cramped: Hotline) -> None:
    somchai = await cramped.operator("somchai", habit=answers(0.1))
    first = await cramped.calls("1567")
    await first.comes_to_hear(somchai.voice, within=5)
    waiting = [await cramped.calls("1567") for _ in range(2)]
    await cramped.operator("malee", queues=("gcc",))
    fill(cramped)
    await until(lambda: refuses(cramped), within=10)
    while_full = [await cramped.calls("1567") for _ in range(3)]
    left = while_full.pop()
    await left.comes_to_hear("music", within=5)
    left.hang_up()
    assert "The disk takes no facts" in " ".join((await cramped.service.doctor()).split())
    first.hang_up()
    await is_served(somchai, waiting[0])
    await waiting[1].comes_to_hear(somchai.voice, within=5)
    await until(lambda: all_is_stored(cramped), within=10)

    await cramped.service.kills()
    cramped.service.launch()
    await cramped.service.is_ready()
    await until(lambda: is_told(cramped), within=10)
    assert second_place(cramped)
    assert await cramped.api.metric("hotline_journal_away_bytes") > 0
    await cramped.api.is_in("somchai", "on_call", within=20)
    await waiting[1].comes_to_hear(somchai.voice, within=5)
    await cramped.in_line("damrong", *while_full, within=10)
    newcomer = await cramped.calls("1567")
    for caller in (waiting[1], *while_full, newcomer):
        await is_served(somchai, caller)
    await require_one_row_each(cramped, [first, *waiting, *while_full, newcomer], left)
    assert await cramped.records.dead_letters() == []
    said = cramped.service.log.read_text()
    assert "was taken from the record" not in said, "the journal knew who is at work"
    make_room(cramped)
    await cramped.service.is_whole()
    await until(lambda: not second_place(cramped), within=10)
    assert await cramped.api.metric("hotline_journal_lost_facts_total") == 0
    assert await cramped.api.metric("hotline_journal_away_bytes") == 0
