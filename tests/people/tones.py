"""G.711 A-law, and measuring tones in it. Standard library only, pure.

Each person's voice is a tone of its own, so that an ear can tell *whom* it hears. All voices are
multiples of 50 Hz (20 ms of sound repeat exactly) and lie above the notes of the waiting music.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

from callcenter.hosting.music import MELODY_HERTZ

RATE_HERTZ = 8000
FRAME_SAMPLES = 160  # 20 ms
NOTES = tuple(sorted(set(MELODY_HERTZ)))
VOICES = tuple(range(850, 3350, 50))
PEOPLES = VOICES[
    :39
]  # up to 2,750 Hz; above speak the prompts of stories, which are never a person
SILENCE_LEVEL = 60.0  # root mean square, of 32767; the noise of A-law is 8
ALONE = 0.98  # share of the energy at one tone if there is nothing else (A-law's noise: 0.02 %)
AUDIBLE = 0.01  # 20 dB below the rest
KNOWN = 0.7  # with less than this at known tones it is speech
NOTES_IN_PIECE = 0.25  # of the energy at the notes themselves, when two of them share one piece
# steepness (see below) of tones of 315 and 730 Hz, between which the notes lie
LOW, HIGH = 0.06, 0.32


def _decoded(code: int) -> int:
    """One A-law byte as a linear sample (ITU-T G.711)."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if code & 0x80 else -size


def _decoded_ulaw(code: int) -> int:
    """One mu-law byte as a linear sample (ITU-T G.711)."""
    code ^= 0xFF
    size = (((code & 15) << 3) + 0x84 << ((code >> 4) & 7)) - 0x84
    return -size if code & 0x80 else size


DECODED = tuple(_decoded(code) for code in range(256))
_DECODED_ULAW = tuple(_decoded_ulaw(code) for code in range(256))
ALAW_OF_ULAW = bytes(min(range(256), key=lambda a: abs(DECODED[a] - x)) for x in _DECODED_ULAW)
ULAW_OF_ALAW = bytes(min(range(256), key=lambda u: abs(_DECODED_ULAW[u] - x)) for x in DECODED)
"""The nearest mu-law code for each A-law code, for bytes.translate."""

_SORTED = sorted((sample, code) for code, sample in enumerate(DECODED))
_SAMPLES = [sample for sample, _ in _SORTED]


def alaw_of(samples: Sequence[int]) -> bytes:
    """The nearest A-law code of each."""
    return bytes(map(_nearest, samples))


@lru_cache(maxsize=65_536)
def _nearest(sample: int) -> int:
    place = bisect_left(_SAMPLES, sample)
    near = _SORTED[max(0, place - 1) : place + 1]
    return min(near, key=lambda pair: abs(pair[0] - sample))[1]


SILENT_FRAME = bytes([0xD5]) * FRAME_SAMPLES


@cache
def tone_frame(hertz: int) -> bytes:
    """20 ms of a tone in A-law. Frames can be sent one after another without a click."""
    if hertz % 50:
        raise ValueError(f"{hertz} Hz does not repeat in 20 ms; take a multiple of 50")
    wave = (8000 * math.sin(2 * math.pi * hertz * i / RATE_HERTZ) for i in range(FRAME_SAMPLES))
    return bytes(min(range(256), key=lambda code: abs(DECODED[code] - x)) for x in wave)


def loudness(samples: Sequence[int]) -> float:
    """Root mean square."""
    return math.sqrt(sum(x * x for x in samples) / len(samples)) if samples else 0.0


def share_of(hertz: float, samples: Sequence[int]) -> float:
    """The share (0 to 1) of the sound's energy that is at `hertz`: Goertzel's algorithm."""
    turn = 2 * math.cos(2 * math.pi * hertz / RATE_HERTZ)
    before = last = 0.0
    for x in samples:
        before, last = last, x + turn * last - before
    power = last * last + before * before - turn * last * before
    energy = sum(x * x for x in samples)
    return min(1.0, 2 * power / (len(samples) * energy)) if energy else 0.0


def level(sound: bytes, hertz: float) -> float:
    """The level of A-law sound at `hertz`: 1 is the loudest."""
    samples = [DECODED[code] for code in sound]
    turn = 2 * math.pi * hertz / RATE_HERTZ
    real = sum(x * math.cos(turn * at) for at, x in enumerate(samples))
    imaginary = sum(x * math.sin(turn * at) for at, x in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / max(1, len(samples)) / 32768


def named(samples: Sequence[int]) -> str:
    """What this piece of sound (about 100 ms) is: "silence", "music", a voice's "1450", "other".

    Both at once ("music under a voice") is "1450+music". Recorded speech is "other".
    """
    if loudness(samples) < SILENCE_LEVEL:
        return "silence"
    near = _crossings_hertz(samples)
    for hertz in sorted((*VOICES, *NOTES), key=lambda candidate: abs(candidate - near))[:2]:
        if share_of(hertz, samples) >= ALONE:
            return _name(hertz)
    if _is_between_notes(samples):
        return "music"
    return _mixture(samples)


def _is_between_notes(samples: Sequence[int]) -> bool:
    """Whether one note ends and another begins: all is low, and much of it at the notes."""
    energy = sum(x * x for x in samples)
    steepness = sum((b - a) ** 2 for a, b in pairwise(samples)) / energy
    return LOW < steepness < HIGH and sum(share_of(n, samples) for n in NOTES) >= NOTES_IN_PIECE


def _mixture(samples: Sequence[int]) -> str:
    strong = {_name(hertz): 0.0 for hertz in (*VOICES, *NOTES)}
    for hertz in (*VOICES, *NOTES):
        strong[_name(hertz)] += share_of(hertz, samples)
    loud = sorted((share, name) for name, share in strong.items() if share > AUDIBLE)
    if sum(share for share, _ in loud) < KNOWN:
        return "other"
    return "+".join(sorted(name for _, name in loud[-2:]))


def _name(hertz: float) -> str:
    return "music" if hertz in NOTES else str(hertz)


def _crossings_hertz(samples: Sequence[int]) -> float:
    ups = sum(1 for a, b in pairwise(samples) if a < 0 <= b)
    return ups * RATE_HERTZ / len(samples)
