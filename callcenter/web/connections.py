"""The HTTP connections: how slow or idle one may be, and how many there may be.

aiohttp reads HTTP. This module handles what aiohttp does not: a head that never ends, an answer
that the client does not read, a body that is not wanted, and more connections than file
descriptors. It never looks at the meaning of a request.
"""

import asyncio
import resource
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

from callcenter.web.errors import Problem
from callcenter.web.headers import FIXED, SERVER_NAME

HEAD_SECONDS = (
    10.0  # from the first byte of a request, or the start of a connection, to the end of the head
)
IDLE_SECONDS = 75.0  # between two requests; longer than any proxy's own idle time
TAKE_SECONDS = 30.0  # for a client to read the rest of an answer
REST_SECONDS = 2.0  # for the rest of an unread body, if the client sends it in two parts
PARTING_SECONDS = 0.5  # between the answer and the end of a connection that is not read any more
OPEN_MOST = 2_000  # each takes a file descriptor and about 20 kB
FILES_WANTED = 8_192

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Crowd:
    """All open connections. If there are too many, the one that was idle longest is closed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = 0
        self._idle: dict[Connection, None] = {}  # in the order in which they became idle

    def add(self, connection: "Connection") -> None:
        """Add a connection. Close another one if that is too many."""
        self._open += 1
        self._idle[connection] = None
        if self._open > self._most:
            next(iter(self._idle)).force_close()

    def busy(self, connection: "Connection") -> None:
        """The connection sent a request."""
        self._idle.pop(connection, None)

    def idle(self, connection: "Connection") -> None:
        """The connection's request was answered."""
        self._idle[connection] = None

    def remove(self, connection: "Connection") -> None:
        """The connection has ended."""
        self._open -= 1
        self._idle.pop(connection, None)


class Connection(web.RequestHandler):
    """One connection, with aiohttp's own reading of HTTP."""

    __slots__ = ("_asking", "_crowd", "_in_head", "_timer")

    def __init__(self, server: web.Server, crowd: Crowd) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type] # addresses and names would be in it
            auto_decompress=False,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=0,  # `attend` has read what may be read
        )
        self._crowd = crowd
        self._asking = False
        self._in_head = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._expect_head()
        self._crowd.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timer()
        self._crowd.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if data and not self._asking and not self._in_head:
            self._expect_head()
        super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer bytes that are not HTTP like every other problem, without naming aiohttp's
        version."""
        answer = Problem("malformed", "The request is not valid HTTP.").answer()
        answer.headers.update(FIXED)
        answer.headers["Server"] = SERVER_NAME
        answer.force_close()
        return answer

    def begun(self) -> None:
        """The whole head of a request was read."""
        self._asking, self._in_head = True, False
        self._stop_timer()
        self._crowd.busy(self)

    def answered(self) -> None:
        """The answer is being sent."""
        self._asking = False
        if self.transport is not None:
            self._crowd.idle(self)
            self._timer = self._loop.call_later(TAKE_SECONDS, self._end_if_not_taken)

    def _expect_head(self) -> None:
        self._stop_timer()
        self._in_head = True
        self._timer = self._loop.call_later(HEAD_SECONDS, self._let_go)

    def _end_if_not_taken(self) -> None:
        if self.transport is not None and self.transport.get_write_buffer_size():
            self._let_go()

    def _let_go(self) -> None:
        """Close the connection, even if the client has not read all of the answer."""
        if self.transport is not None:
            self.transport.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Site(web.BaseSite):
    """A listening socket of a runner that uses our own connection class."""

    __slots__ = ("_crowd", "_socket")

    def __init__(self, runner: web.AppRunner, listening: socket.socket, crowd: Crowd) -> None:
        super().__init__(runner)
        self._socket = listening
        self._crowd = crowd

    @property
    def name(self) -> str:
        return str(self._socket.getsockname())

    async def start(self) -> None:
        await super().start()
        server = self._runner.server
        assert server is not None
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(server, self._crowd), sock=self._socket
        )


@web.middleware
async def attend(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware. It marks the start and the end of a request, and closes a
    connection on which the client sent data that was not read."""
    connection = request.protocol
    assert isinstance(connection, Connection)
    connection.begun()
    try:
        answer = await handler(request)
        if not request.content.is_eof() and not await _rest_came(request, answer):
            await _part(request, answer)
        return answer
    finally:
        connection.answered()


async def _rest_came(request: web.Request, answer: web.StreamResponse) -> bool:
    """Whether the rest of an unread body has arrived. Only a body that is short by its own header
    is waited for, so that a client who sends it after the head still gets the answer."""
    if request.content_length is None or request.content_length > request.client_max_size:
        return False
    try:
        async with asyncio.timeout(REST_SECONDS):
            await request.content.read()
    except (TimeoutError, web.RequestPayloadError, ConnectionError):
        return False
    return True


async def _part(request: web.Request, answer: web.StreamResponse) -> None:
    """Answer, stop reading, and wait a moment. Bytes that arrive after the close make the system
    drop the end of the answer."""
    answer.force_close()
    if request.transport is None:
        return
    request.protocol.pause_reading()
    await answer.prepare(request)
    await answer.write_eof()
    await asyncio.sleep(PARTING_SECONDS)


def crowd_of_this_host() -> Crowd:
    """As many connections as there are file descriptors. A few hundred are left for calls, the
    journal and the database."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_WANTED:
        soft = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return Crowd(min(OPEN_MOST, soft // 2))
