"""Calls on two nodes: losing one freezes its own calls, and nobody else's."""

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.facts import LineStage
from callcenter.core.ids import THE_NODE, CallId, NodeId, OfferId, OperatorId
from callcenter.core.invariants import broken
from callcenter.core.legs import CallerLeg, DeskBridge, OfferLeg
from callcenter.core.overflow import can_be_asked
from tests.site import GCC
from tests.unit.core.story import Story

OTHER = NodeId("n2")


def two_nodes() -> Story:
    story = Story()
    story.happens(e.SnapshotTaken(boot="7", legs=(), bridges=(), node=OTHER))
    return story


def calls_there(story: Story, name: str, age_seconds: float = 0.0) -> None:
    story.happens(
        e.CallArrived(call=CallId(name), did="1567", caller="", age_seconds=age_seconds, node=OTHER)
    )


def is_back(story: Story, *calls: str, boot: str = "7", rings: OfferId | None = None) -> None:
    legs = [
        e.LegSeen(
            leg=CallerLeg(call=CallId(name), node=OTHER),
            is_up=True,
            in_app=True,
            did="1567",
            caller="",
            age_seconds=1.0,
        )
        for name in calls
    ]
    if rings:
        leg = OfferLeg(offer=rings, node=OTHER)
        legs.append(
            e.LegSeen(leg=leg, is_up=False, in_app=False, did="", caller="", age_seconds=1.0)
        )
    story.happens(e.SnapshotTaken(boot=boot, legs=tuple(legs), bridges=(), node=OTHER))


def test_an_operators_phone_is_rung_from_the_node_of_the_call_and_joined_there() -> None:
    story = two_nodes()
    story.logs_in("somchai")
    desks = [x.bridge for x in story.ordered if isinstance(x, c.OpenDesk)]
    somchai = OperatorId("somchai")
    assert desks == [DeskBridge(operator=somchai, node=node) for node in (THE_NODE, OTHER)]
    calls_there(story, "malee")
    [ring] = [x for x in story.ordered if isinstance(x, c.RingOperator)]
    assert ring.leg == OfferLeg(offer=story.offer_to("somchai"), node=OTHER)
    story.picks_up("somchai")
    [bridge] = [x for x in story.ordered if isinstance(x, c.Bridge)]
    assert (bridge.caller.node, bridge.bridge.node, bridge.operator.node) == (OTHER,) * 3


def test_callers_of_a_lost_node_are_passed_over_and_keep_their_place() -> None:
    story = two_nodes()
    calls_there(story, "malee", age_seconds=20.0)
    story.calls("nok")
    story.happens(e.AsteriskLost(node=OTHER))
    story.logs_in("somchai")
    assert story.has("somchai") == "nok"
    assert story.in_line() == ["malee"]
    assert broken(story.engine.state) == []
    story.logs_in("wirat")
    assert story.has("wirat") == ""
    is_back(story, "malee")
    assert story.has("wirat") == "malee"


def test_nothing_runs_out_for_the_calls_of_a_lost_node_alone() -> None:
    story = two_nodes()
    story.logs_in("somchai", "wirat")
    calls_there(story, "malee")
    story.calls("nok")
    offer = story.offer_to("somchai")
    story.happens(e.AsteriskLost(node=OTHER))
    story.after(20.0)  # nok's ring is over, malee's is not
    assert (story.results("somchai"), story.results("wirat")) == ([], ["no_answer"])
    is_back(story, "malee", rings=offer)
    story.after(0.0)
    assert story.results("somchai") == ["no_answer"]


def test_a_snapshot_ends_the_calls_of_its_own_node_only() -> None:
    story = two_nodes()
    story.calls("nok")
    calls_there(story, "malee")
    story.happens(e.AsteriskLost(node=OTHER))
    is_back(story, boot="8")
    assert story.outcomes() == {"malee": "failed"}
    assert story.in_line() == ["nok"]


def test_the_node_of_a_call_and_what_is_known_of_nodes_outlive_a_restart() -> None:
    story = two_nodes()
    calls_there(story, "malee")
    story.service_restarts()
    assert story.call("malee").node == OTHER
    assert story.engine.state.nodes[OTHER].boot == "7"
    assert not story.engine.state.connected
    is_back(story, "malee")
    assert story.engine.state.connected
    assert story.engine.state.lost == {THE_NODE}


def test_a_phone_that_one_node_tells_of_is_known_to_all() -> None:
    story = two_nodes()
    story.logs_in("somchai")
    story.happens(e.PhonesSeen(elsewhere=frozenset({"PJSIP/somchai"}), node=OTHER))
    story.happens(e.PhonesSeen(elsewhere=frozenset()))
    assert story.does("somchai") == "paused"
    story.happens(e.PhonesSeen(elsewhere=frozenset(), node=OTHER))
    assert story.does("somchai") == "available"


def dies(story: Story) -> None:
    story.legs_go_at_once = False
    story.happens(e.AsteriskLost(node=OTHER))
    story.happens(e.NodeDied(node=OTHER))


def test_a_dead_node_ends_its_own_calls_and_its_operators_are_offered_others() -> None:
    story = two_nodes()
    story.logs_in("somchai")
    calls_there(story, "malee")
    story.picks_up("somchai")
    offer = story.call("malee").offer
    assert offer is not None
    desk = DeskBridge(operator=OperatorId("somchai"), node=OTHER)
    for leg in (CallerLeg(call=CallId("malee"), node=OTHER), OfferLeg(offer=offer.id, node=OTHER)):
        story.happens(e.LegEnteredBridge(leg=leg, bridge=desk))
    story.logs_in("wirat")
    calls_there(story, "mana")  # rings at wirat's
    calls_there(story, "manee")
    story.calls("nok")
    dies(story)
    assert story.outcomes() == {"malee": "answered", "mana": "failed", "manee": "failed"}
    assert story.has("wirat") == "nok"
    assert story.in_line() == []
    assert broken(story.engine.state) == []
    story.answers("wirat")
    story.after(600.0)  # of wrap-up
    assert story.does("somchai") == "available"


