"""One connection of the events websocket: receive, decode, notice when it is dead.

The reader only receives and appends, because Asterisk stops taking new calls while a reader is
slow, and then closes its socket. Messages are decoded right after, in batches, and other tasks run
between batches. This module never interprets an event and never reconnects.
"""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable

import aiohttp
import structlog

from callcenter.ari import wire
from callcenter.ari.counters import Counters
from callcenter.ari.errors import ConnectionLost, Replaced
from callcenter.ari.lateness import Lateness
from callcenter.ari.transport import Socket, Websocket, write_now
from callcenter.runtime.pulse import seconds_to_pulse

BATCH = 200
"""Messages decoded without a pause: about 1 ms of work."""

RECEIVED_LIMIT = 50_000
"""Messages received and not yet decoded. With more than this the connection is given up: a new
snapshot is cheaper and more reliable."""

QUIET_SECONDS = 1.0
"""After this long without a byte, Asterisk is pinged. Asterisk answers every heartbeat (beat.py),
so a ping is rare."""

DEAD_SECONDS = 3.0
"""After this long without a byte the connection is taken for dead, whatever TCP says."""

log = structlog.get_logger(__name__)


class Connection:
    """Reads one open websocket. `on_event` is called for each event in use, in order. `on_over` is
    called once when the connection is given up, before its requests are given up."""

    def __init__(
        self,
        socket: Socket,
        counters: Counters,
        *,
        on_event: Callable[[wire.Event], None],
        on_over: Callable[[], None],
    ) -> None:
        self._socket = socket
        self._counters = counters
        self._on_event = on_event
        self._on_over = on_over
        self._loop = asyncio.get_running_loop()
        self.requests = Websocket(socket, counters)
        self.lateness = Lateness()
        self._received: deque[bytes] = deque()
        self._decoding = False
        self._heard_at = self._loop.time()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._reader = self._loop.create_task(self._read())
        self._timer: asyncio.Handle = self._loop.call_soon(self._look)

    @property
    def is_over(self) -> bool:
        """Whether it was given up."""
        return self._over.done()

    async def over(self) -> None:
        """Wait until the connection is lost. Raises ConnectionLost or Replaced."""
        await asyncio.shield(self._over)

    def fail(self, error: Exception) -> None:
        """The connection is no longer good."""
        if not self._over.done():
            self._over.set_exception(error)
            self._on_over()
            self.requests.close()

    async def close(self) -> None:
        """Close it. Waits for the other side for at most the socket's `ws_close`."""
        self.fail(ConnectionLost("closed by us"))
        self._over.exception()  # marks it as seen: `over` raises it, or nobody waits for it
        self._timer.cancel()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        self._received.clear()
        await self._socket.close()

    async def _read(self) -> None:
        try:
            while True:
                message = await self._socket.receive()
                self._heard_at = self._loop.time()
                if not self._take(message.type, message.data):
                    return
        except (aiohttp.ClientError, ConnectionError) as error:
            self.fail(ConnectionLost(f"reading failed: {type(error).__name__}"))

    def _take(self, kind: aiohttp.WSMsgType, content: object) -> bool:
        """Keep one message. Gives False when there will be no more."""
        if kind is aiohttp.WSMsgType.TEXT and isinstance(content, bytes):
            self._received.append(content)
            if not self._decoding:
                self._decoding = True
                self._loop.call_soon(self._decode)
            return self._within_limit()
        if kind is aiohttp.WSMsgType.PING and isinstance(content, bytes):
            return write_now(self._socket, content, aiohttp.WSMsgType.PONG)
        if kind is aiohttp.WSMsgType.PONG:
            return True
        self.fail(ConnectionLost(f"asterisk closed it ({self._socket.close_code})"))
        return False

    def _within_limit(self) -> bool:
        if len(self._received) <= RECEIVED_LIMIT:
            return True
        self._counters.overflows += 1
        self.fail(ConnectionLost("events came faster than they could be worked on"))
        return False

    def _decode(self) -> None:
        for _ in range(min(BATCH, len(self._received))):
            self._handle_safely(wire.decode(self._received.popleft()))
            if self._over.done():
                return
        self._decoding = bool(self._received)
        if self._decoding:
            self._loop.call_soon(self._decode)

    def _handle_safely(self, message: wire.Message) -> None:
        """Handle one message. After a bug of ours the connection is given up: the next snapshot has
        what was missed."""
        try:
            self._handle(message)
        except Exception as error:  # noqa: BLE001 - else nothing is ever decoded again
            # Without the exception's text, which may quote a caller.
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{last.filename}:{last.lineno}"
            log.error("a message could not be worked on", error=type(error).__name__, place=place)
            self.fail(ConnectionLost(f"a bug of ours: {type(error).__name__}"))

    def _handle(self, message: wire.Message) -> None:
        if isinstance(message, wire.Happening):
            self.lateness.of(message.timestamp, self._loop.time())
        if isinstance(message, wire.RESTResponse):
            self.requests.on_answer(message)
        elif isinstance(message, wire.Unknown):
            self._counters.count_unknown(message.type)
        elif isinstance(message, wire.Malformed):
            self._counters.malformed += 1
        else:
            self._counters.events[type(message).__name__] += 1
            self._counters.event_at = self._heard_at
            self._on_event(message)
            if isinstance(message, wire.ApplicationReplaced):
                self.fail(Replaced(" ".join((Replaced.__doc__ or "").split())))

    def _look(self) -> None:
        """Check how long the connection has been silent: at every pulse, and when a limit is
        due."""
        now = self._loop.time()
        look_at = now + seconds_to_pulse(now)
        self._timer = self._loop.call_at(look_at, self._look)  # even if this look fails
        up_at = min(self.requests.expire(now), self._heard_at + DEAD_SECONDS)
        if up_at <= now:
            self.fail(ConnectionLost(f"nothing heard for {DEAD_SECONDS:.0f} s"))
        elif now - self._heard_at >= QUIET_SECONDS:
            write_now(self._socket, b"", aiohttp.WSMsgType.PING)
        if now < up_at < look_at:
            self._timer.cancel()
            self._timer = self._loop.call_at(up_at, self._look)
