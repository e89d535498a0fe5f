"""The stack of compose.yml under the check's own name, ports and volumes."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shell import CheckError, run

PROJECT = "callcenter-check"
DOCKER = Path(__file__).resolve().parents[1]
PORTS = {
    "CALLCENTER_WEB_PORT": 18580,
    "CALLCENTER_SIP_PORT": 15580,
    "CALLCENTER_ASTERISK_HTTP_PORT": 18588,
    "CALLCENTER_RTP_PORT_FIRST": 24000,
    "CALLCENTER_RTP_PORT_LAST": 24899,
    "PROMETHEUS_PORT": 19590,
    "ALERTMANAGER_PORT": 19593,
    "GRAFANA_PORT": 19594,
}
ADDRESSES = {
    "CALLCENTER_WEB_ADDRESS": "127.0.0.1",
    "CALLCENTER_ASTERISK_HTTP_ADDRESS": "127.0.0.2",
    "GRAFANA_ADDRESS": "127.0.0.3",
}
"""Not the delivered ones, so that whoever asks elsewhere is found out."""
SECRETS = {
    "service": "/var/lib/callcenter/secrets",
    "postgres": "/run/secrets",
    "grafana": "/run/secrets",
}
"""Where each container finds its own."""


@dataclass(slots=True, kw_only=True)
class Stack:
    """`docker compose` on our files. `stand_ins`: Debian's servers where images cannot be had,
    and no Grafana. `metrics`: the folder that Prometheus and Alertmanager load."""

    environment: dict[str, str]
    stand_ins: bool
    log: Path
    metrics: Path
    addresses: dict[str, str] = field(default_factory=ADDRESSES.copy)
    _token: str = field(default="", init=False)

    def compose(self, *words: str, limit_seconds: float = 900) -> str:
        """What a compose command prints."""
        files = ["compose.yml", *(["compose.debian.yml"] if self.stand_ins else [])]
        named = [word for name in files for word in ("--file", str(DOCKER / name))]
        settings = {name: str(port) for name, port in PORTS.items()} | self.addresses
        settings |= dict.fromkeys(("METRICS_FOLDER", "ALERTMANAGER_FOLDER"), str(self.metrics))
        return run(
            ["docker", "compose", "--project-name", PROJECT, *named, *words],
            environment={**self.environment, **settings},
            log=self.log,
            limit_seconds=limit_seconds,
        )

    def up(self) -> None:
        """Start all; returns when every container says that it is healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "180")

    def inside(self, service: str, *words: str) -> str:
        """What a program in a running container prints."""
        return self.compose("exec", "--no-TTY", service, *words)

    def secrets(self) -> str:
        """Fingerprints of all secrets, to see that none was made anew."""
        found = [
            self.inside(service, "sh", "-c", f"cd {folder} && sha256sum *")
            for service, folder in SECRETS.items()
            if service != "grafana" or not self.stand_ins
        ]
        return "\n".join(found)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """One request below /api/v1 with the token of the command line."""
        if not self._token:
            token = self.inside("service", "cat", f"{SECRETS['service']}/cli-token")
            self._token = token.strip()
        return _ask(
            method,
            f"http://{self.addresses['CALLCENTER_WEB_ADDRESS']}:{PORTS['CALLCENTER_WEB_PORT']}"
            f"/api/v1{path}",
            body,
            {"Authorization": f"Bearer {self._token}"},
        )

    def prometheus(self, path: str, **query: str) -> Any:
        """`data` of an answer of Prometheus's API."""
        address = f"http://127.0.0.1:{PORTS['PROMETHEUS_PORT']}/api/v1/{path}"
        return _ask("GET", f"{address}?{urllib.parse.urlencode(query)}", None, {})["data"]

    def alertmanager(self, method: str, path: str, body: object = None) -> Any:
        """One request below /api/v2 of Alertmanager."""
        address = f"http://127.0.0.1:{PORTS['ALERTMANAGER_PORT']}/api/v2/{path}"
        return _ask(method, address, body, {})

    def grafana(self, path: str) -> Any:
        """What Grafana answers its administrator."""
        login = f"admin:{self.inside('grafana', 'cat', '/run/secrets/admin-password').strip()}"
        address = f"http://{self.addresses['GRAFANA_ADDRESS']}:{PORTS['GRAFANA_PORT']}/api/{path}"
        words = base64.b64encode(login.encode()).decode()
        return _ask("GET", address, None, {"Authorization": f"Basic {words}"})

    def number(self, expression: str, *, at: float | None = None, default: float = 0) -> float:
        """The one number of an expression, now or at a moment; `default` when there is none."""
        moment = {} if at is None else {"time": f"{at:.0f}"}
        found = self.prometheus("query", query=expression, **moment)["result"]
        return float(found[0]["value"][1]) if found else default


def _ask(method: str, url: str, body: object, headers: dict[str, str]) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {**headers, "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise CheckError(f"{method} {url}: {error.code} {error.read().decode()[:500]}") from error
    except OSError as error:
        raise CheckError(f"{method} {url}: {error}") from error
