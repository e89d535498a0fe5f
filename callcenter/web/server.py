"""The web server: every endpoint of every feature behind the same three layers.

The back office starts and stops it. The order of the layers: errors become problem answers, the
person is found and the role checked, the request is read into types. The server never decides
anything about a call.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from aiohttp import hdrs, web

from callcenter.config import Settings
from callcenter.ports.people import DatabaseAwayError
from callcenter.web import health, pages
from callcenter.web.connections import Site, attend, crowd_of_this_host
from callcenter.web.endpoint import Common, Endpoint, Request, Websocket, check_path
from callcenter.web.errors import FAILURES, PROBLEMS, Failures, answer_problems
from callcenter.web.feature import Catalogue, Mounted, catalogue
from callcenter.web.headers import SETTINGS, add_headers, address_of, own_origin
from callcenter.web.health import Probes
from callcenter.web.identity import require_role, who_asks
from callcenter.web.logins import Logins, Person
from callcenter.web.openapi import document_bytes
from callcenter.web.unwanted import refuse_unwanted

log = structlog.get_logger(__name__)

STOP_SECONDS = 2.0  # for requests in progress when the service stops
SWEEP_SECONDS = 600.0  # expired sessions only take up room

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What the server serves, and what it needs for any feature."""

    settings: Settings
    common: Common
    logins: Logins
    probes: Probes
    features: Sequence[Mounted]
    failures: Failures = field(default_factory=Failures)


def build_app(serving: Serving) -> web.Application:
    """The aiohttp application."""
    known = catalogue([mounted.feature for mounted in serving.features])
    uploads = {(e.method, e.path): e.upload_bytes for e in known.endpoints if e.upload_bytes}
    app = web.Application(
        middlewares=[attend, answer_problems, refuse_unwanted(serving.settings, uploads)],
        client_max_size=serving.settings.body_limit_bytes,
    )
    app[SETTINGS] = serving.settings
    app[FAILURES] = serving.failures
    app[PROBLEMS] = known.problems
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(_sweeping(serving.logins))
    for mounted in serving.features:
        _mount(app, serving, known, mounted)
    app.router.add_get("/api/openapi.json", _fixed(document_bytes(known)))
    health.add_to(app, serving.probes)
    pages.add_to(app)
    return app


def runner(serving: Serving) -> web.AppRunner:
    """The server, not listening yet. It may be made in a thread."""
    return web.AppRunner(
        build_app(serving),
        handle_signals=False,
        shutdown_timeout=STOP_SECONDS,
    )


async def serve(made: web.AppRunner, listening: Sequence[socket.socket]) -> None:
    """Answer at the sockets of `listening.listen`. Stop with `cleanup()`, which closes them."""
    await made.setup()
    crowd = crowd_of_this_host()
    for place in listening:
        await Site(made, place, crowd).start()


def _sweeping(logins: Logins) -> Callable[[web.Application], AsyncIterator[None]]:
    """Removes expired sessions from time to time while the server runs."""

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await logins.forget_expired()
            except DatabaseAwayError:
                log.warning("expired sessions are still kept", reason="the database is away")

    async def context(app: web.Application) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(sweep())
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping

    return context


def _mount(app: web.Application, serving: Serving, known: Catalogue, mounted: Mounted) -> None:
    for endpoint in mounted.feature.endpoints.all:
        handler = _handler(serving, known, mounted, endpoint)
        app.router.add_route(endpoint.method, endpoint.path, handler)
        if endpoint.method == hdrs.METH_GET:
            app.router.add_route(hdrs.METH_HEAD, endpoint.path, handler)
    for websocket in mounted.feature.endpoints.websockets:
        app.router.add_get(websocket.path, _opener(serving, known, mounted, websocket))


def _handler(serving: Serving, known: Catalogue, mounted: Mounted, endpoint: Endpoint) -> Handler:
    async def handle(http: web.Request) -> web.StreamResponse:
        person = None
        if endpoint.needs is not None:
            person = await who_asks(http, serving.logins)
            require_role(
                person,
                endpoint.needs,
                before_password_change=endpoint.before_password_change,
                before_second_factor=endpoint.before_second_factor,
            )
        check_path(http.match_info, known.path_patterns)
        return await endpoint.respond(http, _request(serving, mounted, http, person))

    return handle


def _opener(serving: Serving, known: Catalogue, mounted: Mounted, socket: Websocket) -> Handler:
    async def handle(http: web.Request) -> web.StreamResponse:
        person = await who_asks(http, serving.logins)
        require_role(person, socket.needs, before_password_change=False)
        check_path(http.match_info, known.path_patterns)
        return await socket.handler(_request(serving, mounted, http, person), http)

    return handle


def _request(
    serving: Serving, mounted: Mounted, http: web.Request, person: Person | None
) -> Request[object]:
    return Request(
        parts=mounted.parts,
        common=serving.common,
        path=http.match_info,
        address=address_of(http),
        origin=own_origin(http),
        who=person,
    )


def _fixed(body: bytes) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    return handle
