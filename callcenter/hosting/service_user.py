"""The user of the service if root starts it, and what that user can see.

It is Asterisk's user, as in the containers and under systemd (docker/): the service writes the
phones' files beside Asterisk's settings and reads its ledger.

Files that the service needs may be below a closed folder: a checkout in /root, a data folder in a
home. The service then runs in a mount namespace of its own, in which such a folder contains only
what the service needs, at the same path. No permission on the host is changed.
"""

import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.hosting.asterisk import ASTERISK_UID
from callcenter.hosting.children import Say
from callcenter.hosting.namespace import free_place
from callcenter.hosting.ownership import give_all
from callcenter.hosting.stack_settings import PREFIX, StackSettings

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

SERVICES_FILES = ("journal", "secrets", "ledger-place")
"""The service's own files in the data folder. The other parts care for their owners themselves."""

FILES = ("SITE_FILE", "ARI_PASSWORD_FILE", "METRICS_TOKEN_FILE")
ASTERISKS = ("ASTERISK_CONFIG_DIR", "ASTERISK_LEDGER")
"""For an Asterisk that is not ours: the service writes into the first and renames the second."""

PRIVILEGED_PORTS = range(1, 1024)

_SHARED = stat.S_ISVTX | stat.S_IRWXG
"""The service may create files in the data folder, but not replace root's files: with the sticky
bit only the owner may do that."""

