"""Asterisk's own list of calls: every caller's row is read, through restarts and torn writes."""

import asyncio
import csv
import io
import os
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from callcenter.ari.ledger_place import CHUNK_BYTES
from callcenter.ari.ledger_reader import (
    FIELDS,
    KEEP_BYTES,
    KEEP_SECONDS,
    Ledger,
    row_event,
)
from callcenter.core.events import LedgerRead, Stage
from callcenter.core.ids import CallId
from callcenter.core.state import RECENT_CALLS
from callcenter.ports.people import DatabaseAwayError
from tests.people import until

NOW = 1_795_000_100.0
TEMPLATE = Path(__file__).parents[3] / "dialplans" / "cdr_custom.conf"


def row(call: str = "cc-1.1", **changes: str) -> str:
    if stage := changes.pop("stage", ""):
        changes["accountcode"] = f"{stage}/1567/0812345678"
    values = dict.fromkeys(FIELDS, "")
    values |= {
        "linkedid": call,
        "uniqueid": call,
        "start": "1795000000.250000",
        "answer": "1795000000.500000",
        "end": "1795000060.250000",
        "disposition": "ANSWERED",
        "accountcode": "stasis/1567/0812345678",
        "channel": "PJSIP/trunk@k3f7w2xa-00000001",
    }
    values |= changes
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(values.values())
    return text.getvalue()


class Reader:
    """A ledger being followed; `calls` are those handed over."""

    def __init__(self, folder: Path, keep_bytes: int = KEEP_BYTES) -> None:
        self.path = folder / "ledger.csv"
        self.place = folder / "place"
        self.read: list[LedgerRead] = []
        self.room = True
        self.worked_off = asyncio.Event()
        self.worked_off.set()
        self.remembered: set[str] = set()  # by the engine
        self.recorded: dict[CallId, str] = {}  # finished calls of the record
        self.asked: list[str] = []
        self.database_is_away = False
        self.ledger = Ledger(**self.arguments, keep_bytes=keep_bytes)

    @property
    def arguments(self) -> dict[str, Any]:
        """What a ledger is made with."""
        return {
            "path": self.path,
            "place_file": self.place,
            "put": self._put,
            "worked_off": self._worked_off,
            "remembers": self.remembered.__contains__,
            "outcomes": self._outcomes,
        }

    async def _outcomes(self, calls: Sequence[CallId]) -> Mapping[CallId, str]:
        if self.database_is_away:
            raise DatabaseAwayError("away")
        self.asked += calls
        return {call: self.recorded[call] for call in calls if call in self.recorded}

    def _put(self, event: LedgerRead) -> bool:
        if self.room:
            self.read.append(event)
        return self.room

    async def _worked_off(self) -> None:
        await self.worked_off.wait()

    @property
    def calls(self) -> list[str]:
        return [event.call for event in self.read]

    @asynccontextmanager
    async def following(self) -> AsyncIterator["Reader"]:
        task = asyncio.create_task(self.ledger.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def has_read(self, *calls: str) -> None:
        async with asyncio.timeout(30):
            while self.calls != list(calls):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_the_columns_are_those_asterisk_writes() -> None:
    [line] = [line for line in TEMPLATE.read_text().splitlines() if line.startswith("fields")]
    names = [field.partition("(")[0].strip() for field in line.partition("=")[2].split(",")]
    assert tuple(names) == FIELDS


def test_who_left_before_the_dial_plan_began_is_a_caller() -> None:
    trunk = TEMPLATE.with_name("pjsip.conf").read_text()
    [account] = re.findall(r"^accountcode = (.+)$", trunk, re.MULTILINE)
    event = row_event(row(accountcode=account, answer=""), now=NOW)
    assert event is not None
    assert (event.stage, event.did, event.caller) == (Stage.GREETING, "", "")


@pytest.mark.parametrize(
    ("changes", "stage", "answered", "wait_seconds"),
    [
        ({"stage": "greeting"}, Stage.GREETING, False, 60.0),
        ({"stage": "stasis"}, Stage.STASIS, False, 60.0),
        ({"stage": "out:queue_full"}, Stage.STASIS, False, 60.0),
        ({"stage": "lifeboat", "lifeboat_since": "1795000010"}, Stage.LIFEBOAT, False, 60.0),
        (
            {"stage": "lifeboat", "lifeboat_since": "1795000010", "lifeboat_wait": "7"},
            Stage.LIFEBOAT,
            True,
            16.75,
        ),
        (
            {"stage": "lifeboat", "lifeboat_since": "1795000010", "lifeboat_wait": "999"},
            Stage.LIFEBOAT,
            True,
            60.0,
        ),
    ],
)
def test_a_callers_row(
    changes: dict[str, str], stage: Stage, answered: bool, wait_seconds: float
) -> None:
    event = row_event(row(**changes).strip(), now=NOW)
    assert event is not None
    assert (event.stage, event.answered) == (stage, answered)
    assert event.wait_seconds == pytest.approx(wait_seconds)
    assert event.call_seconds == pytest.approx(60.0)
    assert event.age_seconds == pytest.approx(99.75)
    assert (event.call, event.did, event.caller) == ("cc-1.1", "1567", "0812345678")


def test_who_came_again_by_another_channel_is_known_by_that_one() -> None:
    event = row_event(row(accountcode="lifeboat/cc-1.7/1567/0812345678").strip(), now=NOW)
    assert event is not None
    assert (event.call, event.stage) == ("cc-1.7", Stage.LIFEBOAT)
    assert (event.did, event.caller) == ("1567", "0812345678")


@pytest.mark.parametrize("account", ["", "stasis/1567/0812345678"])
@pytest.mark.parametrize(
    "channel", ["PJSIP/op-malee@k3f7w2xa-00000002", "Local/s@hand-over-00000001;2"]
)
def test_a_row_that_is_no_callers_is_passed_over(account: str, channel: str) -> None:
    leg = row("offer-1-cc-1.1", channel=channel, accountcode=account)
    assert row_event(leg.strip(), now=NOW) is None


@pytest.mark.parametrize("line", ["", "a,b", row(start="soon").strip(), row(end="").strip()])
def test_what_is_no_row_is_a_value_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"row of the ledger|could not convert"):
        row_event(line, now=NOW)


