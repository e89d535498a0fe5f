"""`callcenter run` on real Asterisk, PostgreSQL and Prometheus; the service's place is taken by a
program that only says that it is ready, because here the supervision is tested, not the service."""

import json
import os
import shutil
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

from callcenter.hosting.asterisk import ASTERISK_UID
from callcenter.hosting.children import wait_until
from callcenter.hosting.errors import HostingError
from callcenter.hosting.prometheus import METRICS
from callcenter.hosting.service_user import ROOT
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


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


class Stack:
    """A running stack and what it prints."""

    def __init__(self, directory: Path, program: Sequence[str] = ("-c", RUN), **more: str) -> None:
        self.directory = directory
        (directory / "var").mkdir(exist_ok=True)
        self.told_file = directory / "var" / "told.json"
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

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=90) == 0, self.printed.read_text()

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


def users_of(pid: int) -> set[int]:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("Uid:")]
    return {int(uid) for uid in line.split()[1:]}


@as_root
def test_nobody_but_the_one_who_starts_the_others_is_root(stack: Stack) -> None:
    """The folder of the tests is closed to others, as a checkout in /root is."""
    assert users_of(stack.pid("service")) == {ASTERISK_UID}
    assert all(0 not in users_of(stack.pid(name)) for name in PARTS)
    told = stack.service["told"]
    assert Path(told["CALLCENTER_SITE_FILE"]).is_absolute()


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
        assert "fail  " not in doctor.stdout, doctor.stdout
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(timeout=90) == 0, own.printed.read_text()
        assert asterisk.answers()
        assert not {"asterisk", "postgres"} & {path.name for path in (folder / "var").iterdir()}


OTHER_PORTS = {
    "CALLCENTER_SIP_PORT": "15097",
    "CALLCENTER_ASTERISK_HTTP_PORT": "18106",
    "CALLCENTER_WEB_PORT": "18107",
    "CALLCENTER_PROMETHEUS_PORT": "0",
    "CALLCENTER_RTP_PORT_FIRST": "20980",
    "CALLCENTER_RTP_PORT_LAST": "20989",
}


@as_root
def test_what_root_made_before_is_handed_over_and_serves_on(tmp_path: Path) -> None:
    """An installation whose service was root's: journal, secrets, database and all stay."""
    before = Stack(tmp_path, RUN_AS_IT_IS, **OTHER_PORTS, CALLCENTER_SERVICE_USER="root")
    assert before.says("Ctrl-C stops everything"), before.printed.read_text()
    assert users_of(before.pid("service")) == {0}
    assert "given to" not in before.printed.read_text()
    before.stop()
    journal = tmp_path / "var" / "journal"
    assert {path.stat().st_uid for path in journal.iterdir()} == {0}

    now = Stack(tmp_path, RUN_AS_IT_IS, **OTHER_PORTS)
    assert now.says("Ctrl-C stops everything"), now.printed.read_text()
    printed = now.printed.read_text()
    assert printed.count("given to the service's own user") == 1, printed
    assert "one-time password" not in printed, "the accounts of before are there"
    assert users_of(now.pid("service")) == {ASTERISK_UID}
    assert {path.stat().st_uid for path in journal.iterdir()} == {ASTERISK_UID}
    added = callcenter(now, "--json", "operator", "add", "somchai")
    assert json.loads(added.stdout)["phone_known"], added.stderr
    phones = tmp_path / "var" / "asterisk" / "etc" / "operators.pjsip.conf"
    assert "op-somchai" in phones.read_text()
    now.stop()

    again = Stack(tmp_path, RUN_AS_IT_IS, **OTHER_PORTS)
    assert again.says("Ctrl-C stops everything"), again.printed.read_text()
    assert "given to" not in again.printed.read_text()
    again.stop()


@as_root
def test_where_its_own_user_may_not_read_the_service_keeps_root_and_says_so(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    shutil.copyfile(ROOT / "dialplans" / "site.toml", site)
    site.chmod(0o600)
    own = Stack(tmp_path, RUN_AS_IT_IS, **OTHER_PORTS, CALLCENTER_SITE_FILE=str(site))
    assert own.says("Ctrl-C stops everything"), own.printed.read_text()
    assert users_of(own.pid("service")) == {0}
    assert (
        f"the service keeps root's rights, because its own user (number {ASTERISK_UID}) cannot "
        f"get at {site}" in own.printed.read_text()
    )
    own.stop()


def callcenter(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callcenter", *arguments],
        env=stack.environment,
        capture_output=True,
        text=True,
        check=False,
    )


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
