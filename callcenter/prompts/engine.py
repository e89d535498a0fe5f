"""Recordings made by a text-to-speech program of the agency's choice, one text at a time.

    espeak-ng -v en -w {out} {text}

The program is run without a shell; what it writes is taken in like any other file.
"""

import asyncio
import os
import shlex
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

from callcenter.prompts.errors import PromptError
from callcenter.prompts.intake import FILE_MOST_BYTES, Recording, taken_in
from callcenter.prompts.pack import read_file

ENGINE_SECONDS = 120.0  # for one text: large models are slow to start
TEXT, OUT = "{text}", "{out}"


def command_of(engine: str) -> list[str]:
    """The words of the command. Raises PromptError if the text or the output file is missing in
    it."""
    try:
        words = shlex.split(engine)
    except ValueError as error:
        raise PromptError(f"--engine: {error}") from error
    for place in (TEXT, OUT):
        if not any(place in word for word in words[1:]):
            raise PromptError(
                f"--engine: write {place} where it belongs: 'program -o {OUT} {TEXT}'"
            )
    return words


async def spoken(command: list[str], text: str, longest_seconds: float) -> Recording:
    """The speech that the program made. Raises PromptError."""
    with tempfile.TemporaryDirectory(prefix="callcenter-engine-") as folder:
        out = Path(folder) / "out.wav"
        await _run([word.replace(OUT, str(out)).replace(TEXT, text) for word in command])
        try:
            data = read_file(out, FILE_MOST_BYTES + 1)
        except OSError as error:
            raise PromptError(f"{command[0]} wrote nothing into {OUT}") from error
    return await taken_in(data, longest_seconds)


async def _run(words: list[str]) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise PromptError(f"{words[0]} cannot be run: {error.strerror}") from error
    try:
        async with asyncio.timeout(ENGINE_SECONDS):
            status = await process.wait()
    except TimeoutError as error:
        raise PromptError(f"{words[0]} took longer than {ENGINE_SECONDS:g} s") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if status != 0:
        raise PromptError(f"{words[0]} ended with status {status}")
