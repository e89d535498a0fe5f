"""A Docker engine, its compose plugin, and the base images: whatever is there, else Debian's.

A running engine is used as it is. Without one, and as root, `dockerd` is started for the check
alone in a folder of its own (no bridge, no firewall rules: the host's own network is all that is
used) and ended afterwards. Where no image can be pulled, the bases are made of Debian's packages.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from shell import CheckError, run, say, until

HOST_PACKAGES = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "mmdebstrap": "mmdebstrap",
    "sipp": "sip-tester",
}
BASE = re.compile(r"^FROM (?P<image>debian:(?P<release>\w+)-\d+-slim)\b", re.MULTILINE)
PLUGINS_RELEASE = "forky"
UNPACK = """
apt-get -q update
cd /tmp
apt-get -q download docker-compose docker-buildx
for package in *.deb; do dpkg -x "$package" unpacked; done
cp unpacked/usr/libexec/docker/cli-plugins/* /plugins
"""
OWN_CERTIFICATES = Path("/usr/local/share/ca-certificates")


@contextmanager
def engine(cache: Path, log: Path) -> Iterator[dict[str, str]]:
    """The environment with which `docker` reaches an engine that has `compose` and the bases."""
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    if shutil.which("docker") and _answers(environment):
        _obtain(["sipp"], log)
        _equip(environment, cache, log)
        yield environment
        return
    if os.geteuid() != 0:
        raise CheckError("no Docker engine answers; start one, or run this as root")
    _obtain(["sipp", "docker", "dockerd"], log)
    environment |= {"DOCKER_HOST": f"unix://{cache}/run/docker.sock", "PATH": _path()}
    with _own_engine(cache, environment, log):
        _equip(environment, cache, log)
        yield environment


def _equip(environment: dict[str, str], cache: Path, log: Path) -> None:
    _obtain_bases(environment, log)
    _require_compose(environment, cache, log)


def _obtain_bases(environment: dict[str, str], log: Path) -> None:
    """The images that our Dockerfiles begin with: there already, pulled, or made by mmdebstrap."""
    for release, image in _bases().items():
        if _has_or_pulls(image, environment):
            continue
        say(f"{image} cannot be pulled: making it of Debian's packages (30 s, once)")
        _make_base(image, release, environment, log)


def _bases() -> dict[str, str]:
    """Release to image of every Dockerfile's FROM."""
    files = Path(__file__).resolve().parents[1].rglob("Dockerfile")
    found = [match for file in files for match in BASE.finditer(file.read_text())]
    return {match["release"]: match["image"] for match in found}


def can_have(image: str, environment: dict[str, str]) -> bool:
    """Whether the image is there or can be pulled."""
    return _has_or_pulls(image, environment)


def _has_or_pulls(image: str, environment: dict[str, str]) -> bool:
    return any(
        _succeeds(["docker", *command, image], environment)
        for command in (["image", "inspect"], ["pull", "--quiet"])
    )


def _make_base(image: str, release: str, environment: dict[str, str], log: Path) -> None:
    """Our own certificates go in too: a mirror behind a proxy of the house is believed then."""
    _obtain(["mmdebstrap"], log)
    command = ["mmdebstrap", "--quiet", "--variant=minbase"]
    if OWN_CERTIFICATES.is_dir():
        command += [
            f'--customize-hook=mkdir -p "$1{OWN_CERTIFICATES}"',
            f"--customize-hook=copy-in {OWN_CERTIFICATES} {OWN_CERTIFICATES.parent}",
        ]
    expired = ['--aptopt=Acquire::Check-Valid-Until "false"']  # a mirror that is an older snapshot
    for extra in ([], expired):
        with log.open("a") as errors:
            maker = subprocess.Popen(
                [*command, *extra, release, "-"], stdout=subprocess.PIPE, stderr=errors
            )
            importer = ["docker", "import", "-", image]
            subprocess.run(
                importer, stdin=maker.stdout, stdout=errors, stderr=errors, env=environment
            )
        if maker.wait() == 0:
            return
    raise CheckError(f"{image} could not be made; mmdebstrap's words are in {log}")


@contextmanager
def _own_engine(cache: Path, environment: dict[str, str], log: Path) -> Iterator[None]:
    say("no Docker engine runs: starting one for this check")
    (cache / "run").mkdir(parents=True, exist_ok=True)
    command = ["dockerd", "--data-root", f"{cache}/data", "--exec-root", f"{cache}/run/exec"]
    command += ["--pidfile", f"{cache}/run/docker.pid", "--host", environment["DOCKER_HOST"]]
    command += ["--iptables=false", "--ip6tables=false", "--bridge=none"]
    own_log = log.with_name("dockerd")
    with own_log.open("a") as sink:
        daemon = subprocess.Popen(
            command, stdout=sink, stderr=sink, env=environment, start_new_session=True
        )
    try:
        until(
            f"dockerd answers (its words are in {own_log})",
            lambda: daemon.poll() is not None or _answers(environment),
            limit_seconds=60,
        )
        if daemon.poll() is not None:
            raise CheckError(f"dockerd cannot run on this host; its words are in {own_log}")
        yield
    finally:
        daemon.terminate()
        daemon.wait(timeout=60)
        _succeeds(["umount", f"{cache}/run/exec/netns/default"], environment)  # it leaves this one


def _answers(environment: dict[str, str]) -> bool:
    return _succeeds(["docker", "info", "--format", "{{.ServerVersion}}"], environment)


def _require_compose(environment: dict[str, str], cache: Path, log: Path) -> None:
    """Debian 12 has no compose plugin: the one of a later Debian is unpacked aside and used."""
    wanted = (["docker", "compose", "version"], ["docker", "buildx", "version"])
    if all(_succeeds(command, environment) for command in wanted):
        return
    configuration = cache / "client"
    environment["DOCKER_CONFIG"] = str(configuration)
    if all(_succeeds(command, environment) for command in wanted):
        return
    say("the compose plugin is missing: unpacking Debian's")
    _unpack_plugins(configuration / "cli-plugins", environment, log)
    for command in wanted:
        run(command, environment=environment, log=log)


def _unpack_plugins(plugins: Path, environment: dict[str, str], log: Path) -> None:
    """Fetched and unpacked in a container: nothing is installed on this host."""
    plugins.mkdir(parents=True, exist_ok=True)
    command = ["docker", "run", "--rm", "--network", "host", "--volume", f"{plugins}:/plugins"]
    run(
        [*command, _bases()[PLUGINS_RELEASE], "sh", "-euc", UNPACK],
        environment=environment,
        log=log,
    )


def _obtain(programs: Sequence[str], log: Path) -> None:
    """Whatever is missing of these, from Debian's packages; CheckError for who may not install."""
    packages = sorted({HOST_PACKAGES[name] for name in programs if not _which(name)})
    if packages and os.geteuid() != 0:
        raise CheckError(f"missing: apt-get install {' '.join(packages)}")
    if packages:
        say(f"installing {' '.join(packages)}")
        install = ["apt-get", "-q", "install", "--yes", "--no-install-recommends", *packages]
        install += ["-o", "DPkg::Lock::Timeout=300"]  # the host's own upgrades may be at it
        run(["apt-get", "-q", "update"], log=log)
        run(["env", "DEBIAN_FRONTEND=noninteractive", *install], log=log)


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _which(program: str) -> str | None:
    return shutil.which(program, path=_path())


def _succeeds(command: list[str], environment: dict[str, str]) -> bool:
    try:
        outcome = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return outcome.returncode == 0
