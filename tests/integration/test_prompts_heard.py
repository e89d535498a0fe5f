"""Which recording a caller hears, on the real Asterisk: every prompt is a tone of its own.

In the language of the line; a tone and the English where a recording is missing or cannot be read;
Debian's voice where there is no recording at all. Silence never.
"""

import asyncio
import json
import shutil
import statistics
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from callcenter.ari.playback import play, read_folder, stop
from callcenter.core.speech import place
from callcenter.prompts.catalogue import Language
from callcenter.prompts.stand_in import publish
from tests.contract.sip_phone import Audio, Call, Phone
from tests.integration.plain_ari import PlainAri
from tests.legs import caller_leg
from tests.parts import PrivateAsterisk
from tests.people.until import SLOW_MACHINE_TIMES, until
from tests.unit.prompts.voices import fill

SIP_PORT, HTTP_PORT, RTP_PORT = 15081, 18110, 21000
CALLERS_PORT = 15082

THAI = {
    "greeting": 800.0,
    "recording_notice": 950.0,
    "full": 1100.0,
    "no_operators": 1250.0,
    "closed": 1400.0,
    "unknown_number": 1550.0,
    "max_wait": 1700.0,
    "restart": 1850.0,
    "please_wait": 2000.0,
}
ENGLISH = {"greeting": 2150.0, "full": 2300.0, "closed": 2450.0, "restart": 2600.0}
ATTENTION = [620.0, 480.0]
ALL = [*THAI.values(), *ENGLISH.values(), *ATTENTION]
ENDINGS = {
    "queue_full": "full",
    "no_operators": "no_operators",
    "closed": "closed",
    "unknown_number": "unknown_number",
    "max_wait": "max_wait",
    "restart": "restart",
}
SECONDS = 0.5


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAsterisk]:
    own = PrivateAsterisk(
        tmp_path_factory.mktemp("asterisk"),
        sip_port=SIP_PORT,
        http_port=HTTP_PORT,
        rtp_port_first=RTP_PORT,
        greeting="callcenter/greeting",
        privacy_notice="callcenter/recording_notice",
        lifeboat_message="callcenter/please_wait",
        lifeboat_retries=0,
    )
    fill(prompts(own) / "th", THAI, SECONDS)
    fill(prompts(own) / "en", ENGLISH, SECONDS)
    with own:
        yield own


def prompts(asterisk: PrivateAsterisk) -> Path:
    return asterisk.directory / "lib" / "prompts"


def tones(audio: Audio, among: Collection[float] = ALL) -> list[float]:
    """Which of our tones were heard, in order; whatever else there was is left out."""
    heard, seen = audio.heard, list[float]()
    piece = Audio()
    for start in range(0, len(heard) - 800, 400):
        piece.heard = heard[start : start + 800]
        found = [hertz for hertz in among if piece.share_of(hertz, 0.1) > 0.85]
        if found and (not seen or seen[-1] != found[0]):
            seen += found
    return seen


async def comes_in(ari: PlainAri, phone: Phone, did: str) -> tuple[Call, Any]:
    """A call that was handed over, and its channel."""
    call = await phone.call(did)
    return call, (await ari.event("StasisStart"))["channel"]


async def sent_out(ari: PlainAri, channel: Any, reason: str) -> None:
    answer = await ari.request(
        "POST", f"/channels/{channel['id']}/continue", context="callcenter-out", extension=reason
    )
    assert answer[0] == 204


async def hears_to_the_end(ari: PlainAri, phone: Phone, did: str, reason: str) -> Call:
    """A call that is told why it is not served, and is let go."""
    call, channel = await comes_in(ari, phone, did)
    call.audio.heard.clear()
    await sent_out(ari, channel, reason)
    await asyncio.wait_for(call.ended.wait(), 60)
    return call


