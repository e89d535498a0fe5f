"""A decorator that makes a coroutine an endpoint of the API and declares all about it.

    endpoints = Endpoints("operators")

    @endpoints.post("/operators/{operator}/pause", needs=Role.OPERATOR, problems=("not_at_work",))
    async def pause(request: Request[Parts], body: PauseReason) -> OperatorView: ...

`Parts` is what the feature's endpoints use (feature.py). The server and the OpenAPI document are
made from the same declaration, so they cannot disagree: the role is checked, path, query and body
are read into the types of the parameters `query` and `body`, and the result is written as JSON.
A parameter `upload` is a file, of which nothing is read before the role is known to be right:
as `bytes` it is read whole, as `Upload` the handler reads it, when it wants it at all.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    NoReturn,
    Required,
    TypedDict,
    TypeVar,
    Unpack,
    get_type_hints,
)

import msgspec
import structlog
from aiohttp import web

from callcenter.core.events import Event
from callcenter.core.facts import Fact
from callcenter.ports.engine import InboxFull, RunningEngine
from callcenter.ports.people import Audit, AuditEntry, DatabaseAwayError, Detail, Role
from callcenter.web.errors import Problem
from callcenter.web.sentences import sentence, shown

if TYPE_CHECKING:
    from callcenter.web.logins import Person

log = structlog.get_logger(__name__)

ROOT = "/api/v1"
ENGINE_SECONDS = 5.0  # for a step that takes microseconds: longer means that something is wrong
BODY_SECONDS = 10.0  # to send a whole body; nobody sends 64 kB for longer
UPLOAD_SECONDS = 60.0  # to send a file, also over a slow line

PIECE_BYTES = 256 * 1024  # of an answer that is made while it is sent

P = TypeVar("P")
Coroutine = TypeVar("Coroutine", bound=Callable[..., Awaitable[object]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every request may use, whichever feature answers it. `wall`: now, aware, in UTC."""

    engine: RunningEngine
    audit: Audit
    wall: Callable[[], datetime]


