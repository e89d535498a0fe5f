"""Refuses requests by their head alone, before anything else is done with them.

A body that is compressed is never unpacked: 200 kB of it can become 200 MB.
"""

import socket
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from callcenter.config import Settings
from callcenter.web.errors import Problem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refuse_unwanted(settings: Settings, uploads: Mapping[tuple[str, str], int]) -> Middleware:
    """The middleware. Problems: wrong_host, encoded, length_required, too_large.

    `uploads`: the greatest length of a file, by method and path.
    """
    names = known_names(settings.web_hosts)

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        _require_known_host(request, names)
        _require_plain_body(request, uploads)
        return await handler(request)

    return refuse


def known_names(hosts: str) -> frozenset[str]:
    """The names of this service: those in the setting, and this host's own name."""
    ours = socket.gethostname().lower()
    given = (name.strip().lower().rstrip(".") for name in hosts.split(","))
    return frozenset(("localhost", ours, ours.partition(".")[0], *given)) - {""}


def is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header names this service. An address is always accepted. (A page of another
    site whose name resolves to our address (DNS rebinding) can send only that name.)"""
    name = _without_port(host).lower().rstrip(".")
    return name in names or "*" in names or _is_address(name) or _is_below(name, names)


def _is_below(name: str, names: frozenset[str]) -> bool:
    parent = name.partition(".")[2]
    return bool(parent) and (f"*.{parent}" in names or parent == "localhost")


def _is_address(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and (port.isdigit() or not port) else host


def _require_known_host(request: web.Request, names: frozenset[str]) -> None:
    given = [*request.headers.getall(hdrs.HOST, []), request.host]  # or an address's own
    if not all(is_known(host, names) for host in given if host):
        detail = "Use the service's address, or add this name to CALLCENTER_WEB_HOSTS."
        raise Problem("wrong_host", detail)


def _require_plain_body(request: web.Request, uploads: Mapping[tuple[str, str], int]) -> None:
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise Problem("encoded", "Send it as it is, without Content-Encoding.")
    if hdrs.TRANSFER_ENCODING in request.headers:
        raise Problem("length_required", "Send it with Content-Length instead of in chunks.")
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else ""
    most = uploads.get((request.method, path), request.client_max_size)
    if (request.content_length or 0) > most:
        raise Problem("too_large", f"At most {most} bytes are read.")
