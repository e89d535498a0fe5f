"""`make docker-check` fails in a sentence, and before it has built anything."""

import importlib
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

CHECK = Path(__file__).resolve().parents[3] / "docker" / "check"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """docker/check/shell.py, which lies in no package."""
    monkeypatch.syspath_prepend(CHECK)
    return importlib.import_module("shell")


def test_a_program_that_is_not_there_is_named(shell: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(shell.CheckError, match="no-such-program is not installed"):
        shell.run(["no-such-program"], log=tmp_path / "log")


def test_a_program_that_does_not_end_is_named(shell: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(shell.CheckError, match=r"`sleep 600` did not end in 0\.1 s"):
        shell.run(["sleep", "600"], log=tmp_path / "log", limit_seconds=0.1)


def test_a_person_who_does_not_hang_up_is_a_fault(
    shell: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = importlib.import_module("people")
    monkeypatch.setattr(people, "LIMIT_SECONDS", -9.9)
    monkeypatch.setattr(people, "_sipp", lambda *_: ["sh", "-c", "exec sleep 600", "sipp"])
    with (
        pytest.raises(shell.CheckError, match="no good call: it does not end"),
        people.operator_answers_once(tmp_path / "log"),
    ):
        pass


def test_sipp_is_asked_for_before_anything_is_built(
    shell: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = importlib.import_module("engine")
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with (
        pytest.raises(shell.CheckError, match="missing: apt-get install sip-tester"),
        engine.engine(tmp_path, tmp_path / "log"),
    ):
        pytest.fail("it began")


def test_a_pull_that_takes_too_long_is_none(
    shell: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = importlib.import_module("engine")

    def slow(*_words: object, **_more: object) -> None:
        raise subprocess.TimeoutExpired("docker pull", 300)

    monkeypatch.setattr(subprocess, "run", slow)
    assert not engine.can_have("image:1", {})
