"""The live feed: a websocket that sends all queues and operators once, then only what has changed.

For consoles and wallboards, at GET /api/v1/live. Each step of the engine and each changed card of
an operator causes a new picture of the state, but only while anyone listens, and at most one every
PAUSE_SECONDS. Changes are found and encoded as JSON once for all listeners. Seconds that pass are
no change: a screen counts them itself. The feed takes no orders; what a listener sends is thrown
away.

Messages (JSON texts): {"type":"snapshot","connected":…,"queues":[…],"operators":[…],"removed":[]},
then {"type":"changes",…} with those that are different now. `removed` are operators who were
removed. A message without contents comes if nothing has changed for a while.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from callcenter.core.facts import Fact
from callcenter.core.state import State
from callcenter.ports.engine import RunningEngine
from callcenter.ports.people import DatabaseAwayError, Role
from callcenter.web import queues
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem
from callcenter.web.feature import Feature
from callcenter.web.identity import who_asks
from callcenter.web.logins import Logins
from callcenter.web.operators import views
from callcenter.web.operators.roster import Roster
from callcenter.web.operators.unread import Unread
from callcenter.web.operators.views import OperatorView
from callcenter.web.operators.windows import Windows
from callcenter.web.queues import QueueView

endpoints = Endpoints("live")
PAUSE_SECONDS = 0.5  # between two pictures
# a message is sent at least this often: a listener who gets none has lost the network
BEAT_SECONDS = 2.0
RECHECK_SECONDS = 30.0  # an ended session or a disabled account loses its feed within this time
SEND_SECONDS = 5.0  # a listener that accepts no message for this long is cut off
PING_SECONDS = 20.0
LISTENERS_MOST = 500
MESSAGE_BYTES = 1024  # listeners have nothing to send
LIVE_DESCRIPTION = f"""Open a websocket here, logged in as for every other address (browsers: the
cookie; programs: `Authorization: Bearer`). The first message has the type `snapshot` and holds all
queues and operators. Each later one has the type `changes` and holds only those that are different
now, whole; `removed` names operators who were removed. Put what comes in the place of what you
have. A change is told within {PAUSE_SECONDS:g} s. When nothing has changed for {BEAT_SECONDS:g} s,
a message with nothing in it is sent: hear none for three times as long, and the network is gone.
Seconds that merely go by are not told: count them yourself. Nothing you send is read. After a break
open it anew and begin with the new snapshot; the close code 1008 says: log in again. Needs
the role operator or higher.""".replace("\n", " ")
FAR_SECONDS = 2.0**40  # an engine time that is never reached


class LiveMessage(msgspec.Struct):
    """A message to listeners: everything, or the part of it that changed."""

    type: str
    connected: bool
    queues: Sequence[QueueView]
    operators: Sequence[OperatorView]
    removed: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The state at a moment. Later pictures have higher numbers. `oldest` is, for each queue, a
    number for the caller who has waited longest. It changes when another caller is the oldest."""

    number: int = 0
    connected: bool = False
    queues: Sequence[QueueView] = ()
    operators: Sequence[OperatorView] = ()
    oldest: Mapping[str, float] = field(default_factory=dict)


