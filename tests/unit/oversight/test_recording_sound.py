"""Two sides of A-law become WAV, from any byte to any other."""

import io
import os
import wave

import pytest

from callcenter.oversight.recordings.sound import (
    HEADER_BYTES,
    PEAKS,
    Peaks,
    header,
    interleaved,
    kept_place,
    linear,
    sides,
    wav_bytes,
)
from tests.people.tones import DECODED, tone_frame


def test_the_caller_is_left_and_the_operator_right_and_the_shorter_side_goes_on_silent() -> None:
    both = interleaved(b"\x01\x02\x03", b"\x11")
    assert both == b"\x01\x11\x02\xd5\x03\xd5"
    assert interleaved(b"", b"") == b""


def test_what_is_heard_is_a_wav_that_python_reads() -> None:
    kept = interleaved(tone_frame(850) * 10, tone_frame(1000) * 10)
    with wave.open(io.BytesIO(header(len(kept)) + linear(kept))) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getsampwidth()) == (2, 8000, 2)
        samples = memoryview(wav.readframes(wav.getnframes())).cast("h")
    assert list(samples[0::2]) == [DECODED[code] for code in tone_frame(850) * 10]
    assert list(samples[1::2]) == [DECODED[code] for code in tone_frame(1000) * 10]
    assert wav_bytes(len(kept)) == len(header(len(kept)) + linear(kept))


@pytest.mark.parametrize("start", [0, 1, 43, 44, 45, 46, 101, 400])
@pytest.mark.parametrize("many", [1, 2, 3, 44, 99, 300])
def test_any_part_is_cut_out_of_the_whole(start: int, many: int) -> None:
    kept = os.urandom(400)
    whole = header(len(kept)) + linear(kept)
    end = min(start + many, len(whole))
    place, length, early = kept_place(start, end)
    part = whole[:HEADER_BYTES][start:end] + linear(kept[place : place + length])[early:]
    assert part[: end - start] == whole[start:end]


def test_peaks_show_who_spoke_when() -> None:
    peaks = Peaks()
    for second in range(60):
        left = tone_frame(850) * 50 if second < 30 else b"\xd5" * 8000
        peaks.hear(interleaved(left, b"\xd5" * 8000))
    caller, operator = sides(peaks.all())
    assert len(caller) == len(operator) <= PEAKS
    half = len(caller) // 2
    assert min(caller[: half - 1]) > 50 > max(caller[half + 1 :])
    assert max(operator) == 0
    assert Peaks().all() == b""