@dataclass(slots=True, kw_only=True)
class Request(Generic[P]):
    """One request that may be answered: who asks what. `parts`: what the feature works with."""

    parts: P
    common: Common
    path: Mapping[str, str]
    address: str
    who: "Person | None"
    headers: dict[str, str] = field(default_factory=dict)  # to be added to the answer

    @property
    def person(self) -> "Person":
        """Who asks, where the endpoint needs somebody."""
        assert self.who is not None
        return self.who

    @property
    def engine(self) -> RunningEngine:
        """The engine: a state to read, an inbox for events."""
        return self.common.engine

    def wall(self) -> datetime:
        """The wall clock."""
        return self.common.wall()

    async def tell(self, event: Event) -> Sequence[Fact]:
        """Give the engine an event and wait for what comes of it. Problem busy when it cannot."""
        try:
            async with asyncio.timeout(ENGINE_SECONDS):
                return await self.engine.put_and_wait(event)
        except (InboxFull, TimeoutError) as error:
            detail = "Calls come first. Try again in a moment."
            raise Problem("busy", detail, retry_seconds=2) from error

    async def audit(self, action: str, about: str, **details: Detail) -> None:
        """Write to the audit that the person saw or changes something. DatabaseAwayError."""
        await self.common.audit.write(
            AuditEntry(
                at=self.wall(),
                who=self.person.name,
                action=action,
                about=about,
                address=self.address,
                details=details,
            )
        )

    async def note(self, action: str, about: str, **details: Detail) -> None:
        """Write a change that is already made to the audit; without the database, to the log
        only."""
        try:
            await self.audit(action, about, **details)
        except DatabaseAwayError:
            log.warning("a change is missing in the audit", action=action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The body of an answer that is made while it is sent, from any place on. `read`: the bytes
    from one place to another, of `length`. `close`: nothing more is read."""

    length: int
    read: Callable[[int, int], Awaitable[bytes]]
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file as the answer. Nobody's name or phone stands in its `name`. `body`: what is in it, or
    where it lies, or how it is made; then it is sent piece by piece, or a part of it (Range). A
    generator: it is sent as it is made, and nobody knows how long it will be."""

    name: str
    body: bytes | Path | Pieces | AsyncGenerator[bytes]


class Upload:
    """The file that is the body of a request. Its head was looked at before (unwanted.py)."""

    def __init__(self, request: web.Request, most: int) -> None:
        self._request = request
        self._most = most

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file, piece by piece. A Problem when it is longer than allowed, comes too slowly or
        does not come to its end."""
        if self._request.content_length is None:
            raise Problem("length_required", "Send the file with Content-Length.")
        ends_at = asyncio.get_running_loop().time() + UPLOAD_SECONDS
        read, pieces = 0, self._request.content.iter_any()
        while True:
            try:
                async with asyncio.timeout_at(ends_at):
                    piece = await anext(pieces, b"")
            except TimeoutError as error:
                detail = f"The file did not arrive in {UPLOAD_SECONDS:g} s."
                raise Problem("malformed", detail) from error
            except (web.RequestPayloadError, ConnectionError) as error:
                raise Problem("malformed", "The connection ended before the file did.") from error
            if not piece:
                return
            read += len(piece)
            if read > self._most:
                raise Problem("too_large", f"At most {self._most} bytes are read.")
            yield piece

    async def whole(self) -> bytes:
        """All of it at once."""
        return b"".join([piece async for piece in self.chunks()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What is known about one method of one path. `body`, `query`, `answer`: types or None.
    `gives`: the media type of the answer. `upload_bytes`: how long the file may be that is sent;
    0: none is. `upload_whole`: it is read before the handler is asked."""

    method: str
    path: str
    tag: str
    handler: Callable[..., Awaitable[object]]
    needs: Role | None
    status: int
    body: type | None
    query: type | None
    answer: type | None
    gives: str
    problems: tuple[str, ...]
    before_password_change: bool
    before_second_factor: bool
    upload_bytes: int
    upload_whole: bool

    def path_names(self) -> list[str]:
        """The names in the path's braces."""
        return re.findall(r"{(\w+)}", self.path)

    async def respond(self, http: web.Request, request: Request[Any]) -> web.StreamResponse:
        """Read what was sent, do it, write what came of it."""
        arguments: dict[str, object] = {}
        if self.query is not None:
            arguments["query"] = read_query(http, self.query)
        else:
            _require_known(http, ())
        if self.body is not None:
            arguments["body"] = await read_body(http, self.body)
        if self.upload_bytes:
            upload = Upload(http, self.upload_bytes)
            arguments["upload"] = await upload.whole() if self.upload_whole else upload
        result = await self.handler(request, **arguments)
        if result is None:
            return web.Response(status=self.status, headers=request.headers)
        if isinstance(result, Download):
            saved = {"Content-Disposition": f'attachment; filename="{result.name}"'}
            headers = {**request.headers, **saved, "Content-Type": self.gives}
            if isinstance(result.body, Path):
                return web.FileResponse(result.body, status=self.status, headers=headers)
            if isinstance(result.body, Pieces):
                return await _sent(http, result.body, headers)
            if isinstance(result.body, AsyncGenerator):
                return await _streamed(http, result.body, self.status, headers)
            return web.Response(status=self.status, body=result.body, headers=headers)
        return web.Response(
            status=self.status,
            body=msgspec.json.encode(result),
            content_type=self.gives,
            headers=request.headers,
        )


async def _sent(http: web.Request, body: Pieces, headers: dict[str, str]) -> web.StreamResponse:
    """All of it, or the part that is asked for (RFC 9110, 14). It is closed whatever happens."""
    try:
        whole = headers | {"Accept-Ranges": "bytes"}
        try:
            asked = http.http_range
            start, stop = asked.start or 0, asked.stop
        except ValueError:
            start, stop = body.length, None
        if start < 0:  # the last so many bytes
            start = max(0, body.length + start)
        end = body.length if stop is None else min(stop, body.length)
        if start >= end:
            whole["Content-Range"] = f"bytes */{body.length}"
            return web.Response(status=416, headers=whole)
        is_part = "Range" in http.headers
        if is_part:
            whole["Content-Range"] = f"bytes {start}-{end - 1}/{body.length}"
        answer = web.StreamResponse(status=206 if is_part else 200, headers=whole)
        answer.content_length = end - start
        # A fault of the first piece has an answer of its own.
        piece = await body.read(start, min(start + PIECE_BYTES, end))
        await answer.prepare(http)
        try:
            while http.method != "HEAD":
                await answer.write(piece)
                start += len(piece)
                if start >= end:
                    break
                piece = await body.read(start, min(start + PIECE_BYTES, end))
            await answer.write_eof()
        except ConnectionResetError:
            pass  # who asked wants another part now, as players do, or has gone
        except Problem as problem:
            log.warning("a file that is sent breaks off", code=problem.code)
            if http.transport is not None:
                http.transport.close()
        return answer
    finally:
        body.close()


async def _streamed(
    http: web.Request, body: AsyncGenerator[bytes], status: int, headers: dict[str, str]
) -> web.StreamResponse:
    """As it is made. When that fails on the way, the connection ends before the file does: whoever
    fetches it sees that it is not whole."""
    answer, is_whole = web.StreamResponse(status=status, headers=headers), False
    async with aclosing(body):
        await answer.prepare(http)
        try:
            async for piece in body:
                await answer.write(piece)
            await answer.write_eof()
            is_whole = True
        finally:
            if not is_whole and http.transport is not None:
                http.transport.abort()
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Websocket:
    """A path that is opened as a websocket. `sends`: the type of each message, as JSON text."""

    path: str
    tag: str
    handler: Callable[[Request[Any], web.Request], Awaitable[web.StreamResponse]]
    needs: Role
    sends: type
    summary: str
    description: str


def check_path(path: Mapping[str, str], patterns: Mapping[str, str]) -> None:
    """Problem not_found when a part of the path cannot be an id."""
    for name, value in path.items():
        if not re.fullmatch(patterns[name], value):
            raise Problem("not_found", f"That cannot be the id of any {name}.")


class Known(TypedDict, total=False):
    """What a decorator says. `needs` None: anyone. `problems`: codes of errors.py beyond the usual.

    `before_password_change`: allowed also with a one-time password. `before_second_factor`: allowed
    also where the role needs a second factor and there is none yet. `gives`: the media type of a
    `Download`. `upload_bytes`: how long the file of the parameter `upload` may be.
    """

    needs: Required[Role | None]
    status: int
    gives: str
    problems: tuple[str, ...]
    before_password_change: bool
    before_second_factor: bool
    upload_bytes: int


class SocketKnown(TypedDict):
    """What a decorator says of a websocket."""

    needs: Role
    sends: type
    summary: str
    description: str


WebsocketHandler = TypeVar("WebsocketHandler", bound=Callable[..., Awaitable[web.StreamResponse]])


class Endpoints:
    """The endpoints of one resource."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.all: list[Endpoint] = []
        self.websockets: list[Websocket] = []

    def get(self, path: str, **known: Unpack[Known]) -> Callable[[Coroutine], Coroutine]:
        return self._add("GET", path, known)

    def post(self, path: str, **known: Unpack[Known]) -> Callable[[Coroutine], Coroutine]:
        return self._add("POST", path, known)

    def put(self, path: str, **known: Unpack[Known]) -> Callable[[Coroutine], Coroutine]:
        return self._add("PUT", path, known)

    def patch(self, path: str, **known: Unpack[Known]) -> Callable[[Coroutine], Coroutine]:
        return self._add("PATCH", path, known)

    def delete(self, path: str, **known: Unpack[Known]) -> Callable[[Coroutine], Coroutine]:
        return self._add("DELETE", path, known)

    def websocket(
        self, path: str, **known: Unpack[SocketKnown]
    ) -> Callable[[WebsocketHandler], WebsocketHandler]:
        """The handler opens the websocket itself; the person's role is checked before."""

        def add(handler: WebsocketHandler) -> WebsocketHandler:
            self.websockets.append(
                Websocket(path=ROOT + path, tag=self.tag, handler=handler, **known)
            )
            return handler

        return add

    def _add(self, method: str, path: str, known: Known) -> Callable[[Coroutine], Coroutine]:
        def add(handler: Coroutine) -> Coroutine:
            hints = get_type_hints(handler)
            answer = hints["return"]
            self.all.append(
                Endpoint(
                    method=method,
                    path=ROOT + path,
                    tag=self.tag,
                    handler=handler,
                    needs=known["needs"],
                    status=known.get("status", 200),
                    body=hints.get("body"),
                    query=hints.get("query"),
                    answer=None if answer is type(None) else answer,
                    gives=known.get("gives", "application/json"),
                    problems=known.get("problems", ()),
                    before_password_change=known.get("before_password_change", False),
                    before_second_factor=known.get("before_second_factor", False),
                    upload_bytes=known.get("upload_bytes", 0),
                    upload_whole=hints.get("upload") is bytes,
                )
            )
            return handler

        return add


T = TypeVar("T")


async def read_body(request: web.Request, kind: type[T]) -> T:
    """The JSON body as the type; a Problem says what is wrong with it and where."""
    if request.content_type != "application/json":
        raise Problem("not_json", "Send JSON with the header Content-Type: application/json.")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            raw = await request.read()
    except TimeoutError as error:
        raise Problem("malformed", f"The body did not arrive in {BODY_SECONDS:g} s.") from error
    except web.RequestPayloadError as error:
        raise Problem("malformed", "The body is not what its headers say.") from error
    except ConnectionError as error:  # the client is gone: nobody reads the answer
        raise Problem("malformed", "The connection ended before the body did.") from error
    try:
        return msgspec.convert(_PLAIN.decode(raw), kind)
    except msgspec.ValidationError as error:
        _refuse_value(error, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed", "The body is not JSON in UTF-8.") from error


def _number(text: str) -> int | float:
    """9.0 is a whole number in JSON Schema (draft 2020-12, 6.1.1)."""
    value = float(text)
    return int(value) if value.is_integer() else value


_PLAIN = msgspec.json.Decoder(float_hook=_number)


def read_query(request: web.Request, kind: type[T]) -> T:
    """The query parameters as the type; a Problem says what is wrong."""
    _require_known(request, list(get_type_hints(kind)))
    times = Counter(name for name, _ in request.query.items())
    repeated = sorted(name for name in times if times[name] > 1)
    if repeated:
        raise Problem("invalid", "Give each parameter once.", faults=repeated[:10])
    try:
        return msgspec.convert(dict(request.query), kind, strict=False)
    except msgspec.ValidationError as error:
        _refuse_value(error, kind)


def _require_known(request: web.Request, known: Sequence[str]) -> None:
    """Refuse unknown parameters: a mistyped filter must not show everything."""
    unknown = sorted({name for name, _ in request.query.items()} - set(known))
    if unknown:
        detail = f"Known here: {', '.join(known)}." if known else "None is known here."
        raise Problem("unknown_parameter", detail, faults=[shown(name) for name in unknown[:10]])


def _refuse_value(error: msgspec.ValidationError, kind: type) -> NoReturn:
    faults = [sentence(error, kind)]
    raise Problem("invalid", "Correct it and send the request again.", faults=faults) from error