@pytest.mark.parametrize("account", ["stasis", "stasis/1567", "stasis/a/b/1567/0812345678"])
def test_what_is_no_account_code_is_a_value_error(account: str) -> None:
    with pytest.raises(ValueError, match=r"account code|not enough values"):
        row_event(row(accountcode=account).strip(), now=NOW)


async def test_rows_are_read_as_they_come(reader: Reader) -> None:
    async with reader.following():
        append(reader.path, row("1"))
        await reader.has_read("1")
        append(reader.path, row("2") + row("offer-1-2", accountcode="") + row("3"))
        await reader.has_read("1", "2", "3")
    assert reader.ledger.malformed == 0


async def test_a_row_that_is_half_written_is_read_when_it_is_whole(reader: Reader) -> None:
    text = row("2")
    append(reader.path, row("1") + text[:20])
    async with reader.following():
        await reader.has_read("1")
        append(reader.path, text[20:])
        await reader.has_read("1", "2")
    assert reader.ledger.malformed == 0


async def test_a_restart_goes_on_where_it_was(reader: Reader, tmp_path: Path) -> None:
    append(reader.path, row("1"))
    async with reader.following():
        await reader.has_read("1")
        async with asyncio.timeout(30):
            while not reader.place.exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    append(reader.path, row("2"))
    again = Reader(tmp_path)
    async with again.following():
        await again.has_read("2")


async def test_the_place_is_kept_when_the_engine_has_the_rows(reader: Reader) -> None:
    append(reader.path, row("1"))
    reader.worked_off.clear()
    async with reader.following():
        await reader.has_read("1")
        await asyncio.sleep(0.1)
        assert not reader.place.exists()
        reader.worked_off.set()
        await until(reader.place.exists, within=30)


@pytest.mark.parametrize("place", ["", "garbage", "1", "-1 x", "999 99999999"])
async def test_a_place_that_makes_no_sense_means_from_the_start(
    reader: Reader, tmp_path: Path, place: str
) -> None:
    reader.place.write_text(place)
    append(reader.path, row("1"))
    again = Reader(tmp_path)
    async with again.following():
        await again.has_read("1")


async def test_a_new_file_in_the_old_ones_place_is_read_from_its_start(reader: Reader) -> None:
    append(reader.path, row("1") + row("2"))
    async with reader.following():
        await reader.has_read("1", "2")
        fresh = reader.path.with_suffix(".fresh")
        append(fresh, row("3"))
        fresh.rename(reader.path)
        await reader.has_read("1", "2", "3")


def other_file(path: Path) -> None:
    """The same rows in a file with another number, as after a copy, a move or a restore."""
    copy = path.with_suffix(".copy")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)


