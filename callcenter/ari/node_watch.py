"""The verdict on a node that was lost: dead, so that its calls end and its operators are free.

A node whose ARI refuses connections twice is dead at once: its process is gone. One that is merely
silent may be slow, or its wire to the service alone may be cut while its calls talk on: it is given
up when the SIP edge, too, has had no answer from it, and `SILENT_SECONDS` have passed. Before the
engine is told, the edge ends the calls of the node: phones are free then, and not taken for busy.
One that is back sooner goes on where it was.

Only where there are several nodes: with one there is nobody else to serve, and its calls are kept.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from callcenter.ari.edge_phones import EdgeRpc
from callcenter.ari.nodes import Nodes
from callcenter.core.events import NodeDied
from callcenter.core.ids import NodeId
from callcenter.runtime.nodes import NodePlace

LOOK_SECONDS = 0.2
REFUSALS = 2  # in a row, one look apart
ASK_SECONDS = 0.5
SILENT_SECONDS = 5.0
"""A machine that stands still for less keeps its talks; the edge gives it no new calls then."""
EDGE_SECONDS = 3.0
"""So long the edge is asked to end the calls of a dead node. Then it is told without: who is still
in a call there is busy when rung."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Lost:
    """`died_at`: since when it is taken for dead."""

    since: float
    refusals: int = 0
    died_at: float | None = None
    told: bool = False


class NodeWatch:
    """`put`: the inbox; False when it is full. `drained`: who has no new calls, as the engine
    knows; the edge is told."""

    def __init__(
        self,
        nodes: Nodes,
        places: Sequence[NodePlace],
        edge: EdgeRpc,
        put: Callable[[NodeDied], bool],
        drained: Callable[[NodeId], bool] = lambda node: False,
    ) -> None:
        self._drained = drained
        self._nodes = nodes
        self._places = places
        self._edge = edge
        self._put = put
        self._lost: dict[NodeId, _Lost] = {}

    async def run(self) -> None:
        """For ever."""
        while True:
            now = asyncio.get_running_loop().time()
            await asyncio.gather(*(self._look(place, now) for place in self._places))
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, place: NodePlace, now: float) -> None:
        await self._edge.gives_calls(place.sip, not self._drained(place.name))
        if self._nodes[place.name].connected:
            if self._lost.pop(place.name, None):
                self._edge.keeps(place.sip)
            return
        lost = self._lost.setdefault(place.name, _Lost(now))
        if lost.told:
            return
        if lost.died_at is None and await self._is_dead(place, lost, now):
            lost.died_at = now
            log.warning("a node is given up", node=place.name, refuses=lost.refusals >= REFUSALS)
        if lost.died_at is not None and not self._nodes[place.name].connected:
            freed = await self._edge.free_all(place.sip)
            if freed or now - lost.died_at > EDGE_SECONDS:
                lost.told = self._put(NodeDied(node=place.name))

    async def _is_dead(self, place: NodePlace, lost: _Lost, now: float) -> bool:
        lost.refusals = lost.refusals + 1 if await refuses(place.ari) else 0
        if lost.refusals >= REFUSALS:
            return True
        if now - lost.since < SILENT_SECONDS:
            return False
        await self._edge.look()
        return self._edge.hears_nothing_of(place.sip)


async def refuses(url: str) -> bool:
    """Whether nobody listens there: the host is up, and the process is gone."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(ASK_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    writer.close()
    return False
