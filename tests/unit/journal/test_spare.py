"""A full disk: facts go to a second place, survive a kill there, and come home."""

import asyncio
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callcenter.core.facts import Fact
from callcenter.runtime import spare
from callcenter.runtime.journal import Journal
from callcenter.runtime.spare import why_not
from tests.facts import answered_calls, received
from tests.people.until import until
from tests.unit.journal.test_journal import REMEMBERED, abandon, nothing, read_all, segments_in

CALLS = answered_calls(5)
STATE = [REMEMBERED]


class Disk:
    """A folder whose disk refuses every byte while it is full; other folders' do not. The note of
    fixed size is written over, full or not."""

    def __init__(self, home: Path) -> None:
        self.home, self.is_full = home, False
        self._write = os.pwrite

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        """As the kernel's."""
        path = Path(f"/proc/self/fd/{file}").readlink()
        if self.is_full and path.is_relative_to(self.home) and path.name != "held":
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._write(file, data, offset)

    def moved_home(self, path: Path, home: Path) -> Path:
        """As spare.py's."""
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return spare.moved_home(path, home)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk of `tmp_path`."""
    found = Disk(tmp_path)
    monkeypatch.setattr(os, "pwrite", found.pwrite)
    monkeypatch.setattr("callcenter.runtime.journal_disk.moved_home", found.moved_home)
    return found


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder on another file system."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name)


def opened(home: Path, root: Path) -> Journal:
    """A journal with a second place."""
    return Journal.open(home, spare_root=root)


def away_in(root: Path) -> list[Path]:
    """The segments in the second place."""
    return sorted(root.glob("callcenter-*/*.journal"))


def rights_below(root: Path) -> list[int]:
    """Of the folder and what is in it."""
    return [path.stat().st_mode & 0o777 for path in sorted(root.rglob("*"))]


async def test_what_a_full_disk_refuses_survives_a_kill(
    tmp_path: Path, root: Path, disk: Disk
) -> None:
    journal = opened(tmp_path, root)
    journal.start(nothing)
    journal.append(CALLS[:10])
    disk.is_full = True
    journal.append(CALLS[10:20])
    journal.append(CALLS[20:])
    told = journal.complaint()
    assert "takes no facts" in told and str(root) in told
    assert (journal.disk.held_bytes, journal.disk.lost_facts) == (0, 0)
    assert rights_below(root) == [0o700, 0o600]
    abandon(journal)

    again = opened(tmp_path, root)
    assert list(again.replay()) == CALLS
    assert (again.is_incomplete, again.opened_seq, again.torn) == (False, len(CALLS) + 1, ())
    again.start(lambda: STATE)  # the disk is still full
    assert away_in(root) and again.disk.is_away
    again.append([received("after")])
    abandon(again)

    third = opened(tmp_path, root)
    assert list(third.replay()) == [*STATE, received("after")]
    assert not third.is_incomplete
    abandon(third)


async def test_it_comes_home_and_who_follows_misses_and_doubles_nothing(
    tmp_path: Path, root: Path, disk: Disk
) -> None:
    journal = opened(tmp_path, root)
    journal.start(lambda: STATE)
    running = asyncio.create_task(journal.run())
    reader, found = journal.reader(0), list[Fact]()

    async def follow() -> None:
        while len(found) < len(CALLS):
            found.extend(e.fact() for e in await reader.read())  # type: ignore[misc]

    following = asyncio.create_task(follow())
    for number, fact in enumerate(CALLS):
        disk.is_full = 5 <= number < len(CALLS) - 5
        journal.append([fact])
        await asyncio.sleep(0.01 if number % 7 else 0.06)
    async with asyncio.timeout(30):
        await following
    assert (found, reader.missed) == (CALLS, 0)
    await until(lambda: not journal.complaint() and not away_in(root), within=30)
    running.cancel()
    late = [entry.fact() for entry in await read_all(journal, 0, len(CALLS))]
    await journal.close()
    assert late == CALLS, "from the files, as they are at home"
    assert rights_below(root) == [], "the folder is gone, too"
    assert journal.disk.away_bytes == 0

    again = Journal.open(tmp_path)
    assert next(iter(again.replay())) == STATE[0]
    assert not again.is_incomplete
    await again.close()


async def test_what_is_stored_by_then_is_removed_and_not_brought_home(
    tmp_path: Path, root: Path, disk: Disk
) -> None:
    journal = opened(tmp_path, root)
    journal.start(nothing)
    disk.is_full = True
    journal.append(CALLS)
    await journal.disk.tend()
    assert journal.disk.away_bytes > 0
    journal.forget(journal.last_seq)
    disk.is_full = False
    await until(journal.disk.tend, within=30)
    assert (away_in(root), journal.disk.away_bytes) == ([], 0)
    assert len(segments_in(tmp_path)) == 1
    await journal.close()


async def test_what_is_away_can_be_read_at_once(tmp_path: Path, root: Path, disk: Disk) -> None:
    """Before anybody syncs or tries again: a reboot would take it."""
    journal = opened(tmp_path, root)
    journal.start(nothing)
    reader = journal.reader(0)
    disk.is_full = True
    reading = asyncio.create_task(reader.read())
    await asyncio.sleep(0)
    journal.append(CALLS[:10])
    async with asyncio.timeout(30):
        assert [entry.fact() for entry in await reading] == CALLS[:10]
    abandon(journal)


async def test_a_lost_second_place_is_a_gap_that_is_told(
    tmp_path: Path, root: Path, disk: Disk
) -> None:
    """The host was rebooted: no number is used again, and what was decided is missing."""
    journal = opened(tmp_path, root)
    journal.start(nothing)
    journal.append(CALLS[:10])
    disk.is_full = True
    journal.append(CALLS[10:20])
    abandon(journal)
    for path in away_in(root):
        path.unlink()
    disk.is_full = False

    again = opened(tmp_path, root)
    assert (again.opened_seq, again.is_incomplete) == (21, True)
    assert list(again.replay()) == CALLS[:10]
    abandon(again)


async def test_its_room_is_bounded_and_used_again_when_facts_are_stored(
    tmp_path: Path, root: Path, disk: Disk
) -> None:
    journal = opened(tmp_path, root)
    journal.start(lambda: STATE)
    disk.is_full = True
    journal.disk.spare.limit_bytes = 2_000
    for fact in CALLS:
        journal.append([fact])
        await journal.disk.tend()
    assert journal.disk.held_bytes > 0, "it is full, too"
    assert "held in memory" in journal.complaint()
    assert sum(path.stat().st_size for path in away_in(root)) < 3 * 2_000

    journal.forget(journal.last_seq)  # the database has taken all
    await journal.disk.tend()
    assert journal.disk.held_bytes == 0
    assert sum(path.stat().st_size for path in away_in(root)) < 2_000
    for _ in range(3):
        for fact in CALLS:
            journal.append([fact])
            journal.forget(journal.last_seq)
            await journal.disk.tend()
    assert (journal.disk.lost_facts, journal.disk.held_bytes) == (0, 0)
    abandon(journal)
    again = opened(tmp_path, root)
    assert next(iter(again.replay())) == STATE[0]
    assert again.opened_seq == 4 * len(CALLS) + 1
    abandon(again)


async def test_killed_between_the_copy_and_the_removal_nothing_is_there_twice(
    tmp_path: Path, root: Path, disk: Disk
) -> None:
    journal = opened(tmp_path, root)
    journal.start(nothing)
    disk.is_full = True
    journal.append(CALLS)
    abandon(journal)
    [path] = away_in(root)
    spare.moved_home(path, tmp_path)

    again = opened(tmp_path, root)
    assert away_in(root) == []
    assert list(again.replay()) == CALLS
    abandon(again)


@pytest.mark.parametrize("how", ["wide", "a link", "a file"])
async def test_a_folder_that_somebody_else_made_is_neither_used_nor_read(
    tmp_path: Path, root: Path, disk: Disk, how: str
) -> None:
    journal = opened(tmp_path, root)
    journal.start(nothing)
    journal.append(CALLS[:3])
    folder = root / f"callcenter-{journal.name}"
    folder.rmdir()
    if how == "wide":
        folder.mkdir()
        folder.chmod(0o777)
    elif how == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.write_text("")
    disk.is_full = True
    with capture_logs() as logs:
        for fact in CALLS[3:]:
            journal.append([fact])
    assert journal.disk.held_bytes > 0
    assert sum("somebody else's" in entry["event"] for entry in logs) == (how != "a file")
    abandon(journal)
    if how == "wide":
        (folder / "0000000009.journal").write_bytes(segments_in(tmp_path)[0].read_bytes())
    again = opened(tmp_path, root)
    assert list(again.replay()) == CALLS[:3]
    abandon(again)


def in_the_second_place(home: Path, root: Path, disk: Disk) -> Journal:
    """A journal whose last facts its disk refused."""
    disk.home = home
    journal = opened(home, root)
    journal.start(nothing)
    journal.append(CALLS[:10])
    disk.is_full = True
    journal.append(CALLS[10:])
    disk.is_full = False
    return journal


@pytest.mark.parametrize("first_lives", [True, False])
async def test_a_copy_of_the_folder_has_a_second_place_of_its_own(
    tmp_path: Path, root: Path, disk: Disk, first_lives: bool
) -> None:
    home, copy = tmp_path / "a", tmp_path / "b"
    journal = in_the_second_place(home, root, disk)
    shutil.copytree(home, copy)
    if not first_lives:
        abandon(journal)
    [path] = away_in(root)
    kept = path.read_bytes()

    other = opened(copy, root)
    assert (list(other.replay()), other.is_incomplete) == (CALLS[:10], True)
    other.start(nothing)
    disk.home, disk.is_full = copy, True
    other.append([received("of the copy")])
    assert len(away_in(root)) == 2
    abandon(other)
    later = opened(copy, root)  # what it has become, it stays
    assert (later.name, later.is_incomplete) == (other.name, False)
    assert list(later.replay()) == [received("of the copy")]
    later.start(nothing)
    disk.is_full = False
    assert await later.disk.tend()
    await later.close()

    assert (path.read_bytes(), away_in(root)) == (kept, [path])
    if first_lives:
        abandon(journal)
    again = opened(home, root)
    assert (again.name, list(again.replay())) == (journal.name, CALLS)
    abandon(again)


async def test_a_copy_at_the_same_path_of_a_container_is_known_while_the_other_lives(
    tmp_path: Path, root: Path, disk: Disk
) -> None:
    """Each has a volume of its own there, and both see the host's memory."""
    home, aside = tmp_path / "journal", tmp_path / "elsewhere"
    journal = in_the_second_place(home, root, disk)
    home.rename(aside)
    shutil.copytree(aside, home)

    other = opened(home, root)
    assert other.name != journal.name
    assert list(other.replay()) == CALLS[:10]
    abandon(other)
    abandon(journal)


async def test_a_folder_that_was_moved_finds_its_second_place(
    tmp_path: Path, root: Path, disk: Disk
) -> None:
    """Somebody took it to a larger disk, because its own was full."""
    home = tmp_path / "a"
    journal = in_the_second_place(home, root, disk)
    abandon(journal)
    shutil.copytree(home, tmp_path / "b")
    shutil.rmtree(home)

    again = opened(tmp_path / "b", root)
    assert again.name == journal.name
    assert list(again.replay()) == CALLS
    assert not again.is_incomplete
    abandon(again)


def test_a_place_on_the_same_disk_is_none(tmp_path: Path, root: Path) -> None:
    home = tmp_path / "journal"
    home.mkdir()
    assert why_not(root, home) == ""
    assert "is on the disk of" in why_not(tmp_path, home)
    assert "is not there" in why_not(root / "nowhere", home)
    assert why_not(None, home)