async def test_a_file_that_was_copied_moved_or_restored_is_the_same_one(
    reader: Reader, tmp_path: Path
) -> None:
    append(reader.path, row("1") + row("2"))
    async with reader.following():
        await reader.has_read("1", "2")
        other_file(reader.path)
        append(reader.path, row("3"))
        await reader.has_read("1", "2", "3")
        size = str(reader.path.stat().st_size)
        await until(lambda: reader.place.read_text().split()[1] == size, within=30)
    other_file(reader.path)
    append(reader.path, row("4"))
    again = Reader(tmp_path)
    async with again.following():
        await again.has_read("4")


async def test_a_file_put_aside_and_copied_is_the_same_one(tmp_path: Path) -> None:
    aside = tmp_path / "ledger.old.csv"
    append(tmp_path / "ledger.csv", row("a"))
    async with Reader(tmp_path, keep_bytes=1).following():
        await until(aside.exists, within=10)
    other_file(aside)
    append(aside, row("b"))
    second = Reader(tmp_path, keep_bytes=1)
    append(second.path, row("c"))
    async with second.following():
        await second.has_read("b", "c")


async def test_a_file_cut_short_that_has_grown_longer_since_is_read_from_its_start(
    reader: Reader,
) -> None:
    """As logrotate's copytruncate does it: the number is the same, the rows are others."""
    append(reader.path, row("1"))
    async with reader.following():
        await reader.has_read("1")
        reader.path.write_text(row("2") + row("3") + row("4"))
        await reader.has_read("1", "2", "3", "4")


