"""Files from outside: a recording is made of them, or one sentence says why not."""

import asyncio
import io
import os
import subprocess
import wave
from array import array
from pathlib import Path

import pytest

from callcenter.prompts import intake
from callcenter.prompts.errors import PromptError
from callcenter.prompts.sound import TARGET_LUFS
from tests.unit.prompts.voices import file, sine


async def test_a_studio_file_becomes_a_telephone_file() -> None:
    raw = file(sine(600, 1.0, rate=48000, level=0.05), rate=48000, bits=24, channels=2)
    made = await intake.taken_in(raw, 5)
    with wave.open(io.BytesIO(made.wav)) as told:
        assert (told.getframerate(), told.getnchannels(), told.getsampwidth()) == (8000, 1, 2)
    assert made.measure.seconds == pytest.approx(1.0, abs=0.05)
    assert made.measure.loudness == pytest.approx(TARGET_LUFS, abs=0.5)
    assert not made.measure.clipped


LOUD = array("h", (max(-32767, min(32767, 3 * s)) for s in sine(440, 1, level=0.9)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"hello", "no WAV|cannot be read"),
        (b"\x7fELF" + bytes(5000), "no WAV|cannot be read"),
        (b"#!/bin/sh\ntouch /tmp/x\n", "no WAV|cannot be read"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "no WAV|cannot be read"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "no WAV|cannot be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no WAV|cannot be read"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0", "no sound"),
        (b"RIFF" + b"\xff" * 200_000, "no WAV|cannot be read"),
        (file(sine(440, 0.5), kind=0x55), "compressed"),
        (file(array("h", bytes(32000))), "nothing is heard"),
        (file(array("h", [1, -1] * 8000)), "nothing is heard"),
        (file(LOUD), "clipped"),
        (file(sine(440, 6)), "6.* s long; at most 5 s"),
        (file(sine(440, 1)) + bytes(25_000_000), "longer than 24 MB"),
        (file(array("h", [9000, -9000] * 720_100)), "longer than 180 s"),
    ],
)
async def test_other_files_are_refused_with_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(PromptError, match=why) as refused:
        await intake.taken_in(data, 5)
    assert "/" not in str(refused.value)


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "flac", "m4a", "webm"])
def test_compressed_voices_are_read_with_ffmpeg(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(file(sine(600, 1.0, rate=48000), rate=48000))
    codec = {"webm": ["-c:a", "libopus"], "m4a": ["-c:a", "aac"]}.get(suffix, [])
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", "a.wav", *codec, f"b.{suffix}"], cwd=tmp_path, check=True
    )
    made = asyncio.run(intake.taken_in((tmp_path / f"b.{suffix}").read_bytes(), 5))
    assert made.measure.seconds == pytest.approx(1.0, abs=0.15)
    assert made.measure.loudness == pytest.approx(TARGET_LUFS, abs=0.5)


async def test_a_file_that_names_another_gets_nothing_of_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(file(sine(600, 1.0)))
    for text in (
        f"ffconcat version 1.0\nfile '{secret}'\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
    ):
        with pytest.raises(PromptError, match="cannot be read"):
            await intake.taken_in(text.encode(), 5)


async def test_without_ffmpeg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PromptError, match="apt-get install ffmpeg"):
        await intake.taken_in(b"ID3" + bytes(1000), 5)


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child and what it started: none is left."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    before = set(children.read_text().split())  # of other tests
    monkeypatch.setattr(intake, "LIMIT_SECONDS", 0.0)
    with pytest.raises(PromptError, match="took longer"):
        asyncio.run(intake.taken_in(file(sine(440, 1)), 5))
    assert set(children.read_text().split()) <= before


def test_nothing_is_left_in_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asyncio.run(intake.taken_in(file(sine(440, 1)), 5))
    with pytest.raises(PromptError):
        asyncio.run(intake.taken_in(b"nothing", 5))
    assert not list(tmp_path.iterdir())
