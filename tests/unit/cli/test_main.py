"""What the host refuses is told in a sentence, whatever the command; and it ends no call."""

import errno
import os
import sys
from collections.abc import Callable, Mapping

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
    def refused() -> None:
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
