"""`make docker-check`: build the images, start the stack, make a real call, lose nothing.

Run as `python3 docker/check` with the standard library alone. It leaves no container and no volume;
images and, where it had to start one, the engine's own folder stay for the next time.
"""

import json
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine import can_have, engine
from people import CONTACT, citizen_calls, operator_answers_once
from shell import CheckError, say, until
from stack import DOCKER, PORTS, Stack

OFFICIAL = ("postgres:18.6-trixie", "prom/prometheus:v3.5.3", "prom/alertmanager:v0.33.1")
GRAFANA = "grafana/grafana:11.6.14"
ANSWERED = 'sum(hotline_calls_ended_total{line="1567", outcome="answered"})'
SCRAPE_SECONDS = 30
SLOWEST_RULES_SECONDS = 180  # those of days and weeks are evaluated every two minutes
RELOAD_SECONDS = 60  # Prometheus looks for changed rules twice a minute
WATCHERS_FIGURES = (
    "alertmanager_notifications_failed_total",
    "alertmanager_config_last_reload_successful",
    "prometheus_notifications_errors_total",
    "prometheus_notifications_dropped_total",
    "prometheus_config_last_reload_successful",
    "prometheus_rule_evaluation_failures_total",
)
METRICS = DOCKER.parent / "metrics"
PAGES = METRICS / "grafana/provisioning/dashboards/hotline"
RECORDING = "/srv/spool/recording/docker-check.gsm"


def main() -> int:
    """0 when everything held; else 1 and one sentence."""
    began = time.monotonic()
    cache = Path(os.environ.get("CALLCENTER_CACHE") or Path.home() / ".cache/callcenter") / "docker"
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="docker-check-"))
    log = folder / "log"
    log.touch()
    say(f"what the programs say goes to {log}")
    try:
        with engine(cache, log) as environment:
            check(environment, log)
    except CheckError as error:
        print(f"docker-check: FAILED: {error}", file=sys.stderr)
        return 1
    say(f"all of it held ({time.monotonic() - began:.0f} s)")
    return 0


def check(environment: dict[str, str], log: Path) -> None:
    """The whole story, on an engine that answers."""
    stand_ins = not all(can_have(image, environment) for image in OFFICIAL)
    if stand_ins:
        say("official images cannot be pulled: Debian's packages stand in; Grafana is NOT checked")
    elif not can_have(GRAFANA, environment):
        raise CheckError(f"{GRAFANA} cannot be pulled, though the others can")
    metrics = shutil.copytree(METRICS, log.with_name("metrics"))
    stack = Stack(environment=environment, stand_ins=stand_ins, log=log, metrics=metrics)
    stack.compose("down", "--volumes", "--remove-orphans")
    try:
        build(stack)
        first_start(stack, log)
        changed_rules_come_into_force(stack)
        started_again(stack)
        restarted_in_mid_call(stack, log)
        listens_elsewhere(stack)
    except CheckError:
        log.with_name("containers").write_text(stack.compose("logs", "--no-color"))
        say(f"what the containers said is in {log.with_name('containers')}")
        raise
    finally:
        stack.compose("down", "--volumes", "--remove-orphans")


def build(stack: Stack) -> None:
    """All images from their Dockerfiles."""
    began = time.monotonic()
    stack.compose("build")
    say(f"images built ({time.monotonic() - began:.0f} s)")


def first_start(stack: Stack, log: Path) -> None:
    """From nothing: healthy, nobody is root, a call is answered and counted."""
    began = time.monotonic()
    stack.up()
    say(f"every container is healthy ({time.monotonic() - began:.0f} s)")
    nobody_is_root(stack)
    stack.api("POST", "/operators", {"operator": "somchai", "name": "สมชาย", "contact": CONTACT})
    call(stack, log, answered=1)
    everything_is_watched(stack)