def test_a_node_that_is_connected_is_not_dead() -> None:
    story = two_nodes()
    calls_there(story, "malee")
    story.happens(e.NodeDied(node=OTHER))
    assert story.in_line() == ["malee"]


def test_who_was_given_up_with_a_node_is_not_served_again_when_it_is_back() -> None:
    story = two_nodes()
    calls_there(story, "malee")
    dies(story)
    story.logs_in("somchai")
    is_back(story, "malee", "never-told")
    assert story.has("somchai") == ""
    assert story.outcomes() == {"malee": "failed"}
    for name in ("malee", "never-told"):  # not sent out: the lifeboat would ring phones for them
        leg = CallerLeg(call=CallId(name), node=OTHER)
        assert c.HangUp(lane=CallId(name), leg=leg) in story.ordered
    assert not [x for x in story.ordered if isinstance(x, c.SendOut)]
    story.after(60.0)
    story.happens(e.AsteriskLost(node=OTHER))
    is_back(story, "came-since")
    assert story.has("somchai") == "came-since"


def test_who_was_in_the_greeting_of_a_node_that_was_given_up_is_hung_up() -> None:
    story = two_nodes()
    story.after(10.0)
    dies(story)
    story.logs_in("somchai")
    greeted = [
        e.LegSeen(
            leg=CallerLeg(call=CallId(name), node=OTHER),
            is_up=True,
            in_app=False,
            did="",
            caller="",
            age_seconds=age,
        )
        for name, age in (("malee", 5.0), ("nok", 1.0))
    ]
    story.after(2.0)
    story.happens(e.SnapshotTaken(boot="7", legs=tuple(greeted), bridges=(), node=OTHER))
    hung_up = [x.lane for x in story.ordered if isinstance(x, c.HangUp)]
    assert hung_up == ["malee"]
    story.after(2.0)
    calls_there(story, "nok", age_seconds=3.0)
    assert story.has("somchai") == "nok"


def test_nodes_that_are_not_in_the_settings_any_more_are_given_up() -> None:
    story = two_nodes()
    calls_there(story, "malee")
    story.calls("nok")
    story.service_restarts()
    story.happens(e.NodesAre(nodes=(OTHER, NodeId("n3"))))
    assert story.outcomes() == {"nok": "failed"}
    assert story.in_line() == ["malee"]
    assert set(story.engine.state.nodes) == {OTHER, NodeId("n3")}
    story.service_restarts()
    assert set(story.engine.state.nodes) == {OTHER, NodeId("n3")}


def test_with_several_nodes_phones_are_rung_for_each_call() -> None:
    story = Story()
    story.sits_down_with_a_headset("somchai")
    story.happens(e.NodesAre(nodes=(THE_NODE, OTHER)))
    assert story.does("somchai") == "available"
    assert not story.engine.state.operators[OperatorId("somchai")].open_line


def test_a_node_that_is_drained_keeps_its_calls_and_stays_drained_over_a_restart() -> None:
    story = two_nodes()
    calls_there(story, "malee")
    story.happens(e.NodeDrainAsked(node=OTHER, on=True))
    story.happens(e.NodeDrainAsked(node=OTHER, on=True))
    story.happens(e.NodeDrainAsked(node=NodeId("n9"), on=True))
    assert [fact.on for fact in story.told if isinstance(fact, f.NodeDraining)] == [True]
    story.logs_in("somchai")
    assert story.has("somchai") == "malee"
    story.service_restarts()
    assert story.engine.state.nodes[OTHER].draining
    story.happens(e.NodeDrainAsked(node=OTHER, on=False))
    assert not story.engine.state.nodes[OTHER].draining


def test_what_a_dead_node_said_of_phones_is_forgotten() -> None:
    story = two_nodes()
    story.logs_in("somchai")
    story.happens(e.PhonesSeen(elsewhere=frozenset({"PJSIP/somchai"}), node=OTHER))
    assert story.does("somchai") == "paused"
    dies(story)
    assert story.does("somchai") == "available"


@pytest.mark.parametrize("there", [True, False], ids=["the call's node", "another node"])
@pytest.mark.parametrize("open_line", [True, False])
def test_a_colleague_with_an_open_line_is_asked_on_its_own_node_alone(
    there: bool, open_line: bool
) -> None:
    """A phone can be rung from every node; an open line is up on one."""
    story = two_nodes()
    story.logs_in("somchai")
    if there:
        story.calls("malee")
    else:
        calls_there(story, "malee")
    story.answers("somchai") if there else joins_there(story)
    story.logs_in("nok", queues=(GCC,))
    nok = story.operator("nok")
    if open_line:
        nok.line, nok.line_node = LineStage.SEATED, THE_NODE
    assert can_be_asked(story.engine.state, story.call("malee"), nok) is (there or not open_line)


def joins_there(story: Story) -> None:
    """Somchai answers Malee, who is on the other node."""
    story.picks_up("somchai")
    offer = story.call("malee").offer
    assert offer is not None
    desk = DeskBridge(operator=OperatorId("somchai"), node=OTHER)
    for leg in (story.call("malee").leg, offer.leg):
        story.happens(e.LegEnteredBridge(leg=leg, bridge=desk))
    assert story.call("malee").talks_now
