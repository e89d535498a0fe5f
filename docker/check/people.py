"""A citizen and an operator with real telephones, played by SIPp's own built-in scenarios."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shell import CheckError
from stack import PORTS

OPERATOR_PORT = 15582
CALLER_PORT = 15581
OPERATOR_SOUND_PORT = 24900
CALLER_SOUND_PORT = 24950
CALL_SECONDS = 26
"""Longer than a scrape and a restart together; a caller without a sound is hung up after 30 s."""
LIMIT_SECONDS = 60
CONTACT = f"sip:somchai@127.0.0.1:{OPERATOR_PORT}"


@contextmanager
def operator_answers_once(log: Path) -> Iterator[None]:
    """A phone that answers one call and stays until the other side hangs up; CheckError if none."""
    command = [*_sipp("uas", OPERATOR_PORT, OPERATOR_SOUND_PORT), "-m", "1"]
    with _played(command, log, "the operator's phone had no good call"):
        yield


@contextmanager
def citizen_calls(number: str, log: Path) -> Iterator[None]:
    """Dials, is answered, stays a while, hangs up; CheckError when that is not what happens."""
    command = _sipp("uac", CALLER_PORT, CALLER_SOUND_PORT)
    command += ["-m", "1", "-s", number, "-d", str(CALL_SECONDS * 1000)]
    command += [f"127.0.0.1:{PORTS['CALLCENTER_SIP_PORT']}"]
    with _played(command, log, f"the call to {number} failed"):
        yield


@contextmanager
def _played(command: list[str], log: Path, fault: str) -> Iterator[None]:
    """SIPp plays its scenario while the body runs; CheckError when it does not end well."""
    with log.open("a") as sink:
        person = subprocess.Popen(
            command, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, cwd=log.parent
        )
    try:
        yield
        if person.wait(timeout=LIMIT_SECONDS + 10) != 0:
            raise CheckError(f"{fault}; SIPp's words are in {log}")
    except subprocess.TimeoutExpired as error:
        raise CheckError(f"{fault}: it does not end; SIPp's words are in {log}") from error
    finally:
        person.kill()
        person.wait()


def _sipp(scenario: str, port: int, sound_port: int) -> list[str]:
    words = ["sipp", "-sn", scenario, "-i", "127.0.0.1", "-p", str(port), "-mp", str(sound_port)]
    return [*words, "-nostdin", "-timeout", str(LIMIT_SECONDS)]
