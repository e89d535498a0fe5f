"""Recordings by the API: uploaded, listed, heard, checked, removed; and whatever else is sent."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from callcenter.prompts.sound import wav
from tests.integration.house import Answer, House, opened
from tests.unit.prompts.voices import file, sine

BY = "command-line"
GREETING = "/api/v1/prompts/th/greeting/recording"
SOUND = {"Content-Type": "audio/wav"}


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        yield house


def folder(house: House) -> Path:
    return house.shared.settings.prompts_path


async def sent(house: House, path: str, data: bytes, by: str | None = BY) -> Answer:
    return await house.ask("PUT", path, raw=data, by=by, headers=SOUND)


async def heard(house: House, path: str) -> bytes:
    headers = {"Authorization": f"Bearer {house.tokens[BY]}"}
    async with house.http.get(house.url + path, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "audio/wav")
        return await answer.read()


async def test_a_recording_is_uploaded_listed_heard_and_removed(house: House) -> None:
    made = await sent(house, GREETING, file(sine(700, 1, rate=48000), rate=48000, channels=2))
    assert made.status == 200, made.body
    assert made.body["recording"]["seconds"] == pytest.approx(1.0, abs=0.05)
    assert made.body["recording"]["loudness"] == pytest.approx(-20, abs=0.5)
    listed = (await house.ask("GET", "/api/v1/prompts/th", by=BY)).body
    [greeting] = [p for p in listed["prompts"] if p["prompt"] == "greeting"]
    assert greeting == made.body
    assert listed["missing"] == len(listed["prompts"]) - 1
    kept = (folder(house) / "th" / "greeting.wav").read_bytes()
    assert await heard(house, GREETING) == kept
    assert (await house.ask("DELETE", GREETING, by=BY)).status == 204
    again = await house.ask("DELETE", GREETING, by=BY)
    assert (again.status, again.code) == (404, "unknown_prompt")
    assert (await house.ask("GET", GREETING, by=BY)).status == 404
    audit = (await house.ask("GET", "/api/v1/audit", by=BY)).body["entries"]
    told = {entry["action"]: entry for entry in audit}
    assert told["prompt.recorded"]["about"] == told["prompt.removed"]["about"] == "greeting"
    details = told["prompt.recorded"]["details"]
    assert details["sha256"] == hashlib.sha256(kept).hexdigest()
    assert details["language"] == "th"


async def test_own_prompts_say_their_text(house: House) -> None:
    path = "/api/v1/prompts/th/own_flood/recording"
    refused = await sent(house, path, wav(sine(700, 1)))
    assert (refused.status, refused.code) == (422, "recording_refused")
    made = await sent(house, f"{path}?text=น้ำท่วม", wav(sine(700, 1)))
    assert (made.status, made.body["text"], made.body["group"]) == (200, "น้ำท่วม", None)
    assert (folder(house) / "own_flood.wav").exists(), "what other languages hear"


async def test_the_check_names_what_is_wrong(house: House) -> None:
    await sent(house, GREETING, wav(sine(700, 1)))
    (folder(house) / "th" / "closed.wav").write_bytes(b"nothing")
    answer = await house.ask("GET", "/api/v1/prompt-faults/th", by=BY)
    faults = {fault["prompt"]: fault["kind"] for fault in answer.body["faults"]}
    assert faults["closed"] == "format"
    assert faults["place"] == "missing"
    assert "greeting" not in faults


HOSTILE = [
    b"",
    b"\0" * 100_000,
    b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 64,
    b"#EXTM3U\nfile:///etc/passwd\n",
    b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    b"ID3\x04\0\0\xff\xff\xff\xff" + b"\xff\xfb" * 5000,
    b"OggS" + b"\xff" * 5000,
    b"fLaC" + b"\xff" * 5000,
    b"\x1aE\xdf\xa3" + b"\xff" * 5000,
    b"PK\x03\x04" + bytes(5000),
    b"MZ" + bytes(5000),
    wav(sine(700, 40)),
    file(sine(700, 0.1), kind=85),
    wav(sine(700, 1, level=0.0)),
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
async def test_what_is_no_recording_is_refused_in_a_sentence_and_kept_nowhere(
    house: House, data: bytes
) -> None:
    answer = await sent(house, GREETING, data)
    assert (answer.status, answer.code) == (422, "recording_refused")
    assert answer.body["detail"].endswith(".")
    assert "/" not in answer.body["detail"]
    assert not list(folder(house).rglob("*.*"))


async def test_a_file_that_is_too_long_is_refused_by_its_head(house: House) -> None:
    head = (
        f"PUT {GREETING} HTTP/1.1\r\nHost: localhost\r\nContent-Type: audio/wav\r\n"
        f"Authorization: Bearer {house.tokens[BY]}\r\nContent-Length: 12000001\r\n\r\n"
    )
    assert b"413" in await first_line(house, head)
    chunked = head.replace("Content-Length: 12000001", "Transfer-Encoding: chunked")
    assert b"411" in await first_line(house, chunked)


async def test_nothing_of_a_file_is_read_before_its_sender_may_send_it(house: House) -> None:
    """The answer comes although the file never does."""
    await house.person("somchai", Role.SUPERVISOR)
    head = (
        f"PUT {GREETING} HTTP/1.1\r\nHost: localhost\r\nContent-Type: audio/wav\r\n"
        "Content-Length: 11000000\r\n"
    )
    assert b"401" in await first_line(house, head + "\r\n")
    token = f"Authorization: Bearer {house.tokens['somchai']}\r\n\r\n"
    assert b"403" in await first_line(house, head + token)


async def first_line(house: House, head: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.shared.settings.web_port)
    writer.write(head.encode())
    try:
        return await asyncio.wait_for(reader.readline(), 30)
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/prompts/th/nothing/recording", 404),
        ("/api/v1/prompts/de/greeting/recording", 404),
        ("/api/v1/prompts/th/..%2f..%2fetc%2fpasswd/recording", 404),
        ("/api/v1/prompts/th/manifest.json/recording", 404),
        ("/api/v1/prompts/th/clock_am/recording", 422),
    ],
)
async def test_a_key_that_is_none_is_not_found(house: House, path: str, status: int) -> None:
    assert (await sent(house, path, wav(sine(700, 1)))).status == status
    assert not list(folder(house).rglob("*.wav"))


async def test_a_folder_that_cannot_be_written_shows_nothing_of_its_path(house: House) -> None:
    folder(house).parent.mkdir(parents=True)
    folder(house).write_text("a file where the folder should be")
    answer = await sent(house, GREETING, wav(sine(700, 1)))
    assert (answer.status, answer.code) == (503, "no_recordings")
    assert str(folder(house)) not in str(answer.body)


async def test_one_conversion_at_a_time(house: House) -> None:
    """So that an impatient administrator takes no processor from the calls."""
    answers = await asyncio.gather(*(sent(house, GREETING, wav(sine(700, 10))) for _ in range(4)))
    codes = sorted(answer.status for answer in answers)
    assert codes[0] == 200
    assert set(codes) <= {200, 503}
    assert 503 in codes
