"""Finds an Asterisk >= 22.10.1: this host's own, or a root file system built once.

The Asterisk of Debian 12, 13 and Ubuntu 24.04 is too old; Debian's next release has one. Its
packages are unpacked with `mmdebstrap` into a directory of the cache. `asterisk.py` runs that copy
in a chroot, so that nothing on the host itself changes. A half-built directory is never used: a
build gets its final name only when it is complete.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcenter.hosting.cache import cache_directory, locked
from callcenter.hosting.children import Say, system_environment
from callcenter.hosting.errors import HostingError

MINIMUM_VERSION = (22, 10, 1)
"""22.10.1 fixes the ARI holes GHSA-wcvv-g26m-wx5c (a read-only user could write over the
websocket), GHSA-vrfp-mg3q-3959 (ARI ignored live_dangerously) and GHSA-4pgv-j3mr-3rcp."""

RELEASE = "forky"
PACKAGES = ("asterisk", "asterisk-modules", "asterisk-core-sounds-en-gsm")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
BUILD_COMMAND = (
    "mmdebstrap",
    "--variant=minbase",
    f"--include={','.join(PACKAGES)}",
    f"--keyring={KEYRING}",  # given explicitly, because Ubuntu does not trust Debian's keys
    '--aptopt=Acquire::Retries "5"',
)
RESTRICTED = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
"""It is 1 on Ubuntu 24.04: then only root gets a user namespace with rights."""

EXPIRED_OPTION = '--aptopt=Acquire::Check-Valid-Until "false"'


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskRoot:
    """An Asterisk that can be started. `directory` is None for the host's own installation."""

    directory: Path | None
    version: tuple[int, ...]


def parse_version(answer: str) -> tuple[int, ...]:
    """`Asterisk 22.10.1+dfsg…` -> (22, 10, 1). Raises HostingError if there is no version in it."""
    found = re.search(r"Asterisk (?:certified[/-])?(\d+)\.(\d+)\.(\d+)", answer)
    if found is None:
        raise HostingError(f"`asterisk -V` answered {answer.strip()!r}, which holds no version")
    return tuple(int(part) for part in found.groups())


def require_new_enough(version: tuple[int, ...], where: str) -> None:
    """Raises HostingError for an Asterisk without the security fixes for ARI."""
    if version < MINIMUM_VERSION:
        raise HostingError(
            f"{where} is Asterisk {_dotted(version)}, but {_dotted(MINIMUM_VERSION)} is the oldest "
            "accepted: older ones let a read-only ARI user write over the websocket "
            "(GHSA-wcvv-g26m-wx5c) and ARI run dangerous functions (GHSA-vrfp-mg3q-3959). "
            "Upgrade it, or take it off PATH and `make run` builds its own."
        )


def obtain_asterisk(say: Say) -> AsteriskRoot:
    """The host's own Asterisk if it is new enough, otherwise the cached root, built if needed."""
    own = shutil.which("asterisk")
    if own is not None:
        version = parse_version(_run([own, "-V"]))
        if version >= MINIMUM_VERSION:
            say(f"Asterisk {_dotted(version)} of this host ({own})")
            return AsteriskRoot(directory=None, version=version)
        say(f"Asterisk {_dotted(version)} of this host is older than 22.10.1, not used")
    return built_root(cache_directory(), say)


def built_root(cache: Path, say: Say) -> AsteriskRoot:
    """The root file system in `cache`. Builds it (about 40 s, 350 MB) if there is none."""
    if os.geteuid() != 0:
        require_user_namespace(RESTRICTED)
    directory = cache / f"asterisk-{RELEASE}"
    if not directory.is_dir():
        with locked(cache / "asterisk.lock"):
            if not directory.is_dir():  # no other start has made it in the meantime
                _build(directory, say)
    version = parse_version(_run([*_chroot(directory), "asterisk", "-V"]))
    require_new_enough(version, str(directory))
    return AsteriskRoot(directory=directory, version=version)