async def test_a_place_of_a_former_version_is_understood(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    append(reader.path, row("1") + row("2"))
    reader.place.write_text(f"{reader.path.stat().st_ino} {len(row('1'))}")
    again = Reader(tmp_path)
    async with again.following():
        await again.has_read("2")


async def test_no_number_of_a_caller_is_in_the_place(reader: Reader) -> None:
    append(reader.path, row("1"))
    async with reader.following():
        await until(reader.place.exists, within=30)
    assert "0812345678" not in reader.place.read_text()


async def test_of_a_call_that_the_engine_does_not_remember_the_record_is_asked(
    reader: Reader,
) -> None:
    reader.remembered.add("1")
    reader.recorded[CallId("2")] = "answered"
    append(reader.path, row("1") + row("2") + row("3"))
    async with reader.following():
        await reader.has_read("1", "2", "3")
    assert reader.asked == ["2", "3"]
    assert [event.recorded for event in reader.read] == ["", "answered", ""]


async def test_while_the_record_cannot_be_asked_rows_wait(reader: Reader) -> None:
    reader.database_is_away = True
    append(reader.path, row("1") + "no row\n")
    async with reader.following():
        await until(lambda: "wait" in reader.ledger.trouble, within=30)
        assert (reader.calls, reader.place.exists()) == ([], False)
        reader.database_is_away = False
        await reader.has_read("1")
        await until(lambda: not reader.ledger.trouble, within=30)
    assert reader.ledger.malformed == 1


async def test_who_does_not_serve_the_calls_reads_no_ledger(tmp_path: Path) -> None:
    reader, turns, serves = Reader(tmp_path), [], False

    def may_read() -> bool:
        turns.append(serves)
        return serves

    reader.ledger = Ledger(**reader.arguments, may_read=may_read)
    append(reader.path, row("1"))
    async with reader.following():
        await until(lambda: len(turns) > 1, within=30)
        assert reader.calls == []
        serves = True
        await reader.has_read("1")


async def test_rows_are_read_again_when_facts_of_them_may_be_lost(reader: Reader) -> None:
    append(reader.path, row("1") + row("2"))
    async with reader.following():
        await reader.has_read("1", "2")
    reader.ledger = Ledger(**reader.arguments, from_the_start=True)
    append(reader.path, row("3"))
    async with reader.following():
        await reader.has_read("1", "2", "1", "2", "3")


async def test_a_file_that_was_cut_short_is_read_from_its_start(reader: Reader) -> None:
    append(reader.path, row("1") + row("2"))
    async with reader.following():
        await reader.has_read("1", "2")
        reader.path.write_text(row("3"))
        await reader.has_read("1", "2", "3")


async def test_a_damaged_row_costs_only_itself(reader: Reader) -> None:
    append(reader.path, row("1") + '"broken\n' + "\x00\xff\n" + row("2"))
    async with reader.following():
        await reader.has_read("1", "2")
    assert reader.ledger.malformed == 2


def test_what_is_read_again_after_a_kill_is_less_than_the_engine_remembers() -> None:
    shortest = row("a-1.1", start="1.1", answer="", end="1.2", disposition="", did="", caller="")
    assert CHUNK_BYTES / len(shortest) < RECENT_CALLS / 2


async def test_a_long_ledger_leaves_the_loop_to_others(reader: Reader) -> None:
    """After hours without the service, callers must not wait for the old ones' records."""
    append(reader.path, "".join(row(str(number)) for number in range(3000)))
    turns = 0
    async with reader.following():
        while len(reader.read) < 3000:
            turns += len(reader.read) > 0
            before = len(reader.read)
            await asyncio.sleep(0)
            assert len(reader.read) - before <= 100
    assert turns >= 30


async def test_a_full_inbox_is_waited_for(reader: Reader) -> None:
    reader.room = False
    append(reader.path, row("1") + row("2"))
    async with reader.following():
        await asyncio.sleep(0.2)
        assert reader.calls == []
        reader.room = True
        await reader.has_read("1", "2")


async def test_a_long_ledger_is_put_aside_when_it_was_read(tmp_path: Path) -> None:
    reader = Reader(tmp_path, keep_bytes=len(row("a")) * 2)
    aside = reader.path.with_suffix(".old.csv")
    append(reader.path, row("a"))
    async with reader.following():
        await reader.has_read("a")
        with reader.path.open("a") as asterisk:
            asterisk.write(row("b"))
            asterisk.flush()
            await until(lambda: not reader.path.exists(), within=10)
            asterisk.write(row("c"))  # opened before, written after
        await reader.has_read("a", "b", "c")
        append(reader.path, row("d"))
        await reader.has_read("a", "b", "c", "d")
        assert aside.read_text() == row("a") + row("b") + row("c")
        append(reader.path, row("e"))
        await until(lambda: not reader.path.exists(), within=10)
    assert reader.calls == ["a", "b", "c", "d", "e"]
    assert aside.read_text() == row("d") + row("e"), "what was put aside before is gone"


async def test_a_ledger_put_aside_is_not_read_again_by_the_next_process(tmp_path: Path) -> None:
    aside = tmp_path / "ledger.old.csv"
    append(tmp_path / "ledger.csv", row("a"))
    first = Reader(tmp_path, keep_bytes=1)
    async with first.following():
        await until(aside.exists, within=10)
    append(aside, row("b"))  # while nobody looked
    second = Reader(tmp_path, keep_bytes=1)
    append(second.path, row("c"))
    async with second.following():
        await second.has_read("b", "c")


async def test_a_short_ledger_is_put_aside_a_month_later(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    aside = reader.path.with_suffix(".old.csv")
    append(reader.path, row("a"))
    async with reader.following():
        await until(aside.exists, within=10)
        assert (reader.path.read_text(), aside.read_text()) == (row("a"), "")
        a_month_passes(aside)
        await until(lambda: not reader.path.exists(), within=10)
        assert aside.read_text() == row("a")
        append(reader.path, row("b"))
        await reader.has_read("a", "b")
        a_month_passes(aside)
        await until(lambda: not reader.path.exists(), within=10)
    assert aside.read_text() == row("b"), "two months later nobody knows the first caller"


def a_month_passes(path: Path) -> None:
    then = time.time() - KEEP_SECONDS - 1
    os.utime(path, (then, then))


async def test_a_file_that_began_just_now_is_read_before_it_is_put_aside(tmp_path: Path) -> None:
    """Asterisk may begin it between the look whether there is more and the renaming."""
    reader = BegunLate(tmp_path, keep_bytes=1)
    append(reader.path, row("a"))
    async with reader.following():
        await until(lambda: reader.begun, within=10)
        await reader.has_read("a", "b")


class BegunLate(Reader):
    """Asterisk begins its second file just after the reader found none."""

    def __init__(self, folder: Path, keep_bytes: int) -> None:
        super().__init__(folder, keep_bytes)
        self.begun = False
        self.ledger = AskedLate(self, keep_bytes)


class AskedLate(Ledger):
    """See `BegunLate`."""

    def __init__(self, reader: BegunLate, keep_bytes: int) -> None:
        super().__init__(**reader.arguments, keep_bytes=keep_bytes)
        self._reader = reader

    def _has_grown(self, path: Path) -> bool:
        grown = super()._has_grown(path)
        if not path.exists() and not self._reader.begun:
            self._reader.begun = True
            append(path, row("b"))
        return grown
