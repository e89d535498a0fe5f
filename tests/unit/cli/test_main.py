"""What the host refuses is told in a sentence, whatever the command; and it ends no call."""

import errno
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import typer

from callcenter.cli import main as command_line


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "run.lock: No space left on device\n"),
        (errno.EACCES, "run.lock: Permission denied. Be the user it belongs to"),
    ],
)
def test_which_file_and_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, told: str
) -> None:
    def refused(**_: object) -> None:
        raise OSError(number, os.strerror(number), "run.lock")

    monkeypatch.setattr(command_line, "app", refused)
    with pytest.raises(SystemExit, match="1"):
        command_line.main()
    assert capsys.readouterr().err.startswith(told)


class Full:
    """Standard output, on a disk that is full."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_cannot_be_printed_ends_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def stack(_environment: Mapping[str, str], say: Callable[[str], None]) -> int:
        say("the service ended; starting it again in 0.2 s")
        return 0

    monkeypatch.setattr("callcenter.hosting.stack.run", stack)
    monkeypatch.setattr(command_line, "settings", lambda: None)
    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(typer.Exit):
        command_line.run()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`callcenter …` as a person calls it."""
    return subprocess.run(
        [sys.executable, "-m", "callcenter", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_console_without_utf_8_gets_question_marks_and_no_traceback() -> None:
    said = run("call", "list", "--help", PYTHONIOENCODING="ascii")
    assert (said.returncode, said.stderr) == (0, "")
    assert "answered, abandoned, ?" in " ".join(said.stdout.split())


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert run("--version").stdout == f"callcenter {project['project']['version']}\n"


def test_shells_can_complete_it() -> None:
    wanted = {"_CALLCENTER_COMPLETE": "complete_bash", "COMP_WORDS": "callcenter op"}
    assert "operator" in run(**wanted, COMP_CWORD="1").stdout
