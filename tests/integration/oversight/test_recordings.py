"""Recorded talks: rows by the recorder, sealed by the keeper, heard, held and purged by the API."""

import asyncio
import io
import shutil
import subprocess
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.facts import RecordingChanged, RecordingEnd, RecordingEnded, RecordingStage
from callcenter.core.ids import THE_NODE, CallId, LineName, NodeId, OperatorId, QueueName
from callcenter.core.legs import RecorderLeg
from callcenter.oversight.recordings.keeper import COUNT_SECONDS, Keeper
from callcenter.oversight.recordings.keys import add_key
from callcenter.oversight.recordings.model import RecordingName, Why
from callcenter.oversight.recordings.sound import KEPT_A_SECOND
from callcenter.ports.people import Role
from callcenter.ports.sounds import SoundAwayError
from callcenter.storage.recordings import recordings
from callcenter.storage.tables import calls
from tests.integration.house import Answer, House, opened
from tests.integration.test_recorder import Records, at
from tests.integration.test_recorder import records as records
from tests.people import until
from tests.people.tones import DECODED, share_of, tone_frame

NOW = datetime.now(UTC)
SECONDS = 6
CALL = "pbx-1.1"
NAME = RecordingName(CallId(CALL), 1)
PATH = f"/api/v1/recordings/{CALL}/1"


@dataclass
class Spool:
    """What Asterisk has kept, in the test's hands."""

    sounds: dict[RecorderLeg, bytes] = field(default_factory=dict)
    live: set[RecorderLeg] = field(default_factory=set)
    away: bool = False

    def node_of(self, call: CallId) -> NodeId:
        return THE_NODE

    async def kept(self) -> list[RecorderLeg]:
        self._must_be_there()
        return list(self.sounds)

    async def is_live(self, leg: RecorderLeg) -> bool:
        self._must_be_there()
        return leg in self.live

    async def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        self._must_be_there()
        sound = self.sounds.get(leg, b"")
        for start in range(0, len(sound), 7_000):
            yield sound[start : start + 7_000]

    async def forget(self, leg: RecorderLeg) -> None:
        self._must_be_there()
        self.sounds.pop(leg, None)

    def _must_be_there(self) -> None:
        if self.away:
            raise SoundAwayError("away")

    def put(self, name: RecordingName, seconds: int = SECONDS) -> None:
        """A caller at 850 Hz, an operator at 1000 Hz."""
        for leg, hertz in zip(name.legs(THE_NODE), (850, 1000), strict=True):
            self.sounds[leg] = tone_frame(hertz) * 50 * seconds


@dataclass
class Floor:
    """The house with its spool, and a clock of the keeper's own."""

    house: House
    spool: Spool
    engine: AsyncEngine

    @property
    def keeper(self) -> Keeper:
        return self.house.shared.keeper

    async def ended(self, call: str = CALL, number: int = 1, **more: Any) -> RecordingName:
        """A row as the recorder leaves it, and its sound."""
        name = RecordingName(CallId(call), number)
        values = {
            "call_id": call,
            "number": number,
            "line": "1567",
            "queue": "damrong",
            "operator": "somchai",
            "began_at": NOW - timedelta(minutes=5),
            "ended_at": NOW - timedelta(minutes=4),
            "ending": "done",
            "seconds": float(SECONDS),
            "paused_seconds": 0.0,
            "state": "ended",
            **more,
        }
        async with self.engine.begin() as connection:
            await connection.execute(insert(recordings).values(**values))
        self.spool.put(name)
        return name

    async def kept(self, call: str = CALL, number: int = 1, **more: Any) -> RecordingName:
        name = await self.ended(call, number, **more)
        await self.keeper.look()
        return name

    async def row(self, call: str = CALL, number: int = 1) -> dict[str, Any]:
        asked = text("select * from recordings where call_id = :call and number = :number")
        async with self.engine.connect() as connection:
            found = await connection.execute(asked, {"call": call, "number": number})
            return dict(found.mappings().one())

    async def audit(self, action: str) -> list[dict[str, Any]]:
        asked = text("select who, about, details from audit where action = :action order by at")
        async with self.engine.connect() as connection:
            found = await connection.execute(asked, {"action": action})
            return [dict(row) for row in found.mappings()]

    async def plays(self, by: str = "suda", path: str = PATH) -> str:
        """Where the sound is."""
        begun = await self.house.ask("POST", f"{path}/playbacks", by=by)
        assert begun.status == 201, begun.body
        return str(begun.body["sound"])

    async def sound(self, where: str, part: str = "", by: str = "suda") -> tuple[int, bytes, Any]:
        headers = {"Authorization": f"Bearer {self.house.tokens[by]}"}
        if part:
            headers["Range"] = part
        async with self.house.http.get(self.house.url + where, headers=headers) as answer:
            return answer.status, await answer.read(), answer.headers


