"""Finds Kamailio: this host's own, or Debian's packages, unpacked.

They are unpacked and not installed, because the package would start its own Kamailio as a system
service, at the port that ours needs.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from callcenter.hosting.cache import cache_directory
from callcenter.hosting.children import Say, system_environment
from callcenter.hosting.debian_package import run, unpacked
from callcenter.hosting.errors import HostingError

PACKAGES = ("kamailio", "kamailio-websocket-modules")
OLDEST_VERSION = (5, 6, 3)
"""Debian 12's. Ubuntu 24.04 has 5.7.4, Debian 13 has 6.0.1."""

NEEDED = ("dialog", "dispatcher", "db_text", "jsonrpcs", "websocket")
"""Modules that show whether all packages are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KamailioPrograms:
    """`top` is the folder `usr` with everything in it."""

    top: Path
    version: tuple[int, ...]


def obtain_kamailio(say: Say) -> KamailioPrograms:
    """The host's own if it is new enough and has all modules, otherwise the release's packages,
    unpacked in the cache (30 MB, once). Raises HostingError if there is neither."""
    own = shutil.which("kamailio", path=system_environment()["PATH"])
    if own == "/usr/sbin/kamailio" and _is_whole(Path("/usr")):
        version = version_of(Path("/usr"))
        if version >= OLDEST_VERSION:
            return KamailioPrograms(top=Path("/usr"), version=version)
        say("the Kamailio of this host is too old, not used")
    top = unpacked(PACKAGES, cache_directory() / "kamailio", say) / "usr"
    version = version_of(top)
    if version < OLDEST_VERSION or not _is_whole(top):
        raise HostingError(
            f"this release's Kamailio is {'.'.join(map(str, version))}; 5.6.3 or later is needed, "
            "with its websocket modules"
        )
    return KamailioPrograms(top=top, version=version)


def modules_folder(top: Path) -> Path:
    """Debian's folder of the modules."""
    return top / "lib" / f"{os.uname().machine}-linux-gnu" / "kamailio" / "modules"


def version_of(top: Path) -> tuple[int, ...]:
    """`version: kamailio 5.6.3 (x86_64/linux)` -> (5, 6, 3)."""
    answer = run([str(top / "sbin" / "kamailio"), "-v"])
    found = re.search(r"kamailio (\d+)\.(\d+)\.(\d+)", answer)
    if found is None:
        raise HostingError(f"`kamailio -v` answered {answer[:80]!r}: no version in it")
    return tuple(int(part) for part in found.groups())


def _is_whole(top: Path) -> bool:
    return all((modules_folder(top) / f"{name}.so").exists() for name in NEEDED)
