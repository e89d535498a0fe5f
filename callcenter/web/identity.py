"""Finds the person of a request by the cookie or the bearer token, and checks the role.

It never reads a token from an address, because addresses end up in logs.
"""

from aiohttp import web

from callcenter.ports.people import Role
from callcenter.web.errors import Problem
from callcenter.web.headers import require_same_origin
from callcenter.web.logins import Logins, Person

COOKIE = "callcenter_session"
LONGER_SECONDS = 12 * 3600
TOKEN_LONGEST = 200  # characters; ours have 43
_SAFE = ("GET", "HEAD", "OPTIONS")


async def who_asks(request: web.Request, logins: Logins) -> Person | None:
    """The person, or None if the request has no token. Raises a Problem if the token is wrong or
    expired."""
    bearer = _bearer(request)
    if bearer is not None:
        return await logins.who(bearer)
    cookie = _cookie(request)
    if cookie is None:
        return None
    if request.method not in _SAFE or request.headers.get("Upgrade"):
        require_same_origin(request)
    return await logins.who(cookie[:TOKEN_LONGEST])


def require_role(
    person: Person | None,
    needs: Role,
    *,
    before_password_change: bool,
    before_second_factor: bool = False,
) -> None:
    """Raises a Problem if nobody is logged in, or if the person may not do this."""
    if person is None:
        raise Problem("not_logged_in", "Log in: POST /api/v1/sessions.")
    if person.must_change and not before_password_change:
        detail = "Your password was chosen by someone else: PUT /api/v1/me/password first."
        raise Problem("password_must_change", detail)
    if person.must_add_factor and not (before_password_change or before_second_factor):
        detail = "Your role needs a second factor: add an app or a passkey first."
        raise Problem("second_factor_must", detail)
    if not person.role.includes(needs):
        detail = f"Your role is {person.role.value}; this needs {needs.value}."
        raise Problem("not_allowed", detail)


def session_cookie(token: str, *, seconds: int, secure: bool) -> str:
    """The Set-Cookie header of a log-in. `seconds` 0 is for a log-out. The browser keeps it longer
    than a log-in lasts (`LONGER_SECONDS`): a call that goes on keeps the log-in."""
    kept = seconds + LONGER_SECONDS if seconds else 0
    parts = [f"{COOKIE}={token}", "Path=/", "HttpOnly", "SameSite=Strict", f"Max-Age={kept}"]
    return "; ".join([*parts, "Secure"] if secure else parts)


def _cookie(request: web.Request) -> str | None:
    """Only our own cookie, from the single header that a browser sends. Reading everything that a
    stranger may send would take long."""
    for part in request.headers.get("Cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return None


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    return token.strip()[:TOKEN_LONGEST]
