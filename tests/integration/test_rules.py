"""The rules and alerts of metrics/ under promtool, the routes under amtool: Debian's own programs.

Every alert has a case in which it fires and one in which it does not, speaks Thai and English, and
names a section of the runbook that exists.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from callcenter.hosting.children import quiet
from callcenter.hosting.prometheus_programs import PrometheusPrograms, obtain_prometheus
from tests.parts import obtain_alertmanager

METRICS = Path(__file__).resolve().parents[2] / "metrics"
RULES = sorted((METRICS / "rules").glob("*.yml"))
CASES = sorted((Path(__file__).parent / "rules").glob("*.yml"))
SEVERITIES = {"page", "warning", "notify", "none"}
ALWAYS_FIRES = {"Watchdog"}
RECEIVERS = {"page": "on-call", "warning": "supervisors", "notify": "events"}


@pytest.fixture(scope="module")
def programs() -> PrometheusPrograms:
    return obtain_prometheus(quiet)


def run(*command: str | Path) -> str:
    outcome = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout


def alerts() -> Iterator[dict[str, Any]]:
    for file in RULES:
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


def cases() -> Iterator[dict[str, Any]]:
    for file in CASES:
        for story in yaml.safe_load(file.read_text())["tests"]:
            yield from story["alert_rule_test"]


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_promtool_accepts_the_rules(file: Path, programs: PrometheusPrograms) -> None:
    assert "SUCCESS" in run(programs.promtool, "check", "rules", file)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.name)
def test_alerts_fire_when_they_should_and_not_else(
    file: Path, programs: PrometheusPrograms
) -> None:
    assert "SUCCESS" in run(programs.promtool, "test", "rules", file)


def test_the_configuration_of_prometheus_is_accepted(programs: PrometheusPrograms) -> None:
    run(programs.promtool, "check", "config", METRICS / "prometheus.yml")


def test_the_configuration_of_alertmanager_is_accepted() -> None:
    folder = obtain_alertmanager(quiet)
    amtool = folder / "amtool"
    config = METRICS / "alertmanager.yml"
    assert "SUCCESS" in run(amtool, "check-config", config)
    for severity, receiver in RECEIVERS.items():
        route = run(
            amtool, "config", "routes", "test", f"--config.file={config}", f"severity={severity}"
        )
        assert route.strip() == receiver


def test_a_missed_call_is_told_once_and_never_called_resolved() -> None:
    routing = yaml.safe_load((METRICS / "alertmanager.yml").read_text())
    told = {
        receiver["name"]: [way["send_resolved"] for way in receiver["email_configs"]]
        for receiver in routing["receivers"]
        if receiver["name"] in RECEIVERS.values()
    }
    assert told == {"on-call": [True], "supervisors": [True], "events": [False]}


def test_a_dead_service_silences_no_word_about_the_watchers() -> None:
    (watchers,) = (yaml.safe_load(file.read_text()) for file in RULES if file.stem == "watchers")
    for group in watchers["groups"]:
        assert not any("concern" in rule["labels"] for rule in group["rules"])


def test_every_alert_is_tried_firing_and_silent() -> None:
    fired = {case["alertname"] for case in cases() if case["exp_alerts"]}
    silent = {case["alertname"] for case in cases() if not case["exp_alerts"]}
    # Where one queue or line fires, every other one of the story is seen to be silent.
    silent |= {
        case["alertname"] for case in cases() if case["exp_alerts"] and _leaves_someone_out(case)
    }
    names = {alert["alert"] for alert in alerts()}
    assert fired == names
    assert silent | ALWAYS_FIRES >= names


def _leaves_someone_out(case: dict[str, Any]) -> bool:
    for file in CASES:
        for story in yaml.safe_load(file.read_text())["tests"]:
            if case in story["alert_rule_test"]:
                told = {_whom(alert["exp_labels"]) for alert in case["exp_alerts"]}
                return bool(_subjects(story) - told)
    raise AssertionError(case)


def _whom(labels: dict[str, str]) -> str:
    return labels.get("queue") or labels.get("line") or labels.get("trunk") or ""


def _subjects(story: dict[str, Any]) -> set[str]:
    series = " ".join(entry["series"] for entry in story["input_series"])
    return set(re.findall(r'(?:queue|line|trunk)="([^"]+)"', series))


@pytest.mark.parametrize("alert", list(alerts()), ids=lambda alert: alert["alert"])
def test_alerts_speak_thai_and_english_and_name_a_runbook(alert: dict[str, Any]) -> None:
    words = alert["annotations"]
    assert re.search(r"[\u0e00-\u0e7f]{4}", words["summary_th"])
    assert not re.search(r"[\u0e00-\u0e7f]", words["summary_en"])
    assert alert["labels"]["severity"] in SEVERITIES
    assert words["runbook"] == f"metrics/README.md#{alert['alert'].lower()}"
    assert f"\n#### {alert['alert']}\n" in (METRICS / "README.md").read_text()
