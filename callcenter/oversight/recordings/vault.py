"""The folder of sealed recordings: each has its place only when all of it is on the disk.

The name of a file is random: whose it is stands in the database alone.
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

LEFT_OVER_SECONDS = 86_400.0  # what nobody knows of a day later was left by a failure


class NoRoomError(Exception):
    """The disk is too full, or refuses."""


@dataclass(frozen=True, slots=True)
class Vault:
    """`spare_bytes` stay free on its disk. All of it is for threads: disks may be slow."""

    folder: Path
    spare_bytes: int

    @contextmanager
    def incoming(self) -> Iterator[tuple[str, BinaryIO]]:
        """A new file and its name; in its place at the end, gone after a fault. NoRoomError."""
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
        """Bytes. OSError."""
        place = self.folder
        while not place.exists():
            place = place.parent
        return shutil.disk_usage(place).free

    def place(self, name: str) -> Path:
        """Where a file lies."""
        return self.folder / name[:2] / name

    def remove(self, name: str) -> None:
        """Away with it; it need not be there. OSError."""
        self.place(name).unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """As `remove`; what cannot be removed now is taken by the sweep."""
        _drop(self.place(name))

    def sweep(self, known: set[str]) -> int:
        """Remove what failures left behind; how many files that were."""
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