async def test_the_greeting_and_the_notice_are_heard_before_the_service_is_asked(
    asterisk: PrivateAsterisk,
) -> None:
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        call, channel = await comes_in(ari, phone, "1567")
        assert channel["language"] == "th"
        assert tones(call.audio)[:2] == [THAI["greeting"], THAI["recording_notice"]]


async def test_each_ending_has_its_own_message(asterisk: PrivateAsterisk) -> None:
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        told: dict[str, Call] = {}
        for reason in ENDINGS:
            told[reason], channel = await comes_in(ari, phone, "1567")
            told[reason].audio.heard.clear()
            await sent_out(ari, channel, reason)
        for reason, key in ENDINGS.items():
            await asyncio.wait_for(told[reason].ended.wait(), 60)
            assert tones(told[reason].audio)[-1] == THAI[key], reason


async def test_a_line_in_english_is_spoken_to_in_english(asterisk: PrivateAsterisk) -> None:
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        await ari.request("POST", "/asterisk/variable", variable="LANGUAGE_1111", value="en")
        call, channel = await comes_in(ari, phone, "1111")
        assert channel["language"] == "en"
        assert tones(call.audio)[0] == ENGLISH["greeting"]
        call.audio.heard.clear()
        await sent_out(ari, channel, "closed")
        await asyncio.wait_for(call.ended.wait(), 60)
        assert tones(call.audio)[-1] == ENGLISH["closed"]


@contextmanager
def spoilt(asterisk: PrivateAsterisk, key: str, how: str) -> Iterator[None]:
    """A Thai recording that cannot be played; as before afterwards."""
    path = prompts(asterisk) / "th" / f"{key}.wav"
    kept = path.with_suffix(".kept")
    shutil.copy2(path, kept)
    try:
        if how == "missing":
            path.unlink()
        elif how == "a folder":
            path.unlink()
            path.mkdir()
        elif how == "unreadable":
            shutil.chown(path, 0, 0)
            path.chmod(0)
        else:
            path.write_bytes({"no WAV": b"hello" * 2000, "cut off": b"RIFF", "empty": b""}[how])
        yield
    finally:
        if path.is_dir():
            path.rmdir()
        kept.replace(path)


@pytest.mark.parametrize("how", ["missing", "unreadable", "no WAV", "cut off", "empty", "a folder"])
async def test_what_cannot_be_played_is_a_tone_and_the_english(
    asterisk: PrivateAsterisk, how: str
) -> None:
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        with spoilt(asterisk, "closed", how):
            call = await hears_to_the_end(ari, phone, "1567", "closed")
        assert tones(call.audio)[-3:] == [*ATTENTION, ENGLISH["closed"]]


async def test_a_greeting_that_cannot_be_read_is_a_tone_and_the_english_and_the_call_goes_on(
    asterisk: PrivateAsterisk,
) -> None:
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        with spoilt(asterisk, "greeting", "unreadable"):
            call, channel = await comes_in(ari, phone, "1567")
        expected = [*ATTENTION, ENGLISH["greeting"], THAI["recording_notice"]]
        assert tones(call.audio)[:4] == expected
        assert channel["language"] == "th"


async def test_without_a_folder_of_prompts_debians_voice_is_heard(
    asterisk: PrivateAsterisk,
) -> None:
    away = prompts(asterisk).with_name("away")
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        call, channel = await comes_in(ari, phone, "1567")
        prompts(asterisk).rename(away)
        try:
            call.audio.heard.clear()
            await sent_out(ari, channel, "closed")
            await asyncio.wait_for(call.ended.wait(), 60)
        finally:
            away.rename(prompts(asterisk))
    loud = [byte for byte in call.audio.heard if byte ^ 0x55 not in (0, 0x80)]
    assert len(loud) > 4000, "half a second of speech"
    assert not tones(call.audio)


async def test_the_lifeboat_asks_to_wait(asterisk: PrivateAsterisk) -> None:
    async with Phone(CALLERS_PORT, SIP_PORT) as phone:
        call = await phone.call("1567")
        await until(lambda: THAI["please_wait"] in tones(call.audio), within=20, every=0.3)


