"""The live feed: a websocket that sends all queues and operators once, then only what has changed.

For consoles and wallboards, at GET /api/v1/live. Each step of the engine and each changed card of
an operator causes a new picture of the state (`pictures.py`), but only while a screen is open, and
at most one every PAUSE_SECONDS. One task sends it to all screens: who saw the same picture gets
the same bytes. If that costs much time, the pauses become longer. The feed takes no orders; what a
screen sends is thrown away.

Messages (JSON texts): {"type":"snapshot","connected":…,"queues":[…],"operators":[…],"removed":[]},
then {"type":"changes",…} with those that are different now. `removed` are operators who were
removed. A message without contents comes if nothing has changed for a while.
"""

import asyncio
import struct
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, thread_time

from aiohttp import WSCloseCode, WSMsgType, web

from callcenter.ports.people import DatabaseAwayError, Role
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem
from callcenter.web.feature import Feature
from callcenter.web.identity import who_asks
from callcenter.web.logins import Logins
from callcenter.web.pictures import Camera, LiveMessage, Picture, nothing

endpoints = Endpoints("live")
PAUSE_SECONDS = 0.1  # between two pictures
LONGEST_PAUSE_SECONDS = 0.5
SHARE = 0.1  # of a core, for pictures and for sending them: more makes the pauses longer
# a message is sent at least this often: a listener who gets none has lost the network
BEAT_SECONDS = 2.0
RECHECK_SECONDS = 30.0  # an ended session or a disabled account loses its feed within this time
SEND_SECONDS = 5.0  # a screen that takes nothing for this long is cut off
PING_SECONDS = 20.0
LISTENERS_MOST = 500
MESSAGE_BYTES = 1024  # listeners have nothing to send
LIVE_DESCRIPTION = f"""Open a websocket here, logged in as for every other address (browsers: the
cookie; programs: `Authorization: Bearer`). The first message has the type `snapshot` and holds all
queues and operators. Each later one has the type `changes` and holds only those that are different
now, whole; `removed` names operators who were removed. Put what comes in the place of what you
have. A change is told within {PAUSE_SECONDS:g} s, on a busy service within
{LONGEST_PAUSE_SECONDS:g} s. When nothing has changed for {BEAT_SECONDS:g} s,
a message with nothing in it is sent: hear none for three times as long, and the network is gone.
Seconds that merely go by are not told: count them yourself. Nothing you send is read. After a break
open it anew and begin with the new snapshot; the close code 1008 says: log in again. Needs
the role operator or higher.""".replace("\n", " ")


