"""Whatever happens on two nodes, one of which comes, goes, dies and is drained: nothing that must
hold is broken, and of a dead node nothing is left."""

import random
from collections.abc import Sequence

import pytest

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.facts import CallEnded, Fact, LineStage
from callcenter.core.ids import THE_NODE, CallId, NodeId
from callcenter.core.invariants import broken
from callcenter.core.legs import CallerLeg, DeskBridge
from tests.moody_world import MoodyWorld

OTHER = NodeId("n2")


class TwoNodes(MoodyWorld):
    """Half of the calls are on the other node."""

    def __init__(self, seed: int) -> None:
        self.more = random.Random(f"{seed}-nodes")
        self.ended: list[str] = []
        self.died_at = 0.0
        self.given_up: set[CallId] = set()
        super().__init__(seed, tell=self._told)
        self.step(e.NodesAre(nodes=(THE_NODE, OTHER)))

    def _told(self, facts: Sequence[Fact]) -> None:
        self.ended += [fact.call for fact in facts if isinstance(fact, CallEnded)]

    def step(self, event: e.Event) -> None:
        calls = self.engine.state.calls.values()
        were_there = {call.id for call in calls if call.node == OTHER and not call.is_parked}
        super().step(event)
        state = self.engine.state
        if isinstance(event, e.NodeDied) and event.node == OTHER and OTHER in state.lost:
            self.died_at = self.now
            self.given_up |= were_there
        if OTHER not in state.nodes:  # not driven any more: what it has then is not known
            self.given_up.clear()
        assert not self.given_up & state.calls.keys(), "a call that was given up is served again"
        if isinstance(event, e.SnapshotTaken):
            sent_out = {x.lane for x in self.ordered if isinstance(x, c.SendOut)}
            assert not self.given_up & sent_out, "the lifeboat has a call that was given up"
        assert broken(state) == []
        assert len(set(self.ended)) == len(self.ended), "a call ended twice"
        if len(state.nodes) > 1:
            assert all(o.line is LineStage.DOWN for o in state.operators.values() if o.open_line)
        if isinstance(event, e.NodeDied) and event.node in state.lost:
            there = [call for call in state.calls.values() if call.node == event.node]
            assert there == []
            assert event.node not in {leg.node for leg in state.letting_go.values()}
            assert state.node(event.node).elsewhere == frozenset()

    def anything(self) -> e.Event:
        roll, state = self.more.random(), self.engine.state
        if roll < 0.5:
            return super().anything()
        if OTHER not in state.nodes:  # it is not driven: nothing is heard of it
            return e.NodesAre(nodes=(THE_NODE, OTHER)) if roll < 0.6 else super().anything()
        there = [call for call in state.calls.values() if call.node == OTHER]
        if roll < 0.68 or not there:
            if roll < 0.6:
                self.number += 1
                name = CallId(f"n2-{self.number}.1")
                return e.CallArrived(call=name, did="1567", caller="", age_seconds=1.0, node=OTHER)
            nodes = [(THE_NODE, OTHER), (OTHER, THE_NODE), (THE_NODE,)]
            return self.one_of(
                [
                    e.AsteriskLost(node=OTHER),
                    e.NodeDied(node=OTHER),
                    e.NodeDied(node=THE_NODE),
                    e.NodeDrainAsked(node=OTHER, on=roll < 0.64),
                    e.NodesAre(nodes=self.more.choice(nodes)),
                    self.seen_there(),
                    self.seen_there(),
                ]
            )
        call = self.more.choice(there)
        caller = CallerLeg(call=call.id, node=OTHER)
        if call.offer is None:
            return e.CallerLeft(call=call.id) if roll < 0.75 else e.TimePassed()
        desk = DeskBridge(operator=call.offer.operator, node=OTHER)
        return self.one_of(
            [
                e.OperatorAnswered(offer=call.offer.id, node=OTHER),
                e.LegEnteredBridge(leg=caller, bridge=desk),
                e.LegEnteredBridge(leg=call.offer.leg, bridge=desk),
                e.CallerLeft(call=call.id),
            ]
        )

    def seen_there(self) -> e.Event:
        """The other node is connected, with its callers or some of them."""
        callers = [call for call in self.engine.state.calls.values() if call.node == OTHER]
        legs = tuple(
            e.LegSeen(leg=call.leg, is_up=True, in_app=True, did="1567", caller="", age_seconds=1.0)
            for call in callers
            if self.more.random() < 0.8
        )
        legs += tuple(
            e.LegSeen(
                leg=CallerLeg(call=call, node=OTHER),
                is_up=True,
                in_app=True,
                did="1567",
                caller="",
                age_seconds=self.now - self.died_at + 1.0,
            )
            for call in sorted(self.given_up)[-3:]
            if self.more.random() < 0.5
        )
        boot = self.more.choice(("7", "8"))
        return e.SnapshotTaken(boot=boot, legs=legs, bridges=(), node=OTHER)


@pytest.mark.parametrize("seed", range(40))
def test_two_nodes_and_anything(seed: int) -> None:
    TwoNodes(seed).live(400, restarts=0.02)
