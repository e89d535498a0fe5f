"""Installs the system packages that a Debian or Ubuntu host lacks.

The Makefile runs it with the system's own python3, before anything else exists: `python3 -m
callcenter.hosting.packages run` (or `test`, `faults`, `bench`, which include it). It searches for
the needed program or file, not for its package, so a program that was built by hand is accepted.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.hosting.children import Say
from callcenter.hosting.errors import HostingError

OLDEST_PYTHON = (3, 11)
PATIENT = ("-o", "Acquire::Retries=5", "-o", "DPkg::Lock::Timeout=300")
"""Retries and waiting times of apt: a mirror may fail once, or the host's own upgrade may run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A system package, its purpose, and how to check that it is there."""

    package: str
    purpose: str
    met: Callable[[], bool]


def program(name: str) -> Callable[[], bool]:
    """True if a program of that name is on PATH (or in /usr/sbin, which users' PATHs lack)."""
    return lambda: (
        shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None
    )


def file(path: str) -> Callable[[], bool]:
    """True if the file exists."""
    return lambda: Path(path).exists()


def module(name: str) -> Callable[[], bool]:
    """True if this Python can import it."""
    return lambda: importlib.util.find_spec(name) is not None


def root_or(met: Callable[[], bool]) -> Callable[[], bool]:
    """True for root, who does not need it."""
    return lambda: os.geteuid() == 0 or met()


def faketime_is_there() -> bool:
    """True if the library is in its folder, whatever the name of the processor."""
    return any(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
NEEDS = {
    "run": (
        Need(package="python3-venv", purpose="the Python environment", met=module("ensurepip")),
        Need(package="mmdebstrap", purpose="Asterisk's file system", met=program("mmdebstrap")),
        Need(package="debian-archive-keyring", purpose="checks its packages", met=file(KEYRING)),
        Need(package="uidmap", purpose="builds it without root", met=root_or(program("newuidmap"))),
        Need(package="util-linux", purpose="keeps the parts apart", met=program("setpriv")),
    ),
    "test": (
        Need(package="sip-tester", purpose="plays callers and operators", met=program("sipp")),
        Need(package="chromium", purpose="opens the console", met=program("chromium")),
        Need(package="pgbouncer", purpose="stands before PostgreSQL", met=program("pgbouncer")),
        Need(package="dovecot-imapd", purpose="has a mailbox", met=program("dovecot")),
        Need(package="ffmpeg", purpose="reads voices in other formats", met=program("ffmpeg")),
    ),
    "faults": (
        Need(package="libfaketime", purpose="sets the service's clock", met=faketime_is_there),
    ),
    "bench": (Need(package="tcpdump", purpose="measures on the wire", met=program("tcpdump")),),
}
INCLUDES = {
    "run": ("run",),
    "test": ("run", "test"),
    "faults": ("run", "test", "faults"),
    "bench": ("run", "test", "bench"),
}


def missing(purpose: str) -> list[Need]:
    """The packages that this host lacks for `run`, `test`, `faults` or `bench`."""
    return [need for group in INCLUDES[purpose] for need in NEEDS[group] if not need.met()]


def install(needs: Sequence[Need], say: Say) -> None:
    """Run apt-get update once, then install all. Raises HostingError, which says what failed and
    what to do."""
    for need in needs:
        say(f"missing: {need.package} ({need.purpose})")
    if shutil.which("apt-get") is None:
        raise HostingError(
            "this host has no apt-get: install by hand what the packages named above provide"
        )
    names = [need.package for need in needs]
    started = time.monotonic()
    say("apt-get update")
    _apt(["update"], names)
    say(f"apt-get install {' '.join(names)}")
    _apt(["install", "--yes", "--no-install-recommends", *names], names)
    importlib.invalidate_caches()
    still = [need.package for need in needs if not need.met()]
    if still:
        raise HostingError(f"installed, but still not to be found: {', '.join(still)}")
    say(f"system packages installed ({time.monotonic() - started:.0f} s)")


def _apt(arguments: Sequence[str], names: Sequence[str]) -> None:
    command = [*_as_root(names), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *PATIENT]
    outcome = subprocess.run(
        [*command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if outcome.returncode != 0:
        last = "\n".join(outcome.stdout.splitlines()[-10:])
        raise HostingError(
            f"apt-get {arguments[0]} failed:\n{last}\n"
            f"Repair that (on Ubuntu the packages are in universe: add-apt-repository universe), "
            f"or install by hand: apt-get install {' '.join(names)}"
        )


def _as_root(names: Sequence[str]) -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        raise HostingError(
            f"root is needed once: `apt-get install {' '.join(names)}` as root, then start again"
        )
    return ["sudo"]


def main(arguments: Sequence[str]) -> int:
    """Command line: install what `run` or `test` lacks. Gives 1 with a message if that fails."""
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        print(f"Python 3.11 or newer is needed, this is {have}: make PYTHON=python3.12 …")
        return 1
    needs = missing(arguments[0] if arguments else "run")
    try:
        if needs:
            install(needs, print)
    except HostingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
