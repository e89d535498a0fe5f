"""The client against the fake: connect, lose, come back; nothing unheard, nothing done twice."""

import asyncio
import select
import time

import pytest
from structlog.testing import capture_logs

from callcenter.ari import connection, rest
from callcenter.ari.asterisk import Access
from callcenter.ari.errors import AsteriskTooOld, Replaced
from callcenter.core.commands import Bridge, HangUp, OpenDesk, RingOperator
from callcenter.core.events import (
    AsteriskLost,
    CallArrived,
    CallerLeft,
    LegEnteredBridge,
    OperatorAnswered,
    OperatorLegEnded,
    RingFailed,
    SnapshotTaken,
)
from callcenter.core.ids import CallId, NodeId, OperatorId, offer_id
from callcenter.core.legs import CallerLeg, DeskBridge, OfferLeg
from callcenter.core.outcome import LegEnd
from tests.fake_asterisk.model import Model
from tests.fake_asterisk.parts import Rings, Timing
from tests.fake_asterisk.server import FakeServer
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer, names_of
from tests.people.standstill import stood_still
from tests.people.until import until
from tests.unit.ari.conftest import Listener

DESK = desk_bridge("somchai")


def ring(call: CallId, number: int = 1, endpoint: str = "PJSIP/op-somchai") -> RingOperator:
    offer = offer_id(call, number)
    return RingOperator(
        lane=call,
        offer=offer,
        leg=leg_of_offer(offer),
        endpoint=endpoint,
        caller_id="Damrongtham <1567>",
    )


def join(call: CallId, number: int = 1) -> Bridge:
    offer = offer_id(call, number)
    return Bridge(
        lane=call,
        offer=offer,
        bridge=DESK,
        caller=caller_leg(call),
        operator=leg_of_offer(offer),
    )


async def until_idle(listener: Listener) -> None:
    while not listener.asterisk.idle:  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.001)


async def test_a_call_is_rung_joined_and_hung_up(fake: FakeServer, access: Access) -> None:
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        listener.asterisk.submit([OpenDesk(lane=DESK, bridge=DESK)])
        fake.do(fake.model.call_in, "1567", "081\u202e2345678")
        arrived = await listener.gets(CallArrived)
        assert (arrived.did, arrived.caller) == ("1567", "0812345678")
        call = arrived.call
        listener.asterisk.submit([ring(call)])
        rings = await fake.sees(Rings)
        assert rings == Rings(f"offer-1-{call}", "PJSIP/op-somchai", "Damrongtham <1567>")
        fake.do(fake.model.answer, rings.leg)
        await listener.gets(OperatorAnswered)
        listener.asterisk.submit([join(call)])
        joined = [(await listener.gets(LegEnteredBridge)).leg for _ in range(2)]
        assert set(names_of(joined)) == {call, rings.leg}
        assert not fake.model.channels[call].music
        fake.do(fake.model.hang_up, call)
        await listener.gets(CallerLeft)
        listener.asterisk.submit([HangUp(lane=call, leg=leg_named(rings.leg))])
        assert (await listener.gets(OperatorLegEnded)).end is LegEnd.DIED
        await until_idle(listener)
        actions = [path for method, path in fake.requests if method != "GET" and call in path]
        assert len(actions) == 3  # and the join: four calls of REST for an answered call
        assert listener.asterisk.counters.events["StasisStart"] == 2


async def test_all_that_is_told_is_of_the_node_that_access_names(fake: FakeServer) -> None:
    node = NodeId("n2")
    access = Access(url=fake.url, user=fake.user, password=fake.password, node=node)
    desk = DeskBridge(operator=OperatorId("somchai"), node=node)
    async with Listener(access).running() as listener:
        assert (await listener.gets(SnapshotTaken)).node == node
        listener.asterisk.submit([OpenDesk(lane=desk, bridge=desk)])
        fake.do(fake.model.call_in, "1567", "0812345678")
        arrived = await listener.gets(CallArrived)
        assert arrived.node == node
        call, named = arrived.call, offer_id(arrived.call, 1)
        offer, caller = OfferLeg(offer=named, node=node), CallerLeg(call=call, node=node)
        listener.asterisk.submit(
            [RingOperator(lane=call, offer=named, leg=offer, endpoint="PJSIP/op-a", caller_id="")]
        )
        rings = await fake.sees(Rings)
        fake.do(fake.model.answer, rings.leg)
        assert (await listener.gets(OperatorAnswered)).node == node
        listener.asterisk.submit(
            [Bridge(lane=call, offer=named, bridge=desk, caller=caller, operator=offer)]
        )
        joined = [await listener.gets(LegEnteredBridge) for _ in range(2)]
        assert {told.leg for told in joined} == {caller, offer}
        assert {told.bridge for told in joined} == {desk}
        fake.cut()
        assert (await listener.gets(AsteriskLost)).node == node
        again = await listener.gets(SnapshotTaken)
        assert {seen.leg for seen in again.legs} == {caller, offer}
        assert [seen.bridge for seen in again.bridges] == [desk]