_UNREAD = (
    "\\( -name node_modules -o -name __pycache__ \\) -prune -o ! -type l ! -readable -print -quit"
)
"""For `find`: the first file that the user cannot read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUser:
    """The user, the data folder, and what else the service must see."""

    data_dir: Path
    folders: tuple[Path, ...]
    uid: int = ASTERISK_UID
    binds_low_ports: bool = False

    def enter(self) -> list[str]:
        """The beginning of the service's command line."""
        drop = ["setpriv", "--no-new-privs", "--pdeathsig=TERM"]
        drop += [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"]
        if self.binds_low_ports:
            drop += ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]
        closed = closed_folders(self.folders, self.uid)
        if not closed:
            return [*drop, "--"]
        own = ["unshare", "--mount", "--propagation", "private", "sh", "-euc"]
        return [*own, _script(self.folders, closed), "sh", *drop, "--"]

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """The environment with full file names, because the service is started in the checkout, and
        without root's home."""
        named = {name: given.get(PREFIX + name) for name in (*FILES, *ASTERISKS)}
        named["SITE_FILE"] = named["SITE_FILE"] or "dialplans/site.toml"
        full = {PREFIX + name: str(Path(path).absolute()) for name, path in named.items() if path}
        path = os.pathsep.join(filter(None, (str(ROOT), given.get("PYTHONPATH"))))
        own = {"HOME": str(self.data_dir), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        return {**given, **full, **own}

    def hand_over(self) -> list[str]:
        """Give the service's files in the data folder to its user. Returns those that belonged to
        another user.

        A link is not changed: a person who may create one here must not choose what root gives
        away.
        """
        os.chown(self.data_dir, -1, self.uid)
        self.data_dir.chmod(stat.S_IMODE(self.data_dir.stat().st_mode) | _SHARED)
        kept = [path for path in self._kept() if not path.is_symlink()]
        return [path.name for path in kept if give_all(path, self.uid)]

    def obstacle(self, environment: Mapping[str, str]) -> str:
        """What the user needs and cannot read, or why that is unknown. Empty if there is no
        obstacle."""
        read = [path for path in _paths(environment, FILES) if path.exists()]
        config, ledger = (_paths(environment, [name]) for name in ASTERISKS)
        written = [*config, *(path.parent for path in ledger), self.data_dir, *self._kept()]
        look = [f"[ -r {_quoted(path)} ] || echo {_quoted(path)}" for path in read]
        look += [f"[ -w {_quoted(path)} ] || echo {_quoted(path)}" for path in written]
        look += [
            f"find {_quoted(ROOT / 'callcenter')} {_UNREAD}",
            f"find {_quoted(sys.prefix)}/lib {_quoted(sys.executable)} -maxdepth 4 {_UNREAD}",
            f"{_quoted(sys.executable)} -c pass",
        ]
        try:
            seen = subprocess.run(
                [*self.enter(), "sh", "-c", "\n".join(look)],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd="/",
            )
        except OSError as error:
            return f"{error.filename}: {error.strerror}"
        told = (seen.stdout + seen.stderr).splitlines()
        return told[0] if told else ""

    def _kept(self) -> list[Path]:
        named = (self.data_dir / name for name in SERVICES_FILES)
        return [path for path in named if path.exists()]


def closed_folders(folders: Iterable[Path], uid: int) -> list[Path]:
    """For each of these folders the first one above it that this user cannot enter, if there is
    one."""
    found = set()
    for folder in folders:
        above = reversed(folder.parents)
        found |= {next((place for place in above if not _may_enter(place, uid)), None)}
    return sorted(place for place in found if place is not None)


def _may_enter(folder: Path, uid: int) -> bool:
    about = folder.stat()
    if about.st_uid == uid:
        return bool(about.st_mode & stat.S_IXUSR)
    mask = stat.S_IXGRP if about.st_gid == uid else stat.S_IXOTH
    return bool(about.st_mode & mask)


def _script(folders: Iterable[Path], closed: Sequence[Path]) -> str:
    """A script that shows of each closed folder only the given folders in it, and runs "$@"."""
    shown = [
        folder for folder in sorted(set(folders)) if any(folder.is_relative_to(c) for c in closed)
    ]
    aside = _quoted(free_place(shown))
    names = [(f"{aside}/{number}", _quoted(path)) for number, path in enumerate(shown)]
    empty = "mount -t tmpfs -o mode=755 none"
    lines = ["mask=$(umask)", "umask 022", f"{empty} {aside}"]
    lines += [f"mkdir {kept}; mount --rbind {path} {kept}" for kept, path in names]
    lines += [f"{empty} {_quoted(place)}" for place in closed]
    lines += [f"mkdir -p {path}; mount --move {kept} {path}" for kept, path in names]
    return "\n".join([*lines, f"umount {aside}", "umask $mask", 'exec "$@"'])


def service_user(
    settings: StackSettings, environment: Mapping[str, str], say: Say
) -> ServiceUser | None:
    """The user of the service, with the data folder handed over. None: the user who starts it.

    If the service could not work without root's rights, root keeps them and is told why.
    """
    if os.geteuid() != 0 or settings.service_user == "root":
        return None
    user = ServiceUser(
        data_dir=settings.data_dir,
        folders=_needed(settings.data_dir, environment),
        binds_low_ports=settings.web_port in PRIVILEGED_PORTS,
    )
    if "journal" in user.hand_over():  # at the first start there is none yet
        say(f"given to the service's own user (number {user.uid}): its files in {user.data_dir}")
    obstacle = _login(settings, environment) or user.obstacle(user.environment(environment))
    if obstacle:
        say(
            f"the service keeps root's rights, because its own user (number {user.uid}) cannot get "
            f"at {obstacle}"
        )
        return None
    return user


def _login(settings: StackSettings, environment: Mapping[str, str]) -> str:
    """Why a PostgreSQL that is not ours may accept only root: by its name at a socket, or by its
    .pgpass."""
    url = settings.database_url or ""
    if not url or ":" in url.partition("://")[2].partition("@")[0]:  # a password
        return ""
    passwords = environment.get("PGPASSFILE") or (Path.home() / ".pgpass").exists()
    by_name = "host=/" in url or "host=%2F" in url
    return "CALLCENTER_DATABASE_URL, which names no password" if by_name or passwords else ""


def _needed(data_dir: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The needed folders, also for single files, because an editor replaces a file by a new one."""
    beside = [path.resolve().parent for path in _paths(environment, (*FILES, ASTERISKS[1]))]
    config = [path.resolve() for path in _paths(environment, ASTERISKS[:1])]
    python = [Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()]
    return (ROOT, *python, data_dir.resolve(), *beside, *config)


def _paths(environment: Mapping[str, str], names: Iterable[str]) -> list[Path]:
    found = (environment.get(PREFIX + name) for name in names)
    return [Path(path).absolute() for path in found if path]


def _quoted(path: Path | str) -> str:
    return shlex.quote(str(path))
