"""One recording as samples: read from WAV, converted to 8 kHz, measured, made as loud as the
others.

Telephone lines carry 8 kHz, so a pack does. Loudness is that of EBU R128 (ITU-R BS.1770-4), in
LUFS. Pure and without a library: it must work where only Python is installed. A minute of sound
takes seconds, so never in the event loop (`intake.py`).
"""

import math
import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul
from typing import TypeAlias

from callcenter.prompts.errors import PromptError

RATE = 8000
FULL = 32767

TARGET_LUFS = -20.0
"""The loudness of every recording. Speech by telephone is about as loud."""

QUIETEST_LUFS = -28.0
LOUDEST_LUFS = -13.0
"""A prompt that is louder than this, or too quiet, is not understood beside the others."""

NOTHING_LUFS = -45.0
"""A quieter recording has more noise than speech, and amplifying it does not help."""

PEAK = 0.89 * FULL  # -1 dB: leaves room for what a codec adds
CLIPPED_RUN = 3  # consecutive samples at the limit
CLIPPED_RUNS = 3  # this many such runs can be heard
EDGE_SECONDS = 0.03  # silence kept before and after speech
EDGE_SHARE = 0.02  # of the peak (-34 dB): at the ends, everything below is silence

BLOCK_SECONDS = 0.4
STEP_SECONDS = 0.1
SILENCE_LUFS = -70.0
RELATIVE_LU = -10.0

Samples: TypeAlias = "array[int]"  # not subscriptable before 3.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The measurements of a recording. `loudness` in LUFS."""

    seconds: float
    loudness: float
    clipped: bool


# ---- WAV ----------------------------------------------------------------------------------------


