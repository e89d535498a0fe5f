"""Who goes to which room, when, and who does not."""

from callcenter.ari.rest import requests_of
from callcenter.ari.rooms import SEATS, EnterRoom, Rooms
from callcenter.core.commands import BackToMusic, Bridge, Exit, HangUp, SendOut
from callcenter.core.events import (
    BridgeSeen,
    CallArrived,
    CallerLeft,
    LegEnteredBridge,
    LegSeen,
    SnapshotTaken,
)
from callcenter.core.ids import CallId, OfferId
from tests.fake_asterisk.parts import NAMES
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer, room_bridge

AFTER = 15.0


def arrived(call: str) -> CallArrived:
    return CallArrived(call=CallId(call), did="1567", caller="", age_seconds=0.0)


def waiting(*calls: str, at: float = 0.0) -> Rooms:
    rooms = Rooms(AFTER)
    for call in calls:
        assert rooms.hear(arrived(call), at)
    return rooms


def entering(rooms: Rooms, now: float) -> list[EnterRoom]:
    """Whoever is due, one after the other, and Asterisk puts each there."""
    gone = []
    while rooms.is_due(now):
        gone.append(rooms.enter())
        rooms.done(gone[-1], failed=False)
    return gone


def gone_to_rooms(rooms: Rooms, now: float) -> list[str]:
    return [command.lane for command in entering(rooms, now)]


def bridge(call: str) -> Bridge:
    return Bridge(
        lane=CallId(call),
        offer=OfferId(f"offer-1-{call}"),
        bridge=desk_bridge("som"),
        caller=caller_leg(call),
        operator=leg_of_offer(OfferId(f"offer-1-{call}")),
    )


def test_who_waits_long_goes_once() -> None:
    rooms = waiting("1")
    rooms.hear(arrived("2"), 5.0)
    assert gone_to_rooms(rooms, 14.9) == []
    assert gone_to_rooms(rooms, 15.0) == ["1"]
    assert gone_to_rooms(rooms, 20.0) == ["2"]
    assert gone_to_rooms(rooms, 99.0) == []


def test_without_a_time_nobody_goes() -> None:
    rooms = Rooms()
    rooms.hear(arrived("1"), 0.0)
    assert gone_to_rooms(rooms, 1e6) == []


def test_who_is_joined_sent_out_hung_up_or_gone_does_not_go() -> None:
    rooms = waiting("1", "2", "3", "4", "5")
    rooms.follow(bridge("1"), 1.0)
    rooms.follow(SendOut(lane=CallId("2"), leg=caller_leg("2"), exit=Exit.MAX_WAIT), 1.0)
    rooms.follow(HangUp(lane=CallId("3"), leg=leg_named("3")), 1.0)
    rooms.hear(CallerLeft(call=CallId("4")), 1.0)
    rooms.follow(HangUp(lane=CallId("5"), leg=leg_named("offer-1-5")), 1.0)  # the operator's leg
    assert gone_to_rooms(rooms, 99.0) == ["5"]


def test_who_comes_back_from_a_desk_waits_anew() -> None:
    rooms = waiting("1")
    rooms.follow(bridge("1"), 1.0)
    back = BackToMusic(lane=CallId("1"), caller=caller_leg("1"), bridge=desk_bridge("som"))
    rooms.follow(back, 10.0)
    assert gone_to_rooms(rooms, 24.0) == []
    assert gone_to_rooms(rooms, 25.0) == ["1"]


def test_rooms_are_small_and_seats_are_used_again() -> None:
    rooms = waiting(*map(str, range(SEATS + 1)))
    first = [command.room for command in entering(rooms, AFTER)]
    assert first == [room_bridge(0)] * SEATS + [room_bridge(1)]
    rooms.hear(CallerLeft(call=CallId("7")), AFTER)
    rooms.hear(arrived("late"), AFTER)
    assert [command.room for command in entering(rooms, 2 * AFTER)] == [room_bridge(0)]


def test_one_after_the_other_so_that_calls_come_first() -> None:
    rooms = waiting("1", "2")
    assert not rooms.is_busy
    first = rooms.enter()
    assert (first.lane, rooms.is_busy, rooms.is_due(AFTER)) == ("1", True, True)
    rooms.done(first, failed=False)
    assert not rooms.is_busy
    rooms.done(rooms.enter(), failed=True)
    assert (rooms.is_busy, rooms.is_due(1e6)) == (False, False)


def test_a_lost_connection_has_nobody_on_the_way() -> None:
    rooms = waiting("1")
    rooms.enter()
    rooms.see(SnapshotTaken(boot="1", legs=(seen("1", 20.0),), bridges=()), 20.0)
    assert (rooms.is_busy, rooms.is_due(20.0)) == (False, True)


def test_a_room_is_made_for_the_first_and_again_when_it_is_gone() -> None:
    rooms = waiting("1")
    first = rooms.enter()
    assert [request.path for request in requests_of(first, NAMES)] == [
        "/bridges/room-0",
        "/bridges/room-0/addChannel",
    ]
    rooms.done(first, failed=False)
    rooms.hear(arrived("2"), 0.0)
    second = rooms.enter()
    assert [request.path for request in requests_of(second, NAMES)] == [
        "/bridges/room-0/addChannel"
    ]
    rooms.done(second, failed=True)
    rooms.hear(arrived("3"), 0.0)
    third = rooms.enter()
    assert third == EnterRoom(
        lane=CallId("3"), leg=caller_leg("3"), room=room_bridge(0), is_new=True
    )


def test_nobody_else_hears_of_rooms() -> None:
    rooms = waiting("1")
    in_room = LegEnteredBridge(leg=leg_named("1"), bridge=room_bridge(0))
    at_desk = LegEnteredBridge(leg=leg_named("1"), bridge=desk_bridge("som"))
    assert (rooms.hear(in_room, 0.0), rooms.hear(at_desk, 0.0)) == (False, True)


def seen(leg: str, age_seconds: float) -> LegSeen:
    return LegSeen(
        leg=leg_named(leg), is_up=True, in_app=True, did="1567", caller="", age_seconds=age_seconds
    )


def test_the_snapshot_says_who_sits_where() -> None:
    talk = BridgeSeen(
        bridge=desk_bridge("som"), legs=(leg_named("talks"), leg_named("offer-1-talks"))
    )
    room = BridgeSeen(bridge=room_bridge(0), legs=(leg_named("sits"),))
    taken = SnapshotTaken(
        boot="1",
        legs=(
            *(seen("young", 1.0), seen("old", 100.0), seen("sits", 200.0), seen("talks", 300.0)),
            seen("offer-1-talks", 290.0),
            seen("line-1-som", 400.0),
        ),
        bridges=(talk, room),
    )
    rooms = waiting("forgotten")
    handed_on = rooms.see(taken, 1000.0)
    assert (handed_on.bridges, handed_on.legs) == ((talk,), taken.legs)
    [old] = entering(rooms, 1000.0)
    assert (old.lane, old.leg, old.room, old.is_new) == (
        CallId("old"),
        caller_leg("old"),
        room_bridge(0),
        False,
    )
    assert gone_to_rooms(rooms, 1000.0 + AFTER) == ["young"]


def test_who_is_joined_by_a_request_of_an_earlier_connection_does_not_go() -> None:
    rooms = waiting("1")
    assert rooms.hear(LegEnteredBridge(leg=leg_named("1"), bridge=desk_bridge("som")), 10.0)
    assert gone_to_rooms(rooms, 99.0) == []
