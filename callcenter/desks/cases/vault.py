"""The folder for files of cases. It is outside everything that is served, and closed to others.

A file is written in threads, piece by piece, so that a disk never holds up calls. It gets its place
only when it is complete. Its name on the disk is a random id. The name that people use is only in
the database.
"""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from time import time
from uuid import UUID, uuid4

from callcenter.desks.cases.files import FileKind, kind_of

PIECE_BYTES = 256 * 1024
LEFT_OVER_SECONDS = 86_400.0  # a file that is unknown after a day was left by a failure


class NoRoomError(Exception):
    """The disk is too full, or refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A complete file that is not in its place yet. `id` is its name on the disk."""

    id: UUID
    path: Path
    kind: FileKind
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Vault:
    """Keeps the files. `spare_bytes` stay free on its disk."""

    folder: Path
    spare_bytes: int

    async def take(self, pieces: AsyncIterator[bytes]) -> Incoming:
        """Write the file and find its kind. Raises FileFault or NoRoomError; then nothing of it is
        left."""
        name = uuid4()
        path = self.folder / "incoming" / name.hex
        async with AsyncExitStack() as undo:
            undo.push_async_callback(asyncio.to_thread, _drop, path)
            try:
                incoming = await self._take(name, path, pieces)
            except OSError as error:
                raise NoRoomError(str(error.strerror)) from error
            undo.pop_all()
            return incoming

    async def _take(self, name: UUID, path: Path, pieces: AsyncIterator[bytes]) -> Incoming:
        await asyncio.to_thread(self._open, path)
        digest, size, waiting = hashlib.sha256(), 0, bytearray()
        async for piece in pieces:
            waiting += piece
            if len(waiting) >= PIECE_BYTES:
                await asyncio.to_thread(_append, path, bytes(waiting), digest)
                size += len(waiting)
                waiting.clear()
        await asyncio.to_thread(_append, path, bytes(waiting), digest)
        size += len(waiting)
        kind = await asyncio.to_thread(_kind, path)
        return Incoming(id=name, path=path, kind=kind, size=size, sha256=digest.hexdigest())

    def _open(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(path.parent).free < self.spare_bytes:
            raise NoRoomError("the disk is nearly full")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    async def keep(self, file: Incoming) -> None:
        """Put the file into its place. Raises NoRoomError."""
        try:
            await asyncio.to_thread(self._keep, file.path, self._place(file.id))
        except OSError as error:
            await asyncio.to_thread(_drop, file.path)
            raise NoRoomError(str(error.strerror)) from error

    def _keep(self, path: Path, place: Path) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.replace(place)

    async def whole(self, name: UUID, sha256: str) -> Path | None:
        """The path of the file. None if it is missing, or differs from what was sent."""
        return await asyncio.to_thread(self._whole, self._place(name), sha256)

    def _whole(self, place: Path, sha256: str) -> Path | None:
        try:
            with place.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None
        return place if found == sha256 else None

    async def remove(self, names: Iterable[UUID]) -> None:
        """Remove the files. Raises OSError if one exists and cannot be removed."""
        for name in names:
            await asyncio.to_thread(self._place(name).unlink, missing_ok=True)

    async def sweep(self, known: set[str]) -> int:
        """Remove what failures left behind. `known` are the ids in the database."""
        return await asyncio.to_thread(self._sweep, known)

    def _sweep(self, known: set[str]) -> int:
        old, removed = time() - LEFT_OVER_SECONDS, 0
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                if path.name not in known and path.stat().st_mtime < old:
                    path.unlink()
                    removed += 1
        return removed

    def _place(self, name: UUID) -> Path:
        return self.folder / name.hex[:2] / name.hex


def _drop(path: Path) -> None:
    """Remove a file. If that fails now, it is swept later."""
    with suppress(OSError):
        path.unlink()


def _append(path: Path, data: bytes, digest: "hashlib._Hash") -> None:
    with path.open("ab") as file:
        file.write(data)
    digest.update(data)


def _kind(path: Path) -> FileKind:
    with path.open("rb") as file:
        return kind_of(file)