def read_wav(data: bytes) -> tuple[Samples, int]:
    """The samples, mixed to one channel, and their rate. Raises PromptError if it is not such a
    file."""
    form, body = _chunks(data)
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if kind == 0xFFFE and len(form) >= 26:
        kind = struct.unpack_from("<H", form, 24)[0]
    if kind != 1 or bits not in (8, 16, 24, 32):
        raise PromptError("the WAV file is compressed: save it as PCM with 16 bits")
    if channels not in (1, 2):
        raise PromptError(f"the WAV file has {channels} channels: save it as mono")
    _require_rate(rate)
    samples = _sixteen_bits(
        body[: len(body) // (channels * bits // 8) * channels * bits // 8], bits
    )
    if channels == 2:
        pairs = zip(samples[0::2], samples[1::2], strict=True)
        samples = array("h", ((left + right) // 2 for left, right in pairs))
    return samples, rate


def is_wav(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    """The format and the samples. The length of the last chunk may be wrong, because streams do not
    know it."""
    if not is_wav(data):
        raise PromptError("it is no WAV file")
    form, at = b"", 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = body
        elif name == b"data" and len(form) >= 16:
            return form, body
        at += 8 + size + size % 2
    raise PromptError("the WAV file has no sound in it")


def _require_rate(rate: int) -> None:
    """Refuses unusual sample rates: they would need very many filters."""
    if not (RATE <= rate <= 192_000 and math.gcd(rate, RATE) >= 25):
        raise PromptError(f"the rate is {rate} Hz: save it with 8000, 16000, 44100 or 48000 Hz")


def _sixteen_bits(body: bytes, bits: int) -> Samples:
    samples: Samples = array("h")
    if bits == 8:
        samples.extend((value - 128) * 256 for value in body)
        return samples
    width = bits // 8
    upper = bytearray(len(body) // width * 2)
    upper[0::2], upper[1::2] = body[width - 2 :: width], body[width - 1 :: width]
    samples.frombytes(bytes(upper))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def wav(samples: Samples) -> bytes:
    """An 8 kHz mono WAV file."""
    ordered = array("h", samples)
    if sys.byteorder == "big":
        ordered.byteswap()
    body = ordered.tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    chunks = b"WAVE" + form + struct.pack("<4sI", b"data", len(body)) + body
    return struct.pack("<4sI", b"RIFF", len(chunks)) + chunks


# ---- to 8 kHz -----------------------------------------------------------------------------------

SIDE = 10
"""Zero crossings of the sinc on each side: 3 kHz is kept, 4.5 kHz is more than 40 dB down."""


def resampled(samples: Samples, rate: int) -> Samples:
    """The samples at 8 kHz, by a windowed sinc for each phase between the two rates."""
    if rate == RATE:
        return samples
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    cutoff = 0.46 * min(1.0, RATE / rate)  # of the old rate: 3.68 kHz
    reach = math.ceil(SIDE / (2 * cutoff))
    phases = [_taps(phase / up, cutoff, reach) for phase in range(up)]
    silence = [0.0] * (reach + 1)
    padded = [*silence[1:], *map(float, samples), *silence]
    made: Samples = array("h")
    for count in range(len(samples) * up // down):
        start, phase = divmod(count * down, up)
        value = sum(map(mul, phases[phase], padded[start : start + 2 * reach]))
        made.append(max(-FULL, min(FULL, round(value))))
    return made


def _taps(offset: float, cutoff: float, reach: int) -> list[float]:
    """The filter for a moment `offset` after a sample: Hann-windowed, its sum 1."""
    raw = []
    for index in range(2 * reach):
        x = index - reach - offset
        window = 0.5 + 0.5 * math.cos(math.pi * x / (reach + 1))
        angle = 2 * math.pi * cutoff * x
        raw.append(window * (1.0 if x == 0 else math.sin(angle) / angle))
    total = sum(raw)
    return [tap / total for tap in raw]


# ---- measures -----------------------------------------------------------------------------------


def measure(samples: Samples) -> Measure:
    """The measurements that `check` needs, of a recording at 8 kHz."""
    return Measure(
        seconds=round(len(samples) / RATE, 2),
        loudness=round(loudness(samples), 1),
        clipped=is_clipped(samples),
    )


def is_clipped(samples: Sequence[int]) -> bool:
    """Whether it was recorded too loud: it stays at the limit again and again."""
    runs = run = before = 0
    for sample in samples:
        if abs(sample) < FULL - 1:
            run = 0
        else:
            run = run + 1 if run and (sample > 0) == (before > 0) else 1
            runs += run == CLIPPED_RUN
        before = sample
    return runs >= CLIPPED_RUNS


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS. A recording shorter than a block counts as one block."""
    powers = list(_blocks(_weighted(samples)))
    loud = [power for power in powers if _lufs(power) > SILENCE_LUFS]
    if not loud:
        return SILENCE_LUFS
    gate = _lufs(sum(loud) / len(loud)) + RELATIVE_LU
    kept = [power for power in loud if _lufs(power) > gate]
    return _lufs(sum(kept) / len(kept))


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power) if power > 0 else -math.inf


def _blocks(weighted: Sequence[float]) -> Iterator[float]:
    """The mean power of each block, from the sums of steps."""
    step = int(RATE * STEP_SECONDS)
    several = round(BLOCK_SECONDS / STEP_SECONDS)
    sums = [
        sum(value * value for value in weighted[at : at + step])
        for at in range(0, len(weighted) - step + 1, step)
    ]
    if len(sums) < several:
        if weighted:
            yield sum(value * value for value in weighted) / len(weighted)
        return
    for first in range(len(sums) - several + 1):
        yield sum(sums[first : first + several]) / (several * step)


def _weighted(samples: Samples) -> list[float]:
    """BS.1770's two filters, for 8 kHz: a shelf for the head, a high pass."""
    return _filtered(_filtered([sample / 32768 for sample in samples], *_shelf()), *_high_pass())


Filter = tuple[float, float, float, float, float]


def _shelf() -> Filter:
    k = math.tan(math.pi * 1681.974450955533 / RATE)
    high = 10 ** (3.999843853973347 / 20)
    band, q = high**0.4996667741545416, 0.7071752369554196
    a0 = 1 + k / q + k * k
    return (
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    )


def _high_pass() -> Filter:
    k, q = math.tan(math.pi * 38.13547087602444 / RATE), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return 1.0, -2.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0


def _filtered(
    samples: Sequence[float], b0: float, b1: float, b2: float, a1: float, a2: float
) -> list[float]:
    made: list[float] = []
    one = two = 0.0
    for x in samples:
        y = b0 * x + one
        one = b1 * x - a1 * y + two
        two = b2 * x - a2 * y
        made.append(y)
    return made


# ---- repairs ------------------------------------------------------------------------------------


def trimmed(samples: Samples) -> Samples:
    """The recording without silence before and after, so that words follow each other as in
    speech."""
    limit = max(EDGE_SHARE * max(map(abs, samples), default=0), 1)
    heard = [index for index, sample in enumerate(samples) if abs(sample) >= limit]
    if not heard:
        return samples[:0]
    edge = int(RATE * EDGE_SECONDS)
    return samples[max(0, heard[0] - edge) : heard[-1] + edge + 1]


def evened(samples: Samples) -> Samples:
    """The recording as loud as the target, or as loud as possible without clipping."""
    gain: float = 10 ** ((TARGET_LUFS - loudness(samples)) / 20)
    gain = min(gain, PEAK / max(1, *map(abs, samples)))
    return array("h", (round(sample * gain) for sample in samples))


# ---- tones --------------------------------------------------------------------------------------


def tone(hertz: float, seconds: float, level: float = 0.25) -> Samples:
    """A tone with soft ends."""
    count, soft = int(RATE * seconds), RATE * 0.01
    return array(
        "h",
        (
            round(
                FULL
                * level
                * min(1.0, at / soft, (count - at) / soft)
                * math.sin(2 * math.pi * hertz * at / RATE)
            )
            for at in range(count)
        ),
    )


def joined(parts: Sequence[Samples], pause_seconds: float = 0.15) -> Samples:
    """The parts one after the other, with a short silence between them."""
    pause = array("h", bytes(2 * int(RATE * pause_seconds)))
    made: Samples = array("h")
    for index, part in enumerate(parts):
        made += (pause if index else array("h")) + part
    return made
