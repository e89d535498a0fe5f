"""The ears of the stories must tell the truth."""

import math
import socket
import wave
from pathlib import Path

import pytest

from callcenter.hosting.music import write_music
from tests.people.ear import Ear
from tests.people.sound import ALAW, HEADER, Sound
from tests.people.tones import DECODED, FRAME_SAMPLES, RATE_HERTZ, SILENT_FRAME, VOICES, tone_frame
from tests.people.until import until

HEARD_FROM, PACKET_SECONDS = 100.0, 0.02


def alaw(samples: list[int]) -> bytes:
    return bytes(min(range(256), key=lambda code: abs(DECODED[code] - x)) for x in samples)


def ear_of(*frames: bytes) -> Ear:
    ear = Ear()
    for number, frame in enumerate(frames):
        ear.times.append(HEARD_FROM + number * PACKET_SECONDS)
        ear.sounds.append(frame)
    return ear


def music_frames(tmp_path: Path, late_by: int = 0) -> list[bytes]:
    write_music(tmp_path / "m.wav")
    with wave.open(str(tmp_path / "m.wav")) as file:
        pcm = memoryview(file.readframes(RATE_HERTZ * 4)).cast("h")
    sound = alaw([int(x) for x in pcm[late_by:]])
    return [sound[i : i + FRAME_SAMPLES] for i in range(0, len(sound), FRAME_SAMPLES)]


@pytest.mark.parametrize("voice", VOICES[::7])
def test_each_voice_is_recognised_as_itself(voice: int) -> None:
    heard = ear_of(*[tone_frame(voice)] * 100).heard(HEARD_FROM, HEARD_FROM + 2)
    assert heard.shares == {str(voice): 1.0}


def test_voices_50_hertz_apart_are_not_confused() -> None:
    ear = ear_of(*[tone_frame(1000)] * 50, *[tone_frame(1050)] * 50)
    assert ear.heard(HEARD_FROM, HEARD_FROM + 2).shares == {"1000": 0.5, "1050": 0.5}


@pytest.mark.parametrize("late_by", [0, 160, 400, 777])
def test_the_waiting_music_is_music(tmp_path: Path, late_by: int) -> None:
    """Wherever the pieces begin: some of them lie across two notes."""
    frames = music_frames(tmp_path, late_by)
    heard = ear_of(*frames).heard(HEARD_FROM, HEARD_FROM + len(frames) * PACKET_SECONDS)
    assert heard.share("music") > 0.9
    assert set(heard.shares) <= {"music", "silence", "nothing"}


def test_music_that_goes_on_under_a_voice_is_noticed(tmp_path: Path) -> None:
    mixed = [
        alaw([a + b for a, b in zip(decoded(frame), decoded(tone_frame(1200)), strict=True)])
        for frame in music_frames(tmp_path)
    ]
    heard = ear_of(*mixed).heard(HEARD_FROM, HEARD_FROM + len(mixed) * PACKET_SECONDS)
    assert heard.share(1200) > 0.9
    assert heard.share("music") > 0.5


def test_silence_is_not_nothing() -> None:
    heard = ear_of(*[SILENT_FRAME] * 50).heard(HEARD_FROM, HEARD_FROM + 2)
    assert heard.shares == {"silence": 0.5, "nothing": 0.5}
    assert heard.longest_gap_seconds == pytest.approx(1.02)


def test_a_sweep_is_none_of_the_voices() -> None:
    sweep = [
        int(8000 * math.sin(2 * math.pi * (800 + i / 8) * i / RATE_HERTZ)) for i in range(8000)
    ]
    sound = alaw(sweep)
    frames = [sound[i : i + FRAME_SAMPLES] for i in range(0, len(sound), FRAME_SAMPLES)]
    heard = ear_of(*frames).heard(HEARD_FROM, HEARD_FROM + 1)
    assert heard.share("other") > 0.5


def decoded(frame: bytes) -> list[int]:
    return [DECODED[code] for code in frame]


async def test_an_ear_like_debians_asterisk_drops_what_steps_back() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far_end:
        far_end.bind(("127.0.0.1", 0))
        for picky, heard in ((False, 4), (True, 2)):
            Sound.drops_what_is_behind = picky
            sound = Sound.open("127.0.0.1", None)
            sound.speak_to(far_end.getsockname())
            for number in (100, 101, 101 + 40_000, 101 + 40_001):
                packet = HEADER.pack(0x80, ALAW, number, 0, 1) + tone_frame(1000)
                far_end.sendto(packet, ("127.0.0.1", sound.port))
            await until(sound.ear.times.__len__, within=5)
            sound.close()
            assert len(sound.ear.times) == heard
    Sound.drops_what_is_behind = False
