"""The fake behind a real socket: ARI over HTTP and websocket, for tests of the client.

    async with FakeServer() as fake:
        Access(url=fake.url, user=fake.user, password=fake.password)
        leg = fake.do(fake.model.call_in, "1567", "0812345678")
        rings = await fake.sees(Rings)

What goes wrong on the way is set at any time: `slow_seconds`, `frozen` (a black hole: nothing is
read, nothing is sent, nothing is closed), `cut()`, `refuses` (new connections), `silent_paths`
(requests that are carried out and never answered), `version`. Virtual time follows the event loop.
"""

import asyncio
import base64
from collections.abc import Callable
from typing import ParamSpec, Self, TypeVar, cast

import msgspec
from aiohttp import WSMsgType, web

from callcenter.ari.rest import Response
from tests.fake_asterisk.model import Model
from tests.fake_asterisk.parts import PASSWORD, Noise, Output, Told

P = ParamSpec("P")
R = TypeVar("R")
O = TypeVar("O", bound=Output)  # noqa: E741


class _Socket:
    """One open websocket, and its unsent messages in order."""

    def __init__(
        self, number: int, websocket: web.WebSocketResponse, transport: asyncio.Transport
    ) -> None:
        self.number = number
        self.websocket = websocket
        self.transport = transport
        self.to_send: asyncio.Queue[bytes] = asyncio.Queue()


class FakeServer:
    """Serves one Model on a free port of 127.0.0.1, or on `port`."""

    user = "callcenter"
    password = PASSWORD

    def __init__(self, model: Model | None = None, *, port: int = 0) -> None:
        self.model = model or Model()
        self.port = port
        self.seen: list[Output] = []  # all outputs but Told
        self.requests: list[tuple[str, str]] = []  # method, path
        self.version = "22.10.1+fake"
        self.slow_seconds = 0.0
        self.refuses = False
        self.silent_paths: set[str] = set()
        self.thawed = asyncio.Event()
        self.thawed.set()
        self._changed = asyncio.Event()
        self._sockets: dict[int, _Socket] = {}
        self._began_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._runner: web.ServerRunner | None = None

    # --- for the test ------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The `url` of an Access."""
        return f"http://127.0.0.1:{self.port}/ari"

    @property
    def frozen(self) -> bool:
        """Whether it is a black hole at present."""
        return not self.thawed.is_set()

    @frozen.setter
    def frozen(self, value: bool) -> None:
        (self.thawed.clear if value else self.thawed.set)()

    def do(self, act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Make something happen in the model, and deliver its effects."""
        self._deliver()
        result = act(*args, **kwargs)
        self._deliver()
        return result

    async def sees(self, kind: type[O]) -> O:
        """Wait for an output of this kind, and remove it."""
        while True:
            for output in self.seen:
                if isinstance(output, kind):
                    self.seen.remove(output)
                    return output
            self._changed.clear()
            await self._changed.wait()

    def cut(self) -> None:
        """Reset all connections."""
        for socket in self._sockets.values():
            socket.transport.abort()

    def ends(self) -> list[int]:
        """Our ends of the open websockets, as file descriptors."""
        sockets = [one.transport.get_extra_info("socket") for one in self._sockets.values()]
        return [socket.fileno() for socket in sockets]

    @property
    def connections(self) -> int:
        """The number of open websockets."""
        return len(self._sockets)

    # --- the server --------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._began_at = asyncio.get_running_loop().time()
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.thawed.set()
        self.cut()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        plain = f"{self.user}:{self.password}".encode()
        wanted = "Basic " + base64.b64encode(plain).decode()
        await self.thawed.wait()
        if self.refuses:
            return web.Response(status=503)
        if request.headers.get("Authorization") != wanted:
            return web.Response(status=401)
        path = request.raw_path.removeprefix("/ari")
        if path.startswith("/events"):
            return await self._serve_socket(request)
        body = await request.read()
        response = await self._answer(request.method, path, body.decode())
        if response is None:
            await asyncio.Event().wait()
        assert response is not None
        return web.Response(status=response.status, text=response.body)

    async def _answer(self, method: str, path: str, body: str) -> Response | None:
        """Carry a request out. Gives None if its answer is lost."""
        if self.slow_seconds:
            await asyncio.sleep(self.slow_seconds)
        self.requests.append((method, path))
        parameters = msgspec.json.decode(body) if body else {}
        response = self.do(self.model.request, method, path, parameters)
        if path == "/asterisk/info":
            response = Response(
                status=200, body=response.body.replace("22.10.1+fake", self.version)
            )
        return None if path in self.silent_paths else response

    async def _serve_socket(self, request: web.BaseRequest) -> web.StreamResponse:
        websocket = web.WebSocketResponse(autoping=False, max_msg_size=0)
        await websocket.prepare(request)
        number = self.do(self.model.connect, request.query["app"])
        transport = cast(asyncio.Transport, request.transport)
        socket = self._sockets[number] = _Socket(number, websocket, transport)
        sender = asyncio.create_task(self._send(socket))
        try:
            await self._receive(socket)
        finally:
            sender.cancel()
            del self._sockets[number]
            self.do(self.model.disconnect, number)
        return websocket

    async def _receive(self, socket: _Socket) -> None:
        while True:
            await self.thawed.wait()
            message = await socket.websocket.receive()
            await self.thawed.wait()
            if message.type is WSMsgType.PING:
                await socket.websocket.pong(message.data)
                continue
            if message.type is WSMsgType.PONG:
                continue
            if message.type is not WSMsgType.TEXT:
                return
            asked = msgspec.json.decode(message.data)
            path, body = "/" + asked["uri"], asked.get("message_body", "")
            response = await self._answer(asked["method"], path, body)
            if response is not None:
                self._respond(socket, asked, response)

    def _respond(self, socket: _Socket, asked: dict[str, str], response: Response) -> None:
        if self.model.allows(socket.number, "RESTResponse"):
            answer = {
                "type": "RESTResponse",
                "timestamp": self.model.clock.say(self.model.now),
                "request_id": asked["request_id"],
                "transaction_id": "",
                "uri": asked["uri"],
                "status_code": response.status,
                "reason_phrase": "",
                "message_body": response.body,
            }
            socket.to_send.put_nowait(msgspec.json.encode(answer))

    async def _send(self, socket: _Socket) -> None:
        while True:
            message = await socket.to_send.get()
            await self.thawed.wait()
            await socket.websocket.send_str(message.decode())

    # --- time --------------------------------------------------------------------------------

    def _deliver(self) -> None:
        """Run what is due and send the outputs. Comes back when more is due."""
        loop = asyncio.get_running_loop()
        for output in self.model.advance(loop.time() - self._began_at):
            if isinstance(output, Told):
                self._tell(output)
            else:
                self.seen.append(output)
                self._changed.set()
        if self._timer is not None:
            self._timer.cancel()
        due = self.model.next_due()
        if due is not None:
            self._timer = loop.call_at(self._began_at + due, self._deliver)

    def _tell(self, told: Told) -> None:
        socket = self._sockets.get(told.socket)
        if socket is None:
            return
        event = {"type": told.event.type} if isinstance(told.event, Noise) else told.event
        socket.to_send.put_nowait(msgspec.json.encode(event))