class Camera:
    """Takes a picture after each change while anybody waits for one. `picture` is the last one."""

    def __init__(
        self, engine: RunningEngine, roster: Roster, windows: Windows, unread: Unread
    ) -> None:
        self.picture = Picture()
        self.listeners = 0
        self._engine = engine
        self._roster = roster
        self._windows = windows
        self._unread = unread
        roster.listeners.append(self.changed)
        windows.listeners.append(self.changed)
        unread.listeners.append(self.changed)
        self._changed = asyncio.Event()
        self._taken_at = -math.inf
        self._coming: asyncio.Task[None] | None = None
        # encoded changes, by the number of the picture that they follow
        self._written: dict[int, str | None] = {}

    def changed(self, facts: Sequence[Fact] = ()) -> None:
        """Note that something may have changed."""
        self._changed.set()

    async def up_to_date(self) -> None:
        """Take a picture if the last one is out of date."""
        if monotonic() - self._taken_at > PAUSE_SECONDS:
            await self._take()

    def next_picture(self) -> asyncio.Task[None]:
        """A task that is done when the next picture is taken. All who wait share it."""
        if self._coming is None or self._coming.done():
            self._coming = asyncio.create_task(self._take_next())
        return self._coming

    def left(self) -> None:
        """A listener is gone. After the last one no more pictures are taken."""
        self.listeners -= 1
        if not self.listeners and self._coming is not None:
            self._coming.cancel()
            self._coming = None

    def news(self, shown: Picture | None) -> str | None:
        """The changes since that picture, ready to send; None if there are none. Everything, for a
        listener who has seen no picture. Encoded once for all listeners who have seen the same
        picture."""
        number = 0 if shown is None else shown.number
        if number not in self._written:
            told = _everything(self.picture) if shown is None else changes(shown, self.picture)
            self._written[number] = None if told is None else msgspec.json.encode(told).decode()
        return self._written[number]

    async def _take_next(self) -> None:
        await self._changed.wait()
        await asyncio.sleep(self._taken_at + PAUSE_SECONDS - monotonic())
        self._changed.clear()
        await self._take()

    async def _take(self) -> None:
        engine, cards = self._engine, await self._roster.cards()
        state, now, counts = engine.state, engine.now(), engine.state.operators_by_queue()
        self.picture = Picture(
            number=self.picture.number + 1,
            connected=state.connected,
            queues=[queues.view(state, name, now, counts[name]) for name in state.queues],
            operators=[
                views.view(card, engine, self._windows, self._unread) for card in cards.values()
            ],
            oldest=_oldest(state),
        )
        self._taken_at, self._written = monotonic(), {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the live feed works with."""

    camera: Camera
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
    camera = request.parts.camera
    socket = web.WebSocketResponse(
        heartbeat=PING_SECONDS, max_msg_size=MESSAGE_BYTES, compress=False
    )
    if not socket.can_prepare(http).ok:
        raise Problem("malformed", "This address speaks websocket only.")
    if camera.listeners >= LISTENERS_MOST:
        raise Problem("busy", "Too many live screens are open.", retry_seconds=30)
    camera.listeners += 1
    try:
        await socket.prepare(http)
        await _feed(request.parts, http, socket)
    finally:
        camera.left()
    return socket


async def _feed(parts: Parts, http: web.Request, socket: web.WebSocketResponse) -> None:
    camera, closed = parts.camera, asyncio.create_task(_until_closed(socket))
    shown: Picture | None = None
    checked_at = told_at = monotonic()
    try:
        await camera.up_to_date()
        while not closed.done():
            text, shown = camera.news(shown), camera.picture
            if text is None and monotonic() - told_at >= BEAT_SECONDS:
                text = _nothing(shown)
            if text is not None:
                await _send(socket, text)
                told_at = monotonic()
            coming = camera.next_picture()
            await asyncio.wait(
                (closed, coming),
                timeout=max(
                    0.0, min(checked_at + RECHECK_SECONDS, told_at + BEAT_SECONDS) - monotonic()
                ),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if coming.done():
                coming.result()
            if monotonic() - checked_at >= RECHECK_SECONDS:
                # A database that is away cannot say that the log-in has ended, so the feed goes on.
                with suppress(DatabaseAwayError):
                    await who_asks(http, parts.logins)
                checked_at = monotonic()
    except Problem:  # not logged in any more
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"log in again")
    except (ConnectionError, TimeoutError):
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
    finally:
        closed.cancel()


async def _until_closed(socket: web.WebSocketResponse) -> None:
    while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
        pass


async def _send(socket: web.WebSocketResponse, text: str) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await socket.send_str(text)


def changes(before: Picture, after: Picture) -> LiveMessage | None:
    """The differences between two pictures, or None."""
    old_queues = {view.queue: _lasting_queue(view, before) for view in before.queues}
    old_operators = {view.operator: _lasting_operator(view) for view in before.operators}
    there = {view.operator for view in after.operators}
    change = LiveMessage(
        type="changes",
        connected=after.connected,
        queues=[v for v in after.queues if old_queues.get(v.queue) != _lasting_queue(v, after)],
        operators=[
            v for v in after.operators if old_operators.get(v.operator) != _lasting_operator(v)
        ],
        removed=[name for name in old_operators if name not in there],
    )
    quiet = not change.queues and not change.operators and not change.removed
    return None if quiet and before.connected == after.connected else change


def _everything(picture: Picture) -> LiveMessage:
    return LiveMessage(
        type="snapshot",
        connected=picture.connected,
        queues=picture.queues,
        operators=picture.operators,
        removed=(),
    )


def _nothing(picture: Picture) -> str:
    message = LiveMessage(
        type="changes", connected=picture.connected, queues=(), operators=(), removed=()
    )
    return msgspec.json.encode(message).decode()


def _oldest(state: State) -> dict[str, float]:
    """How long each queue's oldest caller will have waited at a fixed time. With the present time,
    rounding would give the same caller another number each time."""
    return {name: state.oldest_wait_seconds(name, FAR_SECONDS) for name in state.queues}


def _lasting_queue(view: QueueView, picture: Picture) -> tuple[QueueView, float | None]:
    """The view without seconds that only pass."""
    parked = [
        msgspec.structs.replace(call, parked_seconds=0.0, left_seconds=0.0) for call in view.parked
    ]
    lasting = msgspec.structs.replace(view, oldest_wait_seconds=0.0, parked=parked)
    return lasting, picture.oldest.get(view.queue)


def _lasting_operator(view: OperatorView) -> OperatorView:
    """The view without seconds that only pass."""
    return msgspec.structs.replace(view, state_seconds=0.0, until_seconds=None, help_seconds=0.0)


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    listeners=lambda parts: (parts.camera.changed,),
)
