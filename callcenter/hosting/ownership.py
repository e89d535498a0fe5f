"""Gives a folder and everything in it to one user.

A server may work in the folder at the same time: files that vanish are ignored. A link is never
followed.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path


def give(folder: Path, owner: int, *, mode: int = 0o700, but: Path | None = None) -> None:
    """Give everything in it to this user and the group with the same number. The folder gets this
    mode. `but`: a folder in it that is not changed."""
    _give_all(folder, _inside(folder, but), owner)
    if folder.stat().st_mode & 0o7777 != mode:
        folder.chmod(mode)


def give_all(place: Path, owner: int) -> bool:
    """Give a file, or a folder with everything in it. Gives True if some of it belonged to another
    user."""
    return _give_all(place, _inside(place) if place.is_dir() else (), owner)


def _give_all(place: Path, inside: Iterable[Path], owner: int) -> bool:
    given = False
    for path in (place, *inside):
        with suppress(FileNotFoundError):
            found = path.lstat()
            if (found.st_uid, found.st_gid) != (owner, owner):
                os.chown(path, owner, owner, follow_symlinks=False)
                given = True
    return given


def _inside(folder: Path, but: Path | None = None) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_gone_or_raise):
        for names in (folders, files):
            names[:] = [name for name in names if Path(parent, name) != but]
        yield from (Path(parent, name) for name in (*folders, *files))


def _gone_or_raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
