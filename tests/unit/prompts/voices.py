"""Recordings for tests: tones, as WAV files of every kind that people send."""

import math
import struct
from array import array
from pathlib import Path

from callcenter.prompts.intake import Recording, prepared
from callcenter.prompts.sound import wav


def sine(hertz: float, seconds: float, *, rate: int = 8000, level: float = 0.3) -> "array[int]":
    return array(
        "h",
        (
            round(32767 * level * math.sin(2 * math.pi * hertz * at / rate))
            for at in range(int(seconds * rate))
        ),
    )


def file(
    samples: "array[int]", *, rate: int = 8000, bits: int = 16, channels: int = 1, kind: int = 1
) -> bytes:
    """A WAV file with these 16-bit samples on every channel."""
    width = bits // 8
    body = bytearray()
    for sample in samples:
        value = sample << (bits - 16) if bits >= 16 else (sample >> 8) + 128
        body += value.to_bytes(width, "little", signed=bits > 8) * channels
    block = channels * width
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, kind, channels, rate, rate * block, block, bits)
    form += struct.pack("<4sI4s", b"LIST", 4, b"abcd")
    return (
        struct.pack("<4sI", b"RIFF", 20 + len(form) + len(body))
        + b"WAVE"
        + form
        + struct.pack("<4sI", b"data", len(body))
        + bytes(body)
    )


def recording(hertz: float = 700, seconds: float = 0.5) -> Recording:
    """One that can be installed."""
    return prepared(wav(sine(hertz, seconds)), 60)


def fill(folder: Path, keys: dict[str, float], seconds: float = 1.0) -> None:
    """A pack's files, without a manifest: each key its own tone."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, hertz in keys.items():
        (folder / f"{key}.wav").write_bytes(wav(sine(hertz, seconds)))
