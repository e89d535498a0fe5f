"""Every way the API says no: RFC 9457 problems with a stable `code` and a sentence that helps.

Raised as `Problem` by resources, made into an answer by `answer_problems`, listed in the OpenAPI
document from `CODES`. A bug of ours becomes `internal` with a number to look up in the log; no
stack trace, statement or path ever leaves the process.
"""

import math
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import msgspec
import structlog
from aiohttp import web

from callcenter.runtime.people import DatabaseAwayError

log = structlog.get_logger(__name__)

CODES: dict[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "unknown_parameter": (400, "The address has a parameter that is not known"),
    "not_logged_in": (401, "Nobody is logged in"),
    "wrong_credentials": (401, "User name or password is wrong"),
    "not_allowed": (403, "This needs another role"),
    "password_must_change": (403, "Choose a password of your own first"),
    "wrong_origin": (403, "The request comes from another site"),
    "not_found": (404, "There is nothing at this address"),
    "unknown_account": (404, "There is no such account"),
    "unknown_call": (404, "There is no such call"),
    "unknown_operator": (404, "There is no such operator"),
    "unknown_queue": (404, "There is no such queue"),
    "method_not_allowed": (405, "This address does not do that"),
    "account_exists": (409, "The account is there already"),
    "last_administrator": (409, "Nobody could let anyone in any more"),
    "no_call": (409, "The operator has no call"),
    "not_at_work": (409, "The operator is not logged in"),
    "not_waiting": (409, "The call does not wait any more"),
    "operator_exists": (409, "The operator is there already"),
    "length_required": (411, "The request does not say how long it is"),
    "too_large": (413, "The request is too long"),
    "encoded": (415, "The request is compressed"),
    "not_json": (415, "The request is not JSON"),
    "wrong_host": (421, "The request is meant for another service"),
    "invalid": (422, "A value is not accepted"),
    "report_too_long": (422, "The report takes too long"),
    "site_refused": (409, "The site file has faults"),
    "weak_password": (422, "The password is too easy to guess"),
    "wrong_password": (422, "The present password is wrong"),
    "too_many_attempts": (429, "Too many attempts"),
    "internal": (500, "A fault of the service"),
    "busy": (503, "The service is busy"),
    "database_away": (503, "The database does not answer"),
    "not_ready": (503, "The service is not ready"),
    "phones_not_told": (503, "Asterisk was not told about the phones"),
}


class ProblemBody(msgspec.Struct, omit_defaults=True):
    """What a refused request is answered with (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    faults: list[str] = []


class Problem(Exception):
    """A request that is refused. `detail` says what to do, to the person who asked."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        faults: list[str] | None = None,
        retry_seconds: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status, self.title = CODES[code]
        self.detail = detail
        self.faults = faults or []
        self.headers = dict(headers or {})
        if retry_seconds is not None:
            self.headers["Retry-After"] = str(max(1, math.ceil(retry_seconds)))
        if self.status == HTTPStatus.UNAUTHORIZED:
            self.headers["WWW-Authenticate"] = 'Bearer realm="callcenter"'

    def answer(self) -> web.Response:
        """The problem as an HTTP answer."""
        body = ProblemBody(
            type=f"urn:callcenter:problem:{self.code}",
            title=self.title,
            status=self.status,
            code=self.code,
            detail=self.detail,
            faults=self.faults,
        )
        return web.Response(
            status=self.status,
            body=msgspec.json.encode(body),
            content_type="application/problem+json",
            headers=self.headers,
        )


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Failures:
    """Requests that a fault of ours spoiled."""

    count: int = 0


FAILURES = web.AppKey("failures", Failures)


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong in a request is answered as a problem."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.answer()
    except DatabaseAwayError:
        detail = "Try again in a moment. Calls are not touched by this."
        return Problem("database_away", detail, retry_seconds=5).answer()
    except web.HTTPException as error:
        return _of_aiohttp(error, request).answer()
    except Exception as error:  # the supervisor of requests, counted
        request.app[FAILURES].count += 1
        number = secrets.token_hex(4)
        log.exception("request failed", number=number, fault=type(error).__name__)
        detail = f"Nothing was changed for certain. The log has the cause under {number}."
        return Problem("internal", detail).answer()


def _of_aiohttp(error: web.HTTPException, request: web.Request) -> Problem:
    match error:
        case web.HTTPNotFound():
            return Problem("not_found", "The addresses there are stand in /api/openapi.json.")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return Problem(
                "method_not_allowed", f"Use one of {allowed}.", headers={"Allow": allowed}
            )
        case web.HTTPRequestEntityTooLarge():
            limit = request.client_max_size
            return Problem("too_large", f"At most {limit} bytes are read.")
        case web.HTTPBadRequest():
            return Problem("malformed", "The request is not valid HTTP.")
    raise error
