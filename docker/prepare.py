"""The step before everything else: random secrets, Asterisk's settings, whom Prometheus asks.

Run as root by the `prepare` container (`containers FOLDER`: a folder with one volume a name) and by
callcenter-prepare.service on a host without containers (`host FOLDER`). It ends at once; running it
again keeps every secret and writes the settings anew, as they are now. It never prints a secret,
never starts anything and needs no network.

Everything it makes belongs to the one user who reads it, mode 0600 in folders of mode 0700: no
container sees another one's secrets.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam
from urllib.parse import urlsplit

from callcenter.hosting.asterisk_files import SOUNDS, write_instance
from callcenter.hosting.asterisk_root import obtain_asterisk
from callcenter.hosting.errors import HostingError
from callcenter.hosting.ownership import give
from callcenter.hosting.ports import loopback_url
from callcenter.hosting.secrets_file import secret_file
from callcenter.hosting.stack_settings import StackSettings, asterisk_settings, read_settings

CALLCENTER_UID = 64901  # Asterisk and the service: docker/asterisk, docker/service
POSTGRES_UID = 999  # the image postgres:18-trixie
NOBODY_UID = 65534  # the images of Prometheus and Alertmanager
GRAFANA_UID = 472  # the image grafana/grafana

INSIDE = "/srv"
"""Where Asterisk finds its folder, in its container as in its root file system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the servers that are watched, or watch, listen on this host's loopback address."""

    prometheus: int
    alertmanager: int


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """`prepare.py containers|host FOLDER`; 0, or 1 and a message that says what to do."""
    if len(arguments) != 2 or arguments[0] not in ("containers", "host"):
        print("usage: prepare.py containers|host FOLDER", file=sys.stderr)
        return 2
    where, folder = arguments[0], Path(arguments[1])
    try:
        settings = read_settings(environment)
        if where == "containers":
            prepare_containers(folder, settings, read_ports(environment))
        else:
            prepare_host(folder, settings)
    except (HostingError, OSError, KeyError) as error:
        print(error, file=sys.stderr)
        return 1
    print("prepared")
    return 0


def prepare_containers(volumes: Path, settings: StackSettings, ports: Ports) -> None:
    """Fill the volumes of compose.yml, each given to the user of its container."""
    service = volumes / "service"
    password = secret_file(service / "secrets", "ari-password").read_text().strip()
    database = secret_file(volumes / "postgres-secrets", "callcenter-password")
    secret_file(volumes / "postgres-secrets", "superuser-password")
    secret_file(volumes / "grafana-secrets", "admin-password")
    login = f"*:*:*:callcenter:{database.read_text().strip()}\n"
    write_private(service / "secrets" / "pgpass", login, owner=CALLCENTER_UID)
    write_private(volumes / "postgres-secrets" / "pgpass", login, owner=POSTGRES_UID)
    write_targets(volumes / "targets", settings, ports, owner=NOBODY_UID)
    write_asterisk(volumes / "asterisk", settings, password, owner=CALLCENTER_UID)
    give(service, CALLCENTER_UID)
    give(volumes / "postgres-secrets", POSTGRES_UID)
    give(volumes / "postgres-socket", POSTGRES_UID, mode=0o755)  # the password decides who may in
    for name in ("targets", "prometheus", "alertmanager"):
        give(volumes / name, NOBODY_UID)
    for name in ("grafana-secrets", "grafana"):
        give(volumes / name, GRAFANA_UID)


def prepare_host(folder: Path, settings: StackSettings) -> None:
    """The same for one host without containers; its PostgreSQL knows the user by its socket."""
    owner = getpwnam("callcenter").pw_uid
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = obtain_asterisk(print)
    password = secret_file(folder / "secrets", "ari-password").read_text().strip()
    sounds = (root.directory or Path("/")) / SOUNDS.relative_to("/")
    write_asterisk(folder / "asterisk", settings, password, owner=owner, sounds=sounds)
    give(folder / "secrets", owner)
    os.chown(folder, owner, owner)


def write_asterisk(
    folder: Path,
    settings: StackSettings,
    ari_password: str,
    *,
    owner: int,
    sounds: Path = SOUNDS,
) -> None:
    """dialplans/*.conf with this site's values; what the service wrote beside them is kept."""
    asterisk = asterisk_settings(settings, ari_password)
    write_instance(folder, asterisk, base=INSIDE, owner=owner, sounds=sounds)


def write_targets(folder: Path, settings: StackSettings, ports: Ports, *, owner: int) -> None:
    """The lists that metrics/prometheus.yml looks for: who is scraped, who is told of alerts."""
    folder.mkdir(exist_ok=True)
    service = urlsplit(loopback_url(settings.web_address, settings.web_port)).netloc
    addresses = {
        "callcenter": service,
        "prometheus": f"127.0.0.1:{ports.prometheus}",
        "alertmanager": f"127.0.0.1:{ports.alertmanager}",
    }
    for name, address in addresses.items():
        text = json.dumps([{"targets": [address]}]) + "\n"
        write_private(folder / f"{name}.json", text, owner=owner)


def write_private(path: Path, text: str, *, owner: int) -> None:
    """Replace a file in one step, readable by its owner alone: who reads it now never misses it."""
    unfinished = path.with_name(path.name + ".new")
    with open(unfinished, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
        os.fchown(file.fileno(), owner, owner)
    unfinished.replace(path)


def read_ports(environment: Mapping[str, str]) -> Ports:
    """PROMETHEUS_PORT and ALERTMANAGER_PORT of the environment."""
    found = {
        name: environment.get(f"{name.upper()}_PORT") or default
        for name, default in (("prometheus", "9090"), ("alertmanager", "9093"))
    }
    for name, port in found.items():
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
            raise HostingError(f"{name.upper()}_PORT: {port[:40]!r} is not a port")
    return Ports(**{name: int(port) for name, port in found.items()})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
