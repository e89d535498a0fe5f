"""Channels and bridges as values: every name of Asterisk's is exactly one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.ids import CallId, NodeId, OperatorId, offer_id
from callcenter.core.legs import (
    AnyBridge,
    CallerLeg,
    DeskBridge,
    Leg,
    LineLeg,
    OfferLeg,
    RoomBridge,
    SnoopLeg,
    SpyLeg,
    StrangeBridge,
    StrangeLeg,
    bridge_of,
    channel_of,
    leg_of,
    name_of,
)
from tests.unit.core.story import Story

NODE = NodeId("n3")


@pytest.mark.parametrize(
    ("channel", "leg"),
    [
        ("1795970450.0", CallerLeg(call=CallId("1795970450.0"), node=NODE)),
        ("n3-1795970450.17", CallerLeg(call=CallId("n3-1795970450.17"), node=NODE)),
        ("a-b-1795970450.17", CallerLeg(call=CallId("a-b-1795970450.17"), node=NODE)),
        ("offer-2-n3-1.7", OfferLeg(offer=offer_id(CallId("n3-1.7"), 2), node=NODE)),
        ("line-12-som", LineLeg(operator=OperatorId("som"), number=12, node=NODE)),
        ("line-1-line-2-x", LineLeg(operator=OperatorId("line-2-x"), number=1, node=NODE)),
        ("line-x-som", StrangeLeg(channel="line-x-som", node=NODE)),
        ("spy-1-som", SpyLeg(supervisor=OperatorId("som"), number=1, node=NODE)),
        ("snoop-1-som", SnoopLeg(supervisor=OperatorId("som"), number=1, node=NODE)),
        ("spy-x-som", StrangeLeg(channel="spy-x-som", node=NODE)),
        ("tap-1-som", StrangeLeg(channel="tap-1-som", node=NODE)),
        ("", StrangeLeg(channel="", node=NODE)),
    ],
)
def test_what_a_channel_is(channel: str, leg: Leg) -> None:
    assert leg_of(NODE, channel) == leg


@pytest.mark.parametrize(
    ("name", "bridge"),
    [
        ("desk-som", DeskBridge(operator=OperatorId("som"), node=NODE)),
        ("room-3", RoomBridge(number=3, node=NODE)),
        ("room-x", StrangeBridge(name="room-x", node=NODE)),
        ("7c1e", StrangeBridge(name="7c1e", node=NODE)),
    ],
)
def test_what_a_bridge_is(name: str, bridge: AnyBridge) -> None:
    assert bridge_of(NODE, name) == bridge


@given(st.text() | st.from_regex(r"(offer|line|desk|room|spy|snoop)-[0-9]{1,3}-?.*"))
def test_every_name_comes_back_as_it_was(name: str) -> None:
    no_zero_in_front = "-0" not in name
    if no_zero_in_front and name.isascii():
        assert channel_of(leg_of(NODE, name)) == name
        assert name_of(bridge_of(NODE, name)) == name


def test_legs_of_two_nodes_are_two() -> None:
    assert leg_of(NODE, "1.1") != leg_of(NodeId("n4"), "1.1")
    assert leg_of(NODE, "x") != CallerLeg(call=CallId("x"), node=NODE)


def test_a_channel_that_is_neither_ours_nor_a_callers_is_hung_up_and_is_no_call() -> None:
    story = Story()
    strange = StrangeLeg(channel="tap-1-som", node=NODE)
    done = story.happens(e.StrangerEntered(leg=strange))
    assert done == ([c.HangUp(lane=strange, leg=strange)], [])


@pytest.mark.parametrize("in_app", [True, False])
def test_one_that_a_snapshot_shows_is_hung_up_when_it_is_in_our_application(in_app: bool) -> None:
    story = Story()
    strange = StrangeLeg(channel="tap-1-som", node=NODE)
    seen = e.LegSeen(leg=strange, is_up=True, in_app=in_app, did="", caller="", age_seconds=1.0)
    story.asterisk_is_lost()
    done = story.happens(e.SnapshotTaken(boot="1", legs=(seen,), bridges=()))
    assert done.commands == ([c.HangUp(lane=strange, leg=strange)] if in_app else [])
    assert story.engine.state.calls == {}
