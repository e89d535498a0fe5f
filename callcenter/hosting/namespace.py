"""A mount namespace for a server that root starts as another user: its programs and data in one
place.

Both folders appear in the server's own mount namespace, so no directory above them must be opened
to others. This module never starts anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PLACES = (Path("/mnt"), Path("/media"), Path("/srv"))
"""Folders that every host has. A mount over one hides its contents, inside the namespace only."""

ENTER = """
mount -t tmpfs -o mode=755 none "$1"
mkdir "$1/programs" "$1/data"
mount --bind "$2" "$1/programs"
mount --bind "$3" "$1/data"
shift 3
cd /
exec "$@"
"""


def free_place(folders: Iterable[Path]) -> Path:
    """The first of the places that hides none of these folders."""
    kept = tuple(folders)
    return next(p for p in PLACES if not any(folder.is_relative_to(p) for folder in kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """The two folders on the host."""

    programs: Path
    data: Path

    @property
    def place(self) -> Path:
        """The first place that hides neither folder."""
        return free_place(self._folders)

    @property
    def programs_inside(self) -> Path:
        """The programs as the server sees them."""
        return self.place / "programs"

    @property
    def data_inside(self) -> Path:
        """The data as the server sees them."""
        return self.place / "data"

    def enter(self) -> list[str]:
        """The beginning of the command line that is run in the namespace."""
        own = ["unshare", "--mount", "--propagation", "private", "sh", "-euc", ENTER, "sh"]
        return [*own, str(self.place), *map(str, self._folders)]

    @property
    def _folders(self) -> tuple[Path, Path]:
        return self.programs.resolve(), self.data.resolve()
