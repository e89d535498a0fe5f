"""Which phones are in a call that is not ours: the lifeboat's, which goes on when we are back.

Run by asterisk.py while it has a connection; snapshot.py looks once before. The engine rings none
of these phones. What happens within such a call is nobody's business here.
"""

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from callcenter.ari import rest, wire
from callcenter.core.events import PhonesSeen
from callcenter.core.ids import is_caller
from callcenter.runtime.pulse import pulse

PATH = "/endpoints/PJSIP"

Ask = Callable[[rest.Request], Awaitable[rest.Response]]


async def watch(ask: Ask, tell: Callable[[PhonesSeen], None], known: frozenset[str]) -> None:
    """Look at every pulse, and tell when it is otherwise than `known`. Until cancelled."""
    while True:
        await pulse()
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
        f"PJSIP/{endpoint.resource}"
        for endpoint in endpoints
        if any(is_caller(channel) for channel in endpoint.channel_ids)
    )