async def test_a_new_recording_is_heard_by_the_next_caller(asterisk: PrivateAsterisk) -> None:
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        fill(prompts(asterisk) / "th", {"restart": 2000.0}, SECONDS)
        try:
            call = await hears_to_the_end(ari, phone, "1567", "restart")
            assert tones(call.audio)[-1] == 2000.0
            (prompts(asterisk) / "th" / "restart.wav").unlink()
            publish(prompts(asterisk), ["restart"])
            call = await hears_to_the_end(ari, phone, "1567", "restart")
            assert tones(call.audio)[-3:] == [*ATTENTION, ENGLISH["restart"]]
        finally:
            fill(prompts(asterisk) / "th", {"restart": THAI["restart"]}, SECONDS)


# ---- playbacks of the service -----------------------------------------------------------------


async def folder(ari: PlainAri) -> str:
    status, answer = await ari.carry_out(read_folder())
    assert status == 200
    return str(json.loads(answer)["value"])


async def test_several_prompts_are_one_playback_each_in_the_best_language_there_is(
    asterisk: PrivateAsterisk,
) -> None:
    fill(prompts(asterisk) / "th", {"place": 1000.0, "number_20": 1300.0, "number_et": 1600.0}, 0.4)
    fill(prompts(asterisk) / "en", {"place_end": 2750.0}, 0.4)
    publish(prompts(asterisk), ["place_end"])
    keys = place(Language.THAI, 21)
    expected = [1000.0, 1300.0, 1600.0, *ATTENTION, 2750.0]
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        call, channel = await comes_in(ari, phone, "1567")
        call.audio.heard.clear()
        leg = caller_leg(channel["id"])
        status, _ = await ari.carry_out(play(leg, "p-1", await folder(ari), keys, "th"))
        assert status == 201
        assert (await ari.event("PlaybackFinished"))["playback"]["state"] == "done"
        assert tones(call.audio, {*expected}) == expected
        assert (await ari.carry_out(stop("p-1")))[0] == 404, "it is over"


async def test_a_playback_is_silent_within_200_ms_of_the_stop(asterisk: PrivateAsterisk) -> None:
    """When an operator is free. Seen at the caller's ear: what is still heard of the tone."""
    fill(prompts(asterisk) / "th", {"own_long": 1150.0}, 20.0)
    late = []
    async with PlainAri(asterisk) as ari, Phone(CALLERS_PORT, SIP_PORT) as phone:
        await ari.serve()
        call, channel = await comes_in(ari, phone, "1567")
        leg, where = caller_leg(channel["id"]), await folder(ari)
        for number in range(10):
            call.audio.heard.clear()
            name = f"long-{number}"
            assert (await ari.carry_out(play(leg, name, where, ["own_long"], "th")))[0] == 201
            await until(lambda: call.audio.share_of(1150.0, 0.2) > 0.9, within=10)
            at = len(call.audio.heard)
            assert (await ari.carry_out(stop(name)))[0] == 204
            await ari.event("PlaybackFinished")
            await ari.request("POST", f"/channels/{channel['id']}/moh")
            await until(lambda: call.audio.share_of(1150.0, 0.3) < 0.1, within=10)
            late.append(tone_after(call.audio, at, 1150.0))
    print("seconds of the prompt after the stop:", [f"{seconds:.2f}" for seconds in late])
    assert min(late) <= 0.2
    assert statistics.median(late) <= 0.2 * SLOW_MACHINE_TIMES


def tone_after(audio: Audio, start: int, hertz: float) -> float:
    """Seconds from this sample on until the tone was over."""
    piece, last = Audio(), start
    for at in range(start, len(audio.heard) - 160, 160):
        piece.heard = audio.heard[at : at + 160]
        if piece.share_of(hertz, 0.02) > 0.85:
            last = at + 160
    return (last - start) / 8000
