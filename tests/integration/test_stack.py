"""`callcenter run` on real Asterisk, PostgreSQL and Prometheus; the service's place is taken by a
program that only says that it is ready, because here the supervision is tested, not the service."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from callcenter.hosting.children import wait_until
from callcenter.hosting.errors import HostingError
from callcenter.hosting.prometheus import METRICS
from callcenter.hosting.stack_settings import read_settings
from tests.integration.oversight.prometheus_client_side import Asking
from tests.integration.test_hosting import alive, execute
from tests.parts import PrivateAsterisk, PrivatePostgres

HTTP_PORT, WEB_PORT, PROMETHEUS_PORT = 18098, 18099, 15633
PARTS = ("service", "asterisk", "postgres", "prometheus")
RUN = """
import os, sys
from callcenter.hosting.stack import run
serve = [sys.executable, "-m", "tests.integration.answering_program", sys.argv[1]]
sys.exit(run(os.environ, lambda line: print(line, flush=True), serve=serve))
"""


RUN_AS_IT_IS = (
    "-c",
    "import sys; sys.argv[1:] = ['run']; from callcenter.__main__ import main; main()",
)


class Stack:
    """A running stack and what it prints."""

    def __init__(self, directory: Path, program: Sequence[str] = ("-c", RUN), **more: str) -> None:
        self.directory = directory
        self.told_file = directory / "told.json"
        self.printed = directory / "printed"
        self.environment = {
            **os.environ,
            "CALLCENTER_DATA_DIR": str(directory / "var"),
            "CALLCENTER_SIP_PORT": "15098",
            "CALLCENTER_ASTERISK_HTTP_PORT": str(HTTP_PORT),
            "CALLCENTER_WEB_PORT": str(WEB_PORT),
            "CALLCENTER_PROMETHEUS_PORT": str(PROMETHEUS_PORT),
            "CALLCENTER_RTP_PORT_FIRST": "20990",
            "CALLCENTER_RTP_PORT_LAST": "20999",
            **more,
        }
        with self.printed.open("w") as sink:
            self.process = subprocess.Popen(
                [sys.executable, *program, str(self.told_file)], stdout=sink, env=self.environment
            )

    def says(self, words: str) -> bool:
        """Waits until the words are printed."""
        return wait_until(lambda: words in self.printed.read_text(), limit_seconds=180)

    @property
    def service(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.told_file.read_text())
        return answer

    @property
    def looked_after(self) -> int:
        """Whose sign of life was seen last."""
        file = self.told_file.with_suffix(".looked")
        return int(file.read_text() or 0) if file.exists() else 0

    def pid(self, name: str) -> int:
        folder = "" if name == "service" else name
        return int((self.directory / "var" / folder / f"{name}.pid").read_text().split()[0])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    own = Stack(tmp_path_factory.mktemp("stack"))
    assert own.says("Ctrl-C stops everything"), own.printed.read_text()
    yield own
    if own.process.poll() is None:
        own.process.kill()
        own.process.wait()


async def test_the_service_is_given_the_database(stack: Stack) -> None:
    told = stack.service["told"]
    assert await execute(told["CALLCENTER_DATABASE_URL"], "SELECT 1") == [(1,)]


def test_the_service_is_told_how_to_reach_asterisk(stack: Stack) -> None:
    told = stack.service["told"]
    assert told["CALLCENTER_ARI_URL"] == f"http://127.0.0.1:{HTTP_PORT}/ari"
    secret = Path(told["CALLCENTER_ARI_PASSWORD_FILE"])
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_text()) >= 40
    assert Path(told["CALLCENTER_ASTERISK_CONFIG_DIR"], "pjsip.conf").exists()
    assert "CALLCENTER_SIP_PORT" not in told, "the service refuses names that it does not know"
    assert secret.read_text() not in stack.printed.read_text()


def test_prometheus_has_our_rules_and_reaches_the_service(stack: Stack) -> None:
    asking = Asking(f"http://127.0.0.1:{PROMETHEUS_PORT}")
    assert {group["name"] for group in asking.get("rules")["groups"]} == {
        group["name"]
        for file in (METRICS / "rules").glob("*.yml")
        for group in yaml.safe_load(file.read_text())["groups"]
    }
    assert wait_until(
        lambda: (
            {
                (target["labels"]["job"], target["scrapeUrl"], target["health"])
                for target in asking.get("targets")["activeTargets"]
            }
            == {
                ("callcenter", f"http://127.0.0.1:{WEB_PORT}/metrics", "up"),
                ("prometheus", f"http://127.0.0.1:{PROMETHEUS_PORT}/metrics", "up"),
            }
        ),
        limit_seconds=90,
    )


@pytest.mark.parametrize("name", PARTS)
def test_who_is_killed_is_started_again_and_the_others_stay(stack: Stack, name: str) -> None:
    before = {part: stack.pid(part) for part in PARTS}
    os.kill(before[name], signal.SIGKILL)
    assert wait_until(lambda: stack.pid(name) != before[name], limit_seconds=90)
    assert {part: stack.pid(part) for part in PARTS if part != name} == {
        part: pid for part, pid in before.items() if part != name
    }
    assert wait_until(ready, limit_seconds=90)


def test_a_service_that_hangs_is_replaced_and_serves_again(stack: Stack) -> None:
    hanging = stack.pid("service")
    assert wait_until(lambda: stack.looked_after == hanging, limit_seconds=60)
    os.kill(hanging, signal.SIGSTOP)
    assert wait_until(lambda: stack.pid("service") != hanging, limit_seconds=90)
    assert not alive(hanging)
    assert wait_until(ready, limit_seconds=90)
    assert "the service hangs: no sign of life" in stack.printed.read_text()


OWN_SIP, OWN_HTTP, OWN_WEB = 15096, 18103, 18104


def test_ones_own_database_and_asterisk_are_used_and_left_running(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """With the service itself, which tells a systemd that it serves, and a doctor who finds all
    well."""
    folder = tmp_path_factory.mktemp("own")
    password, notified = folder / "ari-password", folder / "notify"
    ports = {"sip_port": OWN_SIP, "http_port": OWN_HTTP, "rtp_port_first": 21_200}
    with (
        PrivatePostgres(folder / "p") as postgres,
        PrivateAsterisk(folder / "a", **ports) as asterisk,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
    ):
        password.write_text(asterisk.ari_password)
        systemd.bind(str(notified))
        systemd.settimeout(10)
        own = Stack(
            folder,
            RUN_AS_IT_IS,
            NOTIFY_SOCKET=str(notified),
            CALLCENTER_WEB_PORT=str(OWN_WEB),
            CALLCENTER_DATABASE_URL=postgres.url,
            CALLCENTER_ARI_URL=asterisk.ari_url,
            CALLCENTER_ARI_PASSWORD_FILE=str(password),
            CALLCENTER_ASTERISK_CONFIG_DIR=str(asterisk.config_directory),
            CALLCENTER_ASTERISK_LEDGER=str(asterisk.ledger),
        )
        assert own.says("Ctrl-C stops everything"), own.printed.read_text()
        assert [systemd.recv(100) for _ in range(2)] == [b"READY=1", b"WATCHDOG=1"]
        doctor = subprocess.run(
            [sys.executable, "-m", "callcenter", "doctor"],
            env=own.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for well in (
            "ok    service",
            "ok    database",
            f"ok    sip         answers at 127.0.0.1:{OWN_SIP}",
        ):
            assert well in doctor.stdout, doctor.stdout
        assert "warn  ledger" in doctor.stdout, "nobody has called"
        assert "fail  " not in doctor.stdout, doctor.stdout
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(timeout=90) == 0, own.printed.read_text()
        assert asterisk.answers()
        assert not {"asterisk", "postgres"} & {path.name for path in (folder / "var").iterdir()}


def test_a_second_one_on_the_same_data_is_refused(stack: Stack) -> None:
    second = subprocess.run(
        [sys.executable, "-c", RUN, str(stack.told_file)],
        env={**os.environ, "CALLCENTER_DATA_DIR": str(stack.directory / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode != 0
    assert "is running already" in second.stderr


def test_sigterm_stops_all_in_reverse_order(stack: Stack) -> None:
    pids = [stack.pid(name) for name in PARTS]
    stack.process.send_signal(signal.SIGTERM)
    assert stack.process.wait(timeout=90) == 0
    assert not any(alive(pid) for pid in pids)
    printed = stack.printed.read_text()
    names = ("Prometheus", "the service", "Asterisk", "PostgreSQL")
    order = [printed.index(f"stopping {name}") for name in names]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIP_PORT", "0"), ("SIP_PORT", "๕๐๖๐"), ("WEB_PORT", "65536"), ("RTP_PORT_LAST", "10001")],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(HostingError, match=f"CALLCENTER_{name}"):
        read_settings({f"CALLCENTER_{name}": value})


def test_how_long_the_lifeboat_keeps_a_caller_can_be_set() -> None:
    assert read_settings({}).lifeboat_max_wait_seconds == 1800
    told = read_settings({"CALLCENTER_LIFEBOAT_MAX_WAIT_SECONDS": "0"})
    assert told.lifeboat_max_wait_seconds == 0


def ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{WEB_PORT}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
