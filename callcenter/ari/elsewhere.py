"""Which phones are in a call that is not ours: the lifeboat's, which goes on when we are back.

Run by asterisk.py while it has a connection; snapshot.py looks once before. The engine rings none
of these phones. What happens within such a call is nobody's business here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from callcenter.ari import rest, wire
from callcenter.core.events import PhonesSeen
from callcenter.core.ids import is_caller
from callcenter.runtime.phones import without_domain
from callcenter.runtime.pulse import pulse

PATH = "/endpoints/PJSIP"

LIFEBOAT_SECONDS = 120.0
"""After a connect: by then whoever waited in the lifeboat has been handed over."""

CALM_SECONDS = 10.0
"""From look to look when all is as usual: it costs 1.4 ms a thousand phones."""

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


async def watch(ask: Ask, tell: Callable[[PhonesSeen], None], known: frozenset[str]) -> None:
    """Look, and tell when it is otherwise than `known`. Until cancelled."""
    loop = asyncio.get_running_loop()
    calm_at = loop.time() + LIFEBOAT_SECONDS
    while True:
        hurry = known or loop.time() < calm_at
        await pulse(0.0 if hurry else CALM_SECONDS)
        answer = await ask(rest.read(PATH))
        seen = _seen(answer)
        if seen is not None and seen != known:
            known = seen
            tell(PhonesSeen(elsewhere=seen))


def _seen(answer: rest.Response) -> frozenset[str] | None:
    """None when it is not known: then it is as it was."""
    if answer.status != 200:
        return None
    try:
        return in_use(wire.decode_endpoints(answer.body))
    except msgspec.DecodeError:
        return None


def in_use(endpoints: Iterable[wire.Endpoint]) -> frozenset[str]:
    """The endpoints with a channel that is neither an offer's leg nor an open line."""
    return frozenset(
        f"PJSIP/{without_domain(endpoint.resource)}"
        for endpoint in endpoints
        if any(is_caller(channel) for channel in endpoint.channel_ids)
    )
