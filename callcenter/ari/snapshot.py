"""What Asterisk is asked on every connect: whether it is new enough, and what it has now.

Events are hints, and are lost during a gap. These lists are the truth.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec

from callcenter.ari import phone_watch, rest, untold, wire
from callcenter.ari.errors import AsteriskTooOld, ConnectionLost
from callcenter.ari.phone_watch import PhoneWatch, Seen
from callcenter.ari.translate import snapshot
from callcenter.ari.transport import Transport
from callcenter.core.events import SnapshotTaken
from callcenter.core.ids import THE_NODE, NodeId

MINIMUM_VERSION = (22, 10, 1)
"""22.10.1 fixes security holes: a read-only ARI user could write, and one could run commands
(GHSA-wcvv-g26m-wx5c, GHSA-vrfp-mg3q-3959)."""

EVENT_TYPES = tuple(event.__name__ for event in wire.EVENTS)
"""The only events that Asterisk sends us. An ordinary call makes dozens of others."""

CANNOT_SAY = 500
"""The answer to GET /channels while there is a channel that cannot be described (untold.py)."""

NOT_ASKED_RIGHT = {401: "the user or password is wrong", 403: "this user may not do that"}


async def ask(transport: Transport, request: rest.Request) -> rest.Response:
    """Send a request and wait for its answer; never raises."""
    answer: asyncio.Future[rest.Response] = asyncio.get_running_loop().create_future()

    def answered(response: rest.Response) -> None:
        if not answer.done():
            answer.set_result(response)

    transport.send(request, answered)
    return await answer


async def take_snapshot(
    transport: Transport,
    app: str,
    phones: PhoneWatch | None = None,
    sign: Callable[[], Awaitable[object]] | None = None,
    node: NodeId = THE_NODE,
) -> tuple[SnapshotTaken, Seen]:
    """Set the event filter, then read everything that Asterisk has, and the state of the phones.
    Raises AsteriskTooOld and ConnectionLost.

    `sign` sends the heartbeat. After it the lifeboat rings no more phones. The phones are read
    after it, so that every phone that the lifeboat rings is seen.
    """
    # The filter comes first: an older filter may swallow our answers until RESTResponse is let
    # through.
    await _need(transport, rest.event_filter(app, EVENT_TYPES))
    try:
        info = msgspec.json.decode(await _read(transport, "/asterisk/info"), type=wire.AsteriskInfo)
        require_new_enough(info.system.version)
        channels = await _all_channels(transport)
        bridges = wire.decode_bridges(await _read(transport, "/bridges"))
        if sign is not None:
            await sign()
        endpoints = wire.decode_endpoints(await _read(transport, phone_watch.PATH))
        if channels is None:
            legs = {leg for bridge in bridges for leg in bridge.channels}
            legs |= {leg for endpoint in endpoints for leg in endpoint.channel_ids}
            legs |= await untold.in_application(partial(ask, transport), app) or set()
            channels = await untold.describable(partial(ask, transport), legs)
        ping = msgspec.json.decode(await _read(transport, "/asterisk/ping"), type=wire.AsteriskPing)
    except msgspec.DecodeError as error:
        raise ConnectionLost(f"asterisk's answer makes no sense: {error}") from error
    seen = (phones or PhoneWatch(node=node)).see(endpoints)
    taken = snapshot(
        channels=channels,
        bridges=bridges,
        elsewhere=seen.elsewhere,
        away=seen.away,
        at_phones=seen.ours,
        app=app,
        boot=info.status.startup_time,
        now=ping.timestamp,
        node=node,
    )
    return taken, seen


def require_new_enough(version: str) -> None:
    """Raises AsteriskTooOld for a version below MINIMUM_VERSION. `version` is like `22.10.1+dfsg…`
    or `certified-20.7…`."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    if found is None or tuple(int(part or 0) for part in found.groups()) < MINIMUM_VERSION:
        needed = ".".join(str(part) for part in MINIMUM_VERSION)
        raise AsteriskTooOld(
            f"this is Asterisk {version}, {needed} or later is needed: older ones let a read-only "
            "ARI user write (GHSA-wcvv-g26m-wx5c). Upgrade Asterisk and start the service again"
        )


async def _all_channels(transport: Transport) -> list[wire.Channel] | None:
    """All channels. None if Asterisk cannot tell: one channel that cannot be described spoils the
    whole list."""
    response = await ask(transport, rest.read("/channels"))
    if response.status == CANNOT_SAY:
        return None
    return wire.decode_channels(_good(rest.read("/channels"), response))


async def _read(transport: Transport, path: str) -> str:
    return await _need(transport, rest.read(path))


async def _need(transport: Transport, request: rest.Request) -> str:
    return _good(request, await ask(transport, request))


def _good(request: rest.Request, response: rest.Response) -> str:
    if response.status != 200:
        why = NOT_ASKED_RIGHT.get(response.status, "try `callcenter doctor`")
        raise ConnectionLost(f"{request.method} {request.path} gave {response.status}: {why}")
    return response.body
