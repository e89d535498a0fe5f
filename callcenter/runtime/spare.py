"""A second place for the journal's files while its own disk refuses facts.

It is a folder for this journal only, on another file system: memory (`/dev/shm`), unless set
otherwise. It exists and is locked while the service runs. A clean stop removes it if nothing is
left in it. Only its owner may look into it. A folder that somebody else made there is neither used
nor read. Memory survives a kill of the service, not a reboot of the machine. This module never
raises because of the place.
"""

import contextlib
import fcntl
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import structlog

SPARE_BYTES = 64 << 20  # most bytes of files there: memory that the rest of the host cannot use
SUFFIX = ".journal"

log = structlog.get_logger(__name__)


class Spare:
    """The second place of the journal `name`, whose own folder is `home`. Without a root there is
    none."""

    def __init__(self, root: Path | None, home: Path, name: str) -> None:
        self.name = name
        self.limit_bytes = SPARE_BYTES
        self.folder = None if root is None else root / f"callcenter-{name}"
        self._root, self._home = root, home
        self._is_refused = False  # logged only once
        self._lock: int | None = None

    def take(self) -> bool:
        """Lock the place for the life of this process. Gives False if another process has it: then
        the journal of this name is another one."""
        return self.opened() is not None or not self._is_held_elsewhere()

    def complaint(self) -> str:
        """Why there is no second place; empty if there is one."""
        return why_not(self._root, self._home)

    def opened(self) -> Path | None:
        """The folder, made if needed. None if it cannot be used."""
        if self.folder is None or self.complaint():
            return None
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            return None
        return self.folder if self._is_closed(self.folder) and self._is_locked() else None

    def left(self) -> list[Path]:
        """The files that an earlier process left there, oldest first."""
        if self.folder is None or not os.path.lexists(self.folder):
            return []
        if not (self._is_closed(self.folder) and self._is_locked()):
            return []
        try:
            return numbered(self.folder)
        except OSError as error:
            log.warning("the journal's second place cannot be read", reason=type(error).__name__)
            return []

    def let_go(self) -> None:
        """Remove the folder if it is empty, and release the lock."""
        if self.folder is None or self._lock is None:
            return
        with contextlib.suppress(OSError):
            self.folder.rmdir()
        os.close(self._lock)
        self._lock = None

    def _is_locked(self) -> bool:
        """Whether we hold the lock of the folder that is there now. Tries to lock it."""
        if self.folder is None:
            return False
        with contextlib.suppress(OSError):
            if self._lock is not None:
                if os.path.samestat(os.fstat(self._lock), self.folder.lstat()):
                    return True
                os.close(self._lock)  # the locked folder was removed
                self._lock = None
            self._lock = locked(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        return self._lock is not None

    def _is_held_elsewhere(self) -> bool:
        return self.folder is not None and _is_ours(self.folder) and not self._is_locked()

    def _is_closed(self, folder: Path) -> bool:
        """Whether it is a real folder that only we own and may look into."""
        if _is_ours(folder):
            self._is_refused = False
            return True
        if not self._is_refused:
            log.warning("the journal's second place is somebody else's", folder=str(folder))
        self._is_refused = True
        return False


def why_not(root: Path | None, home: Path) -> str:
    """Why `root` cannot be the second place of the journal in `home`; empty if it can."""
    if root is None:
        return "no folder is set for it"
    try:
        if not os.access(root, os.W_OK | os.X_OK):
            return f"{root} is not there, or cannot be written"
        if root.stat().st_dev == home.stat().st_dev:
            return f"{root} is on the disk of {home}"
    except OSError as error:
        return f"{root}: {error.strerror}"
    return ""


def locked(path: Path, flags: int) -> int | None:
    """The open file, locked until it is closed or this process ends in any way. None if another
    process has the lock. Raises OSError if it cannot be opened."""
    file = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def numbered(directory: Path) -> list[Path]:
    """The segments in a folder, oldest first."""
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if path.stem.isdigit())


def both(home: Sequence[Path], spare: Sequence[Path]) -> list[Path]:
    """The segments of both places in order. If a segment is in both, it was being moved home when
    the service was killed; then the one at home is complete."""
    at_home = {path.name for path in home}
    for path in spare:
        if path.name in at_home:
            with contextlib.suppress(OSError):
                path.unlink()
    return sorted([*home, *(p for p in spare if p.name not in at_home)], key=lambda p: p.name)


def moved_home(path: Path, home: Path) -> Path:
    """Copy a segment into `home`, completely or not at all. Raises OSError. The caller removes the
    old file when nobody reads it any more."""
    new, part = home / path.name, home / f"{path.stem}.part"
    try:
        with open(part, "wb", opener=_closed_to_others) as file:
            file.write(path.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        part.rename(new)
        directory = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    return new


def _closed_to_others(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    others = stat.S_IRWXG | stat.S_IRWXO
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return ours and not found.st_mode & others
