"""How many legs Asterisk has, and how many it can have: its RTP ports and its limit of callers.

Run by asterisk.py while it has a connection; telemetry reads the numbers at a scrape. The limits
are two global variables of the dial plan (extensions.conf). If they are not set, as in an Asterisk
that is not ours, they are unknown. This module decides nothing: Asterisk itself refuses callers
over the limit.
"""

from collections.abc import Awaitable, Callable, Collection

import msgspec

from callcenter.ari import rest, wire
from callcenter.ari.phone_watch import PATH
from callcenter.ports.phones import without_domain
from callcenter.runtime.pulse import pulse

LOOK_SECONDS = 5.0
LIMITS = {"callers_limit": "MOST_CALLERS", "all_limit": "MOST_LEGS"}

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


class Capacity:
    """`legs` has the number of callers, of all legs, and their limits. Unknown numbers are left
    out."""

    def __init__(self, trunk_names: Callable[[], Collection[str]]) -> None:
        self.legs: dict[str, int] = {}
        self._trunk_names = trunk_names

    async def watch(self, ask: Ask) -> None:
        """Count again and again, until cancelled. Then nothing is known any more."""
        try:
            limits = {kind: await _limit(ask, name) for kind, name in LIMITS.items()}
            while True:
                await self.look(ask, limits)
                await pulse(LOOK_SECONDS)
        finally:
            self.legs = {}

    async def look(self, ask: Ask, limits: dict[str, int]) -> None:
        """Count once."""
        answer = await ask(rest.read(PATH))
        if answer.status != 200:
            return
        try:
            endpoints = wire.decode_endpoints(answer.body)
        except msgspec.DecodeError:
            return
        trunks = self._trunk_names()
        legs = {each.resource: len(each.channel_ids) for each in endpoints}
        callers = sum(many for name, many in legs.items() if without_domain(name) in trunks)
        known = {kind: limit for kind, limit in limits.items() if limit}
        self.legs = {"callers": callers, "all": sum(legs.values()), **known}


async def _limit(ask: Ask, name: str) -> int:
    """The value of one limit; 0 if it is unknown."""
    answer = await ask(rest.read(f"/asterisk/variable?variable={name}"))
    if answer.status != 200:
        return 0
    try:
        return int(msgspec.json.decode(answer.body, type=wire.Variable).value)
    except (msgspec.DecodeError, ValueError):
        return 0