async def test_what_happens_while_we_are_away_is_in_the_next_snapshot(fake: FakeServer) -> None:
    access = Access(url=fake.url, user=fake.user, password=fake.password)
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        stays = fake.do(fake.model.call_in, "1567", "0811111111")
        leaves = fake.do(fake.model.call_in, "1111", "0822222222")
        await listener.gets(CallArrived)
        await listener.gets(CallArrived)
        fake.refuses = True
        fake.cut()
        await listener.gets(AsteriskLost)
        assert not listener.asterisk.connected
        fake.do(fake.model.hang_up, leaves)
        fake.refuses = False
        snapshot = await listener.gets(SnapshotTaken)
        assert names_of(leg.leg for leg in snapshot.legs) == [stays]
        assert (snapshot.legs[0].in_app, snapshot.legs[0].did) == (True, "1567")
        assert CallerLeft(call=CallId(leaves)) not in listener.events
        fake.do(fake.model.hang_up, stays)
        assert (await listener.gets(CallerLeft)).call == stays  # subscribed as before


async def test_events_during_a_snapshot_come_after_it(fake: FakeServer) -> None:
    fake.slow_seconds = 0.05
    access = Access(url=fake.url, user=fake.user, password=fake.password)
    async with Listener(access).running() as listener:
        while ("GET", "/asterisk/info") not in fake.requests:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        leg = fake.do(fake.model.call_in, "1567", "0811111111")
        await listener.gets(SnapshotTaken)
        await listener.gets(CallArrived)
        assert isinstance(listener.events[0], SnapshotTaken)
        assert names_of(seen.leg for seen in listener.events[0].legs) == [leg]


async def test_a_black_hole_is_noticed_in_three_seconds(fake: FakeServer, access: Access) -> None:
    loop = asyncio.get_running_loop()
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        fake.frozen = True
        frozen_at = loop.time()
        await listener.gets(AsteriskLost)
        assert loop.time() - frozen_at < 4.5 + stood_still(frozen_at)
        fake.frozen = False
        await listener.gets(SnapshotTaken)


async def test_silence_is_no_death(fake: FakeServer, access: Access) -> None:
    async with Listener(access, pump_is_alive=lambda: False).running() as listener:
        await listener.gets(SnapshotTaken)
        for _ in range(5):
            began = time.monotonic()
            await asyncio.sleep(3.5)  # longer than a dead connection would live
            if not stood_still(began):
                break
            listener.asterisk.counters.losses = 0  # of a machine that stood still
            await until(lambda: listener.asterisk.connected, within=10)
        assert listener.asterisk.connected
        assert listener.asterisk.counters.losses == 0


async def test_a_second_service_fences_the_first(fake: FakeServer, access: Access) -> None:
    first, second = Listener(access), Listener(access)
    task = asyncio.create_task(first.asterisk.run())
    await first.gets(SnapshotTaken)
    async with second.running():
        await second.gets(SnapshotTaken)
        with pytest.raises(Replaced, match="Another instance"):
            await task
        assert not first.asterisk.connected
        before = len(fake.requests)
        first.asterisk.submit([HangUp(lane=CallId("x"), leg=leg_named("x"))])
        assert first.asterisk.counters.commands_dropped == 1
        assert (await first.asterisk.request(rest.read("/channels"))).status == rest.NO_ANSWER
        assert all(path != "/channels/x" for _, path in fake.requests[before:])
        assert isinstance(first.events[-1], AsteriskLost)
        assert second.asterisk.connected


