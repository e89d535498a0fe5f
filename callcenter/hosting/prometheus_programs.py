"""Finds `prometheus` and `promtool`: this host's own, or Debian's package, unpacked.

Debian 12 has promtool inside the package prometheus; later releases have a package for it.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from callcenter.hosting.cache import cache_directory
from callcenter.hosting.children import Say
from callcenter.hosting.debian_package import run, unpacked
from callcenter.hosting.errors import HostingError

OLDEST_VERSION = (2, 42, 0)
"""Debian 12's; the rules and dashboards are checked against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusPrograms:
    """The folder with both programs, for instance /usr/bin."""

    folder: Path
    version: tuple[int, ...]

    @property
    def prometheus(self) -> Path:
        """The server."""
        return self.folder / "prometheus"

    @property
    def promtool(self) -> Path:
        """The program that checks and tests rules."""
        return self.folder / "promtool"


def obtain_prometheus(say: Say) -> PrometheusPrograms:
    """The host's own if it is new enough, otherwise Debian's, unpacked in the cache (20 MB, once).

    Raises HostingError if there is neither: the call centre runs without it, but is not watched.
    """
    own = shutil.which("prometheus")
    if own is not None and (Path(own).parent / "promtool").exists():
        version = version_of(Path(own))
        if version >= OLDEST_VERSION:
            return PrometheusPrograms(folder=Path(own).parent, version=version)
        say(f"the Prometheus of this host is older than {dotted(OLDEST_VERSION)}, not used")
    packages = ("prometheus", "promtool")
    folder = unpacked(packages, cache_directory() / "prometheus", say) / "usr" / "bin"
    version = version_of(folder / "prometheus")
    if version < OLDEST_VERSION:
        raise HostingError(
            f"this release's Prometheus is {dotted(version)}; {dotted(OLDEST_VERSION)} is the "
            "oldest that the rules were checked with: install a newer one on PATH"
        )
    return PrometheusPrograms(folder=folder, version=version)


def version_of(program: Path) -> tuple[int, ...]:
    """`prometheus, version 2.42.0+ds (…` -> (2, 42, 0)."""
    answer = run([str(program), "--version"])
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", answer)
    if found is None:
        raise HostingError(f"`{program} --version` answered {answer[:80]!r}: no version in it")
    return tuple(int(part) for part in found.groups())


def dotted(version: tuple[int, ...]) -> str:
    """(2, 42, 0) -> `2.42.0`."""
    return ".".join(str(part) for part in version)
