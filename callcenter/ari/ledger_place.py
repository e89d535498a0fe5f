"""How far Asterisk's ledger was read. The file is recognised by its contents, not by its inode.

A file that was copied, moved, renamed or restored from a backup has another inode and the same
rows. The bytes before the place show that it is the same file. They are hashed, because callers'
numbers stand in them.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

TAIL_BYTES = 1024  # two rows or more: each has its own ids and times
CHUNK_BYTES = 1 << 17


@dataclass(frozen=True, slots=True)
class Place:
    """Everything up to `offset` was read. `tail` is the hash of the last bytes before it.

    `inode` is the file that was read last. If that file has not changed, it need not be opened.
    """

    inode: int = 0
    offset: int = 0
    tail: str = ""


def fits(path: Path, place: Place) -> bool:
    """Whether `path` is the file that was read up to the place. Raises OSError."""
    if not place.offset:
        return False
    with path.open("rb") as file:
        return _fits(file.fileno(), place)


def read_on(path: Path, place: Place) -> tuple[bytes, Place]:
    """The next chunk (empty when there is none) and the place where it begins. That is the given
    place if this is the same file, else the start of the file. Raises OSError."""
    with path.open("rb") as file:
        inode = os.fstat(file.fileno()).st_ino
        begin = place if _fits(file.fileno(), place) else Place()
        file.seek(begin.offset)
        return file.read(CHUNK_BYTES), Place(inode, begin.offset, begin.tail)


def moved_on(path: Path, place: Place, offset: int) -> Place:
    """The place after everything up to `offset` has been read. Raises OSError."""
    with path.open("rb") as file:
        return Place(place.inode, offset, _tail(file.fileno(), offset))


def remembered(place_file: Path) -> Place:
    """The place that `remember` wrote. The start if there is none, or if it cannot be read."""
    try:
        inode, offset, *tail = place_file.read_text().split()
        return Place(int(inode), max(0, int(offset)), "".join(tail[:1]))
    except (OSError, ValueError):
        return Place()


def remember(place_file: Path, place: Place) -> None:
    """Keep the place for the next process. Raises OSError."""
    aside = place_file.with_suffix(".new")
    aside.write_text(f"{place.inode} {place.offset} {place.tail}")
    aside.rename(place_file)


def _fits(file: int, place: Place) -> bool:
    status = os.fstat(file)
    if status.st_size < place.offset:
        return False
    if not place.tail:  # written by an older version of the program
        return status.st_ino == place.inode
    return _tail(file, place.offset) == place.tail


def _tail(file: int, offset: int) -> str:
    begin = max(0, offset - TAIL_BYTES)
    return hashlib.sha256(os.pread(file, offset - begin, begin)).hexdigest()
