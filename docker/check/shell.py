"""Running programs: what they complain of goes to one log, their failure into one sentence."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STEP_SECONDS = 0.2


class CheckError(Exception):
    """Something that should be true is not. The message is for the person who ran the check."""


def say(line: str) -> None:
    """One line of progress."""
    print(f"docker-check: {line}", flush=True)


def run(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    limit_seconds: float = 600,
) -> str:
    """Standard output of a program that must succeed; CheckError with its last words if not."""
    with log.open("a") as errors:
        errors.write(f"\n$ {' '.join(command)}\n")
        errors.flush()
        began = errors.tell()
        try:
            outcome = subprocess.run(
                list(command),
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                text=True,
                env=None if environment is None else dict(environment),
                timeout=limit_seconds,
                check=False,
            )
        except FileNotFoundError as error:
            raise CheckError(f"{command[0]} is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise CheckError(
                f"`{' '.join(command)}` did not end in {limit_seconds:g} s; its words are in {log}"
            ) from error
    if outcome.returncode != 0:
        words = log.read_bytes()[began:].decode(errors="replace").splitlines()
        raise CheckError(
            f"`{' '.join(command)}` ended with {outcome.returncode}:\n" + "\n".join(words[-25:])
        )
    return outcome.stdout


def until(what: str, true: Callable[[], bool], *, limit_seconds: float) -> None:
    """Wait until it is true; CheckError says what never was."""
    deadline = time.monotonic() + limit_seconds
    while not true():
        if time.monotonic() > deadline:
            raise CheckError(f"not in {limit_seconds:.0f} s: {what}")
        time.sleep(STEP_SECONDS)
