"""The web server: every endpoint of every resource behind the same three walls.

Started and stopped by back_office.py. Order of the walls: problems become answers, the person is
found and the role checked, the request is read into types. It never decides anything about a call.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress

import structlog
from aiohttp import hdrs, web

from callcenter.runtime.people import DatabaseAwayError
from callcenter.web import (
    accounts,
    audit,
    call_cards,
    calls,
    desks,
    health,
    operators,
    pages,
    queues,
    sessions,
    site,
)
from callcenter.web.connections import Site, attend, crowd_of_this_host
from callcenter.web.endpoint import Ask, Endpoint, Endpoints
from callcenter.web.errors import FAILURES, answer_problems
from callcenter.web.headers import SETTINGS, add_headers, address_of
from callcenter.web.identity import require_role, who_asks
from callcenter.web.live import LIVE_PATH, live
from callcenter.web.openapi import document_bytes
from callcenter.web.service import Service
from callcenter.web.unwanted import refuse_unwanted

log = structlog.get_logger(__name__)

RESOURCES = (sessions, accounts, operators, desks, call_cards, queues, calls, site, audit)
STOP_SECONDS = 2.0  # for requests in progress when the service stops
SWEEP_SECONDS = 600.0  # expired sessions are of no use to anyone, only of room

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def all_endpoints(more: Sequence[Endpoints] = ()) -> list[Endpoint]:
    """Every endpoint of the API, in the order of the document; `more` are those of the features
    that the back office adds (oversight)."""
    groups = [*(resource.endpoints for resource in RESOURCES), *more]
    return [endpoint for group in groups for endpoint in group.all]


def build_app(service: Service, more: Sequence[Endpoints] = ()) -> web.Application:
    """The aiohttp application; tests and app.py run it."""
    app = web.Application(
        middlewares=[attend, answer_problems, refuse_unwanted(service.settings)],
        client_max_size=service.settings.body_limit_bytes,
    )
    app[SETTINGS] = service.settings
    app[FAILURES] = service.failures
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(_sweeping(service))
    endpoints = all_endpoints(more)
    for endpoint in endpoints:
        handler = _handler(service, endpoint)
        app.router.add_route(endpoint.method, endpoint.path, handler)
        if endpoint.method == hdrs.METH_GET:
            app.router.add_route(hdrs.METH_HEAD, endpoint.path, handler)
    document = document_bytes(endpoints)
    app.router.add_get("/api/openapi.json", _fixed(document))
    app.router.add_get(LIVE_PATH, live(service))
    health.add_to(app, service)
    pages.add_to(app)
    return app


def runner(service: Service, more: Sequence[Endpoints] = ()) -> web.AppRunner:
    """The server, not listening yet; may be made beside the event loop."""
    return web.AppRunner(
        build_app(service, more),
        handle_signals=False,
        shutdown_timeout=STOP_SECONDS,
    )


async def serve(made: web.AppRunner, listening: Sequence[socket.socket]) -> None:
    """Answer at the sockets of `listening.listen`. Stop with `cleanup()`, which closes them."""
    await made.setup()
    crowd = crowd_of_this_host()
    for place in listening:
        await Site(made, place, crowd).start()


def _sweeping(service: Service) -> Callable[[web.Application], AsyncIterator[None]]:
    """Expired sessions are removed for good now and then, while the server runs."""

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await service.logins.forget_expired()
            except DatabaseAwayError:
                log.warning("expired sessions are still kept", reason="the database is away")

    async def context(app: web.Application) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(sweep())
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping

    return context


def _handler(service: Service, endpoint: Endpoint) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        person = None
        if endpoint.needs is not None:
            person = await who_asks(request, service.logins)
            require_role(
                person, endpoint.needs, before_password_change=endpoint.before_password_change
            )
        ask = Ask(service=service, path=request.match_info, address=address_of(request), who=person)
        return await endpoint.respond(request, ask)

    return handle


def _fixed(body: bytes) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    return handle
