"""The headers of every answer, and the real address of a client.

The headers are those of OWASP's REST cheat sheet for an API without pages.
"""

from ipaddress import ip_address

from aiohttp import web

from callcenter.config import Settings
from callcenter.web.errors import Problem

FIXED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
SERVER_NAME = "callcenter"  # no version: it would only help an attacker


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler `on_response_prepare`. A header that the answer already has is kept."""
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = SERVER_NAME
    if is_https(request):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def is_https(request: web.Request) -> bool:
    """Whether people reach us over https. (Our server speaks http; the proxy in front does not.)"""
    settings: Settings = request.app[SETTINGS]
    return settings.web_https


def address_of(request: web.Request) -> str:
    """The client's address: that of the connection, or the one that our own proxy gives."""
    settings: Settings = request.app[SETTINGS]
    forwarded = request.headers.getall("X-Forwarded-For", [])
    if not settings.web_proxy or not forwarded:
        return request.remote or "unknown"
    last = forwarded[-1].rpartition(",")[2].strip()  # the only entry that our own proxy has written
    try:
        return str(ip_address(last))
    except ValueError:
        return request.remote or "unknown"


def is_this_host(request: web.Request) -> bool:
    """Whether the request comes from a program on this host, and not through a proxy."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    ours = request.transport and request.transport.get_extra_info("sockname")
    return same_host(request.remote or "", ours[0] if ours else "")


def same_host(theirs: str, ours: str) -> bool:
    """Whether the two ends of a connection are one host: loopback, or our own address at both ends.
    (A host with a forged address would never get our answer.)"""
    try:
        return ip_address(theirs).is_loopback or ip_address(theirs) == ip_address(ours)
    except ValueError:
        return False


def own_origin(request: web.Request) -> str:
    """The origin of our own pages (RFC 6454), by the name at which this request reached us."""
    scheme = "https" if is_https(request) else "http"
    return f"{scheme}://{request.host}".lower()


def require_same_origin(request: web.Request) -> None:
    """Raises a Problem if the browser says that a page of another site made this request (CSRF).

    Browsers send Origin with every request that is not a plain GET, and with every websocket.
    Programs do not use cookies. SameSite=Strict is the first protection, this is the second.
    """
    origin = request.headers.get("Origin")
    if origin is None or origin.lower() != own_origin(request):
        detail = "Programs use Authorization: Bearer. Browsers open the service's own address."
        raise Problem("wrong_origin", detail)


SETTINGS = web.AppKey("settings", Settings)
