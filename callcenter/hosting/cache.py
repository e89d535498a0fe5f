"""The folder for programs that were built or downloaded, and its lock."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callcenter.hosting.errors import HostingError


def cache_directory() -> Path:
    """$CALLCENTER_CACHE, otherwise ~/.cache/callcenter."""
    chosen = os.environ.get("CALLCENTER_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "callcenter"


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Holds the lock of a folder while something in it is searched or built."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("w")
    except OSError as error:
        raise HostingError(
            f"{lock.parent} cannot be written ({error.strerror}): set CALLCENTER_CACHE to a folder "
            "that can, with 1 GB of room"
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
