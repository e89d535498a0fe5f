"""Makes a recording of a file from outside, in a process of its own.

Whatever the file is, the process has little memory and little time, and writes only into a folder
that is deleted afterwards. WAV is read here. Everything else is read by ffmpeg, if the host has it;
it may use only this file, and only the usual formats of voice recordings. The calling process is
never in danger.
"""

import asyncio
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from callcenter.prompts.errors import PromptError
from callcenter.prompts.sound import (
    NOTHING_LUFS,
    Measure,
    evened,
    is_clipped,
    is_wav,
    loudness,
    measure,
    read_wav,
    resampled,
    trimmed,
    wav,
)

FILE_MOST_BYTES = 24_000_000  # two minutes of stereo in studio quality
RAW_MOST_SECONDS = 180.0  # including silence before and after
MEMORY_MOST_BYTES = 2_000_000_000  # address space; ffmpeg reserves much more than it uses
PROCESSOR_SECONDS = 60
LIMIT_SECONDS = 90.0  # enough on a busy machine
OUTPUT_MOST_BYTES = 80_000_000
FORMATS = "wav,w64,mp3,ogg,flac,aiff,aac,mov,matroska,caf,amr,asf"
"""ffmpeg's demuxers. No playlists, and nothing else that names other files."""

ANSWER_MOST_BYTES = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording that can be kept: an 8 kHz WAV file and its measurements."""

    wav: bytes
    measure: Measure


async def taken_in(data: bytes, longest_seconds: float) -> Recording:
    """Make a recording of a file. Raises PromptError, which says what is wrong with it."""
    if not data:
        raise PromptError("the file is empty")
    if len(data) > FILE_MOST_BYTES:
        raise PromptError(f"the file is longer than {FILE_MOST_BYTES // 1_000_000} MB")
    with tempfile.TemporaryDirectory(prefix="callcenter-recording-") as folder:
        place = Path(folder)
        await asyncio.to_thread((place / "in").write_bytes, data)
        found = await _child(place, longest_seconds)
        return Recording(wav=(place / "out.wav").read_bytes(), measure=found)


async def _child(place: Path, longest_seconds: float) -> Measure:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-S",  # the standard library is enough
        "-m",
        __name__,
        str(longest_seconds),
        cwd=place,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            said = await process.stdout.read(ANSWER_MOST_BYTES)
            await process.wait()
    except TimeoutError as error:
        raise PromptError(f"it took longer than {LIMIT_SECONDS:g} s to read the file") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    try:
        answer = json.loads(said)
    except ValueError as error:  # out of memory, out of time, or the file was made to break it
        raise PromptError("the file cannot be read as sound") from error
    if "refused" in answer:
        raise PromptError(answer["refused"])
    return Measure(**answer)


# ---- in the child -------------------------------------------------------------------------------


def prepared(data: bytes, longest_seconds: float) -> Recording:
    """The child's work on a WAV file. Raises PromptError."""
    samples, rate = read_wav(data)
    if len(samples) > RAW_MOST_SECONDS * rate:
        raise PromptError(f"the recording is longer than {RAW_MOST_SECONDS:g} s")
    if is_clipped(samples):
        raise PromptError("the recording is clipped: record it again, further from the microphone")
    spoken = trimmed(resampled(samples, rate))
    if not spoken or loudness(spoken) < NOTHING_LUFS:
        raise PromptError("nothing is heard in the recording, or it is far too quiet")
    found = measure(made := evened(spoken))
    if found.seconds > longest_seconds:
        raise PromptError(
            f"the recording is {found.seconds:g} s long; at most {longest_seconds:g} s are wanted"
        )
    return Recording(wav=wav(made), measure=found)


def _limited() -> None:
    for what, most in (
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_AS, MEMORY_MOST_BYTES),
        (resource.RLIMIT_FSIZE, OUTPUT_MOST_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _decoded(file: Path) -> bytes:
    """Any other format as WAV, converted by ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise PromptError(
            "it is no WAV file, and ffmpeg is not there to read others: apt-get install ffmpeg"
        )
    made = file.with_name("decoded.wav")
    outcome = subprocess.run(
        [
            *(program, "-nostdin", "-v", "error", "-threads", "1"),
            *("-protocol_whitelist", "file", "-format_whitelist", FORMATS),
            *("-t", str(RAW_MOST_SECONDS + 1), "-i", f"file:{file}"),
            *("-map", "0:a:0", "-map_metadata", "-1", "-ac", "1", "-c:a", "pcm_s16le"),
            *("-f", "wav", f"file:{made}"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if outcome.returncode != 0 or not made.exists():
        raise PromptError("the file cannot be read as sound")
    return made.read_bytes()


def _answer(longest_seconds: float) -> dict[str, object]:
    file = Path("in").absolute()
    try:
        data = file.read_bytes()
        made = prepared(data if is_wav(data) else _decoded(file), longest_seconds)
    except PromptError as error:
        return {"refused": str(error)}
    Path("out.wav").write_bytes(made.wav)
    return asdict(made.measure)


if __name__ == "__main__":
    _limited()
    print(json.dumps(_answer(float(sys.argv[1]))))
