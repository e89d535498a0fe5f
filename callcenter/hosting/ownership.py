"""Gives a folder and all that is in it to the one user who uses it.

Also while a server works in the folder: files that vanish meanwhile are ignored. It never follows a
link.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path


def give(folder: Path, owner: int, *, mode: int = 0o700, but: Path | None = None) -> None:
    """Everything in it to this user and the group of the same number; the folder gets this mode.
    `but`: a folder in it that is left as it is."""
    _give_all(folder, _inside(folder, but), owner)
    if folder.stat().st_mode & 0o7777 != mode:
        folder.chmod(mode)


def give_all(place: Path, owner: int) -> bool:
    """A file, or a folder with everything in it. True: some of it was another's."""
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
