"""/healthz, /readyz and /metrics: for machines, without a log-in.

Supervisors, load balancers and Prometheus ask them. `/readyz` tells the person on duty what is
missing. A database that is away does not make the service unready, because calls go on.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from aiohttp import web

from callcenter.ports.engine import RunningEngine
from callcenter.web.errors import Problem
from callcenter.web.headers import is_this_host

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


Metrics = Callable[[], Awaitable[bytes]]
"""All metrics as Prometheus reads them."""

Complaint = Callable[[], str]
"""The health of a part: empty if it is well, otherwise a sentence for the person on duty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What the three addresses report. If a `needed` part is not well, the service is not ready. If
    a `wanted` part is not well, it is degraded."""

    engine: RunningEngine
    metrics: Metrics
    metrics_token_file: Path | None
    needed: Mapping[str, Complaint] = field(default_factory=dict)
    wanted: Mapping[str, Complaint] = field(default_factory=dict)


class Readiness(msgspec.Struct):
    """`ready`: calls are served. `missing`: why they are not. `degraded`: what else does not
    work."""

    ready: bool
    missing: dict[str, str]
    degraded: dict[str, str]


def add_to(app: web.Application, probes: Probes) -> None:
    """Add the three addresses."""
    app.router.add_get("/healthz", _healthz(probes))
    app.router.add_get("/readyz", _readyz(probes))
    app.router.add_get("/metrics", _metrics(probes))


def _healthz(probes: Probes) -> Handler:
    """Whether the process answers and its engine works. A supervisor restarts it after three bad
    answers in a row. An Asterisk or a database that is away does not count."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if probes.engine.is_alive():
            return web.Response(text="alive\n")
        return web.Response(status=503, text="the engine works on no events\n")

    return handle


def readiness(probes: Probes) -> Readiness:
    """What is well and what is not, now."""
    missing = _complaints(probes.needed)
    if not probes.engine.state.connected:
        missing["asterisk"] = (
            "Asterisk is not connected: callers are served by its own lifeboat queue. "
            "Run `callcenter doctor`."
        )
    return Readiness(ready=not missing, missing=missing, degraded=_complaints(probes.wanted))


def _complaints(checks: Mapping[str, Complaint]) -> dict[str, str]:
    told = {name: check() for name, check in checks.items()}
    return {name: complaint for name, complaint in told.items() if complaint}


def _readyz(probes: Probes) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        found = readiness(probes)
        return web.Response(
            status=200 if found.ready else 503,
            body=msgspec.json.encode(found),
            content_type="application/json",
        )

    return handle


def _metrics(probes: Probes) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        _require_scraper(request, probes.metrics_token_file)
        return web.Response(body=await probes.metrics(), headers={"Content-Type": TYPE})

    return handle


TYPE = "text/plain; version=0.0.4; charset=utf-8"


def _require_scraper(request: web.Request, token_file: Path | None) -> None:
    if token_file is None:
        if not is_this_host(request):
            detail = "From elsewhere, set CALLCENTER_METRICS_TOKEN_FILE and send the token in it."
            raise Problem("not_allowed", detail)
        return
    expected = f"Bearer {token_file.read_text().strip()}"
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode()):
        raise Problem("not_logged_in", "Send the token of CALLCENTER_METRICS_TOKEN_FILE.")
