"""Programs of a Debian package, unpacked into a folder of the cache instead of installed.

Installing a server's package would start it as a system service and needs root; unpacking does
neither. It serves only packages that need nothing but the C library. It never uses a half-unpacked
folder: a complete one has its final name.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from callcenter.hosting.cache import locked
from callcenter.hosting.children import Say
from callcenter.hosting.errors import HostingError
from callcenter.hosting.packages import PATIENT


def unpacked(packages: Sequence[str], directory: Path, say: Say) -> Path:
    """`directory` with these packages' files (`usr/bin/…`); downloaded when it is not there.

    A package that this release does not have is an error, unless it is not the first.
    """
    if not directory.is_dir():
        with locked(directory.parent / f"{directory.name}.lock"):
            if not directory.is_dir():  # nor made by another start meanwhile
                _unpack(packages, directory, say)
    return directory


def run(command: Sequence[str], folder: Path | None = None) -> str:
    """What a program printed; HostingError with its last lines when it failed."""
    try:
        outcome = _outcome(command, folder)
    except OSError as error:
        raise HostingError(f"cannot run {command[0]}: {error}") from error
    if outcome.returncode != 0:
        last = "\n".join(outcome.stdout.splitlines()[-6:])
        raise HostingError(f"`{' '.join(command)}` failed:\n{last}")
    return outcome.stdout


def _unpack(packages: Sequence[str], directory: Path, say: Say) -> None:
    say(f"fetching Debian's {packages[0]} into {directory} (once)")
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=directory.parent))
    try:
        for package in _known(packages):
            _download(package, unfinished)
        for file in sorted(unfinished.glob("*.deb")):
            run(["dpkg-deb", "--extract", str(file), str(unfinished)])
            file.unlink()
        unfinished.chmod(0o755)
        unfinished.rename(directory)
    finally:  # whatever is left under this name
        shutil.rmtree(unfinished, ignore_errors=True)


def _known(packages: Sequence[str]) -> list[str]:
    """The first, and those of the others that this release has."""
    return [packages[0], *(other for other in packages[1:] if _is_known(other))]


def _is_known(package: str) -> bool:
    return re.search(r"Candidate: \d", run(["apt-cache", "policy", package])) is not None


def _download(package: str, folder: Path) -> None:
    # As root, apt would change to a user who cannot write into our folder.
    command = ["apt-get", "-q", *PATIENT, "-o", "APT::Sandbox::User=root", "download", package]
    try:
        run(command, folder)
    except HostingError as first:
        if os.geteuid() != 0:
            raise HostingError(
                f"{first}\nRepair that (`sudo apt-get update` first), or put the programs on PATH"
            ) from first
        try:
            run(["apt-get", "-q", *PATIENT, "update"])  # lists too old, or none: a fresh machine
            run(command, folder)
        except HostingError as second:
            raise HostingError(f"{first}\n{second}") from second


def _outcome(command: Sequence[str], folder: Path | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(command),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
