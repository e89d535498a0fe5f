"""One running Prometheus with the rules of `metrics/`, on the loopback address, as nobody.

Everything it loads is copied into its directory at each start, so that it reads nothing of the
checkout while it runs. Calls do not need it: the stack goes on without it. This module never
downloads Prometheus (`prometheus_programs.py` does).
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from callcenter.hosting.children import (
    Say,
    end_leftover,
    last_lines,
    quiet,
    start_child,
    stop_child,
    wait_until,
)
from callcenter.hosting.direct import DIRECT
from callcenter.hosting.errors import HostingError
from callcenter.hosting.namespace import Namespace
from callcenter.hosting.ports import refuse_taken_port
from callcenter.hosting.prometheus_programs import PrometheusPrograms, dotted

METRICS = Path(__file__).resolve().parents[2] / "metrics"
"""The folder `metrics/` of the checkout."""


@dataclass(slots=True, kw_only=True)
class Prometheus:
    """A server in `directory` that scrapes `targets` (`127.0.0.1:8080`) and answers at `url`.

    `alertmanagers` are host:port, too. Without one, alerts are only shown. If root starts it, it
    runs as `user`.
    """

    programs: PrometheusPrograms
    directory: Path
    targets: Sequence[str]
    alertmanagers: Sequence[str] = ()
    address: str = "127.0.0.1"
    port: int = 9090
    retention_days: int = 90
    user: str = "nobody"
    configuration: Path = METRICS
    name: str = "Prometheus"
    say: Say = quiet
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:9090`."""
        return f"http://{self.address}:{self.port}"

    def start(self, *, limit_seconds: float = 60) -> str:
        """Start, and return the URL when it answers queries. The limit is long because it replays
        its log."""
        started = time.monotonic()
        self.launch()
        if not wait_until(lambda: self.ended() or self.ready(), limit_seconds=limit_seconds):
            self.stop()
            raise HostingError(
                f"Prometheus was not ready in {limit_seconds:.0f} s:\n{last_lines(self._log)}"
            )
        if self.ended():
            raise HostingError(f"Prometheus ended while starting:\n{last_lines(self._log)}")
        seconds = time.monotonic() - started
        self.say(f"Prometheus {dotted(self.programs.version)} is at {self.url} ({seconds:.1f} s)")
        return self.url

    def launch(self) -> None:
        """Write what it loads and start the process, without waiting."""
        self.directory.mkdir(parents=True, exist_ok=True)
        pid_file = self.directory / "prometheus.pid"
        end_leftover(pid_file, first=signal.SIGTERM, patience_seconds=20, say=self.say)
        refuse_taken_port(self.url, "CALLCENTER_PROMETHEUS_PORT")
        self._write_configuration()
        self.process = start_child(self._command(), pid_file=pid_file, output=self._log)

    def stop(self) -> None:
        """Ask it to end, so that it writes its head block. Killed after 20 s."""
        if self.process is not None:
            stop_child(self.process, first=signal.SIGTERM, patience_seconds=20)

    def ended(self) -> bool:
        """Whether there is no process, or none any more."""
        return self.process is None or self.process.poll() is not None

    def ready(self) -> bool:
        """Whether it answers queries."""
        try:
            with DIRECT.open(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError):
            return False

    @property
    def _log(self) -> Path:
        return self.directory / "prometheus.log"

    @property
    def _own(self) -> Path:
        return self.directory.resolve() / "own"

    def _write_configuration(self) -> None:
        """Write prometheus.yml and the rules. Only the lists of targets are changed for this
        host."""
        shutil.rmtree(self._own / "rules", ignore_errors=True)
        (self._own / "data").mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.configuration / "rules", self._own / "rules")
        shutil.copyfile(self.configuration / "prometheus.yml", self._own / "prometheus.yml")
        lists = {
            "callcenter": self.targets,
            "alertmanager": self.alertmanagers,
            "prometheus": [f"{self.address}:{self.port}"],
        }
        (self._own / "targets").mkdir(exist_ok=True)
        for job, targets in lists.items():
            groups = [{"targets": list(targets)}] if targets else []
            (self._own / "targets" / f"{job}.json").write_text(json.dumps(groups))
        if _is_root():
            owner = pwd.getpwnam(self.user)
            for path in (self._own, *self._own.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _command(self) -> list[str]:
        folder, own = self.programs.folder, self._own
        seen = Namespace(programs=folder, data=own)
        if _is_root():
            folder, own = seen.programs_inside, seen.data_inside
        call = [
            f"{folder}/prometheus",
            f"--config.file={own}/prometheus.yml",
            f"--storage.tsdb.path={own}/data",
            f"--storage.tsdb.retention.time={self.retention_days}d",
            f"--web.listen-address={self.address}:{self.port}",
        ]
        drop = ["setpriv", "--pdeathsig=TERM", "--no-new-privs"]
        if not _is_root():
            return [*drop, "--", *call]
        owner = pwd.getpwnam(self.user)
        drop += [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        return [*seen.enter(), *drop, "--", *call]


def _is_root() -> bool:
    return os.geteuid() == 0
