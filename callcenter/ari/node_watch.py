"""Decides that a lost node is dead, so that its calls end and its operators are free.

A node whose ARI refuses connections twice is dead at once, because its process is gone. A node that
is only silent may be slow. Or only its connection to the service is cut, while its calls go on. So
it is given up only if the SIP edge had no answer from it either, and `SILENT_SECONDS` have passed.
Before the engine is told, the edge ends the calls of the node, so that phones are free and do not
seem busy. A node that is back sooner goes on as before.

The edge is told which nodes get no new calls: those that are drained, and those that the service
does not reach.

Used only with several nodes. With one node nobody else could serve, and its calls are kept.
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
LOOKS_TO_BE_LEFT = 2
REFUSALS = 2  # in a row, one check apart
ASK_SECONDS = 0.5
SILENT_SECONDS = 5.0
"""A machine that is stopped for less than this keeps its talks. The edge gives it no new calls in
that time."""
MOMENT_SECONDS = 0.5
"""A node that the service has not reached for longer than this gets no new calls, as far as another
node can have them. The edge may still reach it, and there they would find only the lifeboat."""
EDGE_SECONDS = 3.0
"""How long the edge is asked to end the calls of a dead node. After that the engine is told anyway,
and an operator who is still in such a call is busy when rung."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Lost:
    """A lost node. `died_at`: since when it counts as dead."""

    since: float
    refusals: int = 0
    died_at: float | None = None
    told: bool = False


class NodeWatch:
    """`put`: the inbox; it gives False when it is full. `drained`: whether the engine gives a node
    no new calls. The edge is told that."""

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
        # nodes without a connection; at the start none has had the time for it
        self._lost: dict[NodeId, _Lost] = {}
        self._left: dict[NodeId, int] = {}  # looks in a row that found a drained node without calls

    async def run(self) -> None:
        """Runs for ever."""
        while True:
            now = asyncio.get_running_loop().time()
            await asyncio.gather(*(self._look(place, now) for place in self._places))
            await asyncio.sleep(LOOK_SECONDS)

    def is_left(self, node: NodeId) -> bool:
        """Whether a drained node has no call, also at the edge. A call that the edge had just sent
        there is seen by the second look."""
        return self._left.get(node, 0) >= LOOKS_TO_BE_LEFT

    async def _look(self, place: NodePlace, now: float) -> None:
        drained = self._drained(place.name)
        serves = not drained and (self._reaches(place.name, now) or not self._another(place, now))
        await self._edge.gives_calls(place.sip, serves)
        left = drained and await self._edge.is_left_by_all(place.sip)
        self._left[place.name] = self._left.get(place.name, 0) + 1 if left else 0
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

    def _reaches(self, node: NodeId, now: float) -> bool:
        """Whether the service drives a node, or is without it only for a moment."""
        lost = self._lost.get(node)
        return self._nodes[node].connected or lost is None or now - lost.since < MOMENT_SECONDS

    def _another(self, place: NodePlace, now: float) -> bool:
        """Whether another node can have the new calls of this one."""
        return any(
            self._reaches(other.name, now) and not self._drained(other.name)
            for other in self._places
            if other is not place
        )

    async def _is_dead(self, place: NodePlace, lost: _Lost, now: float) -> bool:
        lost.refusals = lost.refusals + 1 if await refuses(place.ari) else 0
        if lost.refusals >= REFUSALS:
            return True
        if now - lost.since < SILENT_SECONDS:
            return False
        await self._edge.look()
        return self._edge.hears_nothing_of(place.sip)


async def refuses(url: str) -> bool:
    """Whether no process listens there, although the host is up."""
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
