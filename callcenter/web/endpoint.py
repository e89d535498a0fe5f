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
ENGINE_SECONDS = 5.0  # for a step that takes microseconds: after this something is wrong
BODY_SECONDS = 10.0  # to send a whole body of at most 64 kB
UPLOAD_SECONDS = 60.0  # to send a file, also over a slow connection

PIECE_BYTES = 256 * 1024  # a piece of an answer that is made while it is sent

P = TypeVar("P")
Coroutine = TypeVar("Coroutine", bound=Callable[..., Awaitable[object]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every request may use, whatever the feature. `wall` gives the time now, aware, in
    UTC."""

    engine: RunningEngine
    audit: Audit
    wall: Callable[[], datetime]


@dataclass(slots=True, kw_only=True)
class Request(Generic[P]):
    """One request to be answered. `parts`: what the feature works with. `origin`: that of our own
    pages, by the name at which the request reached us."""

    parts: P
    common: Common
    path: Mapping[str, str]
    address: str
    origin: str
    who: "Person | None"
    headers: dict[str, str] = field(default_factory=dict)  # added to the answer

    @property
    def person(self) -> "Person":
        """The person who asks, if the endpoint needs one."""
        assert self.who is not None
        return self.who

    @property
    def engine(self) -> RunningEngine:
        """The engine: its state to read, and its inbox for events."""
        return self.common.engine

    def wall(self) -> datetime:
        """The wall clock."""
        return self.common.wall()

    async def tell(self, event: Event) -> Sequence[Fact]:
        """Give the engine an event; gives the facts of its step. Problem busy if it cannot be
        given."""
        try:
            async with asyncio.timeout(ENGINE_SECONDS):
                return await self.engine.put_and_wait(event)
        except (InboxFull, TimeoutError) as error:
            detail = "Calls come first. Try again in a moment."
            raise Problem("busy", detail, retry_seconds=2) from error

    async def audit(self, action: str, about: str, **details: Detail) -> None:
        """Write to the audit that the person saw or changes something. Raises DatabaseAwayError."""
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
        """Write a change that is already made to the audit. If the database is away, only to the
        log."""
        try:
            await self.audit(action, about, **details)
        except DatabaseAwayError:
            log.warning("a change is missing in the audit", action=action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The body of an answer that is made while it is sent, starting anywhere. `read` gives the
    bytes from one offset to another, of `length`. `close` is called when nothing more is read."""

    length: int
    read: Callable[[int, int], Awaitable[bytes]]
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file as the answer. `name` must not have a person's name or phone number. `body` is the
    content, the path of the file, or an object that makes it. Then it is sent in pieces, or a part
    of it (Range). A generator is sent as it is made, and its length is unknown."""

    name: str
    body: bytes | Path | Pieces | AsyncGenerator[bytes]


class Upload:
    """The file in the body of a request. Its head was checked before (unwanted.py)."""

    def __init__(self, request: web.Request, most: int) -> None:
        self._request = request
        self._most = most

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file in pieces. Raises a Problem if it is longer than allowed, comes too slowly or is
        incomplete."""
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
        """The whole file at once."""
        return b"".join([piece async for piece in self.chunks()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path. `body`, `query`, `answer`: types or None. `gives`: the media type of
    the answer. `upload_bytes`: the greatest length of the uploaded file; 0: there is none.
    `upload_whole`: the file is read before the handler is called."""

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
        """Read the request, call the handler, and write the result."""
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
    """Send all of it, or the part that is asked for (RFC 9110, 14). `body` is closed in any
    case."""
    try:
        whole = headers | {"Accept-Ranges": "bytes"}
        try:
            asked = http.http_range
            start, stop = asked.start or 0, asked.stop
        except ValueError:
            start, stop = body.length, None
        if start < 0:  # the last bytes, as many as asked for
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
        # If the first piece fails, the answer can still be an error.
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
            pass  # the client wants another part now, as players do, or has gone
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
    """Send the body as it is made. If that fails, the connection ends before the file does, so that
    the client sees that it is incomplete."""
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
    """A path that is opened as a websocket. `sends`: the type of each message, sent as JSON
    text."""

    path: str
    tag: str
    handler: Callable[[Request[Any], web.Request], Awaitable[web.StreamResponse]]
    needs: Role
    sends: type
    summary: str
    description: str


def check_path(path: Mapping[str, str], patterns: Mapping[str, str]) -> None:
    """Problem not_found if a part of the path cannot be an id."""
    for name, value in path.items():
        if not re.fullmatch(patterns[name], value):
            raise Problem("not_found", f"That cannot be the id of any {name}.")


class Known(TypedDict, total=False):
    """The arguments of a decorator. `needs` None: anyone. `problems`: codes of errors.py in
    addition to the usual ones.

    `before_password_change`: also allowed with a one-time password. `before_second_factor`: also
    allowed if the role needs a second factor and there is none yet. `gives`: the media type of a
    `Download`. `upload_bytes`: the greatest length of the file in the parameter `upload`.
    """

    needs: Required[Role | None]
    status: int
    gives: str
    problems: tuple[str, ...]
    before_password_change: bool
    before_second_factor: bool
    upload_bytes: int


class SocketKnown(TypedDict):
    """The arguments of a decorator of a websocket."""

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
        """The handler opens the websocket itself. The person's role is checked before."""

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
    """The JSON body as the type. A Problem says what is wrong with it and where."""
    if request.content_type != "application/json":
        raise Problem("not_json", "Send JSON with the header Content-Type: application/json.")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            raw = await request.read()
    except TimeoutError as error:
        raise Problem("malformed", f"The body did not arrive in {BODY_SECONDS:g} s.") from error
    except web.RequestPayloadError as error:
        raise Problem("malformed", "The body is not what its headers say.") from error
    except ConnectionError as error:  # the client is gone, so nobody reads the answer
        raise Problem("malformed", "The connection ended before the body did.") from error
    try:
        return msgspec.convert(_PLAIN.decode(raw), kind)
    except msgspec.ValidationError as error:
        _refuse_value(error, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed", "The body is not JSON in UTF-8.") from error


def _number(text: str) -> int | float:
    """The number. 9.0 is a whole number in JSON Schema (draft 2020-12, 6.1.1)."""
    value = float(text)
    return int(value) if value.is_integer() else value


_PLAIN = msgspec.json.Decoder(float_hook=_number)


def read_query(request: web.Request, kind: type[T]) -> T:
    """The query parameters as the type. A Problem says what is wrong."""
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
