"""Recordings as samples: what is read, what is measured, what is mended."""

import math
import struct
import subprocess
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.prompts.errors import PromptError
from callcenter.prompts.sound import (
    FULL,
    PEAK,
    TARGET_LUFS,
    evened,
    is_clipped,
    joined,
    loudness,
    measure,
    read_wav,
    resampled,
    trimmed,
    wav,
)
from tests.unit.prompts.voices import file, sine


def decibels(samples: "array[int]") -> float:
    middle = samples[len(samples) // 4 : len(samples) * 3 // 4]
    return 20 * math.log10(math.sqrt(sum(s * s for s in middle) / len(middle)) / 32768 + 1e-9)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_pcm_file_says_the_same(bits: int, channels: int) -> None:
    told = sine(440, 0.1)
    samples, rate = read_wav(file(told, bits=bits, channels=channels))
    assert rate == 8000
    assert max(abs(a - b) for a, b in zip(samples, told, strict=True)) <= (256 if bits == 8 else 1)


def test_what_we_write_we_read() -> None:
    told = sine(440, 0.1)
    assert read_wav(wav(told)) == (told, 8000)


def test_a_stream_does_not_know_its_length() -> None:
    made = bytearray(wav(sine(440, 0.1)))
    made[4:8] = made[40:44] = b"\xff\xff\xff\xff"
    assert len(read_wav(bytes(made))[0]) == 800


def test_the_long_form_of_the_header_is_read() -> None:
    body = sine(440, 0.1).tobytes()
    form = struct.pack("<HHIIHHHHIH14s", 0xFFFE, 1, 8000, 16000, 2, 16, 22, 16, 4, 1, bytes(14))
    chunks = struct.pack("<4sI", b"fmt ", len(form)) + form
    made = b"RIFF" + bytes(4) + b"WAVE" + chunks + struct.pack("<4sI", b"data", len(body)) + body
    assert read_wav(made) == (sine(440, 0.1), 8000)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no WAV"),
        (b"RIFF1234WAVE", "no sound"),
        (b"MZ" + bytes(100), "no WAV"),
        (file(sine(440, 0.1), kind=3, bits=32), "compressed"),
        (file(sine(440, 0.1), channels=6), "6 channels"),
        (file(sine(440, 0.1), channels=0), "0 channels"),
        (file(sine(440, 0.1), rate=4000), "4000 Hz"),
        (file(sine(440, 0.1), rate=47999), "47999 Hz"),
        (file(sine(440, 0.1), rate=0), "0 Hz"),
    ],
)
def test_other_files_are_refused_with_a_sentence(data: bytes, why: str) -> None:
    with pytest.raises(PromptError, match=why):
        read_wav(data)


@given(st.binary(max_size=300), st.integers(0, 60))
def test_no_bytes_make_it_fall_over(noise: bytes, cut: int) -> None:
    for data in (noise, wav(sine(440, 0.01))[:cut] + noise, b"RIFF1234WAVE" + noise):
        try:
            samples, rate = read_wav(data)
        except PromptError:
            continue
        assert rate >= 8000
        measure(samples)


@pytest.mark.parametrize("rate", [11025, 16000, 22050, 44100, 48000, 96000])
def test_speech_is_kept_and_what_telephones_do_not_carry_is_gone(rate: int) -> None:
    for hertz in (300.0, 1000.0, 3000.0):
        made = resampled(sine(hertz, 0.3, rate=rate), rate)
        assert len(made) == pytest.approx(2400, abs=1)
        assert decibels(made) == pytest.approx(decibels(sine(hertz, 0.3)), abs=0.5)
    if rate > 12000:
        made = resampled(sine(5500, 0.3, rate=rate), rate)
        assert decibels(made) < decibels(sine(1000, 0.3)) - 40


def test_loudness_is_that_of_the_standard() -> None:
    """EBU Tech 3341, case 1, for one channel: -23 LUFS."""
    assert loudness(sine(997, 5, level=10 ** (-20 / 20))) == pytest.approx(-23.0, abs=0.1)
    quiet = joined([sine(997, 5, level=0.1), sine(997, 5, level=0.002)], pause_seconds=2)
    assert loudness(quiet) == pytest.approx(-23.0, abs=0.2), "pauses do not count"
    assert loudness(array("h")) == loudness(array("h", bytes(16000))) == -70


@pytest.mark.parametrize("hertz", [120.0, 440.0, 1500.0, 3000.0])
def test_ffmpeg_measures_the_same(hertz: float, tmp_path: Path) -> None:
    samples = joined([sine(hertz, 2, level=0.4), sine(hertz, 2, level=0.1)])
    (tmp_path / "a.wav").write_bytes(wav(samples))
    said = subprocess.run(
        ["ffmpeg", "-nostats", "-i", "a.wav", "-filter_complex", "ebur128", "-f", "null", "-"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    [*_, last] = [line for line in said.splitlines() if " I:" in line]
    assert loudness(samples) == pytest.approx(float(last.split()[-2]), abs=0.3)


def test_clipping_is_seen_and_a_full_scale_recording_is_none() -> None:
    assert not is_clipped(sine(440, 1, level=1.0))
    too_loud = array("h", (max(-FULL, min(FULL, 2 * s)) for s in sine(440, 0.1, level=0.9)))
    assert is_clipped(too_loud)


def test_silence_around_speech_is_cut() -> None:
    pause = array("h", [3, -3] * 4000)
    cut = trimmed(pause + sine(440, 0.5) + pause)
    assert len(cut) == pytest.approx(8000 * 0.56, abs=20)
    assert not trimmed(array("h", bytes(1600)))


@pytest.mark.parametrize("level", [0.01, 0.1, 0.3])
def test_all_recordings_become_equally_loud(level: float) -> None:
    made = evened(sine(700, 1, level=level))
    assert loudness(made) == pytest.approx(TARGET_LUFS, abs=0.2)


def test_a_peak_is_never_raised_above_the_limit() -> None:
    samples = sine(700, 1, level=0.01)
    samples[4000] = 20000
    assert max(map(abs, evened(samples))) <= PEAK + 1
