"""The service itself: whether it answers, is ready, and can work with all its parts."""

import json
import re
import socket
import urllib.error
from collections.abc import Iterator
from typing import Any

from callcenter.cli.doctor.finding import Finding, fail, ok, warn
from callcenter.config import Settings
from callcenter.hosting.direct import DIRECT

ANSWER_SECONDS = 5.0
REFUSED = re.compile(
    r'^hotline_trunk_refused_total{status="(\w+)",kind="(\w+)"} (\S+)$', re.MULTILINE
)
LEGS = re.compile(r'^hotline_asterisk_legs{kind="(\w+)"} (\S+)$', re.MULTILINE)
FULL_SHARE = 0.8
BANNED = re.compile(r'^hotline_sip_banned_addresses{kind="(\w+)"} (\S+)$', re.MULTILINE)
ATTACKED = re.compile(r"^hotline_sip_attacked_accounts (\S+)$", re.MULTILINE)


def look(settings: Settings) -> Iterator[Finding]:
    """The answer of /readyz, or which other program is at its port."""
    url = settings.web_url
    try:
        ready = _readyz(url)
    except (OSError, ValueError) as error:
        yield _absent(settings, error)
        return
    if not isinstance(ready, dict) or "missing" not in ready:
        advice = "stop that program, or set CALLCENTER_WEB_PORT to another port"
        yield fail("service", f"something else answers at {url}", advice)
        return
    for part, complaint in ready["missing"].items():
        yield fail("service", f"{part} is missing", complaint)
    for part, complaint in ready["degraded"].items():
        yield warn("service", f"{part} does not work", complaint)
    if ready["ready"]:
        yield ok("service", f"serves calls; API at {url}")
    metrics = _metrics(url)
    if "refusals" not in ready["degraded"]:
        yield from refusals(metrics)
    yield from bans(metrics)
    yield from room(metrics)


def _readyz(url: str) -> Any:
    try:
        with DIRECT.open(f"{url}/readyz", timeout=ANSWER_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)  # 503 has a body of the same form


def _metrics(url: str) -> str:
    """The metrics. Empty if they may not be read without a token."""
    try:
        with DIRECT.open(f"{url}/metrics", timeout=ANSWER_SECONDS) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def refusals(metrics: str) -> Iterator[Finding]:
    """Calls that Asterisk refused by itself since the service was started."""
    found = {(s, kind): int(float(count)) for s, kind, count in REFUSED.findall(metrics)}
    some = [f"{count} {kind} ({status})" for (status, kind), count in found.items() if count]
    if some:
        what = f"Asterisk refused calls since the service was started: {', '.join(some)}"
        yield warn("refusals", what, "metrics/README.md, TrunkCallsRefused, says what each means")
    elif found:
        yield ok("refusals", "Asterisk refused no call since the service was started")


def bans(metrics: str) -> Iterator[Finding]:
    """The banned addresses, and accounts that are under attack from many addresses."""
    banned = {why: int(float(count)) for why, count in BANNED.findall(metrics)}
    attacked = sum(int(float(count)) for count in ATTACKED.findall(metrics))
    if not banned:
        return
    guessers, named = banned.get("guessing", 0), banned.get("by_hand", 0)
    told = f"{guessers} addresses banned for guessing passwords, {named} by hand"
    if attacked:
        what = f"many addresses guess at the passwords of {attacked} phones; {told}"
        yield warn("bans", what, "metrics/README.md, PasswordsGuessedByMany, says what to do")
    else:
        yield ok("bans", told)


def room(metrics: str) -> Iterator[Finding]:
    """The number of callers, and for how many there are RTP ports."""
    legs = {kind: int(float(count)) for kind, count in LEGS.findall(metrics)}
    if "callers_limit" not in legs or "all_limit" not in legs:
        return
    callers, most = legs.get("callers", 0), legs["callers_limit"]
    every, ports = legs.get("all", 0), legs["all_limit"]
    what = f"{callers} callers of {most} that RTP ports are for; with operators {every} of {ports}"
    if callers > FULL_SHARE * most or every > FULL_SHARE * ports:
        yield warn("ports", what, "metrics/README.md, PortsNearlyOut, says what to do")
    else:
        yield ok("ports", what)


def _absent(settings: Settings, error: OSError | ValueError) -> Finding:
    at = f"{settings.web_address}:{settings.web_port}"
    if _is_free(settings):
        advice = "`make run` starts everything; `callcenter serve` the service alone"
        return fail("service", f"is not running (nothing listens at {at})", advice)
    advice = "see who it is (`ss -ltnp`); `make run` and systemd start one that hangs anew"
    reason = getattr(error, "reason", None) or error
    return fail("service", f"{at} is taken, but does not answer as the service ({reason})", advice)


def _is_free(settings: Settings) -> bool:
    family = socket.AF_INET6 if ":" in settings.web_address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.web_address, settings.web_port))
        except OSError:
            return False
    return True
