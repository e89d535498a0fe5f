"""The disk on which Asterisk keeps what is said is full, then full of strange things, then takes
nothing at all: that costs recordings, never a talk nor the service, and each record says so."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from callcenter.oversight.recordings.keys import add_key
from tests.acceptance.recorded.test_recorded import (
    NOTICE,
    SECONDS,
    in_talk,
    kept,
    pieces,
    shows,
    sound,
    talks_for,
)
from tests.hotline import Hotline
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import answers
from tests.unit.prompts.voices import fill as record_prompts

WRITTEN_SECONDS = 4.1
"""Asterisk writes when it has 32 kB of a side; what it still has is lost on a full disk."""

DISK = "size=1m,mode=0755"
STRANGE = (b"\xff\xfe.alaw", b"a b&c?.alaw", "คำร้อง.alaw".encode(), b"lost+found/in/it.alaw")

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a disk is mounted")


def spool(hotline: Hotline) -> Path:
    return hotline.asterisk.directory / "spool" / "recording"


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """One in memory, of root's as a host mounts it."""
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@pytest_asyncio.fixture(loop_scope="session")
async def cramped(tmp_path: Path) -> AsyncIterator[Hotline]:
    """Its line 1669 records, on a disk of its own."""
    keys = tmp_path / "keys"
    add_key(keys, datetime.now(UTC))
    hotline = Hotline(
        settings={
            "CALLCENTER_RECORDING_KEY_FILE": str(keys),
            "CALLCENTER_RECORDINGS_SPARE_BYTES": "0",
        }
    )
    with small_disk(spool(hotline)):
        async with hotline:
            folder = hotline.asterisk.directory / "lib" / "prompts" / "th"
            record_prompts(folder, {"own_notice": NOTICE}, 1.5)
            await hotline.says("1669", 'notice = ["own_notice"]\nrecord = true')
            await until(
                lambda: "NOTIFIES_1669=1" in hotline.asterisk.console("dialplan show globals"),
                within=15,
            )
            yield hotline
            await hotline.everyone_leaves()
    shutil.rmtree(hotline.directory, ignore_errors=True)


def fill(hotline: Hotline) -> None:
    """To the last byte."""
    with (spool(hotline) / "full").open("wb", buffering=0) as file:
        for size in (65_536, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


def litter(place: Path) -> None:
    """What others left there."""
    for name in STRANGE:
        path = Path(os.fsdecode(bytes(place) + b"/" + name))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(b"\xd5" * 8_000)
    (place / "nowhere.alaw").symlink_to("/nowhere/at/all")
    (place / "in-itself").symlink_to(".")


def remount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", place], check=True)


async def in_recorded_talk(hotline: Hotline, somchai: OperatorPhone) -> tuple[Caller, str]:
    """A caller of the line that records, and the call's name."""
    somsri = await hotline.calls("1669")
    await in_talk(somsri, somchai)
    return somsri, str((await hotline.api.operator(somchai.name))["call"])


def lives(hotline: Hotline) -> bool:
    process, asterisk = hotline.service.process, hotline.asterisk
    return process is not None and process.poll() is None and not asterisk.ended()


async def is_recorded_whole(hotline: Hotline, somchai: OperatorPhone) -> None:
    somsri, call = await in_recorded_talk(hotline, somchai)
    await shows(hotline, "somchai", "on")
    await talks_for(somsri, somchai, 2.0)
    somsri.hang_up()
    [one] = await kept(hotline, call)
    assert (one["state"], one["ending"]) == ("kept", "done")
    said, heard = await sound(hotline, one)
    for told in (pieces(said, somsri.voice), pieces(heard, somchai.voice)):
        assert told.count("V") > 15, told


def what_became(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = ("number", "state", "why", "ending", "seconds", "sound_seconds")
    return [tuple(one[name] for name in names) for one in found]


async def test_a_full_disk_costs_the_recording_and_never_the_talk(cramped: Hotline) -> None:
    hotline = cramped
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri, call = await in_recorded_talk(hotline, somchai)
    await shows(hotline, "somchai", "on")
    await talks_for(somsri, somchai, WRITTEN_SECONDS + 1.5)
    fill(hotline)
    await talks_for(somsri, somchai, 8.0)
    assert lives(hotline)
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["outcome"], record["ended_by"]) == ("answered", "caller")
    found = await kept(hotline, call)
    print(what_became(found))
    first = found[0]
    assert (first["state"], first["ending"]) == ("kept", "cut"), "what there was is kept"
    said, heard = await sound(hotline, first)
    told = pieces(said, somsri.voice), pieces(heard, somchai.voice)
    print(told)
    assert max(each.count("V") for each in told) > 25
    assert min(each.count("V") for each in told) < 10 * (first["seconds"] - 2), "some is lost"
    assert {one["why"] for one in found[1:-1]} <= {"no_sound"}
    short = await hotline.api.metric("hotline_recordings_short_total")
    assert short >= 1, "RecordingsShort is made of it"

    (spool(hotline) / "full").unlink()
    await is_recorded_whole(hotline, somchai)


async def test_a_strange_folder_and_one_that_takes_nothing(cramped: Hotline) -> None:
    hotline, place = cramped, spool(cramped)
    litter(place)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await is_recorded_whole(hotline, somchai)

    remount(place, "ro")
    somsri, call = await in_recorded_talk(hotline, somchai)
    await talks_for(somsri, somchai, 4.0)
    somsri.hang_up()
    found = await kept(hotline, call)
    print(what_became(found))
    assert {one["state"] for one in found} == {"failed"}
    assert await hotline.api.metric("hotline_recordings_failed_total") >= 1
    remount(place, "rw")
    await is_recorded_whole(hotline, somchai)

    remount(place, "ro")
    hotline.asterisk.stop()  # it starts again on a disk that takes nothing
    hotline.asterisk.start()
    await hotline.service.is_whole()
    assert lives(hotline)
    await somchai.registers_now()
    await hotline.api.is_in("somchai", "available", within=SECONDS)
    somsri, _ = await in_recorded_talk(hotline, somchai)
    await talks_for(somsri, somchai, 2.0)
    somsri.hang_up()
    await hotline.record(somsri)
