"""A child that nobody would find again is not left running."""

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from callcenter.hosting.children import start_child
from callcenter.hosting.errors import HostingError


def test_a_child_whose_number_cannot_be_written_down_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Known(subprocess.Popen[bytes]):
        def __init__(self, *words: Any, **more: Any) -> None:
            super().__init__(*words, **more)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Known)
    with pytest.raises(HostingError, match=r"absent/child\.pid cannot be written"):
        start_child(
            ["sleep", "600"], pid_file=tmp_path / "absent/child.pid", output=tmp_path / "output"
        )
    assert [child.returncode for child in started] == [-signal.SIGKILL]
