"""The third arm: our queue with every operator on an open line, whose phone is rung once.

An operator's SIPp leg stays up, so somebody else must end the talks: here an application of the
bench hears who enters the operators' bridges and hangs the caller up after the talk, as
`operators_work` does in the other arms from the operators' phones. What is not alike: the end of a
talk is a request to Asterisk and not a BYE from a phone (both are charged to Asterisk), and nothing
rings. app_queue has no such mode; its own way to it is app_agent_pool, which is not measured here.
"""

import asyncio
import json
import random
import time
from collections.abc import Coroutine
from datetime import datetime
from typing import Self

import aiohttp

from tests.bench import scenarios
from tests.bench.lab import Lab
from tests.bench.observer import CUT_SECONDS
from tests.people import until

APP = "talks"
FOR_EVER = scenarios.talk(86_400)


class OpenLines:
    """`async with OpenLines(lab, talk_seconds, spread) as lines:`, and `close` before callers go.

    No talk ends before `begin`: the line could not fill while so many are served.

    `joined` counts the callers handed over; `gaps` are the seconds from each hang-up (the instant
    the request is sent) to the next caller's being in that operator's bridge.
    """

    def __init__(self, lab: Lab, talk_seconds: float, spread: float, *, seed: int = 1) -> None:
        self.joined = 0
        self.gaps: list[float] = []
        self._lab = lab
        self._shortest, self._longest = talk_seconds * (1 - spread), talk_seconds * (1 + spread)
        self._draw = random.Random(seed)
        self._url = lab.asterisk.ari_url
        password = aiohttp.BasicAuth("callcenter", lab.asterisk.ari_password)
        self._session = aiohttp.ClientSession(auth=password)
        self._freed: dict[str, float] = {}
        self._begun = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._lab.crowd.operators_work(FOR_EVER)
        await self._log_in(open_line=True)
        socket = await self._session.ws_connect(
            f"{self._url}/events", params={"app": APP, "subscribeAll": "false"}
        )
        for operator in self._lab.operators:
            source = {"eventSource": f"bridge:desk-{operator}"}
            await self._ask("POST", f"/applications/{APP}/subscription", source)
        self._start(self._listen(socket))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def begin(self) -> None:
        """Talks end from now on."""
        self._begun.set()

    async def close(self) -> None:
        """Nobody ends a talk any more, and the operators have ordinary phones again."""
        if self._session.closed:
            return
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
        await self._log_in(open_line=False)

    async def _log_in(self, *, open_line: bool) -> None:
        for operator in self._lab.operators:
            body = {"open_line": open_line}
            await self._lab.api.ask("POST", f"/operators/{operator}/log-in", body)
        if open_line:
            await until(self._all_there, within=60, but=self._lab.service.last_words)

    async def _all_there(self) -> bool:
        found = await self._lab.api.ask("GET", "/operators")
        return all(x["state"] == "available" and x["open_line"] for x in found["operators"])

    async def _ask(self, method: str, path: str, parameters: dict[str, str]) -> int:
        url = f"{self._url}{path}"
        async with self._session.request(method, url, params=parameters) as answer:
            return answer.status

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            told = json.loads(message.data)
            channel = told.get("channel", {}).get("id", "")
            if told["type"] != "ChannelEnteredBridge" or channel.startswith("line-"):
                continue
            self.joined += 1
            desk = told["bridge"]["id"]
            freed = self._freed.pop(desk, None)
            if freed is not None:
                entered = datetime.fromisoformat(told["timestamp"]).timestamp() + CUT_SECONDS
                self.gaps.append(entered - freed)
            self._start(self._talk(desk, channel))

    async def _talk(self, desk: str, channel: str) -> None:
        await self._begun.wait()
        await asyncio.sleep(self._draw.uniform(self._shortest, self._longest))
        self._freed[desk] = time.time()
        await self._ask("DELETE", f"/channels/{channel}", {})
