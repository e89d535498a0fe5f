"""Who goes to which room, when, and who does not."""

from dataclasses import replace

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.ids import CallId
from callcenter.core.rooms import SEAT_SECONDS, SEATS, room_of
from tests.legs import caller_leg, desk_bridge, room_bridge
from tests.unit.core.story import Story
from tests.unit.core.test_greeting_and_menu import spoken

AFTER = 15.0


def with_rooms() -> Story:
    return Story(room_after_seconds=AFTER)


def went(story: Story) -> list[str]:
    """Who has gone to a room, in order."""
    return [each.lane for each in story.ordered if isinstance(each, c.EnterRoom)]


def seen(name: str) -> e.LegSeen:
    return e.LegSeen(
        leg=caller_leg(name), is_up=True, in_app=True, did="1567", caller="", age_seconds=1.0
    )


def test_who_waits_long_goes_once() -> None:
    story = with_rooms()
    story.calls("malee")
    story.after(5.0)
    story.calls("chai")
    story.after(9.99)
    assert went(story) == []
    story.after(0.01)
    assert went(story) == ["malee"]
    story.after(500.0)
    assert went(story) == ["malee", "chai"]


def test_without_a_time_nobody_goes() -> None:
    story = Story()
    story.calls("malee")
    story.after(500.0)
    assert went(story) == []


def test_whose_phone_rings_who_talks_and_who_left_does_not_go() -> None:
    story = with_rooms()
    story.logs_in("somchai", "nok")
    story.calls("malee", "chai", "dao")
    story.answers("somchai")
    story.leaves("dao")
    story.after(14.9)
    story.picks_up("nok")
    story.after(1.0)
    assert went(story) == []


def test_who_comes_back_from_an_offer_goes_once() -> None:
    story = with_rooms()
    story.logs_in("somchai")
    story.calls("malee")
    story.after(10.0)
    story.logs_out("somchai")
    story.after(AFTER)
    assert went(story) == ["malee"]
    story.after(500.0)
    assert went(story) == ["malee"]


def test_who_comes_back_from_a_talk_goes_again() -> None:
    story = with_rooms()
    story.calls("malee")
    story.after(AFTER)
    story.logs_in("somchai")
    story.answers("somchai")
    story.happens(e.PhoneLost(endpoint="PJSIP/somchai"))
    story.after(AFTER)
    assert went(story) == ["malee", "malee"]


def test_who_hears_a_long_greeting_goes_after_it() -> None:
    story = with_rooms()
    story.happens(e.SiteChanged(site=spoken(greeting=("greeting",))))
    story.calls("malee")
    story.after(AFTER + 1.0)
    assert went(story) == []
    prompt = story.call("malee").prompt
    assert prompt is not None
    story.happens(e.PromptPlayed(call=CallId("malee"), number=prompt.number))
    story.after(AFTER)
    assert went(story) == ["malee"]


def test_one_after_the_other_so_that_calls_come_first() -> None:
    story = with_rooms()
    story.calls("malee", "chai", "dao")
    story.after(AFTER)
    assert went(story) == ["malee"]
    story.after(SEAT_SECONDS)
    assert went(story) == ["malee", "chai"]
    story.after(SEAT_SECONDS)
    assert went(story) == ["malee", "chai", "dao"]


def test_rooms_are_small_and_few() -> None:
    story = with_rooms()
    names = [f"caller{number}" for number in range(2 * SEATS)]
    story.calls(*names)
    story.after(20.0)
    rooms = [each.room for each in story.ordered if isinstance(each, c.EnterRoom)]
    assert len(rooms) == 2 * SEATS
    assert max(map(rooms.count, rooms)) == SEATS


def test_after_a_hundred_and_twenty_eight_rooms_the_first_one_is_used_again() -> None:
    story = with_rooms()
    story.calls("malee")
    call = story.call("malee")
    rooms = [room_of(replace(call, rank=(0.0, seen))).number for seen in range(1_025)]
    assert rooms[:1_024:8] == list(range(128))
    assert rooms[1_024] == 0


def test_who_enters_a_room_still_waits_there() -> None:
    story = with_rooms()
    story.calls("malee")
    story.after(AFTER)
    entered = e.LegEnteredBridge(leg=caller_leg("malee"), bridge=room_bridge(0))
    assert story.happens(entered).commands == []
    story.logs_in("somchai")
    story.answers("somchai")
    assert story.has("somchai") == "malee"


def test_after_a_lost_connection_those_go_who_are_not_there() -> None:
    story = with_rooms()
    story.calls("malee", "chai")
    story.after(20.0)
    story.calls("dao")
    story.asterisk_is_lost()
    story.ordered.clear()
    room = e.BridgeSeen(bridge=room_bridge(0), legs=(caller_leg("malee"),))
    there = (seen("malee"), seen("chai"), seen("dao"))
    done = story.happens(e.SnapshotTaken(boot="1", legs=there, bridges=(room,)))
    assert done.commands == []
    story.after(1.0)
    assert went(story) == ["chai"]
    story.after(AFTER)
    assert went(story) == ["chai", "dao"]


def test_a_restarted_service_leaves_those_where_they_are_who_sit_in_a_room() -> None:
    story = with_rooms()
    story.calls("malee", "chai")
    story.after(20.0)
    story.service_restarts()
    story.ordered.clear()
    room = e.BridgeSeen(bridge=room_bridge(0), legs=(caller_leg("malee"),))
    legs = (seen("malee"), seen("chai"))
    story.happens(e.SnapshotTaken(boot="1", legs=legs, bridges=(room,)))
    story.after(AFTER)
    assert went(story) == ["chai"]


def test_who_is_still_at_a_desk_hears_music_again_and_is_no_guest_of_a_room() -> None:
    story = with_rooms()
    story.calls("malee")
    desk = e.BridgeSeen(bridge=desk_bridge("somchai"), legs=(caller_leg("malee"),))
    done = story.happens(e.SnapshotTaken(boot="1", legs=(seen("malee"),), bridges=(desk,)))
    music = c.BackToMusic(
        lane=CallId("malee"), caller=caller_leg("malee"), bridge=desk_bridge("somchai")
    )
    assert music in done.commands
    story.after(AFTER)
    assert went(story) == ["malee"]
