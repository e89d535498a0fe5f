"""The Asterisks that the service drives: their states, and draining one for an upgrade."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from callcenter.core.events import NodeDrainAsked
from callcenter.core.ids import NodeId
from callcenter.core.state import Hears, State
from callcenter.ports.engine import InboxFull
from callcenter.ports.people import Role
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature

endpoints = Endpoints("nodes")

_NOT_YET = (Hears.MUSIC, Hears.PROMPT)
"""What callers hear who are not answered yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`is_left`: whether a drained node has no call at the SIP edge, also none that the service has
    not heard of yet."""

    is_left: Callable[[NodeId], bool]


class NodeView(msgspec.Struct):
    """One Asterisk. `connected`: the service drives it now; `draining`: it is given no new calls;
    `empty`: no call of ours is there, and when it is drained, none at the SIP edge either."""

    node: str
    connected: bool
    draining: bool
    waiting: int
    talking: int
    empty: bool


class NodeList(msgspec.Struct):
    """The nodes in the order of the settings."""

    nodes: list[NodeView]


@endpoints.get("/nodes", needs=Role.SUPERVISOR)
async def list_nodes(request: Request[Parts]) -> NodeList:
    """List the Asterisks, and the number of calls of each."""
    return NodeList(nodes=views(request.engine.state, request.parts.is_left))


@endpoints.post(
    "/nodes/{node}/drain",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_node", "last_node", "busy"),
)
async def drain(request: Request[Parts]) -> NodeView:
    """Give a node no new calls: they go to the others at once.

    Who waits there is served there, who talks talks on. When it is empty it can be restarted or
    upgraded on its host. It stays drained until it is undrained; a restart of the service does not
    change that.
    """
    node = _known(request)
    nodes = request.engine.state.nodes
    others = [each for name, each in nodes.items() if name != node]
    if not any(each.connected and not each.draining for each in others):
        raise Problem("last_node", "No other node would take the calls.")
    return await _set(request, node, True)


@endpoints.delete(
    "/nodes/{node}/drain", needs=Role.ADMINISTRATOR, problems=("unknown_node", "busy")
)
async def undrain(request: Request[Parts]) -> NodeView:
    """Give a node new calls again."""
    return await _set(request, _known(request), False)


async def _set(request: Request[Parts], node: NodeId, on: bool) -> NodeView:
    try:
        await request.engine.put_and_wait(NodeDrainAsked(node=node, on=on))
    except InboxFull as error:
        raise Problem("busy", "Calls come first. Try again.", retry_seconds=2) from error
    if on:
        await request.note("node.drained", node)
    else:
        await request.note("node.undrained", node)
    seen = views(request.engine.state, request.parts.is_left)
    return next(view for view in seen if view.node == node)


def _known(request: Request[Parts]) -> NodeId:
    node = NodeId(request.path["node"])
    if node not in request.engine.state.nodes:
        raise Problem("unknown_node", "`callcenter node list` shows those there are.")
    return node


def views(state: State, is_left: Callable[[NodeId], bool]) -> list[NodeView]:
    """Each node with its calls."""
    calls = state.calls_by_node()
    return [
        NodeView(
            node=name,
            connected=node.connected,
            draining=node.draining,
            waiting=sum(call.hears in _NOT_YET for call in calls[name]),
            talking=sum(call.hears not in _NOT_YET for call in calls[name]),
            empty=not calls[name] and (not node.draining or is_left(name)),
        )
        for name, node in state.nodes.items()
    ]


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_node": ProblemKind(404, "There is no such node"),
        "last_node": ProblemKind(409, "It is the last node that takes calls"),
    },
    path_patterns={"node": r"[a-z][a-z0-9]{0,15}"},
)
