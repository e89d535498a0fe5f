"""ARI by hand, so that the dial plan is tested without the service's own adapter in between."""

import asyncio
import json
import time
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from callcenter.ari.rest import Request
from tests.parts import PrivateAsterisk
from tests.people.until import until


class PlainAri:
    """Requests and events of one Asterisk; `async with PlainAri(asterisk) as ari`."""

    def __init__(self, asterisk: PrivateAsterisk) -> None:
        user = aiohttp.encode_basic_auth("callcenter", asterisk.ari_password)
        self._url = asterisk.ari_url
        self._session = aiohttp.ClientSession(headers={"Authorization": user})
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._beat: asyncio.Task[None] | None = None
        self._beat_under_way = asyncio.Lock()

    async def request(self, method: str, path: str, **parameters: str) -> tuple[int, Any]:
        """Status and decoded body (None when there is none)."""
        async with self._session.request(method, self._url + path, params=parameters) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def carry_out(self, wanted: Request) -> tuple[int, str]:
        """A request as the service makes it; status and answer."""
        url = URL(self._url + wanted.path, encoded=True)
        async with self._session.request(wanted.method, url, json=wanted.body) as answer:
            return answer.status, await answer.text()

    async def serve(self) -> None:
        """Be the service: connect as the application, and keep its heart beating."""
        self._socket = await self._session.ws_connect(f"{self._url}/events?app=callcenter")
        await self._one_beat()
        self._beat = asyncio.create_task(self._beating())

    async def stop_beating(self) -> None:
        """Be a service that is connected but dead; returns when Asterisk will notice it."""
        assert self._beat is not None
        async with self._beat_under_way:  # it could arrive after what is said now
            self._beat.cancel()
        long_ago = str(int(time.time()) - 60)
        await self.request("POST", "/asterisk/variable", variable="CALLCENTER_BEAT", value=long_ago)

    async def disconnect(self) -> None:
        """Be a service that was killed this moment: no websocket, a beat not yet old."""
        assert self._beat is not None and self._socket is not None
        async with self._beat_under_way:  # who is dead gives no sign any more
            self._beat.cancel()
        await self._socket.close()
        await self._until_forgotten()

    async def event(self, kind: str) -> Any:
        """The next event of this type; others before it are dropped."""
        assert self._socket is not None
        while True:
            event = await self._socket.receive_json(timeout=60)
            if event["type"] == kind:
                return event

    async def _beating(self) -> None:
        while True:
            await asyncio.sleep(1)
            await self._one_beat()

    async def _one_beat(self) -> None:
        async with self._beat_under_way:
            now = str(int(time.time()))
            await self.request("POST", "/asterisk/variable", variable="CALLCENTER_BEAT", value=now)

    async def _until_forgotten(self) -> None:
        """Asterisk notices in a thread of its own; who calls before that waits for nobody."""

        async def forgotten() -> bool:
            return (await self.request("GET", "/applications/callcenter"))[0] == 404

        await until(forgotten, within=10)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._beat is not None:
            self._beat.cancel()
        if self._socket is not None:
            await self._socket.close()
        if self._socket is not None and kind is None:
            await self._until_forgotten()
        await self._session.close()
