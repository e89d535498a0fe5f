"""Nobody can serve Malee now: she is asked for a message. What she says is what is played later,
also if the service is killed while she speaks. She is told when nothing of it is kept."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from callcenter.oversight.recordings.keys import add_key
from tests.acceptance.recorded.test_recorded import kept, sound
from tests.acceptance.recorded.test_spool_full import small_disk, spool
from tests.hotline import Hotline, Shared
from tests.hotline.hotline import now
from tests.people import Caller, until
from tests.people.talk import talk_for
from tests.people.tones import loudness, share_of
from tests.unit.prompts.voices import fill

PROMPT, THANKS, FAILED = 3300, 3150, 2850
TONES = {"voicemail": (PROMPT, 1.5), "voicemail_thanks": (THANKS, 1.5)}
SECONDS = 20.0  # on a busy machine, until what is asked for is so
MESSAGE_SECONDS = 4.0


def with_a_key(folder: Path) -> Hotline:
    add_key(folder / "keys", datetime.now(UTC))
    return Hotline(
        settings={
            "CALLCENTER_RECORDING_KEY_FILE": str(folder / "keys"),
            "CALLCENTER_RECORDINGS_SPARE_BYTES": "0",
        }
    )


def says(hotline: Hotline) -> None:
    """Each prompt is a tone of its own."""
    folder = hotline.asterisk.directory / "lib" / "prompts" / "th"
    for key, tone in {"voicemail": PROMPT, "voicemail_thanks": THANKS}.items():
        fill(folder, {key: tone}, 1.5)
    fill(folder, {"voicemail_failed": FAILED}, 1.5)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shared]:
    folder = tmp_path_factory.mktemp("voicemail")
    own = Shared(lambda: with_a_key(folder))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def closed(own: Shared) -> AsyncIterator[Hotline]:
    """The queue of 1567 is closed, and takes messages."""
    async with own.lent() as hotline:
        says(hotline)
        await closes(hotline)
        yield hotline


def fill_up(place: Path) -> None:
    subprocess.run(["dd", "if=/dev/zero", f"of={place}", "bs=4k"], check=False)


async def closes(hotline: Hotline) -> None:
    await hotline.rules("damrong", hours="never", voicemail=("voicemail",))
    await is_open(hotline, is_it=False)


async def is_open(hotline: Hotline, *, is_it: bool = True) -> None:
    """The engine knows it."""

    async def so() -> bool:
        return await hotline.api.metric("hotline_queue_open", queue="damrong") == is_it

    await until(so, within=SECONDS)


async def is_asked(hotline: Hotline) -> Caller:
    """Malee hears what is said, and then the tone."""
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(PROMPT, within=SECONDS)
    await until(lambda: malee.hears("silence"), within=SECONDS)
    return malee


async def message(hotline: Hotline, malee: Caller) -> dict[str, Any]:
    """The recording when it is sealed, and what it sounds like."""
    record = await hotline.record(malee, within=SECONDS)
    [one] = await kept(hotline, record["call_id"])
    return dict(one)


async def is_what_was_said(hotline: Hotline, one: dict[str, Any], voice: int, least: float) -> None:
    """On both ears, and nothing else."""
    assert one["state"] == "kept", one
    left, right = await sound(hotline, one)
    assert left == right
    loud = [left[at : at + 800] for at in range(0, len(left) - 800, 800)]
    loud = [piece for piece in loud if loudness(piece) > 200]
    ours = [piece for piece in loud if share_of(voice, piece) > 0.8]
    print(f"{one['sound_seconds']:.2f} s of sound, {len(ours) / 10} s of the voice")
    assert len(ours) / 10 >= least
    assert len(loud) - len(ours) <= 2 + 0.1 * len(loud)


async def test_what_is_spoken_is_what_is_played(closed: Hotline) -> None:
    hotline = closed
    malee = await is_asked(hotline)
    await talk_for(MESSAGE_SECONDS)
    malee.press("#")
    await malee.comes_to_hear(THANKS, within=SECONDS)
    await malee.is_gone(within=SECONDS)
    record = await hotline.record(malee, within=SECONDS)
    told = (record["outcome"], record["reason"], record["voicemail"], record["queue"])
    assert told == ("voicemail", "closed", "left", None)
    await is_what_was_said(hotline, await message(hotline, malee), malee.voice, 3.0)
    labels = {"queue": "damrong", "result": "left"}
    assert await hotline.api.metric("hotline_voicemails_total", **labels) >= 1
    assert await hotline.api.metric("hotline_calls_voicemail_total", line="1567") >= 1
    await until(lambda: not list(spool(hotline).glob("*")), within=SECONDS)


async def test_who_hangs_up_has_left_what_was_said(closed: Hotline) -> None:
    hotline = closed
    malee = await is_asked(hotline)
    await talk_for(MESSAGE_SECONDS)
    malee.hang_up()
    record = await hotline.record(malee, within=SECONDS)
    assert (record["outcome"], record["voicemail"]) == ("voicemail", "hung_up")
    await is_what_was_said(hotline, await message(hotline, malee), malee.voice, 3.0)


async def test_the_service_is_killed_while_she_speaks_and_the_message_is_kept(
    closed: Hotline,
) -> None:
    hotline = closed
    malee = await is_asked(hotline)
    await talk_for(2.0)
    await hotline.service.kills()
    await talk_for(2.0)
    await hotline.service.starts()
    await talk_for(1.0)
    assert malee.is_up
    malee.press("#")
    await malee.comes_to_hear(THANKS, within=SECONDS)
    await malee.is_gone(within=SECONDS)
    record = await hotline.record(malee, within=SECONDS)
    assert (record["outcome"], record["voicemail"]) == ("voicemail", "left")
    await is_what_was_said(hotline, await message(hotline, malee), malee.voice, 3.5)


async def test_she_ends_it_while_the_service_is_dead_and_is_told_when_it_is_back(
    closed: Hotline,
) -> None:
    hotline = closed
    malee = await is_asked(hotline)
    await talk_for(3.0)
    await hotline.service.kills()
    malee.press("#")
    await talk_for(2.0)
    starting = asyncio.ensure_future(hotline.service.starts())
    await malee.comes_to_hear(THANKS, within=SECONDS)
    await starting
    record = await hotline.record(malee, within=SECONDS)
    assert (record["outcome"], record["voicemail"]) == ("voicemail", "left")
    await is_what_was_said(hotline, await message(hotline, malee), malee.voice, 2.0)


async def test_who_says_nothing_has_left_no_message_and_is_told(closed: Hotline) -> None:
    hotline = closed
    malee = await hotline.calls("1567", quiet=True)
    await malee.comes_to_hear(PROMPT, within=SECONDS)
    await malee.comes_to_hear(FAILED, within=SECONDS + 10)
    await malee.is_gone(within=SECONDS)
    record = await hotline.record(malee, within=SECONDS)
    assert (record["outcome"], record["voicemail"]) == ("voicemail", "empty")
    answer = await hotline.api.ask("GET", f"/recordings?call={record['call_id']}")
    assert answer["recordings"] == []


async def test_after_the_longest_wait_a_message_is_asked_for(own: Shared) -> None:
    async with own.lent() as hotline:
        says(hotline)
        await hotline.rules("damrong", max_wait_seconds=5, voicemail=("voicemail",))
        await is_open(hotline)
        began = now()
        malee = await is_asked(hotline)
        assert now() - began > 4.0
        await talk_for(MESSAGE_SECONDS)
        malee.press("#")
        await malee.comes_to_hear(THANKS, within=SECONDS)
        record = await hotline.record(malee, within=SECONDS)
        told = (record["outcome"], record["reason"], record["voicemail"], record["queue"])
        assert told == ("overflow", "voicemail", "left", "damrong")
        await is_what_was_said(hotline, await message(hotline, malee), malee.voice, 3.0)


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk is mounted")
async def test_a_full_disk_costs_the_message_and_she_is_told(tmp_path: Path) -> None:
    hotline = with_a_key(tmp_path)
    with small_disk(spool(hotline)):
        async with hotline:
            says(hotline)
            await closes(hotline)
            filler = spool(hotline) / "filler"
            await asyncio.to_thread(fill_up, filler)
            malee = await is_asked(hotline)
            await talk_for(MESSAGE_SECONDS)
            if malee.is_up:
                malee.press("#")
            await malee.comes_to_hear(FAILED, within=SECONDS)
            await malee.is_gone(within=SECONDS)
            record = await hotline.record(malee, within=SECONDS)
            assert (record["outcome"], record["voicemail"]) == ("voicemail", "failed")
            labels = {"queue": "damrong", "result": "failed"}
            assert await hotline.api.metric("hotline_voicemails_total", **labels) == 1