def require_user_namespace(
    restricted: Path, command: Sequence[str] = ("unshare", "--map-root-user", "--mount", "true")
) -> None:
    """Raises HostingError if we are not root, and cannot be root of a user namespace either."""
    outcome = _attempt(command)
    if outcome.returncode == 0:
        return
    cure = "see that user namespaces are allowed here"
    if restricted.exists() and restricted.read_text().strip() == "1":
        cure = f"AppArmor forbids it: `sudo sysctl kernel.{restricted.name}=0` allows it"
    raise HostingError(
        f"`{' '.join(command)}` failed: {outcome.stdout.strip()}\n"
        f"Who is not root needs it for Asterisk's root file system: {cure}; or run as root; or "
        "install Asterisk >= 22.10.1 yourself"
    )


def _build(directory: Path, say: Say) -> None:
    _require_tools()
    started = time.monotonic()
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=directory.parent))
    try:
        unfinished.chmod(0o755)
        say(f"building Asterisk's root file system in {directory} (about 40 s, once)")
        _unpack(unfinished, say)
        (unfinished / "etc" / "hosts").touch()  # a mount point, because each instance has its own
        unfinished.rename(directory)
    finally:  # removes everything left under these names
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.with_suffix(".tar").unlink(missing_ok=True)
    say(f"built in {time.monotonic() - started:.0f} s")


def _unpack(target: Path, say: Say) -> None:
    """Unpack the packages. Root unpacks in place. Others get an archive made with mapped user
    numbers and unpack it as their own files, without devices. They run it in a user namespace, as
    root of that namespace only."""
    archive = target.with_suffix(".tar")
    goal = str(target if os.geteuid() == 0 else archive)
    outcome = _attempt([*BUILD_COMMAND, RELEASE, goal])
    if outcome.returncode != 0 and re.search(r"Release file .* is expired", outcome.stdout):
        say("the package mirror is an older snapshot (its Release file has expired): accepting it")
        _empty(target)
        outcome = _attempt([*BUILD_COMMAND, EXPIRED_OPTION, RELEASE, goal])
    if outcome.returncode != 0:
        raise HostingError(_what_to_do(outcome.stdout))
    if archive.exists():
        _run(["tar", "--extract", "--exclude=./dev/*", f"--file={archive}", "-C", str(target)])
        archive.unlink()


def _what_to_do(said: str) -> str:
    reason = "\n".join(said.splitlines()[-12:])
    return (
        f"mmdebstrap could not build Asterisk's root file system:\n{reason}\n"
        "Check that this host reaches its Debian package mirror; not being root, that your account "
        "has numbers in /etc/subuid (usermod --add-subuids 100000-165535 --add-subgids "
        "100000-165535 YOU); or install Asterisk >= 22.10.1 yourself; or set CALLCENTER_ARI_URL to "
        "one that runs elsewhere."
    )


def _require_tools() -> None:
    if shutil.which("mmdebstrap") is None:
        raise HostingError("mmdebstrap is missing: apt-get install mmdebstrap (make run does it)")
    if not KEYRING.exists():
        raise HostingError(
            "Debian's archive keys are missing: apt-get install debian-archive-keyring "
            "(on Ubuntu from universe; make run does it)"
        )


def _attempt(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**system_environment(), "LC_ALL": "C", "TMPDIR": "/tmp"}
    return subprocess.run(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
        check=False,
    )


def _run(command: Sequence[str]) -> str:
    try:
        outcome = _attempt(command)
    except OSError as error:
        raise HostingError(f"cannot run {command[0]}: {error}") from error
    if outcome.returncode != 0:
        raise HostingError(f"`{' '.join(command)}` failed: {outcome.stdout.strip()}")
    return outcome.stdout


def _chroot(directory: Path) -> list[str]:
    own_namespace = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
    return [*own_namespace, "chroot", str(directory)]


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
