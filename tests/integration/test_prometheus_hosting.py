"""Prometheus started by us: Debian's program unpacked, our rules loaded, nobody's rights, its data
kept over restarts and kills."""

import os
import pwd
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from callcenter.hosting.children import quiet, wait_until
from callcenter.hosting.debian_package import unpacked
from callcenter.hosting.errors import HostingError
from callcenter.hosting.prometheus import METRICS, Prometheus
from callcenter.hosting.prometheus_programs import (
    OLDEST_VERSION,
    PrometheusPrograms,
    obtain_prometheus,
)
from tests.integration.oversight.prometheus_client_side import Asking

PORT, OTHER_PORT = 15630, 15631


@pytest.fixture(scope="module")
def programs() -> PrometheusPrograms:
    return obtain_prometheus(quiet)


@pytest.fixture
def prometheus(programs: PrometheusPrograms, tmp_path: Path) -> Iterator[Prometheus]:
    part = Prometheus(
        programs=programs, directory=tmp_path / "prometheus", targets=["127.0.0.1:1"], port=PORT
    )
    yield part
    part.stop()


def test_the_programs_are_new_enough_and_both_there(programs: PrometheusPrograms) -> None:
    assert programs.version >= OLDEST_VERSION
    assert programs.prometheus.exists()
    assert programs.promtool.exists()


def test_it_loads_all_our_rules_and_scrapes_the_service(prometheus: Prometheus) -> None:
    asking = Asking(prometheus.start())

    groups = asking.get("rules")["groups"]
    written = {
        group["name"]
        for file in (METRICS / "rules").glob("*.yml")
        for group in yaml.safe_load(file.read_text())["groups"]
    }
    assert {group["name"] for group in groups} == written
    assert wait_until(
        lambda: (
            {target["labels"]["job"] for target in asking.get("targets")["activeTargets"]}
            == {"callcenter", "prometheus"}
        ),
        limit_seconds=20,
    )
    assert asking.get("alertmanagers")["activeAlertmanagers"] == []


def test_it_never_runs_as_root(prometheus: Prometheus) -> None:
    prometheus.start()
    assert prometheus.process is not None
    status = Path(f"/proc/{prometheus.process.pid}/status").read_text()
    (uids,) = [line.split()[1:] for line in status.splitlines() if line.startswith("Uid:")]
    own = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    assert set(uids) == {str(own)}


def test_after_a_kill_it_starts_again_with_its_data(prometheus: Prometheus) -> None:
    asking = Asking(prometheus.start())
    assert wait_until(lambda: bool(_up(asking)), limit_seconds=30)
    assert prometheus.process is not None
    prometheus.process.kill()
    prometheus.process.wait()
    assert prometheus.ended()

    prometheus.start()

    found = Asking(prometheus.url).get("query", query="count_over_time(up[1h])")["result"]
    assert sum(float(series["value"][1]) for series in found) >= 1


def test_a_leftover_of_a_killed_parent_is_ended_first(
    prometheus: Prometheus, programs: PrometheusPrograms
) -> None:
    prometheus.start()
    again = Prometheus(
        programs=programs, directory=prometheus.directory, targets=["127.0.0.1:1"], port=PORT
    )
    again.start()
    assert prometheus.process is not None
    assert prometheus.process.wait(timeout=30) is not None
    again.stop()


def test_a_taken_port_is_told(prometheus: Prometheus, tmp_path: Path) -> None:
    prometheus.start()
    other = Prometheus(
        programs=prometheus.programs, directory=tmp_path / "other", targets=[], port=PORT
    )
    with pytest.raises(HostingError, match="CALLCENTER_PROMETHEUS_PORT"):
        other.start()


def test_a_package_that_does_not_exist_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(HostingError, match="no-such-package"):
        unpacked(("no-such-package",), tmp_path / "cache" / "it", quiet)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["it.lock"]


def _up(asking: Asking) -> list[object]:
    try:
        found: list[object] = asking.get("query", query="up")["result"]
    except OSError:
        return []
    return found


def test_it_answers_on_loopback_only(prometheus: Prometheus) -> None:
    prometheus.address, prometheus.port = "127.0.0.7", OTHER_PORT
    prometheus.start()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{OTHER_PORT}/-/ready", timeout=2)