@dataclass(slots=True, kw_only=True, eq=False)
class Screen:
    """A listener: what it was shown last, and when it was told anything. `stuck_since`: it has not
    yet taken what it was sent; 0: it has. `cut`: it has taken nothing for too long."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    cut: asyncio.Future[None]
    shown: Picture | None = None
    told_at: float = 0.0
    stuck_since: float = 0.0


class Screens:
    """All listeners, and the task that sends them what is new, as long as there are any."""

    def __init__(self, camera: Camera) -> None:
        self.telling: asyncio.Task[None] | None = None  # ends by itself only with a fault
        self.camera = camera
        self._screens = set[Screen]()
        self._cost, self._pause = 0.0, PAUSE_SECONDS
        self._frames: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._screens)

    def add(self, socket: web.WebSocketResponse, transport: asyncio.Transport) -> Screen:
        """A new listener, who is shown everything at once."""
        cut = asyncio.get_running_loop().create_future()
        screen = Screen(socket=socket, transport=transport, cut=cut)
        self._screens.add(screen)
        self._tell(screen, monotonic())
        if self.telling is None or self.telling.done():
            self.telling = asyncio.create_task(self._tell_all())
        return screen

    def remove(self, screen: Screen) -> None:
        """A listener is gone. After the last one no more pictures are taken."""
        self._screens.discard(screen)
        if not self._screens and self.telling is not None:
            self.telling.cancel()
            self.telling = None

    async def _tell_all(self) -> None:
        while True:
            began, now = thread_time(), monotonic()
            for screen in self._screens:
                self._tell(screen, now)
            self._frames.clear()
            cost = thread_time() - began + self.camera.cost_seconds
            self._cost += (cost - self._cost) / 8  # one that was dear by chance counts little
            self._pause = min(max(PAUSE_SECONDS, self._cost / SHARE), LONGEST_PAUSE_SECONDS)
            stuck = any(screen.stuck_since for screen in self._screens)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause if stuck else BEAT_SECONDS / 2):
                    await self.camera.next_picture(self._pause)

    def _tell(self, screen: Screen, now: float) -> None:
        """Send a screen what it has not seen yet; or nothing but a sign of life, if it is time."""
        if screen.socket.closed or screen.transport.is_closing():
            return
        if screen.transport.get_write_buffer_size():
            screen.stuck_since = screen.stuck_since or now
            if now - screen.stuck_since >= SEND_SECONDS and not screen.cut.done():
                screen.cut.set_result(None)
            return
        screen.stuck_since = 0.0
        news = self.camera.news(screen.shown)
        screen.shown = self.camera.picture
        if news is None and now - screen.told_at >= BEAT_SECONDS / 2:
            news = nothing(screen.shown)
        if news is not None:
            screen.transport.write(self._framed(news))
            screen.told_at = now

    def _framed(self, message: bytes) -> bytes:
        frame = self._frames.get(message)
        if frame is None:
            frame = self._frames[message] = framed(message)
        return frame


def framed(message: bytes) -> bytes:
    """A text message of a websocket, ready to be written. A server masks nothing (RFC 6455, 5.2),
    so the bytes are the same for every listener."""
    size = len(message)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + message
    if size < 65_536:
        return struct.pack("!BBH", 0x81, 126, size) + message
    return struct.pack("!BBQ", 0x81, 127, size) + message


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the live feed works with."""

    screens: Screens
    logins: Logins


@endpoints.websocket(
    "/live",
    needs=Role.OPERATOR,
    sends=LiveMessage,
    summary="The live feed: queues and operators, and then what changes, over a websocket",
    description=LIVE_DESCRIPTION,
)
async def live(request: Request[Parts], http: web.Request) -> web.WebSocketResponse:
    """Runs until the listener closes it, or is not logged in any more."""
    screens = request.parts.screens
    socket = web.WebSocketResponse(
        heartbeat=PING_SECONDS, max_msg_size=MESSAGE_BYTES, compress=False
    )
    if not socket.can_prepare(http).ok:
        raise Problem("malformed", "This address speaks websocket only.")
    if len(screens) >= LISTENERS_MOST:
        raise Problem("busy", "Too many live screens are open.", retry_seconds=30)
    await screens.camera.up_to_date()
    with suppress(ConnectionResetError):  # the listener is gone already
        await socket.prepare(http)
    if socket.prepared and http.transport is not None:
        screen = screens.add(socket, http.transport)
        try:
            await _feed(request.parts, http, screen)
        finally:
            screens.remove(screen)
    return socket


async def _feed(parts: Parts, http: web.Request, screen: Screen) -> None:
    closed = asyncio.create_task(_until_closed(screen.socket))
    telling = parts.screens.telling
    assert telling is not None, "there is a screen"
    try:
        while not closed.done():
            await asyncio.wait(
                (closed, screen.cut, telling),
                timeout=RECHECK_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if telling.done():
                telling.result()
            if screen.cut.done():
                screen.transport.abort()  # a word of farewell would wait behind the rest
                return
            if not closed.done():
                # A database that is away cannot say that the log-in has ended: the feed goes on.
                with suppress(DatabaseAwayError):
                    await who_asks(http, parts.logins)
    except Problem:  # not logged in any more
        await screen.socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"log in again")
    finally:
        closed.cancel()


async def _until_closed(socket: web.WebSocketResponse) -> None:
    while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
        pass


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    listeners=lambda parts: (parts.screens.camera.changed,),
)
