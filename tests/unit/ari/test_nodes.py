"""Several Asterisks as one: commands go to their node, figures are added up."""

from collections.abc import Iterator, Sequence
from typing import Any, cast, get_args

import pytest

from callcenter.ari.asterisk import Access, Asterisk
from callcenter.ari.nodes import Nodes, SoundsOfAll
from callcenter.core import commands as c
from callcenter.core.ids import CallId, NodeId, OfferId, OperatorId
from callcenter.core.legs import (
    BackLeg,
    CallerLeg,
    DeskBridge,
    LineLeg,
    OfferLeg,
    RecorderLeg,
    RoomBridge,
    Side,
    SnoopLeg,
    SpyLeg,
)

ONE, OTHER = NodeId("n1"), NodeId("n2")


def of_every_kind(node: NodeId) -> Iterator[c.ToAsterisk]:
    call, somchai = CallId("1.1"), OperatorId("somchai")
    caller = CallerLeg(call=call, node=node)
    offer = OfferLeg(offer=OfferId("offer-1-1.1"), node=node)
    desk = DeskBridge(operator=somchai, node=node)
    spy = SpyLeg(supervisor=somchai, number=1, node=node)
    back = BackLeg(call=call, number=1, node=node)
    line = LineLeg(operator=somchai, number=1, node=node)
    tap = RecorderLeg(call=call, number=1, side=Side.CALLER, node=node)
    yield c.RingOperator(lane=call, offer=offer.offer, leg=offer, endpoint="", caller_id="")
    yield c.RingCitizen(lane=call, leg=back, number="", caller_id="")
    yield c.Bridge(lane=call, offer=offer.offer, bridge=desk, caller=caller, operator=offer)
    yield c.BringIn(lane=call, offer=offer.offer, leg=offer, bridge=desk)
    yield c.BackToMusic(lane=call, caller=caller, bridge=None)
    yield c.PlayPrompts(lane=call, caller=caller, number=1, keys=(), language="th")
    yield c.StopPrompts(lane=call, caller=caller, number=1)
    yield c.PlayRinging(lane=call, leg=offer, keys=(), language="th", seconds=10.0)
    yield c.StopRinging(lane=call, leg=line)
    yield c.SpeakLanguage(lane=call, caller=caller, language="th")
    yield c.EnterRoom(lane=call, caller=caller, room=RoomBridge(number=1, node=node))
    yield c.HangUp(lane=call, leg=caller)
    yield c.SendOut(lane=call, leg=caller, exit=c.Exit.CLOSED)
    yield c.OpenDesk(lane=desk, bridge=desk)
    yield c.CloseDesk(lane=desk, bridge=desk)
    yield c.RingLine(lane=desk, leg=line, endpoint="", caller_id="")
    yield c.SeatLine(lane=desk, leg=line, bridge=desk)
    yield c.RingSpy(lane=desk, leg=spy, endpoint="", caller_id="")
    yield c.Snoop(lane=desk, leg=SnoopLeg(supervisor=somchai, number=1, node=node), of=offer)
    yield c.Mute(lane=desk, leg=spy, on=True)
    yield c.SeatSpy(lane=desk, leg=spy, bridge=desk)
    yield c.Tap(lane=tap, leg=tap, of=caller)
    yield c.Record(lane=tap, leg=tap)
    yield c.Silence(lane=tap, leg=tap, on=True)
    yield c.RecordMessage(
        lane=call, caller=caller, leg=tap, longest_seconds=60.0, silence_seconds=5.0
    )
    yield c.AskMessage(lane=call, leg=tap)


class Told:
    """What Nodes needs of an Asterisk."""

    def __init__(self, name: NodeId) -> None:
        self.access = Access(url="http://127.0.0.1:9/ari", user="u", password="p", node=name)
        self.commands: list[c.ToAsterisk] = []
        self.connected, self.idle = name == ONE, True
        self.trunks, self.capacity = self, self
        self.up = {"trunk": name == ONE}
        self.channels_in_use, self.legs = {"trunk": 2}, {"all": 3}

    def submit(self, commands: Sequence[c.ToAsterisk]) -> None:
        self.commands += commands

    async def withheld_number(self, call: CallId) -> str:
        return f"{self.access.node}: {call}"


def two() -> tuple[Nodes, Told, Told]:
    each = Told(ONE), Told(OTHER)
    calls = {CallId("1.1"): OTHER}
    return Nodes(cast("Sequence[Asterisk]", each), calls.get), *each


def test_no_kind_of_command_is_left_out() -> None:
    assert {type(command) for command in of_every_kind(ONE)} == set(get_args(c.ToAsterisk))


@pytest.mark.parametrize("node", [ONE, OTHER])
def test_each_command_goes_to_its_node(node: NodeId) -> None:
    nodes, *each = two()
    commands = list(of_every_kind(node))
    nodes.submit(commands)
    assert {told.access.node: told.commands for told in each} == {ONE: [], OTHER: []} | {
        node: commands
    }


def test_of_commands_to_both_each_keeps_its_order() -> None:
    nodes, one, other = two()
    mixed = [x for pair in zip(of_every_kind(ONE), of_every_kind(OTHER), strict=True) for x in pair]
    nodes.submit(mixed)
    assert one.commands == list(of_every_kind(ONE))
    assert other.commands == list(of_every_kind(OTHER))


def test_figures_are_those_of_all() -> None:
    nodes, *_ = two()
    assert nodes.connected and nodes.trunks.up == {"trunk": True}
    assert (nodes.trunks.channels_in_use, nodes.capacity.legs) == ({"trunk": 4}, {"all": 6})


async def test_a_withheld_number_is_asked_where_the_call_is() -> None:
    nodes, *_ = two()
    assert await nodes.withheld_number(CallId("1.1")) == "n2: 1.1"
    assert await nodes.withheld_number(CallId("gone")) == ""


def test_sound_is_where_the_call_was() -> None:
    accesses: Any = [told.access for told in (Told(ONE), Told(OTHER))]
    sounds = SoundsOfAll(accesses)
    assert sounds.node_of(CallId("n2-1796.1")) == OTHER
    assert sounds.node_of(CallId("n1-1796.1")) == ONE
    assert sounds.node_of(CallId("n22-1796.1")) == ONE