async def test_an_attempt_of_long_ago_does_not_excuse_a_second_service(
    fake: FakeServer, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.ari.asterisk.GHOST_SECONDS", 0.0)
    first, second = Listener(access), Listener(access)
    first.asterisk._ghosts = 1  # the first attempt took too long
    task = asyncio.create_task(first.asterisk.run())
    await first.gets(SnapshotTaken)
    async with second.running():
        await second.gets(SnapshotTaken)
        with pytest.raises(Replaced):
            await task
        assert second.asterisk.connected


@pytest.mark.parametrize("version", ["22.10.0", "22.9.3~dfsg", "20.19.1", "GIT-master-abc"])
async def test_an_old_asterisk_is_refused(fake: FakeServer, access: Access, version: str) -> None:
    fake.version = version
    listener = Listener(access)
    with pytest.raises(AsteriskTooOld, match=r"22\.10\.1 or later"):
        await listener.asterisk.run()
    assert listener.events == []


async def test_a_wrong_password_is_tried_again_and_told(fake: FakeServer) -> None:
    access = Access(url=fake.url, user=fake.user, password="not-this-one")
    with capture_logs() as logs:
        async with Listener(access).running() as listener:
            while len(logs) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            assert not listener.asterisk.connected
    assert "refuses the user or the password" in logs[0]["reason"]
    assert "not-this-one" not in str(logs) + repr(access)


async def test_an_older_filter_does_not_eat_our_answers(access: Access, fake: FakeServer) -> None:
    fake.model.connect("callcenter")
    fake.model.request(
        "PUT", "/applications/callcenter/eventFilter", {"allowed": [{"type": "StasisStart"}]}
    )
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)


async def test_a_request_whose_answer_is_lost_is_repeated_with_the_same_id() -> None:
    async with FakeServer(Model(timing=Timing(ring=0.0))) as fake:
        access = Access(url=fake.url, user=fake.user, password=fake.password)
        async with Listener(access).running() as listener:
            await listener.gets(SnapshotTaken)
            fake.do(fake.model.call_in, "1567", "0811111111")
            call = (await listener.gets(CallArrived)).call
            path = "/channels/create"
            fake.silent_paths.add(path)
            listener.asterisk.submit([ring(call)])
            await until(lambda: ("POST", path) in fake.requests, within=10)
            fake.silent_paths.clear()
            await fake.sees(Rings)
            await until_idle(listener)
            assert [p for _, p in fake.requests].count(path) == 2
            assert not any(isinstance(output, Rings) for output in fake.seen)
            assert not any(isinstance(event, RingFailed) for event in listener.events)


async def test_a_phone_that_is_not_registered_fails_at_once(
    fake: FakeServer, access: Access
) -> None:
    fake.model.unregistered.add("PJSIP/op-somchai")
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        fake.do(fake.model.call_in, "1567", "0811111111")
        call = (await listener.gets(CallArrived)).call
        listener.asterisk.submit([ring(call)])
        assert (await listener.gets(RingFailed)).offer == offer_id(call, 1)


async def test_an_inbox_that_is_full_costs_the_connection_and_nothing_else(
    fake: FakeServer, access: Access
) -> None:
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        listener.room = False
        leg = fake.do(fake.model.call_in, "1567", "0811111111")
        while listener.asterisk.connected:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        listener.room = True
        await listener.gets(AsteriskLost)
        snapshot = await listener.gets(SnapshotTaken)
        assert names_of(seen.leg for seen in snapshot.legs) == [leg]


async def test_a_flood_costs_the_connection_and_no_more_than_the_limit_is_kept(
    fake: FakeServer, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "RECEIVED_LIMIT", 100)
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        for number in range(2000):
            fake.do(fake.model.call_in, "1567", f"08{number:08d}")
        await listener.gets(AsteriskLost)
        assert listener.asterisk.counters.overflows == 1
        snapshot = await listener.gets(SnapshotTaken)
        assert len(snapshot.legs) == 2000


async def test_a_bug_of_ours_costs_the_connection_and_nothing_else(
    fake: FakeServer, access: Access
) -> None:
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        listener.broken = True
        with capture_logs() as logs:
            leg = fake.do(fake.model.call_in, "1567", "0811111111")
            while listener.asterisk.counters.losses == 0:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert "0811111111" not in str(logs)
        listener.broken = False
        await listener.gets(AsteriskLost)
        snapshot = await listener.gets(SnapshotTaken)
        assert names_of(seen.leg for seen in snapshot.legs) == [leg]


