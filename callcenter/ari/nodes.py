"""All Asterisks that the service drives, as one: each command goes to its node, and what is asked
of all is added up.

What is the same on each (the site's variables, the phones) is told to each. It never decides
about a call, and keeps no state but its nodes.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from callcenter.ari.asterisk import Access, Asterisk
from callcenter.ari.spool import AsteriskSounds
from callcenter.core.commands import Command, node_of
from callcenter.core.ids import CallId, NodeId
from callcenter.core.legs import RecorderLeg
from callcenter.ports.sounds import SoundAwayError


class Nodes:
    """`node_of_call`: where a call is; None when it is over."""

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
        """LookupError for a node that is not one of ours."""
        return self._by_name[node]

    def names(self) -> tuple[NodeId, ...]:
        """In the order of the settings."""
        return tuple(self._by_name)

    @property
    def connected(self) -> bool:
        """Whether there is a connection to one at least."""
        return any(asterisk.connected for asterisk in self.each)

    @property
    def idle(self) -> bool:
        """Whether no command is under way or waiting anywhere."""
        return all(asterisk.idle for asterisk in self.each)

    def submit(self, commands: Sequence[Command]) -> None:
        """Carry out commands; returns at once."""
        if len(self.each) == 1:
            self.first.submit(commands)
            return
        at: defaultdict[NodeId, list[Command]] = defaultdict(list)
        for command in commands:
            at[node_of(command)].append(command)
        for node, its in at.items():
            if node in self._by_name:  # else one of former settings, which is not driven any more
                self._by_name[node].submit(its)

    async def withheld_number(self, call: CallId) -> str:
        """As `Asterisk.withheld_number`, asked where the call is."""
        node = self._node_of_call(call)
        return await self._by_name[node].withheld_number(call) if node in self._by_name else ""

    def refusal(self) -> str:
        """For the person on duty: one refuses calls; "" when none does."""
        told = ((each.access.node, each.refusal.complaint()) for each in self.each)
        refusing = [(node, complaint) for node, complaint in told if complaint]
        if len(self.each) == 1:
            return refusing[0][1] if refusing else ""
        return " ".join(f"{node}: {complaint}" for node, complaint in refusing)

    def phone_registers_anew(self, user: str, elsewhere: bool) -> None:
        """It was started a moment ago, and knows nothing of a talk that it had before."""
        for asterisk in self.each:
            asterisk.phone_registers_anew(user, elsewhere)


class TrunksOfAll:
    """What the nodes know of the trunks, together: a carrier that one of them reaches is there."""

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
        """Calls on each trunk."""
        return _sum([asterisk.trunks.channels_in_use for asterisk in self._each])


class CapacityOfAll:
    """Legs and the room for them, of all nodes."""

    def __init__(self, each: Sequence[Asterisk]) -> None:
        self._each = each

    @property
    def legs(self) -> Mapping[str, int]:
        """By kind; what is not known is not in it."""
        return _sum([asterisk.capacity.legs for asterisk in self._each])


def _sum(tables: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for each in tables:
        for name, many in each.items():
            found[name] = found.get(name, 0) + many
    return found


class SoundsOfAll:
    """What the nodes have kept (ports/sounds.py). Who asks need not know on which node: the call's
    id begins with its name."""

    def __init__(self, accesses: Sequence[Access]) -> None:
        self._each = {access.node: AsteriskSounds(access) for access in accesses}

    def node_of(self, call: CallId) -> NodeId:
        """Where the sound of a call is."""
        first, *others = self._each
        return next((name for name in others if call.startswith(f"{name}-")), first)

    async def kept(self) -> list[RecorderLeg]:
        """Of all nodes that tell; SoundAwayError when none does."""
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
        """Whether it is being kept now."""
        return await self._at(leg).is_live(leg)

    def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        """The bytes of one; none where it is not there."""
        return self._at(leg).pieces(leg)

    async def forget(self, leg: RecorderLeg) -> None:
        """Away with it."""
        await self._at(leg).forget(leg)

    def _at(self, leg: RecorderLeg) -> AsteriskSounds:
        return self._each[leg.node]
