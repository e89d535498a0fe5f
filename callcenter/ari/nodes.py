"""All Asterisks that the service drives, as one. Each command goes to its node, and figures of all
nodes are added up.

Settings that are the same for all nodes (the site's variables, the phones) are sent to each. This
module never decides about a call, and keeps no state except its nodes.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from callcenter.ari.asterisk import Access, Asterisk
from callcenter.ari.spool import AsteriskSounds
from callcenter.core.commands import ToAsterisk, node_of
from callcenter.core.ids import CallId, NodeId
from callcenter.core.legs import RecorderLeg
from callcenter.ports.sounds import SoundAwayError


class Nodes:
    """`node_of_call` gives the node of a call; None when the call is over."""

    def __init__(
        self, each: Sequence[Asterisk], node_of_call: Callable[[CallId], NodeId | None]
    ) -> None:
        self.each = tuple(each)
        self.first = self.each[0]
        self._by_name = {asterisk.access.node: asterisk for asterisk in self.each}
        self._node_of_call = node_of_call
        self.trunks = TrunksOfAll(self.each)
        self.capacity = CapacityOfAll(self.each)

    def __getitem__(self, node: NodeId) -> Asterisk:
        """The Asterisk of this node. Raises LookupError if the node is not one of ours."""
        return self._by_name[node]

    def names(self) -> tuple[NodeId, ...]:
        """The names of the nodes, in the order of the settings."""
        return tuple(self._by_name)

    @property
    def connected(self) -> bool:
        """Whether at least one node is connected."""
        return any(asterisk.connected for asterisk in self.each)

    @property
    def idle(self) -> bool:
        """Whether no command is under way or waiting anywhere."""
        return all(asterisk.idle for asterisk in self.each)

    def submit(self, commands: Sequence[ToAsterisk]) -> None:
        """Carry out commands; returns at once."""
        if len(self.each) == 1:
            self.first.submit(commands)
            return
        at: defaultdict[NodeId, list[ToAsterisk]] = defaultdict(list)
        for command in commands:
            at[node_of(command)].append(command)
        for node, its in at.items():
            # otherwise the node was removed from the settings, and is not driven any more
            if node in self._by_name:
                self._by_name[node].submit(its)

    async def withheld_number(self, call: CallId) -> str:
        """Like `Asterisk.withheld_number`, asked of the call's node."""
        node = self._node_of_call(call)
        return await self._by_name[node].withheld_number(call) if node in self._by_name else ""

    def refusal(self) -> str:
        """A sentence for the person on duty if a node refuses calls; "" if none does."""
        told = ((each.access.node, each.refusal.complaint()) for each in self.each)
        refusing = [(node, complaint) for node, complaint in told if complaint]
        if len(self.each) == 1:
            return refusing[0][1] if refusing else ""
        return " ".join(f"{node}: {complaint}" for node, complaint in refusing)

    def phone_registers_anew(self, user: str, elsewhere: bool) -> None:
        """A phone was restarted a moment ago. It knows nothing of a talk that it had before."""
        for asterisk in self.each:
            asterisk.phone_registers_anew(user, elsewhere)


class TrunksOfAll:
    """The trunks of all nodes together. A carrier counts as up if one node reaches it."""

    def __init__(self, each: Sequence[Asterisk]) -> None:
        self._each = each

    @property
    def up(self) -> Mapping[str, bool]:
        """Whether the carrier answers, by trunk."""
        found: dict[str, bool] = {}
        for asterisk in self._each:
            for name, up in asterisk.trunks.up.items():
                found[name] = found.get(name, False) or up
        return found

    @property
    def channels_in_use(self) -> Mapping[str, int]:
        """The number of calls on each trunk."""
        return _sum([asterisk.trunks.channels_in_use for asterisk in self._each])


class CapacityOfAll:
    """The legs of all nodes, and the room for them."""

    def __init__(self, each: Sequence[Asterisk]) -> None:
        self._each = each

    @property
    def legs(self) -> Mapping[str, int]:
        """The number of legs by kind. Unknown numbers are left out."""
        return _sum([asterisk.capacity.legs for asterisk in self._each])


def _sum(tables: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for each in tables:
        for name, many in each.items():
            found[name] = found.get(name, 0) + many
    return found


class SoundsOfAll:
    """The recordings of all nodes (ports/sounds.py). The caller of these methods need not know the
    node: the call's id begins with its name."""

    def __init__(self, accesses: Sequence[Access]) -> None:
        self._each = {access.node: AsteriskSounds(access) for access in accesses}

    def node_of(self, call: CallId) -> NodeId:
        """The node that has the recording of a call."""
        first, *others = self._each
        return next((name for name in others if call.startswith(f"{name}-")), first)

    async def kept(self) -> list[RecorderLeg]:
        """The recordings of all nodes that answer. Raises SoundAwayError if none does."""
        found: list[RecorderLeg] = []
        away: list[SoundAwayError] = []
        for sounds in self._each.values():
            try:
                found += await sounds.kept()
            except SoundAwayError as error:
                away.append(error)
        if len(away) == len(self._each):
            raise away[0]
        return found

    async def is_live(self, leg: RecorderLeg) -> bool:
        """Whether this is being recorded now."""
        return await self._at(leg).is_live(leg)

    def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        """The bytes of one recording. Nothing if it does not exist."""
        return self._at(leg).pieces(leg)

    async def forget(self, leg: RecorderLeg) -> None:
        """Delete this recording."""
        await self._at(leg).forget(leg)

    def _at(self, leg: RecorderLeg) -> AsteriskSounds:
        return self._each[leg.node]