@asynccontextmanager
async def floor_of(engine: AsyncEngine, directory: Path, **settings: Any) -> AsyncIterator[Floor]:
    spool = Spool()
    usual: dict[str, Any] = {"recordings_spare_bytes": 0, "sounds": spool}
    async with opened(engine, directory, **{**usual, **settings}) as house:
        await house.person("suda", Role.SUPERVISOR)
        await house.person("ann", Role.ADMINISTRATOR)
        await house.person("somchai", Role.OPERATOR)
        yield Floor(house, spool, engine)


@pytest.fixture
async def floor(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Floor]:
    add_key(tmp_path / "keys", NOW)
    async with floor_of(engine, tmp_path, recording_key_file=tmp_path / "keys") as floor:
        yield floor


# --- the record --------------------------------------------------------------------------------


def changed(seconds: float, stage: RecordingStage, since: float) -> RecordingChanged:
    return RecordingChanged(
        at=seconds,
        call=CallId("c1"),
        number=1,
        line=LineName("1567"),
        queue=QueueName("damrong"),
        operator=OperatorId("somchai"),
        stage=stage,
        until=0.0,
        since=since,
    )


def over(seconds: float, end: RecordingEnd) -> RecordingEnded:
    return RecordingEnded(
        at=seconds,
        call=CallId("c1"),
        number=1,
        line=LineName("1567"),
        queue=QueueName("damrong"),
        operator=OperatorId("somchai"),
        end=end,
        seconds=0.0 if end is RecordingEnd.FAILED else 20.0,
        paused_seconds=3.0,
    )


async def test_a_recording_is_in_the_record_from_its_beginning(records: Records) -> None:
    await records.keep(changed(10.0, RecordingStage.TAPPING, 10.0))
    wanted = (
        "select state, why, began_at, ended_at, ending, seconds, paused_seconds from recordings"
    )
    [row] = await records.rows(wanted)
    assert (row["state"], row["began_at"], row["ended_at"]) == ("running", at(10.0), None)
    await records.keep(changed(10.5, RecordingStage.RUNNING, 10.5))
    await records.keep(over(30.5, RecordingEnd.DONE))
    assert await records.rows(wanted) == [
        {
            "state": "ended",
            "why": "",
            "began_at": at(10.5),
            "ended_at": at(30.5),
            "ending": "done",
            "seconds": 20.0,
            "paused_seconds": 3.0,
        }
    ]
    await records.keep(over(31.0, RecordingEnd.FAILED))  # told twice, by another journal
    [row] = await records.rows(wanted)
    assert (row["state"], row["ending"]) == ("ended", "done")


@pytest.mark.parametrize(
    ("end", "why"),
    [(RecordingEnd.FAILED, "asterisk"), (RecordingEnd.TOO_SHORT, "too_short")],
)
async def test_one_that_came_to_nothing_says_why(
    records: Records, end: RecordingEnd, why: str
) -> None:
    await records.keep(changed(10.0, RecordingStage.TAPPING, 10.0), over(12.0, end))
    [row] = await records.rows("select state, why from recordings")
    assert row == {"state": "failed", "why": why}


# --- sealing -----------------------------------------------------------------------------------


