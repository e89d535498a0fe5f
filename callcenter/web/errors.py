"""Every way in which the API refuses: RFC 9457 problems with a stable `code` and a helpful
sentence.

Endpoints raise them as `Problem`, and `answer_problems` makes an answer of them. The codes are
those in `USUAL` and those that the features declare. A bug of ours becomes `internal` with a number
to look up in the log. No stack trace, statement or path ever leaves the process.
"""

import math
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

import msgspec
import structlog
from aiohttp import web

from callcenter.ports.people import DatabaseAwayError

log = structlog.get_logger(__name__)


class ProblemKind(NamedTuple):
    """What all problems of one code share: the HTTP status and a title in English."""

    status: int
    title: str


USUAL: Mapping[str, ProblemKind] = {
    "malformed": ProblemKind(400, "The request cannot be read"),
    "unknown_parameter": ProblemKind(400, "The address has a parameter that is not known"),
    "not_logged_in": ProblemKind(401, "Nobody is logged in"),
    "not_allowed": ProblemKind(403, "This needs another role"),
    "password_must_change": ProblemKind(403, "Choose a password of your own first"),
    "second_factor_must": ProblemKind(403, "Add a second factor first"),
    "wrong_origin": ProblemKind(403, "The request comes from another site"),
    "not_found": ProblemKind(404, "There is nothing at this address"),
    "method_not_allowed": ProblemKind(405, "This address does not do that"),
    "length_required": ProblemKind(411, "The request does not say how long it is"),
    "too_large": ProblemKind(413, "The request is too long"),
    "encoded": ProblemKind(415, "The request is compressed"),
    "not_json": ProblemKind(415, "The request is not JSON"),
    "wrong_host": ProblemKind(421, "The request is meant for another service"),
    "invalid": ProblemKind(422, "A value is not accepted"),
    "internal": ProblemKind(500, "A fault of the service"),
    "busy": ProblemKind(503, "The service is busy"),
    "database_away": ProblemKind(503, "The database does not answer"),
}
"""Problems that any address may give. A feature declares its own (feature.py)."""


class ProblemBody(msgspec.Struct, omit_defaults=True):
    """The answer to a refused request (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    faults: list[str] = []


class Problem(Exception):
    """A request that is refused. `detail` tells the person what to do."""

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
        self.detail = detail
        self.faults = faults or []
        self.headers = dict(headers or {})
        if retry_seconds is not None:
            self.headers["Retry-After"] = str(max(1, math.ceil(retry_seconds)))

    def answer(self, kinds: Mapping[str, ProblemKind] = USUAL) -> web.Response:
        """The problem as an HTTP answer. `kinds`: all known codes."""
        status, title = kinds[self.code]
        headers = dict(self.headers)
        if status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="callcenter"'
        body = ProblemBody(
            type=f"urn:callcenter:problem:{self.code}",
            title=title,
            status=status,
            code=self.code,
            detail=self.detail,
            faults=self.faults,
        )
        return web.Response(
            status=status,
            body=msgspec.json.encode(body),
            content_type="application/problem+json",
            headers=headers,
        )


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Failures:
    """Counts the requests that failed by a bug of ours."""

    count: int = 0


FAILURES = web.AppKey("failures", Failures)
PROBLEMS = web.AppKey[Mapping[str, ProblemKind]]("problems")


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error in a request into a problem."""
    try:
        return await handler(request)
    except Problem as problem:
        kinds = request.app[PROBLEMS]
        if problem.code not in kinds:
            return _fault(request, problem)
        return problem.answer(kinds)
    except DatabaseAwayError:
        detail = "Try again in a moment. Calls are not touched by this."
        return Problem("database_away", detail, retry_seconds=5).answer()
    except web.HTTPException as error:
        return _of_aiohttp(error, request).answer()
    except Exception as error:  # noqa: BLE001 - the supervisor of requests: counted, logged
        return _fault(request, error)


def _fault(request: web.Request, error: Exception) -> web.Response:
    """The answer to a request that failed by a bug of ours. The bug is counted and logged."""
    request.app[FAILURES].count += 1
    number = secrets.token_hex(4)
    log.error("request failed", number=number, fault=type(error).__name__, exc_info=error)
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
