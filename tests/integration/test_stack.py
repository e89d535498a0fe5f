"""`callcenter run` on real Asterisk and PostgreSQL; the service's place is taken by a program that
only says that it is ready, because here the supervision is tested, not the service."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callcenter.hosting.children import wait_until
from callcenter.hosting.errors import HostingError
from callcenter.hosting.stack_settings import read_settings
from tests.integration.test_hosting import alive, execute

HTTP_PORT, WEB_PORT = 18098, 18099
RUN = """
import os, sys
from callcenter.hosting.stack import run
serve = [sys.executable, "-m", "tests.integration.answering_program", sys.argv[1]]
sys.exit(run(os.environ, lambda line: print(line, flush=True), serve=serve))
"""


class Stack:
    """A running stack and what it prints."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.told_file = directory / "told.json"
        self.printed = directory / "printed"
        environment = {
            **os.environ,
            "CALLCENTER_DATA_DIR": str(directory / "var"),
            "CALLCENTER_SIP_PORT": "15098",
            "CALLCENTER_ASTERISK_HTTP_PORT": str(HTTP_PORT),
            "CALLCENTER_WEB_PORT": str(WEB_PORT),
            "CALLCENTER_PROMETHEUS_PORT": "0",
            "CALLCENTER_RTP_PORT_FIRST": "20990",
            "CALLCENTER_RTP_PORT_LAST": "20999",
        }
        with self.printed.open("w") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, str(self.told_file)], stdout=sink, env=environment
            )

    def says(self, words: str) -> bool:
        """Waits until the words are printed."""
        return wait_until(lambda: words in self.printed.read_text(), limit_seconds=60)

    @property
    def service(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.told_file.read_text())
        return answer

    def pid(self, name: str) -> int:
        folder = {"service": "", "asterisk": "asterisk", "postgres": "postgres"}[name]
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


@pytest.mark.parametrize("name", ["service", "asterisk", "postgres"])
def test_who_is_killed_is_started_again_and_the_others_stay(stack: Stack, name: str) -> None:
    names = ("service", "asterisk", "postgres")
    before = {part: stack.pid(part) for part in names}
    os.kill(before[name], signal.SIGKILL)
    assert wait_until(lambda: stack.pid(name) != before[name], limit_seconds=30)
    assert {part: stack.pid(part) for part in names if part != name} == {
        part: pid for part, pid in before.items() if part != name
    }
    assert wait_until(ready, limit_seconds=30)


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
    pids = [stack.pid(name) for name in ("service", "asterisk", "postgres")]
    stack.process.send_signal(signal.SIGTERM)
    assert stack.process.wait(timeout=30) == 0
    assert not any(alive(pid) for pid in pids)
    printed = stack.printed.read_text()
    order = [
        printed.index(f"stopping {name}") for name in ("the service", "Asterisk", "PostgreSQL")
    ]
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
        with urllib.request.urlopen(f"http://127.0.0.1:{WEB_PORT}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
