"""The live feed: a websocket that tells queues and operators once, then only what has changed.

For consoles and wallboards, at GET /api/v1/live. The state is looked at every LOOK_SECONDS, once
for all listeners and only while there are any. Seconds that merely go by are no change: a screen
counts them itself. It never takes orders; what a listener sends is thrown away.

Messages (JSON texts): {"type":"snapshot","connected":…,"queues":[…],"operators":[…],"removed":[]},
then {"type":"changes",…} with those that are different now; `removed` are operators no more there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from callcenter.runtime.people import Role
from callcenter.web import operator_views, queues
from callcenter.web.errors import Problem
from callcenter.web.identity import require_role, who_asks
from callcenter.web.operator_views import OperatorView
from callcenter.web.queues import QueueView
from callcenter.web.service import Service

LOOK_SECONDS = 0.5
RECHECK_LOOKS = 60  # an ended session or a disabled account loses its feed within 30 s
SEND_SECONDS = 5.0  # a listener that takes no message for so long is cut off
PING_SECONDS = 20.0
LISTENERS_MOST = 500
MESSAGE_BYTES = 1024  # listeners have nothing to say

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Picture(msgspec.Struct):
    """What a listener is shown, or the part of it that changed."""

    type: str
    connected: bool
    queues: list[QueueView]
    operators: list[OperatorView]
    removed: list[str] = []


class Camera:
    """Takes a picture of the state at most every LOOK_SECONDS, for all listeners together."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._taken_at = -LOOK_SECONDS
        self._picture = Picture("snapshot", False, [], [])
        self.listeners = 0

    async def picture(self) -> Picture:
        """The state, not older than LOOK_SECONDS / 2."""
        if monotonic() - self._taken_at >= LOOK_SECONDS / 2:
            self._picture = await self._take()
            self._taken_at = monotonic()
        return self._picture

    async def _take(self) -> Picture:
        desk, cards = self._service.desk, await self._service.roster.cards()
        state, now = desk.state, desk.now()
        return Picture(
            type="snapshot",
            connected=state.connected,
            queues=[queues.view(state, name, now) for name in state.queues],
            operators=[operator_views.view(card, desk) for card in cards.values()],
        )


def live(service: Service) -> Handler:
    """The handler of GET /api/v1/live."""
    camera = Camera(service)

    async def handle(request: web.Request) -> web.StreamResponse:
        person = await who_asks(request, service.logins)
        require_role(person, Role.OPERATOR, before_password_change=False)
        socket = web.WebSocketResponse(heartbeat=PING_SECONDS, max_msg_size=MESSAGE_BYTES)
        if not socket.can_prepare(request).ok:
            raise Problem("malformed", "This address speaks websocket only.")
        if camera.listeners >= LISTENERS_MOST:
            raise Problem("busy", "Too many live screens are open.", retry_seconds=30)
        camera.listeners += 1
        try:
            await socket.prepare(request)
            await _feed(service, camera, request, socket)
        finally:
            camera.listeners -= 1
        return socket

    return handle


async def _feed(
    service: Service, camera: Camera, request: web.Request, socket: web.WebSocketResponse
) -> None:
    closed = asyncio.create_task(_until_closed(socket))
    try:
        shown, looks = await camera.picture(), 0
        await _send(socket, shown)
        while not closed.done():
            await asyncio.wait([closed], timeout=LOOK_SECONDS)
            looks += 1
            if looks % RECHECK_LOOKS == 0:
                await who_asks(request, service.logins)
            now = await camera.picture()
            if (change := changes(shown, now)) is not None:
                await _send(socket, change)
            shown = now
    except Problem:  # not logged in any more
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"log in again")
    except (ConnectionError, TimeoutError):
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
    finally:
        closed.cancel()


async def _until_closed(socket: web.WebSocketResponse) -> None:
    while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
        pass


async def _send(socket: web.WebSocketResponse, message: Picture) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await socket.send_str(msgspec.json.encode(message).decode())


def changes(before: Picture, after: Picture) -> Picture | None:
    """What is different, or None."""
    old_queues = {view.queue: _lasting_queue(view) for view in before.queues}
    old_operators = {view.operator: _lasting_operator(view) for view in before.operators}
    there = {view.operator for view in after.operators}
    change = Picture(
        type="changes",
        connected=after.connected,
        queues=[v for v in after.queues if old_queues.get(v.queue) != _lasting_queue(v)],
        operators=[
            v for v in after.operators if old_operators.get(v.operator) != _lasting_operator(v)
        ],
        removed=[name for name in old_operators if name not in there],
    )
    quiet = not change.queues and not change.operators and not change.removed
    return None if quiet and before.connected == after.connected else change


def _lasting_queue(view: QueueView) -> tuple[object, ...]:
    """Everything but the seconds that go by."""
    return (view.title, view.waiting, view.waiting_limit, view.operators)


def _lasting_operator(view: OperatorView) -> tuple[object, ...]:
    """Everything but the seconds that go by."""
    return (view.name, view.state, view.reason, view.wish, view.queues, view.call)