async def test_an_idle_lanes_request_is_on_the_wire_before_submit_returns(
    fake: FakeServer, access: Access
) -> None:
    async with Listener(access, pump_is_alive=lambda: False).running() as listener:
        await listener.gets(SnapshotTaken)
        [end] = fake.ends()
        assert select.select([end], [], [], 0)[0] == []
        listener.asterisk.submit([HangUp(lane=CallId("x"), leg=leg_named("x"))])
        assert select.select([end], [], [], 1)[0] == [end]  # nothing else has run meanwhile


async def test_the_beat_stops_with_the_pump(fake: FakeServer, access: Access) -> None:
    alive = True
    async with Listener(access, pump_is_alive=lambda: alive).running() as listener:
        await listener.gets(SnapshotTaken)
        while "CALLCENTER_BEAT" not in fake.model.globals:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        beat = int(fake.model.globals["CALLCENTER_BEAT"])
        now = fake.model.clock.epoch + fake.model.now
        assert abs(beat - now) <= 1.5
        alive = False
        await asyncio.sleep(0.1)  # the beat that may be under way
        fake.model.globals.clear()
        await asyncio.sleep(1.5)
        assert fake.model.globals == {}


async def test_a_flapping_connection_makes_no_storm(fake: FakeServer, access: Access) -> None:
    async with Listener(access).running() as listener:
        ends_at = asyncio.get_running_loop().time() + 4
        while asyncio.get_running_loop().time() < ends_at:
            await listener.gets(SnapshotTaken)
            fake.cut()
        assert listener.asterisk.counters.connects <= 8


async def test_a_thousand_waiting_callers_are_seen_in_a_moment() -> None:
    model = Model()
    model.connect()
    for number in range(1000):
        model.call_in("1567", f"08{number:08d}")
    async with FakeServer(model) as fake:
        access = Access(url=fake.url, user=fake.user, password=fake.password)
        async with Listener(access).running() as listener:
            snapshot = await listener.gets(SnapshotTaken)
    assert len(snapshot.legs) == 1000
    assert all(leg.in_app and leg.did == "1567" for leg in snapshot.legs)


async def test_the_phones_are_looked_at_after_the_sign_of_life(
    fake: FakeServer, access: Access
) -> None:
    """Until it is given, the lifeboat rings them."""
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        asked = [path for _, path in fake.requests]
        assert asked.index("/asterisk/variable") < asked.index("/endpoints/PJSIP")


async def test_nobody_is_rung_after_an_old_sign_of_life_before_the_phones_are_looked_at(
    fake: FakeServer, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Listener(access).running() as listener:
        await listener.gets(SnapshotTaken)
        fake.do(fake.model.call_in, "1567", "0812345678")
        call = (await listener.gets(CallArrived)).call
        monkeypatch.setattr("callcenter.ari.asterisk.FRESH_SECONDS", -1.0)  # it stood still
        listener.asterisk.submit([ring(call)])
        await listener.gets(AsteriskLost)
        monkeypatch.undo()
        await listener.gets(SnapshotTaken)
        assert not any(path == f"/channels/offer-1-{call}" for _, path in fake.requests)
        listener.asterisk.submit([ring(call)])
        await fake.sees(Rings)


async def test_who_was_replaced_waits_as_long_as_the_other_gives_signs_of_life(
    fake: FakeServer, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.ari.succession.GONE_SECONDS", 2.5)
    first, second = Listener(access), Listener(access)
    task = asyncio.create_task(first.asterisk.run())
    await first.gets(SnapshotTaken)
    async with second.running():
        await second.gets(SnapshotTaken)
        with pytest.raises(Replaced):
            await task
        waiting = asyncio.create_task(first.asterisk.nobody_serves())
        began = len([path for _, path in fake.requests if path == "/asterisk/variable"])
        await until(
            lambda: [path for _, path in fake.requests].count("/asterisk/variable") > began + 5,
            within=20,
        )
        assert not waiting.done()
    await asyncio.wait_for(waiting, 20)
