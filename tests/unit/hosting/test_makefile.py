"""`make .venv`: when the Python environment is made, when made anew, and who may read it.

Python is played by a script that writes down how it was called.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).resolve().parents[3] / "Makefile"
PYTHON = """#!/bin/sh
case $* in
    -c*) cat "$HOST/version" ;;
    "-m venv --clear .venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python
        cp "$HOST/version" .venv/pip; echo made >> "$HOST/told" ;;
    "-m pip --version") echo "pip 25.1 from here (python $(cat .venv/pip))" ;;
    "-m pip install"*) sleep 0.3; cat requirements.run.lock >> "$HOST/told" ;;
esac
"""


@dataclass
class Host:
    """A checkout, and a Python beside it."""

    folder: Path

    def has(self, version: str = "3.11", lock: str = "first") -> None:
        (self.folder / "version").write_text(f"{version}\n")
        (self.folder / "checkout/requirements.run.lock").write_text(f"{lock}\n")

    def begin(self) -> subprocess.Popen[bytes]:
        """`make .venv`, not waited for."""
        return subprocess.Popen(
            ["make", "--silent", ".venv", f"PYTHON={self.folder}/python"],
            cwd=self.folder / "checkout",
            env={"PATH": os.environ["PATH"], "HOST": str(self.folder)},
            stdout=subprocess.DEVNULL,
        )

    def make(self) -> list[str]:
        """What is done by `make .venv`."""
        (self.folder / "told").write_text("")
        subprocess.run(
            ["make", "--silent", ".venv", f"PYTHON={self.folder}/python"],
            cwd=self.folder / "checkout",
            env={"PATH": os.environ["PATH"], "HOST": str(self.folder)},
            umask=0o077,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return (self.folder / "told").read_text().split()


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "checkout").mkdir()
    shutil.copy(MAKEFILE, tmp_path / "checkout")
    (tmp_path / "checkout/requirements.lock").write_text("all\n")
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    host = Host(tmp_path)
    host.has()
    return host


def test_it_is_made_once_for_everybody_to_read(host: Host) -> None:
    assert host.make() == ["made", "first"]
    assert host.make() == []
    assert (host.folder / "checkout/.venv/bin").stat().st_mode & 0o777 == 0o755
    [stamp] = (host.folder / "checkout/.venv").glob(".installed-*")
    assert stamp.stat().st_mode & 0o777 == 0o644
    assert (host.folder / "checkout/.venv/bin/callcenter").stat().st_mode & 0o777 == 0o755


def test_two_at_once_make_it_once(host: Host) -> None:
    (host.folder / "told").write_text("")
    makes = [host.begin() for _ in range(2)]
    assert [make.wait(30) for make in makes] == [0, 0]
    assert (host.folder / "told").read_text().split() == ["made", "first"]


def test_the_command_finds_its_installation_from_anywhere(host: Host, tmp_path: Path) -> None:
    host.make()
    checkout = host.folder / "checkout"
    (checkout / ".venv/bin/python").write_text(
        "#!/bin/sh\necho $PYTHONPATH $CALLCENTER_DATA_DIR $CALLCENTER_SITE_FILE\n"
    )
    (tmp_path / "linked").symlink_to(checkout / ".venv/bin/callcenter")
    for program in (checkout / ".venv/bin/callcenter", tmp_path / "linked"):
        said = subprocess.check_output([program], cwd="/", env={"PATH": os.environ["PATH"]})
        assert said.decode().split() == [
            str(checkout),
            f"{checkout}/var",
            f"{checkout}/dialplans/site.toml",
        ]


def test_one_that_was_interrupted_is_made_anew(host: Host) -> None:
    unfinished = host.folder / "checkout/.venv/bin"
    unfinished.mkdir(parents=True)
    (unfinished / "python").symlink_to("/bin/false")
    assert host.make() == ["made", "first"]


def test_with_another_python_it_is_made_anew(host: Host) -> None:
    host.make()
    host.has(version="3.13")
    assert host.make() == ["made", "first"]
    assert (host.folder / "checkout/.venv/bin/callcenter").exists()
    assert host.make() == []


def test_an_older_lock_is_installed_again(host: Host) -> None:
    host.make()
    host.has(lock="second")
    assert host.make() == ["second"]
    host.has(lock="first")
    assert host.make() == ["first"]
