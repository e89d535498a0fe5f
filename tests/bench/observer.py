"""An application of the bench itself that hears of every bridge of Asterisk's: the second witness.

For `dispatch.py`, in both arms. The instants are Asterisk's own time stamps of the moment a channel
entered, in whole milliseconds (cut off), of the same clock as the capture's; half a millisecond is
added, so that on average nothing is gained by the cutting.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import aiohttp

from callcenter.ports.phones import without_domain
from tests.bench.wire import Rung, Story

CUT_SECONDS = 0.0005
APP = "observer"
_FILTER = {"allowed": [{"type": "ChannelEnteredBridge"}]}


@dataclass(frozen=True, slots=True)
class Entry:
    """A channel entered a bridge, which then had so many."""

    at: float
    bridge: str
    channel: str
    number: str  # the caller's, as the channel has it
    present: int


class Observer:
    """`async with Observer(url, password) as o:`; afterwards `o.entries`, or each to `listener`."""

    def __init__(self, ari_url: str, password: str) -> None:
        self.entries: list[Entry] = []
        self.listener: Callable[[Entry], None] = self.entries.append
        self._url = ari_url
        self._session = aiohttp.ClientSession(auth=aiohttp.BasicAuth("callcenter", password))
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._session.__aenter__()
        socket = await self._session.ws_connect(
            f"{self._url}/events", params={"app": APP, "subscribeAll": "true"}
        )
        async with self._session.put(
            f"{self._url}/applications/{APP}/eventFilter", json=_FILTER
        ) as answer:
            answer.raise_for_status()
        self._listening = asyncio.create_task(self._listen(socket))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._session.close()

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            told = json.loads(message.data)
            if told["type"] != "ChannelEnteredBridge":
                continue
            self.listener(
                Entry(
                    at=datetime.fromisoformat(told["timestamp"]).timestamp() + CUT_SECONDS,
                    bridge=told["bridge"]["id"],
                    channel=told["channel"]["name"],
                    number=told["channel"]["caller"]["number"],
                    present=len(told["bridge"]["channels"]),
                )
            )


def answer_to_bridge(story: Story, entries: list[Entry]) -> list[float]:
    """Seconds from each operator's 200 OK until both legs were in one bridge."""
    by_operator: dict[str, list[Rung]] = {}
    for rung in story.answered:
        by_operator.setdefault(rung.operator, []).append(rung)
    inside: dict[str, list[str]] = {}
    waits = []
    for entry in sorted(entries, key=lambda e: e.at):
        inside[entry.bridge] = [*inside.get(entry.bridge, [])[-1:], entry.channel]
        if entry.present == 2 and entry.at <= story.until:
            answered = _last_answer(by_operator, inside[entry.bridge], entry.at)
            if answered is not None:
                waits.append(entry.at - answered)
    return waits


def _last_answer(
    by_operator: dict[str, list[Rung]], channels: list[str], at: float
) -> float | None:
    for channel in channels:
        operator = without_domain(channel).removeprefix("PJSIP/op-")
        before = [r.answered_at for r in by_operator.get(operator, ()) if r.answered_at <= at]
        if before:
            return max(before)
    return None
