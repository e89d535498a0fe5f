"""The host itself: Python, disk, secrets, clock."""

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from callcenter.cli.doctor.finding import Finding, fail, ok, warn
from callcenter.config import Settings
from callcenter.runtime.segment import left_away
from callcenter.runtime.spare import why_not

OLDEST_PYTHON = (3, 11)
FREE_BYTES_WARN = 2_000_000_000  # enough for weeks of journal and records of a busy site
FREE_BYTES_FAIL = 200_000_000  # PostgreSQL stops when a disk is full
YEARS = range(2024, 2200)  # a clock set to the Buddhist era shows 2569


def python() -> Iterator[Finding]:
    """The version of Python in use."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        yield ok("python", f"{version} at {sys.executable}")
    else:
        yield fail("python", f"{version} is too old", "install Python 3.11 or later")


def disk(settings: Settings) -> Iterator[Finding]:
    """The data directory: whether it exists, has room, and keeps its secrets closed."""
    directory = settings.data_dir
    if not directory.is_dir():
        advice = "start the service once (`make run`), or set CALLCENTER_DATA_DIR"
        yield warn("data", f"{directory.absolute()} is not there yet", advice)
        return
    if not os.access(directory, os.W_OK):
        advice = "be the user that runs the service, or give it to that user"
        yield fail("data", f"{directory} cannot be written", advice)
    free = shutil.disk_usage(directory).free
    room = f"{free / 1e9:.1f} GB free at {directory.absolute()}"
    if free >= FREE_BYTES_WARN:
        yield ok("data", room)
    else:
        tell = fail if free < FREE_BYTES_FAIL else warn
        yield tell("data", room, "free some: a full disk stops the record, then PostgreSQL")
    if missing := why_not(settings.journal_spare_dir, directory):
        advice = (
            "set CALLCENTER_JOURNAL_SPARE_DIR to a folder in memory, which the service can write"
        )
        what = f"no second place for the journal when its disk is full: {missing}"
        yield warn("journal", what, advice)
    yield from _left_away(settings.journal_spare_dir, directory / "journal")
    yield from _secrets(settings.secrets_dir)


def _left_away(root: Path, journal: Path) -> Iterator[Finding]:
    """Facts that are in memory because the journal's disk refused them."""
    with contextlib.suppress(OSError):  # the folder belongs to another user
        if away := left_away(root, journal):
            size = sum(path.stat().st_size for path in away)
            what = f"{size / 1e6:.1f} MB of the journal are in {away[0].parent}: its disk is full"
            advice = "make room, and do not reboot before: the service moves them home by itself"
            yield warn("journal", what, advice)


def _secrets(directory: Path) -> Iterator[Finding]:
    try:
        if not directory.is_dir():
            return
        wide = [path for path in (directory, *directory.iterdir()) if _is_open(path)]
    except PermissionError:
        advice = "be the user that runs the service, or root"
        yield warn("secrets", f"{directory} cannot be looked into", advice)
        return
    for path in wide:
        yield fail("secrets", f"{path} can be read by others", f"chmod go= {path}")
    if not wide:
        yield ok("secrets", f"only their owner can read {directory}")


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def clock() -> Iterator[Finding]:
    """Whether the year is one of the common era, and the clock is synchronised (Computer Crime Act
    s.26)."""
    year = time.gmtime().tm_year
    if year not in YEARS:
        yield fail("clock", f"it is the year {year}", "set the clock; the common era is meant")
        return
    kept = _is_kept_right()
    if kept is None:
        advice = "check by hand that NTP runs: stamps of calls must be right"
        yield warn("clock", "whether the clock is kept right cannot be seen here", advice)
    elif kept:
        yield ok("clock", "kept right by NTP")
    else:
        yield warn("clock", "not kept right by NTP", "timedatectl set-ntp true")


def _is_kept_right() -> bool | None:
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(told.stdout.strip())
