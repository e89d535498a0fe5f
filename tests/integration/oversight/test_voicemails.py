"""Messages that callers left: rows by the recorder, sealed, heard and worked on by the API."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import OperatorLoggedIn, SiteChanged
from callcenter.core.facts import VoicemailEnded, VoicemailMoved, VoicemailStage
from callcenter.core.ids import CallId, LineName, OperatorId, QueueName
from callcenter.core.outcome import VoicemailEnding
from callcenter.core.site import CallbackRules
from callcenter.oversight.recordings.keys import add_key
from callcenter.oversight.recordings.model import RecordingName
from callcenter.storage.tables import calls
from tests.integration.house import Answer
from tests.integration.oversight.test_recordings import CALL, NOW, Floor, floor_of
from tests.integration.test_recorder import Records, at
from tests.integration.test_recorder import records as records
from tests.people.tones import SILENT_FRAME
from tests.site import site

PATH = f"/api/v1/voicemails/{CALL}/1"


@pytest_asyncio.fixture
async def floor(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Floor]:
    """Somchai works in damrong, nok does not."""
    add_key(tmp_path / "keys", NOW)
    async with floor_of(engine, tmp_path, recording_key_file=tmp_path / "keys") as floor:
        yield floor


async def left(
    floor: Floor, call: str = CALL, *, caller: str = "0812345678", **more: Any
) -> RecordingName:
    """A message as the recorder leaves its row, and who left it."""
    await calls_row(floor, call, caller)
    values = {"kind": "message", "operator": "", **more}
    name = await floor.ended(call, **values)
    for leg in name.legs(floor.spool.node_of(name.call))[1:]:
        del floor.spool.sounds[leg]  # there is one side only
    await floor.keeper.look()
    return name


async def calls_row(floor: Floor, call: str, caller: str = "0812345678") -> None:
    values = {
        "call_id": call,
        "line": "1567",
        "did": "1567",
        "caller": caller,
        "caller_class": "national",
        "arrived_at": NOW - timedelta(minutes=6),
    }
    async with floor.engine.begin() as connection:
        await connection.execute(insert(calls).values(**values))


async def asks(floor: Floor, method: str, path: str, body: object = None, *, by: str) -> Answer:
    return await floor.house.ask(method, path, body, by=by)


async def listed(floor: Floor, by: str, query: str = "") -> list[dict[str, Any]]:
    answer = await asks(floor, "GET", f"/api/v1/voicemails{query}", by=by)
    assert answer.status == 200, answer.body
    return list(answer.body["voicemails"])


async def works(floor: Floor, name: str, queue: str) -> None:
    """An operator is logged in there."""
    event = OperatorLoggedIn(
        operator=OperatorId(name), endpoint=f"PJSIP/{name}", queues=(QueueName(queue),)
    )
    await floor.house.pump.put_and_wait(event)


@pytest_asyncio.fixture
async def at_work(floor: Floor) -> Floor:
    await floor.house.person("nok")
    await floor.house.person("lek")
    await works(floor, "somchai", "damrong")
    await works(floor, "lek", "damrong")
    await works(floor, "nok", "gcc")
    rules = CallbackRules(prefixes=("08",))
    await floor.house.pump.put_and_wait(SiteChanged(site=replace(site(), callbacks=rules)))
    return floor


async def test_a_message_is_a_task_of_its_queue_and_is_heard_once_in_the_audit(
    at_work: Floor,
) -> None:
    floor = at_work
    await left(floor)
    [one] = await listed(floor, "somchai")
    assert (one["call"], one["queue"], one["state"], one["seconds"]) == (CALL, "damrong", "new", 6)
    assert one["caller"] and "0812345678" not in str(one)
    assert await listed(floor, "nok") == [] and len(await listed(floor, "suda")) == 1
    assert (await asks(floor, "GET", PATH, by="nok")).status == 404
    assert (await asks(floor, "POST", f"{PATH}/playbacks", by="nok")).status == 404
    shown = (await asks(floor, "GET", PATH, by="somchai")).body
    assert shown["voicemail"] == one and max(shown["caller"]) > 10
    begun = await asks(floor, "POST", f"{PATH}/playbacks", by="somchai")
    assert begun.status == 201 and floor.keeper.tally.played == 1
    status, sound, _ = await floor.sound(begun.body["sound"], by="somchai")
    assert (status, len(sound)) == (200, 44 + 6 * 8_000 * 4)
    with wave.open(io.BytesIO(sound)) as wav:
        samples = memoryview(wav.readframes(wav.getnframes())).cast("h")
    assert list(samples[0::2]) == list(samples[1::2]), "one person, on both ears"
    assert (await floor.sound(begun.body["sound"], by="lek"))[0] == 404
    [entry] = await floor.audit("voicemail.played")
    assert (entry["who"], entry["about"]) == ("somchai", CALL)


async def test_one_takes_it_and_finishes_it_and_nobody_else_does(at_work: Floor) -> None:
    floor = at_work
    await left(floor)
    first, second = await asyncio.gather(
        *(asks(floor, "PUT", f"{PATH}/taker", by=name) for name in ("somchai", "lek"))
    )
    assert sorted((first.status, second.status)) == [200, 409]
    has, other = ("somchai", "lek") if first.status == 200 else ("lek", "somchai")
    [one] = await listed(floor, other)
    assert (one["state"], one["taken_by"]) == ("taken", has)
    body = {"how": "heard"}
    assert (await asks(floor, "POST", f"{PATH}/completion", body, by=other)).status == 409
    assert (await asks(floor, "DELETE", f"{PATH}/taker", by=other)).status == 409
    assert (await asks(floor, "DELETE", f"{PATH}/taker", by="suda")).body["state"] == "new"
    done = await asks(floor, "POST", f"{PATH}/completion", {"how": "case"}, by=other)
    assert (done.body["state"], done.body["how"], done.body["done_by"]) == ("done", "case", other)
    assert await listed(floor, other) == []
    [one] = await listed(floor, other, "?done=true")
    assert one["how"] == "case"
    for method, path in (("PUT", "taker"), ("DELETE", "taker"), ("POST", "callback")):
        assert (await asks(floor, method, f"{PATH}/{path}", by="suda")).status == 409
    assert len(await floor.audit("voicemail.done")) == 1


async def test_one_click_and_the_caller_is_called_back(at_work: Floor) -> None:
    floor = at_work
    await left(floor)
    made = await asks(floor, "POST", f"{PATH}/callback", by="somchai")
    assert made.status == 201, made.body
    call = floor.house.shared.common.engine.state.calls[CallId(made.body["call"])]
    assert (call.queue, call.line, call.caller) == ("damrong", "1567", "0812345678")
    [one] = await listed(floor, "somchai", "?done=true")
    assert (one["how"], one["done_by"]) == ("called_back", "somchai")
    again = await asks(floor, "POST", f"{PATH}/callback", by="somchai")
    assert (again.status, again.body["code"]) == (409, "voicemail_taken")


async def test_nobody_is_called_where_nobody_may_be(at_work: Floor) -> None:
    floor = at_work
    await left(floor)
    await floor.house.pump.put_and_wait(SiteChanged(site=site()))
    refused = await asks(floor, "POST", f"{PATH}/callback", by="somchai")
    assert (refused.status, refused.body["code"]) == (409, "not_called_back")
    [one] = await listed(floor, "somchai")
    assert one["state"] == "new"


async def test_in_which_nobody_is_heard_is_no_task(at_work: Floor) -> None:
    floor = at_work
    await calls_row(floor, CALL)
    name = await floor.ended(CALL, kind="message", operator="")
    caller, other = name.legs(floor.spool.node_of(name.call))
    floor.spool.sounds[caller] = SILENT_FRAME * 50 * 6
    del floor.spool.sounds[other]
    await floor.keeper.look()
    assert await listed(floor, "suda") == []
    row = await floor.row()
    assert (row["state"], row["why"], row["file"]) == ("failed", "too_short", None)
    assert not floor.spool.sounds


async def test_the_pages_follow_each_other(at_work: Floor) -> None:
    floor = at_work
    for number in range(5):
        await left(floor, f"pbx-{number}.1", began_at=NOW - timedelta(minutes=9 - number))
    first = (await asks(floor, "GET", "/api/v1/voicemails?limit=3", by="suda")).body
    rest = await listed(floor, "suda", f"?limit=3&after={first['next']}")
    names = [one["call"] for one in (*first["voicemails"], *rest)]
    assert names == [f"pbx-{number}.1" for number in range(5)], "oldest first"


async def test_the_record_of_a_message(records: Records) -> None:
    where: dict[str, Any] = {"line": LineName("1567"), "queue": QueueName("damrong")}
    stage = VoicemailStage.RECORDING
    moved = VoicemailMoved(at=10.0, call=CallId("c1"), **where, stage=stage, number=1, until=99.0)
    await records.keep(moved)
    wanted = "select kind, state, operator, queue, began_at from recordings"
    [row] = await records.rows(wanted)
    assert row == {
        "kind": "message",
        "state": "running",
        "operator": "",
        "queue": "damrong",
        "began_at": at(10.0),
    }
    await records.keep(
        VoicemailEnded(
            at=25.0,
            call=CallId("c1"),
            **where,
            number=1,
            ending=VoicemailEnding.LEFT,
            seconds=15.0,
        )
    )
    [row] = await records.rows("select kind, state, seconds from recordings")
    assert row == {"kind": "message", "state": "ended", "seconds": 15.0}
