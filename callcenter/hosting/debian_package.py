"""Programs of a Debian package, unpacked into a folder of the cache instead of installed.

Installing a server's package would start it as a system service and needs root; unpacking does
neither. It works only for packages that need nothing but the C library. A half-unpacked folder is
never used: a complete one has its final name.
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
    """`directory` with the files of these packages (`usr/bin/…`), downloaded if it does not exist.

    It is an error if this release does not have the first package. Other missing packages are left
    out.
    """
    if not directory.is_dir():
        with locked(directory.parent / f"{directory.name}.lock"):
            if not directory.is_dir():  # no other start has made it in the meantime
                _unpack(packages, directory, say)
    return directory


def run(command: Sequence[str], folder: Path | None = None) -> str:
    """The output of a program. Raises HostingError with its last lines if it failed."""
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
    finally:  # removes everything left under this name
        shutil.rmtree(unfinished, ignore_errors=True)


def _known(packages: Sequence[str]) -> list[str]:
    """The first package, and those of the others that this release has."""
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
            # package lists too old or missing, as on a fresh machine
            run(["apt-get", "-q", *PATIENT, "update"])
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
