"""One running Asterisk of our own: write its settings from `dialplans/`, start it, stop it.

Several can run side by side. Each has its own directory, ports and mount namespace, in which that
directory is /srv. This module never installs Asterisk (`asterisk_root.py` does), and only checks
that ARI answers.
"""

import base64
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.hosting.asterisk_files import SOUNDS, AsteriskSettings, write_instance
from callcenter.hosting.asterisk_root import (
    AsteriskRoot,
    parse_version,
    require_new_enough,
)
from callcenter.hosting.children import (
    Say,
    end_leftover,
    last_lines,
    quiet,
    start_child,
    stop_child,
    system_environment,
    wait_until,
)
from callcenter.hosting.direct import DIRECT
from callcenter.hosting.errors import HostingError
from callcenter.hosting.ports import loopback_url, refuse_all, refuse_taken_port
from callcenter.hosting.transports import Place

ASTERISK_UID = 64901
"""The user id of Asterisk when root starts it. No other service of the host uses this number."""

INSIDE = "/srv"
"""Where an instance's directory is mounted in the chroot."""

IN_ROOT = """
mount --rbind "$2" "$1/srv"
mount --rbind /dev "$1/dev"
mount --rbind /proc "$1/proc"
mount --bind "$2/etc/hosts" "$1/etc/hosts"
if [ -n "$3" ]; then mount --bind "$3" "$1/srv/lib/prompts"; fi
root="$1"; shift 3
exec chroot "$root" "$@"
"""