def changed_rules_come_into_force(stack: Stack) -> None:
    """As after `git pull` and `up`: new rules are loaded, and Alertmanager's file when told so."""
    rules = stack.metrics / "rules" / "trial.yml"
    rules.write_text(
        json.dumps({"groups": [{"name": "trial", "rules": [{"record": "trial", "expr": "42"}]}]})
    )
    settings = stack.metrics / "alertmanager.yml"
    changed = settings.with_suffix(".new")  # replaced, as git and editors do it
    changed.write_text(settings.read_text().replace("on-call@localhost", "trial@localhost"))
    changed.replace(settings)
    stack.up()
    stack.compose("kill", "--signal", "HUP", "alertmanager")
    until(
        "a changed alertmanager.yml is in force",
        lambda: "trial@localhost" in stack.alertmanager("GET", "status")["config"]["original"],
        limit_seconds=RELOAD_SECONDS,
    )
    until(
        "a new rule is in force", lambda: stack.number("trial") == 42, limit_seconds=RELOAD_SECONDS
    )
    say("changed rules and a changed alertmanager.yml are in force")


def started_again(stack: Stack) -> None:
    """`down` and `up`: operators, calls, figures, silences and secrets are what they were."""
    leave_something(stack)
    before = remembered(stack)
    asked_at = time.time()
    stack.compose("down")
    stack.up()
    after = remembered(stack)
    for what, found in before.items():
        if after[what] != found:
            raise CheckError(f"after down and up, {what} differ: {found} before, {after[what]} now")
    if stack.number(ANSWERED, at=asked_at) != 1:
        raise CheckError("after down and up, Prometheus has lost the figures of before")
    say("down and up: nothing was lost")


def leave_something(stack: Stack) -> None:
    """A silence, and a recording of the office's own."""
    stack.alertmanager(
        "POST",
        "silences",
        {
            "matchers": [{"name": "alertname", "value": "Trial", "isRegex": False}],
            "startsAt": "2000-01-01T00:00:00Z",
            "endsAt": "2100-01-01T00:00:00Z",
            "createdBy": "docker-check",
            "comment": "must outlive down and up",
        },
    )
    stack.inside("asterisk", "sh", "-c", f"echo hello > {RECORDING}")


def listens_elsewhere(stack: Stack) -> None:
    """With CALLCENTER_WEB_ADDRESS an address of this host, Prometheus still reaches the service."""
    address = own_address()
    if address is None:
        say("this host has no address but loopback: CALLCENTER_WEB_ADDRESS is NOT checked")
        return
    stack.addresses["CALLCENTER_WEB_ADDRESS"] = address
    stack.up()
    asked = f"http://{address}:{PORTS['CALLCENTER_WEB_PORT']}/metrics"
    until(
        "Prometheus reaches the service on the host's own address",
        lambda: any(
            target["scrapeUrl"] == asked and target["health"] == "up"
            for target in stack.prometheus("targets")["activeTargets"]
        ),
        limit_seconds=SCRAPE_SECONDS,
    )
    say("Prometheus reaches the service on the host's own address too")


def own_address() -> str | None:
    """Where this host would send from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        try:
            end.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(end.getsockname()[0])


def restarted_in_mid_call(stack: Stack, log: Path) -> None:
    """The service's container is replaced while two people talk: they do not notice."""
    call(stack, log, answered=2, meanwhile=lambda: restart(stack))
    say("the service was restarted during that call, and the call went on")


def call(
    stack: Stack, log: Path, *, answered: int, meanwhile: Callable[[], None] | None = None
) -> None:
    """A citizen calls 1567, the operator answers; the record and the figure say so."""
    stack.api("POST", "/operators/somchai/log-in", {})
    operator_is(stack, "available")
    until(
        "Prometheus has asked the service since it started (a counter begins at 0)",
        lambda: stack.number(ANSWERED, default=1) == 0,
        limit_seconds=SCRAPE_SECONDS,
    )
    with operator_answers_once(log), citizen_calls("1567", log):
        operator_is(stack, "on_call")
        until(  # counted the moment it is answered; a restart sets counters back to 0
            "the answered call in Prometheus",
            lambda: stack.number(ANSWERED) == 1,
            limit_seconds=SCRAPE_SECONDS,
        )
        if meanwhile is not None:
            meanwhile()
    until(
        f"{answered} answered calls in the records",
        lambda: len(stack.api("GET", "/calls?outcome=answered&line=1567")["calls"]) == answered,
        limit_seconds=20,
    )
    say(f"a call to 1567 was answered, recorded and counted ({answered})")


