"""A queue of sixty lines over raw ARI: how long a hand-off takes, by the way its requests go.

For `variants.py`. Four requests a call, as the product sends them: ring, end of the music, join,
hang up. What is measured is Asterisk's own time from the operator's StasisStart to the second
ChannelEnteredBridge.
"""

import asyncio
import time
from collections import deque
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from tests.bench import scenarios
from tests.bench.cost import cpu_seconds
from tests.bench.figures import quantile
from tests.bench.raw import APP, OURS, Body, Event, Raw, Socket

WAYS = {"one websocket": 0, "2 request websockets": 2, "4 request websockets": 4}
"""How many websockets carry requests beside the one of the events; 0: that one does both."""

TALK = scenarios.talk(1.0, spread=0.5)
WARM_SECONDS, SECONDS = 3.0, 8.0
TYPES = ("StasisStart", "ChannelDestroyed", "ChannelEnteredBridge", "RESTResponse")


class Queue:
    """First come, first served; an operator's desk is a bridge of his own."""

    def __init__(self, events: Socket, carriers: list[Socket], raw: Raw) -> None:
        self.waits: list[float] = []
        self._endpoint = raw.asterisk.endpoint
        self._events, self._carriers = events, carriers
        self._free = deque(raw.operators)
        self._callers: deque[str] = deque()
        self._legs: dict[str, tuple[str, str]] = {}
        self._answered: dict[str, float] = {}
        self._number = 0
        self._asking: set[asyncio.Task[object]] = set()

    async def open(self) -> None:
        """Make the desks and listen."""
        allowed = {"allowed": [{"type": name} for name in TYPES]}
        await self._events.ask("PUT", f"/applications/{APP}/eventFilter", allowed)
        for operator in self._free:
            await self._events.ask(
                "POST", f"/bridges/desk-{operator}", {"type": "mixing,proxy_media"}
            )
        self._events.listener = self._hear

    def _hear(self, event: Event) -> None:
        channel = event["channel"]["id"]
        if event["type"] == "StasisStart" and channel in self._legs:
            self._answered[channel] = _moment(event)
            self._join(channel)
        elif event["type"] == "StasisStart":
            self._callers.append(channel)
        elif event["type"] == "ChannelEnteredBridge":
            self._entered(event)
        elif channel in self._legs:
            caller, operator = self._legs.pop(channel)
            self._ask(caller, "DELETE", f"/channels/{caller}")
            self._free.append(operator)
        elif channel in self._callers:
            self._callers.remove(channel)
        self._match()

    def _match(self) -> None:
        while self._callers and self._free:
            caller, operator = self._callers.popleft(), self._free.popleft()
            self._number += 1
            leg = f"leg-{self._number}"
            self._legs[leg] = caller, operator
            ring = {"endpoint": self._endpoint(operator), "app": APP, "originator": caller}
            self._ask(caller, "POST", f"/channels/{leg}", ring)

    def _join(self, leg: str) -> None:
        caller, operator = self._legs[leg]
        self._ask(caller, "DELETE", f"/channels/{caller}/moh")
        both = {"channel": [caller, leg], "inhibitConnectedLineUpdates": True}
        self._ask(caller, "POST", f"/bridges/desk-{operator}/addChannel", both)

    def _entered(self, event: Event) -> None:
        inside = event["bridge"]["channels"]
        [leg] = [one for one in inside if one in self._answered] or [None]
        if leg is not None and len(inside) == 2:
            self.waits.append(_moment(event) - self._answered.pop(leg))

    def _ask(self, caller: str, method: str, path: str, body: Body = None) -> None:
        """All requests of a call go the same way, so that their order is kept."""
        carrier = self._carriers[hash(caller) % len(self._carriers)]
        asking: asyncio.Task[object] = asyncio.create_task(carrier.ask(method, path, body))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)


async def hand_off(way: str, folder: Path, operators: int, rate: float) -> tuple[float, ...]:
    """Bridged a second, p50 and p99 in ms, Asterisk's processor time a call in ms."""
    async with AsyncExitStack() as stack:
        raw = await stack.enter_async_context(Raw(folder, operators=operators))
        sockets = [await raw.socket(), *[await raw.socket(f"ask-{n}") for n in range(WAYS[way])]]
        for socket in sockets:
            stack.push_async_callback(socket.close)
        queue = Queue(sockets[0], sockets[1:] or sockets, raw)
        await queue.open()
        raw.crowd.operators_work(TALK)
        raw.crowd.callers_call(OURS, at_once=3000, rate=rate)
        await asyncio.sleep(WARM_SECONDS)
        queue.waits.clear()
        began, before = time.monotonic(), cpu_seconds([raw.pid])
        await asyncio.sleep(SECONDS)
        waits, took = list(queue.waits), time.monotonic() - began
        used = (cpu_seconds([raw.pid]) - before) / len(waits) * 1000
        await raw.callers_go()
        return len(waits) / took, *(1000 * quantile(waits, s) for s in (0.5, 0.99)), used


def _moment(event: Event) -> float:
    return datetime.fromisoformat(event["timestamp"]).timestamp()
