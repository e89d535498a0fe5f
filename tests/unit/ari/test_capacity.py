"""How many legs there are, and what is not known."""

import asyncio
import json
from contextlib import suppress

from callcenter.ari import rest
from callcenter.ari.capacity import Capacity
from tests.people import until

ENDPOINTS = [
    {
        "technology": "PJSIP",
        "resource": "trunk@k3f7w2xa",
        "state": "unknown",
        "channel_ids": ["a", "b"],
    },
    {
        "technology": "PJSIP",
        "resource": "op-malee@k3f7w2xa",
        "state": "online",
        "channel_ids": ["c"],
    },
]


class Asterisk:
    """Knows two limits, or none."""

    def __init__(self, **globals: str) -> None:
        self._globals = globals

    async def ask(self, request: rest.Request) -> rest.Response:
        name = request.path.partition("variable=")[2]
        if name:
            return rest.Response(
                status=200, body=json.dumps({"value": self._globals.get(name, "")})
            )
        return rest.Response(status=200, body=json.dumps(ENDPOINTS))


async def seen(asterisk: Asterisk) -> dict[str, int]:
    capacity = Capacity(lambda: ["trunk"])
    watching = asyncio.create_task(capacity.watch(asterisk.ask))
    await until(lambda: capacity.legs, within=5)
    found = dict(capacity.legs)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    assert capacity.legs == {}, "without a connection nothing is known"
    return found


async def test_legs_are_counted_beside_their_limits() -> None:
    found = await seen(Asterisk(MOST_CALLERS="75", MOST_LEGS="100"))
    assert found == {"callers": 2, "callers_limit": 75, "all": 3, "all_limit": 100}


async def test_the_limits_of_an_asterisk_that_does_not_tell_are_not_known() -> None:
    assert await seen(Asterisk(MOST_LEGS="many")) == {"callers": 2, "all": 3}
