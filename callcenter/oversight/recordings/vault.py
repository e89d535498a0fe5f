"""The folder of sealed recordings. A file gets its place only when it is completely on the disk.

The name of a file is random. Only the database knows which recording it is.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import BinaryIO
from uuid import uuid4

LEFT_OVER_SECONDS = 86_400.0  # a file that is unknown after a day was left by a failure


class NoRoomError(Exception):
    """The disk is too full, or refuses."""


@dataclass(frozen=True, slots=True)
class Vault:
    """`spare_bytes` stay free on its disk. Call all methods in threads, because disks may be
    slow."""

    folder: Path
    spare_bytes: int

    @contextmanager
    def incoming(self) -> Iterator[tuple[str, BinaryIO]]:
        """A new file and its name. It is put into its place at the end, and removed after a fault.
        Raises NoRoomError."""
        name = uuid4().hex
        path = self.folder / "incoming" / name
        try:
            with ExitStack() as unfinished:
                unfinished.callback(_drop, path)
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._has_room()
                opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(opened, "wb") as file:
                    yield name, file
                place = self.place(name)
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.replace(place)
                unfinished.pop_all()
        except OSError as error:
            raise NoRoomError(error.strerror or str(error)) from error

    def _has_room(self) -> None:
        if self.free() < self.spare_bytes:
            raise NoRoomError("the disk is nearly full")

    def free(self) -> int:
        """The free bytes on the disk. Raises OSError."""
        place = self.folder
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free

    def place(self, name: str) -> Path:
        """The path of a file."""
        return self.folder / name[:2] / name

    def remove(self, name: str) -> None:
        """Delete a file; it need not exist. Raises OSError."""
        self.place(name).unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """As `remove`, but a file that cannot be removed now is left for the sweep."""
        _drop(self.place(name))

    def sweep(self, known: set[str]) -> int:
        """Delete files that failures left behind; gives how many."""
        old, removed = time() - LEFT_OVER_SECONDS, 0
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                if path.name not in known and path.stat().st_mtime < old:
                    path.unlink()
                    removed += 1
        return removed


def _drop(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