def restart(stack: Stack) -> None:
    """Stop and start the service; returns when it is ready again."""
    stack.compose("restart", "service")
    stack.up()


def operator_is(stack: Stack, state: str) -> None:
    """Wait until the operator is in this state."""
    until(
        f"the operator is {state}",
        lambda: stack.api("GET", "/operators/somchai")["state"] == state,
        limit_seconds=30,
    )


def everything_is_watched(stack: Stack) -> None:
    """Prometheus reaches all its targets, has the rules and knows an Alertmanager."""
    until(
        "every target of Prometheus answers",
        lambda: bool(
            (targets := stack.prometheus("targets")["activeTargets"])
            and all(target["health"] == "up" for target in targets)
        ),
        limit_seconds=SCRAPE_SECONDS,
    )
    rules = [rule for group in stack.prometheus("rules")["groups"] for rule in group["rules"]]
    if not rules:
        raise CheckError("Prometheus has no rules")
    until(
        "every rule can be evaluated",
        lambda: all(
            rule["health"] == "ok"
            for group in stack.prometheus("rules")["groups"]
            for rule in group["rules"]
        ),
        limit_seconds=SLOWEST_RULES_SECONDS,
    )
    until(
        "Prometheus knows its Alertmanager",
        lambda: len(stack.prometheus("alertmanagers")["activeAlertmanagers"]) == 1,
        limit_seconds=SCRAPE_SECONDS,
    )
    say(f"Prometheus: all targets up, {len(rules)} rules evaluated, Alertmanager known")
    for figure in WATCHERS_FIGURES:
        if not stack.number(f"count({figure})"):
            raise CheckError(f"nobody tells {figure}: its alert could never come")
    until(
        "the watchdog's alert is at Alertmanager",
        lambda: any(
            alert["labels"]["alertname"] == "Watchdog" and alert["receivers"]
            for alert in stack.alertmanager("GET", "alerts")
        ),
        limit_seconds=SCRAPE_SECONDS * 2,
    )
    say("the watchdog's alert has arrived at Alertmanager")
    if not stack.stand_ins:
        pages_are_there(stack)


def pages_are_there(stack: Stack) -> None:
    """Grafana has every page of ours, and gets figures from Prometheus."""
    wanted = {json.loads(file.read_text())["uid"] for file in PAGES.glob("*.json")}
    until(
        "Grafana has our pages",
        lambda: {page["uid"] for page in stack.grafana("search?tag=hotline")} == wanted,
        limit_seconds=SCRAPE_SECONDS,
    )
    source = stack.grafana("datasources/uid/hotline-prometheus/health")
    if source["status"] != "OK":
        raise CheckError(f"Grafana gets nothing from Prometheus: {source}")
    say(f"Grafana has the {len(wanted)} pages and reaches Prometheus")


def nobody_is_root(stack: Stack) -> None:
    """The user number of process 1 in every container."""
    for service in stack.compose("ps", "--services", "--status", "running").split():
        if stack.inside(service, "sh", "-c", "id -u").strip() == "0":
            raise CheckError(f"{service} runs as root")


def remembered(stack: Stack) -> dict[str, object]:
    """What must be the same before and after."""
    return {
        "operators": [
            (view["operator"], view["sip_user"], view["has_contact"])
            for view in stack.api("GET", "/operators")["operators"]
        ],
        "calls": stack.api("GET", "/calls")["calls"],
        "secrets": stack.secrets(),
        "silences": [
            (silence["id"], silence["comment"], silence["status"]["state"])
            for silence in stack.alertmanager("GET", "silences")
        ],
        "recordings": stack.inside("asterisk", "sh", "-c", f"cat {RECORDING}"),
    }


if __name__ == "__main__":
    sys.exit(main())
