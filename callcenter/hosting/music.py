"""A quiet melody for music on hold, computed: a placeholder without copyright.

An existing file is never replaced.
"""

import math
import struct
import wave
from pathlib import Path

RATE_HERTZ = 8000
NOTE_SECONDS = 0.5
LOUDNESS = 5000  # of 32767: quiet under speech
MELODY_HERTZ = (392.0, 440.0, 523.3, 587.3, 659.3, 587.3, 523.3, 440.0) * 2 + (
    392.0,
    329.6,
    392.0,
    440.0,
    523.3,
    440.0,
    392.0,
    329.6,
)


def write_music(path: Path) -> None:
    """Write the melody as an 8 kHz mono WAV file (12 s, about 190 kB)."""
    samples = [sample for note in MELODY_HERTZ for sample in _note(note)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HERTZ)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def _note(hertz: float) -> list[int]:
    count = int(RATE_HERTZ * NOTE_SECONDS)
    return [int(LOUDNESS * _swell(i / count) * _wave(hertz, i / RATE_HERTZ)) for i in range(count)]


def _wave(hertz: float, seconds: float) -> float:
    return math.sin(2 * math.pi * hertz * seconds)


def _swell(part: float) -> float:
    """The loudness of a note: it rises in its first tenth and then falls to 0, so that there are no
    clicks."""
    return min(part * 10, 1.0) * (1 - part)