async def test_what_is_over_is_sealed_and_is_not_in_the_clear_any_more(floor: Floor) -> None:
    await floor.kept()
    row = await floor.row()
    assert (row["state"], row["sound_seconds"]) == ("kept", SECONDS)
    assert row["bytes"] == SECONDS * KEPT_A_SECOND
    assert floor.spool.sounds == {}
    raw = floor.keeper.vault.place(row["file"]).read_bytes()
    assert tone_frame(850)[:40] not in raw and len(raw) > row["bytes"]
    tally = floor.keeper.tally
    assert (tally.kept, tally.seconds, tally.short) == (1, SECONDS, 0)


async def test_while_asterisk_writes_to_it_nothing_is_taken(floor: Floor) -> None:
    name = await floor.ended()
    floor.spool.live.update(name.legs(THE_NODE))
    await floor.keeper.look()
    assert ((await floor.row())["state"], len(floor.spool.sounds)) == ("ended", 2)
    floor.spool.live.clear()
    await floor.keeper.look()
    assert (await floor.row())["state"] == "kept"


async def test_a_side_that_is_shorter_is_filled_and_a_lack_is_told(floor: Floor) -> None:
    name = await floor.ended(seconds=60.0)
    leg = name.legs(THE_NODE)[1]
    floor.spool.sounds[leg] = floor.spool.sounds[leg][:8_000]
    await floor.keeper.look()
    row = await floor.row()
    assert (row["state"], row["sound_seconds"], row["seconds"]) == ("kept", SECONDS, 60.0)
    assert floor.keeper.tally.short == 1


async def test_a_side_that_is_lost_is_told_although_the_other_is_whole(floor: Floor) -> None:
    name = await floor.ended()
    floor.spool.sounds[name.legs(THE_NODE)[0]] = b""
    await floor.keeper.look()
    row = await floor.row()
    assert (row["state"], row["sound_seconds"]) == ("kept", SECONDS)
    assert floor.keeper.tally.short == 1


async def test_no_sound_at_all_is_told(floor: Floor) -> None:
    name = await floor.ended()
    for leg in name.legs(THE_NODE):
        floor.spool.sounds[leg] = b""
    await floor.keeper.look()
    row = await floor.row()
    assert (row["state"], row["why"]) == ("failed", Why.NO_SOUND)
    assert floor.spool.sounds == {}


