"""/healthz, /readyz and /metrics: for machines, without a log-in.

Asked by supervisors, load balancers and Prometheus. `/readyz` says what is missing in words for the
person on duty; a database that is away does not make the service unready, since calls go on.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
from aiohttp import web

from callcenter.web.errors import Problem
from callcenter.web.headers import is_this_host
from callcenter.web.service import Complaint, Service

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Readiness(msgspec.Struct):
    """`ready`: calls are served. `missing`: why not. `degraded`: what else does not work."""

    ready: bool
    missing: dict[str, str]
    degraded: dict[str, str]


def add_to(app: web.Application, service: Service) -> None:
    """The three addresses."""
    app.router.add_get("/healthz", _healthz(service))
    app.router.add_get("/readyz", _readyz(service))
    app.router.add_get("/metrics", _metrics(service))


def _healthz(service: Service) -> Handler:
    """The process answers and its engine works; whoever hears otherwise three times in a row starts
    it anew. An Asterisk or a database that is away is no reason."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if service.desk.is_alive():
            return web.Response(text="alive\n")
        return web.Response(status=503, text="the engine works on no events\n")

    return handle


def readiness(service: Service) -> Readiness:
    """What is well and what is not, now."""
    missing = _complaints(service.needed)
    if not service.desk.state.connected:
        missing["asterisk"] = (
            "Asterisk is not connected: callers are served by its own lifeboat queue. "
            "Run `callcenter doctor`."
        )
    return Readiness(ready=not missing, missing=missing, degraded=_complaints(service.wanted))


def _complaints(checks: Mapping[str, Complaint]) -> dict[str, str]:
    told = {name: check() for name, check in checks.items()}
    return {name: complaint for name, complaint in told.items() if complaint}


def _readyz(service: Service) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        found = readiness(service)
        return web.Response(
            status=200 if found.ready else 503,
            body=msgspec.json.encode(found),
            content_type="application/json",
        )

    return handle


def _metrics(service: Service) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        _require_scraper(request, service.settings.metrics_token_file)
        return web.Response(body=await service.metrics(), headers={"Content-Type": TYPE})

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
