"""Callers in our application whose arrival Asterisk never told us. Listing its channels finds them.

Asterisk makes one JSON object of a channel. If a single byte of it is not UTF-8, there is no object
and no event. Seen on 22.10.1 with the Call-ID (`protocol_id` of the channel); Asterisk cleans all
other text of a caller. Such a caller hears music and stands in no queue. An event can also simply
be lost.

At every pulse the channels of the application are compared with those that the engine was told of.
A channel that is unknown at two looks is asked for. If Asterisk can describe it, the caller arrives
now. If not, the engine gets a `CallerUntold`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote

import msgspec

from callcenter.ari import rest, wire
from callcenter.ari.errors import ConnectionLost
from callcenter.ari.translate import is_caller, leg_seen
from callcenter.core.events import CallArrived, CallerUntold
from callcenter.core.ids import THE_NODE, CallId, NodeId
from callcenter.runtime.pulse import pulse

Ask = Callable[[rest.Request], Awaitable[rest.Response]]
Tell = Callable[[CallArrived | CallerUntold], None]

AT_ONCE = 32
"""Requests sent at the same time. They are cheap: Asterisk answers 50,000 a second."""


class Untold:
    """The channels that the engine was told of, and those that seem to be missing. `app` is our
    application."""

    def __init__(self, app: str, node: NodeId = THE_NODE) -> None:
        self._app = app
        self._node = node
        self._told: set[str] = set()
        self._suspects: set[str] = set()

    def begin(self, legs: Iterable[str]) -> None:
        """Start with the channels of a snapshot."""
        self._told = set(legs)
        self._suspects = set()

    def told(self, call: CallId) -> None:
        """The engine was told of this caller by an event."""
        self._told.add(call)

    async def watch(self, ask: Ask, tell: Tell) -> None:
        """Look at every pulse, until cancelled."""
        while True:
            await pulse()
            await self.look(ask, tell)

    async def look(self, ask: Ask, tell: Tell) -> None:
        """Look once. Tell of channels that were missing at the look before, too."""
        # a copy: a caller who arrives during the look may not be in Asterisk's list
        known = set(self._told)
        listed = await in_application(ask, self._app)
        if listed is None:
            return
        self._told -= known - listed
        unknown = {leg for leg in listed - self._told if is_caller(leg)}
        again, self._suspects = unknown & self._suspects, unknown
        for leg in sorted(again):
            if event := await self._asked_for(ask, leg):
                self._suspects.discard(leg)
                tell(event)

    async def _asked_for(self, ask: Ask, leg: str) -> CallArrived | CallerUntold | None:
        answer = await ask(channel(leg))
        if answer.status != 200 or leg in self._told:
            return None  # gone, or told of in the meantime
        seen = described(answer)
        if seen is None:
            return CallerUntold(call=CallId(leg), node=self._node)
        ping = await ask(rest.read("/asterisk/ping"))
        if ping.status != 200:
            return None
        now = msgspec.json.decode(ping.body, type=wire.AsteriskPing).timestamp
        found = leg_seen(seen, self._app, now, self._node)
        if not found.in_app:
            return None
        return CallArrived(
            call=CallId(leg),
            did=found.did,
            caller=found.caller,
            age_seconds=found.age_seconds,
            node=self._node,
        )


async def in_application(ask: Ask, app: str) -> set[str] | None:
    """The ids of all channels in the application, also of those that cannot be described. None if
    unknown."""
    answer = await ask(rest.read(f"/applications/{quote(app, safe='')}"))
    if answer.status != 200:
        return None
    try:
        return set(msgspec.json.decode(answer.body, type=wire.Application).channel_ids)
    except msgspec.DecodeError:
        return None


async def describable(ask: Ask, legs: Iterable[str]) -> list[wire.Channel]:
    """The channels among these that Asterisk can describe. They are asked for one by one, because
    the list of all fails if a single one cannot be described. Raises ConnectionLost."""
    found: list[wire.Channel] = []
    rest_of_them = sorted(legs)
    while rest_of_them:
        now, rest_of_them = rest_of_them[:AT_ONCE], rest_of_them[AT_ONCE:]
        for answer in await asyncio.gather(*(ask(channel(leg)) for leg in now)):
            if answer.status not in (200, 404):
                raise ConnectionLost(f"a channel could not be read ({answer.status})")
            seen = described(answer) if answer.status == 200 else None
            if seen is not None:
                found.append(seen)
    return found


def channel(leg: str) -> rest.Request:
    """The request for one channel."""
    return rest.read(f"/channels/{quote(leg, safe='')}")


def described(answer: rest.Response) -> wire.Channel | None:
    """The channel. None if Asterisk cannot describe it: then the answer is 200 with an empty
    body."""
    try:
        return msgspec.json.decode(answer.body, type=wire.Channel)
    except msgspec.DecodeError:
        return None