async def test_without_a_key_nothing_is_kept_and_after_an_hour_the_sound_is_given_up(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    async with floor_of(engine, tmp_path, recording_key_file=keys) as floor:
        await floor.ended()
        await floor.keeper.look()
        assert ((await floor.row())["state"], floor.keeper.waiting) == ("ended", 1)
        assert "new-key" in floor.keeper.complaint
        add_key(keys, NOW)
        await floor.keeper.look()
        assert ((await floor.row())["state"], floor.keeper.complaint) == ("kept", "")
        keys.unlink()
        await floor.ended(CALL, 2, ended_at=NOW - timedelta(hours=2))
        await floor.keeper.look()
        row = await floor.row(number=2)  # the service was away: it has not been tried for an hour
        assert (row["state"], len(floor.spool.sounds)) == ("ended", 2)
        floor.house.hands.moved_seconds += 3_700
        await floor.keeper.look()
        row = await floor.row(number=2)
        assert (row["state"], row["why"]) == ("failed", Why.NO_KEY)
        assert floor.spool.sounds == {} and floor.keeper.tally.failed[Why.NO_KEY] == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    subprocess.run(mounting, check=True)
    yield place
    subprocess.run(["umount", str(place)], check=True)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def make_larger(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=1m", str(disk)], check=True)


async def test_a_full_disk_costs_the_recording_and_the_record_says_so(
    engine: AsyncEngine, tmp_path: Path, small_disk: Path
) -> None:
    add_key(tmp_path / "keys", NOW)
    settings = {"recording_key_file": tmp_path / "keys", "recordings_dir": small_disk}
    async with floor_of(engine, tmp_path, **settings) as floor:
        await floor.ended()
        await floor.keeper.look()
        assert ((await floor.row())["state"], len(floor.spool.sounds)) == ("ended", 2)
        assert "No space left" in floor.keeper.complaint
        assert files_in(small_disk) == []
        assert floor.keeper.room <= 65_536  # of this RecordingsNoRoom is made
        floor.house.hands.moved_seconds += 3_700
        await floor.ended(CALL, 2)
        await floor.keeper.look()
        row = await floor.row()
        assert (row["state"], row["why"]) == ("failed", Why.DISK_FULL)
        await asyncio.to_thread(make_larger, small_disk)
        await floor.keeper.look()
        assert (await floor.row(number=2))["state"] == "kept"
        floor.house.hands.moved_seconds += COUNT_SECONDS + 1
        await floor.keeper.look()
        assert floor.keeper.room > 65_536


async def test_asterisk_is_away_and_back(floor: Floor) -> None:
    await floor.ended()
    floor.spool.away = True
    with pytest.raises(SoundAwayError):
        await floor.keeper.look()
    assert (await floor.row())["state"] == "ended"
    floor.spool.away = False
    await floor.keeper.look()
    assert (await floor.row())["state"] == "kept"


async def test_sound_of_no_recording_is_forgotten_but_that_of_a_row_to_come_is_not(
    floor: Floor,
) -> None:
    await floor.ended(state="failed", why="asterisk")
    stranger = RecordingName(CallId("pbx-9.9"), 1)
    floor.spool.put(stranger)
    await floor.keeper.look()
    assert set(floor.spool.sounds) == set(stranger.legs(THE_NODE))
    floor.house.hands.moved_seconds += 3_700
    await floor.keeper.look()
    assert floor.spool.sounds == {}


async def test_more_than_are_looked_at_at_once_are_all_sealed_and_none_is_thrown_away(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.oversight.recordings.keeper.AT_ONCE", 2)
    names = [await floor.ended(CALL, number) for number in range(1, 6)]
    floor.spool.live.update(leg for name in names[:2] for leg in name.legs(THE_NODE))
    await floor.keeper.look()
    assert floor.keeper.waiting == 5 and len(floor.spool.sounds) == 10
    floor.house.hands.moved_seconds += 3_700
    await floor.keeper.look()  # the first two are given up, and the others come
    states = [(await floor.row(CALL, number))["state"] for number in range(1, 6)]
    assert states == ["failed", "failed", "kept", "kept", "kept"]
    assert floor.keeper.waiting == 0


async def test_one_whose_end_nobody_told_is_taken_as_it_is(floor: Floor) -> None:
    before = NOW - timedelta(hours=7)
    await floor.ended(state="running", began_at=before, ended_at=None, ending=None, seconds=None)
    await floor.keeper.look()
    row = await floor.row()
    assert (row["state"], row["ending"], row["sound_seconds"]) == ("kept", "away", SECONDS)


async def test_it_seals_by_itself_when_a_talk_ends(floor: Floor) -> None:
    running = asyncio.create_task(floor.keeper.run())
    await asyncio.sleep(0.2)
    await floor.ended()
    floor.keeper.hear([over(1.0, RecordingEnd.DONE)])

    async def is_kept() -> bool:
        return bool((await floor.row())["state"] == "kept")

    await until(is_kept, within=20)
    running.cancel()


# --- hearing -----------------------------------------------------------------------------------


async def test_a_supervisor_hears_it_caller_left_operator_right(floor: Floor) -> None:
    await floor.kept()
    status, body, headers = await floor.sound(await floor.plays())
    assert (status, headers["Content-Type"], headers["Accept-Ranges"]) == (
        *(200, "audio/wav"),
        "bytes",
    )
    with wave.open(io.BytesIO(body)) as wav:
        assert wav.getnframes() == SECONDS * 8_000
        samples = memoryview(wav.readframes(wav.getnframes())).cast("h")
    assert list(samples[0:320:2]) == [DECODED[code] for code in tone_frame(850)]
    assert share_of(850, samples[0::2]) > 0.98 and share_of(1000, samples[1::2]) > 0.98


async def test_any_part_of_it_is_given_and_the_hearing_is_in_the_audit_once(floor: Floor) -> None:
    await floor.kept()
    where = await floor.plays()
    _, whole, _ = await floor.sound(where)
    for part, start, end in (
        ("bytes=0-", 0, len(whole)),
        ("bytes=0-99", 0, 100),
        ("bytes=100001-100100", 100_001, 100_101),
        ("bytes=-50", len(whole) - 50, len(whole)),
        (f"bytes=40-{len(whole) + 900}", 40, len(whole)),
    ):
        status, body, headers = await floor.sound(where, part)
        assert (status, body == whole[start:end]) == (206, True), part
        assert headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(whole)}"
    assert (await floor.sound(where, f"bytes={len(whole)}-"))[0] == 416
    assert (await floor.sound(where, "bytes=9-1"))[0] == 416
    [played] = await floor.audit("recording.played")
    assert (played["who"], played["about"]) == ("suda", CALL)
    assert played["details"] == {"number": 1, "operator": "somchai", "line": "1567"}
    await floor.plays()
    assert len(await floor.audit("recording.played")) == 2


async def test_nobody_else_hears_it(floor: Floor) -> None:
    await floor.kept()
    where = await floor.plays()
    for other in ("somchai", "ann"):  # theirs is another hearing
        assert (await floor.sound(where, by=other))[0] == 404
    unknown = f"/api/v1/recording-playbacks/{'x' * 32}/sound"
    assert (await floor.sound(unknown))[0] == 404
    refused = await floor.house.ask("POST", f"{PATH}/playbacks", by="somchai")
    assert refused.status == 403
    for path in ("/api/v1/recordings", PATH):
        assert (await floor.house.ask("GET", path, by="somchai")).status == 403
    floor.house.hands.moved_seconds += 5 * 3_600
    assert floor.house.shared.keeper.tally.played == 1


async def test_a_player_that_jumps_to_another_second_is_no_fault_of_ours(floor: Floor) -> None:
    name = await floor.ended(seconds=300.0)
    floor.spool.put(name, 300)
    await floor.keeper.look()
    where = await floor.plays()
    headers = {"Authorization": f"Bearer {floor.house.tokens['suda']}"}
    for _ in range(3):
        answer = await floor.house.http.get(floor.house.url + where, headers=headers)
        await answer.content.read(1_000)
        answer.close()
    status, part, _ = await floor.sound(where, "bytes=9000000-9000099")
    assert (status, len(part)) == (206, 100)
    await asyncio.sleep(0.5)
    assert floor.house.serving.failures.count == 0


async def test_a_flipped_bit_is_told_and_nothing_of_its_piece_is_given(floor: Floor) -> None:
    await floor.kept()
    place = floor.keeper.vault.place((await floor.row())["file"])
    good = place.read_bytes()
    for byte, plays in ((3, False), (20, False), (50, False), (1_000, True), (-1, False)):
        changed = bytearray(good)
        changed[byte] ^= 1
        place.write_bytes(changed)
        begun = await floor.house.ask("POST", f"{PATH}/playbacks", by="suda")
        if plays:  # a piece before the last one
            status, body, _ = await floor.sound(begun.body["sound"])
            assert (status, b"Piece 0 is damaged" in body) == (503, True)
            later = f"bytes={44 + 2 * 65_536}-"
            assert (await floor.sound(begun.body["sound"], later))[0] == 206
        else:
            assert begun.code == "unreadable", byte
    assert floor.house.serving.failures.count == 0


async def test_what_cannot_be_read_says_why(floor: Floor, tmp_path: Path) -> None:
    async def refused() -> Answer:
        return await floor.house.ask("POST", f"{PATH}/playbacks", by="suda")

    await floor.kept()
    place = floor.keeper.vault.place((await floor.row())["file"])
    good = place.read_bytes()
    place.write_bytes(good[: 67 + 65_552])
    assert (await refused()).code == "unreadable"
    place.write_bytes(good)
    shutil.move(tmp_path / "keys", tmp_path / "elsewhere")
    add_key(tmp_path / "keys", NOW)
    answer = await refused()
    assert (answer.code, "is not there" in answer.body["detail"]) == ("unreadable", True)
    (tmp_path / "keys").unlink()
    assert "doctor" in (await refused()).body["detail"]
    shutil.move(tmp_path / "elsewhere", tmp_path / "keys")
    assert (await refused()).status == 201
    place.unlink()
    assert (await refused()).code == "unreadable"
    await floor.ended(CALL, 2)
    answer = await floor.house.ask("POST", f"/api/v1/recordings/{CALL}/2/playbacks", by="suda")
    assert (answer.status, answer.code) == (409, "no_sound")
    assert len(await floor.audit("recording.played")) == 1


# --- another key -------------------------------------------------------------------------------


async def resealed(floor: Floor) -> dict[str, Any]:
    """What the command gets, page by page."""
    found: dict[str, Any] = {"resealed": 0, "unreadable": []}
    after = None
    while True:
        body = {"after": after}
        answer = await floor.house.ask("POST", "/api/v1/recording-resealings", body, by="ann")
        assert answer.status == 200, answer.body
        found["resealed"] += answer.body["resealed"]
        found["unreadable"] += answer.body["unreadable"]
        after = answer.body["next"]
        if after is None:
            return {**found, "left": answer.body["left"], "key": answer.body["key"]}


async def heard(floor: Floor, where: str) -> bytes:
    status, body, _ = await floor.sound(where)
    assert status == 200
    return body


async def test_after_a_new_key_old_ones_play_and_are_sealed_anew(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.oversight.recordings.resealing.AT_ONCE", 2)
    for number in range(1, 6):
        await floor.kept(CALL, number)
    before = [await floor.row(CALL, number) for number in range(1, 6)]
    where = await floor.plays()
    sound = await heard(floor, where)
    old, cut = (tmp_path / "keys").read_text(), floor.keeper.vault.place(before[2]["file"])
    cut.write_bytes(cut.read_bytes()[:-1])
    made = add_key(tmp_path / "keys", NOW)
    assert await heard(floor, await floor.plays()) == sound
    for by in ("suda", "somchai"):
        refused = await floor.house.ask("POST", "/api/v1/recording-resealings", {}, by=by)
        assert refused.status == 403
    done = await resealed(floor)
    assert (done["resealed"], done["left"], done["key"]) == (4, 1, made.id)
    [unread] = done["unreadable"]
    assert (unread["call"], unread["number"]) == (CALL, 3) and "damaged" in unread["why"]
    rows = [await floor.row(CALL, number) for number in range(1, 6)]
    assert [row["key_id"] == made.id for row in rows] == [True, True, False, True, True]
    files = {path.name for path in files_in(tmp_path / "recordings")}
    assert files == {row["file"] for row in rows}
    (tmp_path / "keys").write_text((tmp_path / "keys").read_text().replace(old, ""))
    assert await heard(floor, where) == sound  # of a hearing that began before
    assert await heard(floor, await floor.plays()) == sound
    assert sum(one["details"]["many"] for one in await floor.audit("recording.resealed")) == 4
    [unread] = (await resealed(floor))["unreadable"]  # its key is not there any more
    assert "is not there" in unread["why"]
    (tmp_path / "keys").unlink()
    refused = await floor.house.ask("POST", "/api/v1/recording-resealings", {}, by="ann")
    assert (refused.status, refused.code) == (409, "no_keys")


# --- searching ---------------------------------------------------------------------------------


async def test_they_are_found_by_time_line_operator_and_call(floor: Floor) -> None:
    for number in range(1, 6):
        began = NOW - timedelta(hours=number)
        await floor.ended(f"pbx-{number}.1", began_at=began, operator=f"op{number % 2}")
    await floor.ended("pbx-6.1", line="1111", began_at=NOW - timedelta(days=3))
    await floor.ended("pbx-7.1", state="failed", why="too_short")

    async def found(query: str) -> list[str]:
        answer = await floor.house.ask("GET", f"/api/v1/recordings?{query}", by="suda")
        assert answer.status == 200, answer.body
        return [one["call"] for one in answer.body["recordings"]]

    assert await found("") == [f"pbx-{number}.1" for number in range(1, 7)]
    assert await found("operator=op1") == ["pbx-1.1", "pbx-3.1", "pbx-5.1"]
    assert await found("line=1111") == ["pbx-6.1"]
    assert await found("call=pbx-2.1") == ["pbx-2.1"]
    since = (NOW - timedelta(hours=3, minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert await found(f"since={since}") == ["pbx-1.1", "pbx-2.1", "pbx-3.1"]
    assert await found(f"before={since}&line=1567") == ["pbx-4.1", "pbx-5.1"]
    assert await found("state=kept") == []
    body = {"reason": "a complaint"}
    await floor.house.ask("PUT", "/api/v1/recordings/pbx-2.1/1/hold", body, by="ann")
    assert await found("held=true") == ["pbx-2.1"]
    assert await found("held=false&operator=op0") == ["pbx-4.1"]
    pages, after = [], ""
    while True:
        answer = await floor.house.ask("GET", f"/api/v1/recordings?limit=2{after}", by="suda")
        pages.append([one["call"] for one in answer.body["recordings"]])
        if answer.body["next"] is None:
            break
        after = f"&after={answer.body['next']}"
    assert pages == [["pbx-1.1", "pbx-2.1"], ["pbx-3.1", "pbx-4.1"], ["pbx-5.1", "pbx-6.1"]]
    wrong = await floor.house.ask("GET", "/api/v1/recordings?after=x", by="suda")
    assert (wrong.status, wrong.code) == (422, "invalid")


async def test_its_picture_shows_both_sides(floor: Floor) -> None:
    await floor.kept()
    shown = await floor.house.ask("GET", PATH, by="suda")
    assert shown.body["recording"]["state"] == "kept"
    assert len(shown.body["caller"]) == len(shown.body["operator"]) == SECONDS * 10
    assert min(shown.body["caller"]) > 50
    unknown = await floor.house.ask("GET", f"/api/v1/recordings/{CALL}/9", by="suda")
    assert (unknown.status, unknown.code) == (404, "unknown_recording")


# --- keeping and purging -----------------------------------------------------------------------


async def retention(floor: Floor, *, dry_run: bool) -> int:
    body = {"dry_run": dry_run}
    answer = await floor.house.ask("POST", "/api/v1/retention-runs", body, by="ann")
    assert answer.status == 200, answer.body
    [kind] = [one for one in answer.body["kinds"] if one["kind"] == "recordings"]
    assert kind["days"] == 90
    return int(kind["many"])


async def test_what_is_too_old_is_purged_but_not_what_somebody_holds(floor: Floor) -> None:
    for number, days in ((1, 91), (2, 91), (3, 89)):
        began = NOW - timedelta(days=days)
        await floor.kept(CALL, number, began_at=began, ended_at=began)
    path = f"/api/v1/recordings/{CALL}/2/hold"
    held = await floor.house.ask("PUT", path, {"reason": "letter of the court"}, by="ann")
    assert (held.body["held_by"], held.body["hold_reason"]) == ("ann", "letter of the court")
    assert held.body["kept_until"] is None
    page = (await floor.house.ask("GET", "/api/v1/recordings", by="suda")).body
    until = [one["kept_until"] for one in page["recordings"]]
    left = (datetime.fromisoformat(until[0]) - NOW).total_seconds() / 86_400
    assert (page["keep_days"], until[1]) == (90, None)
    assert left == pytest.approx(1.0, abs=0.01)
    files = [floor.keeper.vault.place((await floor.row(CALL, n))["file"]) for n in (1, 2, 3)]
    assert await retention(floor, dry_run=True) == 1
    assert [file.exists() for file in files] == [True] * 3
    assert await retention(floor, dry_run=False) == 1
    assert [file.exists() for file in files] == [False, True, True]
    row = await floor.row(CALL, 1)
    assert (row["state"], row["why"], row["file"], row["seconds"]) == (
        *("purged", Why.RETENTION, None),
        SECONDS,
    )
    played = await floor.house.ask("POST", f"{PATH}/playbacks", by="suda")
    assert (played.code, "purged" in played.body["detail"]) == ("no_sound", True)
    assert (await floor.house.ask("DELETE", path, by="ann")).body["held_by"] is None
    assert await retention(floor, dry_run=False) == 1
    assert [file.exists() for file in files] == [False, False, True]
    assert [len(await floor.audit(f"recording.{a}")) for a in ("held", "released")] == [1, 1]


async def test_one_is_purged_by_hand_unless_somebody_holds_it(floor: Floor) -> None:
    await floor.kept()
    body = {"reason": "the caller asked by letter"}
    for by in ("suda", "somchai"):
        assert (await floor.house.ask("POST", f"{PATH}/purge", body, by=by)).status == 403
        assert (await floor.house.ask("PUT", f"{PATH}/hold", body, by=by)).status == 403
    await floor.house.ask("PUT", f"{PATH}/hold", body, by="ann")
    refused = await floor.house.ask("POST", f"{PATH}/purge", body, by="ann")
    assert (refused.status, refused.code) == (409, "held")
    await floor.house.ask("DELETE", f"{PATH}/hold", by="ann")
    gone = await floor.house.ask("POST", f"{PATH}/purge", body, by="ann")
    assert (gone.body["state"], gone.body["why"]) == ("purged", "by_hand")
    again = await floor.house.ask("POST", f"{PATH}/purge", body, by="ann")
    assert (again.status, again.code) == (409, "no_sound")
    [purged] = await floor.audit("recording.purged")
    assert (purged["who"], purged["details"]["reason"]) == ("ann", body["reason"])


async def test_who_asks_what_is_held_on_them_is_told_of_their_recordings(floor: Floor) -> None:
    await floor.kept()
    row = {
        "call_id": CALL,
        "line": "1567",
        "did": "1567",
        "caller": "0812345678",
        "caller_e164": "+66812345678",
        "caller_class": "national",
        "arrived_at": NOW,
    }
    async with floor.engine.begin() as connection:
        await connection.execute(insert(calls).values(**row))
    body = {"number": "081-234-5678", "reason": "asked by letter"}
    answer = await floor.house.ask("POST", "/api/v1/person-exports", body, by="ann")
    [held] = answer.body["held"]["recordings"]
    assert (held["call"], held["operator"], held["state"]) == (CALL, "somchai", "kept")


async def test_what_is_counted_is_shown(floor: Floor) -> None:
    await floor.kept()
    await floor.plays()
    [feature] = [
        one
        for one in floor.house.serving.features
        if one.parts.__class__.__module__.endswith("recordings.routes")
    ]
    floor.house.hands.moved_seconds += 91 * 86_400
    await floor.keeper.look()
    shown = {series.name: dict(read()) for series, read in feature.metrics.items()}
    assert shown["hotline_recordings_kept"] == {(): 1}
    assert shown["hotline_recordings_bytes"] == {(): SECONDS * KEPT_A_SECOND}
    assert shown["hotline_recordings_played"] == {(): 1}
    assert shown["hotline_recordings_waiting"] == {(): 0}
    assert shown["hotline_recordings_failed"][("disk_full",)] == 0
    assert shown["hotline_recordings_stored"] == {("all",): 1, ("held",): 0}
    assert shown["hotline_recordings_stored_bytes"] == {(): SECONDS * KEPT_A_SECOND}
    since = (datetime.now(UTC) - NOW).total_seconds()  # long, if many tests ran before
    oldest, lag = 91 * 86_400 + 300 + since, 86_700 + since
    assert shown["hotline_recordings_oldest_seconds"][()] == pytest.approx(oldest, abs=60)
    assert shown["hotline_recordings_purge_lag_seconds"][()] == pytest.approx(lag, abs=300)
    assert shown["hotline_recordings_free_bytes"][()] > 1_000_000