@dataclass(slots=True, kw_only=True)
class Asterisk:
    """An instance. After `start()` ARI answers at `ari_url`. `stop()` or `kill()` ends it."""

    root: AsteriskRoot
    directory: Path
    settings: AsteriskSettings
    name: str = "Asterisk"
    say: Say = quiet
    prompts: Path | None = None  # another instance's, which has the recordings for callers
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def ari_url(self) -> str:
        """`http://127.0.0.1:8088/ari`, to which a resource's path is added."""
        return f"{loopback_url(self.settings.http_address, self.settings.http_port)}/ari"

    @property
    def config_directory(self) -> Path:
        """The folder into which the service writes operators.pjsip.conf and
        lifeboat.queues.conf."""
        return self.directory / "etc"

    @property
    def ledger(self) -> Path:
        """The CSV file of cdr_custom.conf; absent until the first channel has ended."""
        return self.directory / "log" / "ledger.csv"

    def start(self, *, limit_seconds: float = 90) -> None:
        """Start, and return when ARI answers. Raises HostingError, which says why it does not."""
        started = time.monotonic()
        self.launch()
        if not wait_until(lambda: self.ended() or self.answers(), limit_seconds=limit_seconds):
            self.kill()
            raise HostingError(self._complaint(f"gave no answer in {limit_seconds:.0f} s"))
        if self.ended():
            raise HostingError(self._complaint("ended while starting"))
        require_new_enough(self.version(), self.ari_url)
        self.say(f"Asterisk answers at {self.ari_url} ({time.monotonic() - started:.1f} s)")

    def launch(self) -> None:
        """Write the settings and start the process, without waiting for an answer."""
        self.clear_the_way()
        owner = ASTERISK_UID if os.geteuid() == 0 else None
        # otherwise the folder is mounted there
        if self.prompts is not None and self.root.directory is None:
            self._link_prompts(self.prompts)
        write_instance(
            self.directory,
            self.settings,
            base=self._base,
            owner=owner,
            sounds=Path(self.root.directory or "/") / SOUNDS.relative_to("/"),
        )
        self.process = start_child(
            self._command(),
            pid_file=self._pid_file,
            output=self._output,
            environment=system_environment(),
        )

    def _link_prompts(self, prompts: Path) -> None:
        own = self.directory / "lib" / "prompts"
        own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not own.exists():
            own.symlink_to(prompts.resolve())

    def clear_the_way(self) -> None:
        """End what an earlier start left. Raises HostingError, which names every taken port."""
        end_leftover(self._pid_file, first=signal.SIGTERM, patience_seconds=5, say=self.say)
        refuse_all(self._taken_ports())

    def ended(self) -> bool:
        """Whether there is no process, or none any more."""
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        """End it properly: calls are hung up, and the ledger gets their rows. Kills it after 10 s.

        A SIGTERM in the last moments of Asterisk's own start is lost, so it is repeated.
        """
        if self.process is not None:
            stop_child(self.process, first=signal.SIGTERM, patience_seconds=10, again_seconds=1)

    def kill(self) -> None:
        """`kill -9`, for tests of what is lost by that."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def answers(self) -> bool:
        """Whether ARI is up and Asterisk has finished starting its modules."""
        try:
            return "status" in self.get("/asterisk/info")
        except (OSError, ValueError):
            return False

    def version(self) -> tuple[int, ...]:
        """The running version from ARI, such as (22, 10, 1)."""
        system = self.get("/asterisk/info")["system"]
        return parse_version(f"Asterisk {system['version']}")

    def get(self, path: str) -> dict[str, dict[str, str]]:
        """One ARI GET. Raises OSError if ARI is away or refuses."""
        request = urllib.request.Request(self.ari_url + path, headers=self._authorization())
        with DIRECT.open(request, timeout=10) as response:
            answer: dict[str, dict[str, str]] = json.load(response)
        return answer

    def console(self, command: str) -> str:
        """The answer of Asterisk's own console, e.g. to `core show channels` (for people and
        tests)."""
        if self.process is None:
            raise HostingError("Asterisk is not started")
        inside = f"{self._base}/etc/asterisk.conf"
        enter = ["nsenter", "--target", str(self.process.pid), "--mount"]
        if os.geteuid() != 0:
            enter += ["--user", "--preserve-credentials"]
        if self.root.directory is not None:
            inside_root = f"/proc/{self.process.pid}/root"
            enter += [f"--root={inside_root}", f"--wd={inside_root}"]
        outcome = subprocess.run(
            [*enter, "asterisk", "-C", inside, "-rx", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
            env=system_environment(),
        )
        return outcome.stdout + outcome.stderr

    @property
    def _base(self) -> str:
        return str(self.directory.resolve()) if self.root.directory is None else INSIDE

    @property
    def _pid_file(self) -> Path:
        return self.directory / "asterisk.pid"

    @property
    def _output(self) -> Path:
        return self.directory / "log" / "output"

    def _command(self) -> list[str]:
        drop = ["--pdeathsig=KILL", "--no-new-privs"]
        if os.geteuid() == 0:
            drop += [
                f"--reuid={ASTERISK_UID}",
                f"--regid={ASTERISK_UID}",
                "--clear-groups",
            ]
        run = [
            "setpriv",
            *drop,
            "--",
            "asterisk",
            "-f",
            "-C",
            f"{self._base}/etc/asterisk.conf",
        ]
        if self.root.directory is None:
            return run
        own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "-m"]
        shared = str(self.prompts.resolve()) if self.prompts else ""
        places = [str(self.root.directory), str(self.directory.resolve()), shared]
        return [
            *own,
            "--propagation",
            "private",
            "sh",
            "-euc",
            IN_ROOT,
            "sh",
            *places,
            *run,
        ]

    def _taken_ports(self) -> Iterator[str]:
        """The taken ports. Asterisk would start without them, and say so only in its log."""
        yield from (said for place in self.settings.sip_places if (said := taken(place)))
        try:
            refuse_taken_port(self.ari_url, "CALLCENTER_ASTERISK_HTTP_PORT")
        except HostingError as error:
            yield str(error)

    def _authorization(self) -> dict[str, str]:
        plain = f"{self.settings.ari_user}:{self.settings.ari_password}"
        return {"Authorization": "Basic " + base64.b64encode(plain.encode()).decode()}

    def _complaint(self, what: str) -> str:
        return (
            f"Asterisk {what}. Its last lines:\n{last_lines(self._output)}\n"
            f"{last_lines(self.directory / 'log' / 'messages')}"
        )


def taken(place: Place) -> str:
    """A sentence if Asterisk cannot listen for SIP there: then no call would come in."""
    reason = place.is_taken()
    if not reason:
        return ""
    kind, look = ("udp", "-lunp") if place.protocol == "udp" else ("tcp", "-ltnp")
    return (
        f"SIP cannot be spoken at {place.bind}/{kind} ({reason}): stop what listens there "
        f"(`ss {look}`), or set {place.setting} to a free port and CALLCENTER_SIP_ADDRESS to an "
        "address of this host"
    )
