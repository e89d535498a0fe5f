"""Calls, step by step: the same answers and the same events from the fake and the real one."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from callcenter.ari import rest
from callcenter.ari.phone_watch import packets, statistics
from callcenter.ari.rest import Dial, requests_of
from callcenter.ari.translate import ours
from callcenter.core.commands import (
    BackToMusic,
    Bridge,
    CloseDesk,
    EnterRoom,
    Exit,
    HangUp,
    OpenDesk,
    RingLine,
    RingOperator,
    SeatLine,
    SendOut,
)
from callcenter.core.ids import THE_NODE, CallId, offer_id
from callcenter.core.legs import StrangeLeg, channel_of, name_of
from tests.contract.bench import Bench, Caller, RingingPhone
from tests.contract.observer import Observer, Told, carry_out, close_desk, hang_up
from tests.fake_asterisk.parts import NAMES
from tests.legs import (
    caller_leg,
    desk_bridge,
    leg_of_offer,
    line_leg,
    names_of,
    room_bridge,
)
from tests.people import until

DESK = desk_bridge("somchai")
DESK_NAME = name_of(DESK)


def ring(call: str, number: int = 1, operator: str = "somchai") -> rest.Request:
    offer = offer_id(CallId(call), number)
    command = RingOperator(
        lane=CallId(call),
        offer=offer,
        leg=leg_of_offer(offer),
        endpoint=f"PJSIP/op-{operator}",
        caller_id='"สายด่วน" <1567>',
    )
    return carry_out(command)[0]


RANG: dict[Told, int] = {
    ("StasisStart",): 1,
    ("ChannelStateChange", "Ringing"): 1,
    ("StasisEnd",): 1,
}
"""The ends of a phone that rang and did not answer."""

ANSWERED: dict[Told, int] = {
    ("StasisStart",): 1,
    ("ChannelStateChange", "Ringing"): 1,
    ("ChannelStateChange", "Up"): 1,
}


async def has_rung(ari: Observer, call: str, number: int = 1, **told: Any) -> int:
    """Make the leg, and dial it when it has entered the application; gives the first status."""
    status = await ari.status(ring(call, number, **told))
    if status == 200:
        leg = leg_of(call, number)
        await ari.wait_for(("StasisStart", leg))
        assert await ari.status(dial(leg)) == 204
    return status


def dial(leg: str) -> rest.Request:
    made = ours(leg) or StrangeLeg(channel=leg, node=THE_NODE)
    command = Dial(lane=CallId("a"), leg=made)  # type: ignore[arg-type]
    return requests_of(command, NAMES)[0]


def leg_of(call: str, number: int = 1) -> str:
    return offer_id(CallId(call), number)


def join(call: str, number: int = 1) -> tuple[rest.Request, ...]:
    offer = offer_id(CallId(call), number)
    return carry_out(
        Bridge(
            lane=CallId(call),
            offer=offer,
            bridge=DESK,
            caller=caller_leg(call),
            operator=leg_of_offer(offer),
        )
    )


def open_desk() -> rest.Request:
    return carry_out(OpenDesk(lane=DESK, bridge=DESK))[0]


def send_out(call: str, way: Exit = Exit.CLOSED) -> rest.Request:
    return carry_out(SendOut(lane=CallId(call), leg=caller_leg(call), exit=way))[0]


async def arrives(bench: Bench, ari: Observer, did: str = "1567") -> tuple[Caller, str]:
    """A caller who waits in the application."""
    caller = await bench.dial(did)
    return caller, await ari.arrival(did)


async def answers(bench: Bench, ari: Observer, call: str) -> RingingPhone:
    """An operator who has answered."""
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    phone.answer()
    await ari.wait_for(("ChannelStateChange", leg_of(call), "Up"))
    return phone


async def talks(bench: Bench, ari: Observer, call: str) -> RingingPhone:
    """Caller and operator joined."""
    assert await ari.status(open_desk()) in (200, 409)
    phone = await answers(bench, ari, call)
    assert [await ari.status(request) for request in join(call)] == [204, 204]
    await ari.wait_for(
        ("ChannelEnteredBridge", call, DESK_NAME), ("ChannelEnteredBridge", leg_of(call), DESK_NAME)
    )
    return phone


async def test_a_caller_enters_and_is_in_the_snapshot(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari, "1111")
    assert ari.about(call) == Counter({("StasisStart", "1111"): 1})
    [leg] = (await ari.snapshot()).legs
    assert (channel_of(leg.leg), leg.is_up, leg.in_app, leg.did) == (call, True, True, "1111")
    assert leg.caller == "0812345678"
    assert 0 <= leg.age_seconds < 60
    await caller.hears_music()


async def test_a_waiting_caller_hangs_up(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    caller.hang_up()
    await ari.wait_for(("StasisEnd", call))
    assert ari.about(call) == Counter(
        {
            ("StasisStart", "1567"): 1,
            ("ChannelHangupRequest", 0, False): 1,
            ("StasisEnd",): 1,
        }
    )
    await ari.has_only()


async def test_caller_and_operator_talk_without_music_and_the_caller_hangs_up(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await arrives(bench, ari)
    await caller.hears_music()
    phone = await talks(bench, ari, call)
    await caller.hears_operator()
    [bridge] = (await ari.snapshot()).bridges
    assert (bridge.bridge, set(names_of(bridge.legs))) == (DESK, {call, leg_of(call)})
    caller.hang_up()
    await ari.wait_for(("StasisEnd", call))
    await ari.has_only(leg_of(call))
    assert await ari.status(hang_up(leg_of(call))) == 204
    await phone.is_over()
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert ari.about(leg_of(call)) == Counter(
        {
            **ANSWERED,
            ("ChannelEnteredBridge", DESK_NAME): 1,
            ("ChannelHangupRequest", 32, True): 1,  # a flag of ours, not a cause
            ("StasisEnd",): 1,
            ("ChannelDestroyed", 16): 1,
        }
    )


async def test_the_operator_hangs_up_and_the_caller_stays(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    phone = await talks(bench, ari, call)
    phone.hang_up()
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert ari.about(leg_of(call)) == Counter(
        {
            **ANSWERED,
            ("ChannelEnteredBridge", DESK_NAME): 1,
            ("ChannelHangupRequest", 16, False): 1,
            ("StasisEnd",): 1,
            ("ChannelDestroyed", 16): 1,
        }
    )
    assert [channel_of(leg.leg) for leg in (await ari.snapshot()).legs if leg.in_app] == [call]
    assert await ari.status(hang_up(call)) == 204
    await caller.is_cut_off()
    await ari.wait_for(("ChannelDestroyed", call))
    told = ari.about(call)
    told.pop(("ChannelHangupRequest", 16, True), None)  # from the end of the dial plan
    assert told == Counter(
        {
            ("StasisStart", "1567"): 1,
            ("ChannelEnteredBridge", DESK_NAME): 1,
            ("ChannelHangupRequest", 32, True): 1,
            ("StasisEnd",): 1,
            # a leg was made for this caller, so events come until the end
            ("ChannelDestroyed", 16): 1,
        }
    )


async def test_a_ringing_phone_is_taken_back(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    await ari.wait_for(("ChannelStateChange", leg_of(call), "Ringing"))
    assert await ari.status(hang_up(leg_of(call))) == 204
    await phone.is_over()
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert ari.about(leg_of(call)) == Counter(
        {**RANG, ("ChannelHangupRequest", 32, True): 1, ("ChannelDestroyed", 16): 1}
    )
    assert await ari.status(hang_up(leg_of(call))) == 404


async def test_a_phone_stops_because_another_one_was_answered(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    await ari.wait_for(("ChannelStateChange", leg_of(call), "Ringing"))
    assert await ari.status(hang_up(leg_of(call), elsewhere=True)) == 204
    await phone.is_over()
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert ari.about(leg_of(call)) == Counter(
        {**RANG, ("ChannelHangupRequest", 32, True): 1, ("ChannelDestroyed", 26): 1}
    )


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (486, 17),
        (600, 17),
        (603, 21),
        (403, 21),
        (401, 21),
        (407, 21),
        (607, 127),
        (480, 19),
        (408, 18),
        (404, 1),
        (410, 22),
        (488, 58),
        (500, 38),
        (503, 34),
    ],
)
async def test_a_phone_refuses(bench: Bench, ari: Observer, status: int, cause: int) -> None:
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    phone.refuse(status)
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert ari.about(leg_of(call)) == Counter(
        {**RANG, ("ChannelHangupRequest", cause, False): 1, ("ChannelDestroyed", cause): 1}
    )


async def test_it_is_told_that_a_phone_rings_and_with_which_sip_status_it_refused(
    bench: Bench, ari: Observer
) -> None:
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    await ari.wait_for(("Dial", leg_of(call), "RINGING"))
    phone.refuse(403)
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert ari.statuses[leg_of(call)] == 403


async def test_a_phone_that_forwards_its_calls_has_refused(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    phone.refuse(302)
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert ari.about(leg_of(call)) in (
        Counter({**RANG, ("ChannelHangupRequest", 23, False): 1, ("ChannelDestroyed", 23): 1}),
    )


async def test_a_phone_in_a_call_that_is_not_ours_is_seen(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    await talks(bench, ari, call)
    assert "PJSIP/op-somchai" not in (await ari.snapshot()).elsewhere
    other = "not-ours"
    ring_it = RingLine(lane=DESK, leg=LINE, endpoint="PJSIP/op-malee", caller_id="x")
    [made] = carry_out(ring_it)
    made = replace(made, body={**(made.body or {}), "channelId": other})
    assert await ari.status(made) == 200
    await ari.wait_for(("StasisStart", other))
    assert await ari.status(dial(other)) == 204
    phone = await bench.rings("malee")
    await until(lambda: is_elsewhere(ari, "PJSIP/op-malee"), within=10)
    assert await ari.status(hang_up(other)) == 204
    await phone.is_over()
    await until(lambda: is_elsewhere(ari, "PJSIP/op-malee", so=False), within=10)


async def is_elsewhere(ari: Observer, endpoint: str, *, so: bool = True) -> bool:
    return (endpoint in (await ari.snapshot()).elsewhere) is so


async def test_a_phone_that_has_not_registered_is_known_to_be_away(
    bench: Bench, ari: Observer
) -> None:
    away = (await ari.snapshot()).away
    assert "PJSIP/op-away" in away
    assert "PJSIP/op-somchai" not in away  # rung at its contact, and not asked with OPTIONS


async def packets_of(ari: Observer, leg: str) -> int:
    count = packets(await ari.send(statistics(leg)))
    assert count is not None
    return count


async def test_how_much_is_heard_of_a_leg(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    caller.speak()
    before = await packets_of(ari, call)

    async def is_heard() -> bool:
        return await packets_of(ari, call) > before + 5

    await until(is_heard, within=10)
    caller.fall_silent()

    async def is_silent() -> bool:
        count = await packets_of(ari, call)
        await asyncio.sleep(0.3)  # fifteen packets
        return await packets_of(ari, call) == count

    await until(is_silent, within=10)
    assert (await ari.send(statistics("nobody"))).status == 404


async def test_hold_is_told_and_its_end(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    caller.hold(on=True)
    await ari.wait_for(("ChannelHold", call))
    caller.hold(on=False)
    await ari.wait_for(("ChannelUnhold", call))
    await caller.hears_music()


async def test_who_is_asked_and_there_stays(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    assert await ari.status(rest.ask_leg(call)) == 204
    await caller.hears_music()
    await ari.has_only(call)
    assert ari.about(call) == Counter({("StasisStart", "1567"): 1})


async def test_who_is_asked_and_knows_nothing_of_the_call_is_ended(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await arrives(bench, ari)
    await caller.hears_music()  # it has acknowledged; nothing is asked before that
    caller.forget()
    assert await ari.status(rest.ask_leg(call)) == 204
    await ari.wait_for(("StasisEnd", call))
    assert ari.about(call) == Counter(
        {
            ("StasisStart", "1567"): 1,
            ("ChannelHangupRequest", 127, False): 1,
            ("StasisEnd",): 1,
        }
    )
    await ari.has_only()
    assert await ari.status(rest.ask_leg(call)) == 404


async def test_a_phone_that_is_not_registered_and_one_that_is_dead(
    bench: Bench, ari: Observer
) -> None:
    _, call = await arrives(bench, ari)
    refused = await ari.send(ring(call, operator="away"))
    assert (refused.status, refused.body) == (500, '{"error":"Allocation failed"}')
    assert await has_rung(ari, call, 2, operator="dead") == 200
    assert await ari.status(hang_up(leg_of(call, 2))) == 204
    await ari.wait_for(("ChannelDestroyed", leg_of(call, 2)))
    told = ari.about(leg_of(call, 2))
    told.pop(("ChannelHangupRequest", 16, False), None)  # if nothing had been sent yet
    assert told == Counter(
        {
            ("StasisStart",): 1,
            ("ChannelHangupRequest", 32, True): 1,
            ("StasisEnd",): 1,
            ("ChannelDestroyed", 16): 1,
        }
    )


async def test_an_id_can_be_used_once(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    assert [await ari.status(open_desk()) for _ in range(2)] == [200, 409]
    assert [await ari.status(ring(call)) for _ in range(2)] == [200, 409]
    await ari.wait_for(("StasisStart", leg_of(call)))
    assert await ari.status(close_desk(DESK_NAME)) == 204
    assert await ari.status(close_desk(DESK_NAME)) in (404, 409)  # 409: it is being destroyed


async def test_a_leg_can_be_made_for_a_caller_who_is_gone_and_not_be_dialled_when_it_is_gone(
    bench: Bench, ari: Observer
) -> None:
    """The caller's end has an event of its own. The leg is taken back after that."""
    caller, call = await arrives(bench, ari)
    caller.hang_up()
    await ari.wait_for(("StasisEnd", call))
    await ari.has_only()
    assert await ari.status(ring(call)) == 200
    leg = leg_of(call)
    await ari.wait_for(("StasisStart", leg))
    assert await ari.status(hang_up(leg)) == 204
    await ari.wait_for(("ChannelDestroyed", leg))
    assert await ari.status(dial(leg)) == 404


async def test_a_dead_phone_dialled_twice_is_one_leg(bench: Bench, ari: Observer) -> None:
    """As if the answer to the first request was lost."""
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call, operator="dead") == 200
    leg = leg_of(call)
    assert await ari.status(dial(leg)) == 204
    assert await ari.status(hang_up(leg)) in (204, 404)  # the real one gives up at once
    await ari.wait_for(("ChannelDestroyed", leg))
    await ari.has_only(call)


async def test_a_phone_that_rings_is_not_dialled_again(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call) == 200
    leg = leg_of(call)
    await ari.wait_for(("ChannelStateChange", leg, "Ringing"))
    assert await ari.status(dial(leg)) == 409


async def test_the_spellings_of_gone(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    music_off, together = join(call)
    assert await ari.status(together) == 404  # no such bridge
    back = BackToMusic(lane=CallId(call), caller=caller_leg(call), bridge=DESK)
    assert [await ari.status(request) for request in carry_out(back)] == [404, 204]
    assert await ari.status(open_desk()) == 200
    assert await ari.status(together) == 400  # the operator's leg does not exist
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    leg = leg_of(call)
    phone.refuse(486)
    caller.hang_up()
    await ari.wait_for(("StasisEnd", call), ("ChannelDestroyed", leg))
    await ari.has_only()
    assert await ari.status(together) == 400
    assert await ari.status(music_off) == 404
    assert await ari.status(hang_up(call)) == 404
    assert await ari.status(send_out(call)) == 404
    assert [await ari.status(request) for request in carry_out(back)] == [400, 404]


async def test_back_to_music(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    phone = await talks(bench, ari, call)
    phone.hang_up()
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    back = carry_out(BackToMusic(lane=CallId(call), caller=caller_leg(call), bridge=DESK))
    assert [await ari.status(request) for request in back] == [204, 204]
    await caller.hears_music()
    assert [await ari.status(request) for request in back] == [422, 204]


async def test_who_waits_in_a_room_hears_music_and_is_joined_from_there(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await arrives(bench, ari)
    room = room_bridge(0)
    enter = EnterRoom(lane=CallId(call), caller=caller_leg(call), room=room)
    assert [await ari.status(r) for r in requests_of(enter, NAMES)] == [200, 204]
    await ari.wait_for(("ChannelEnteredBridge", call, name_of(room)))
    assert [await ari.status(r) for r in requests_of(enter, NAMES)] == [409, 204]
    await caller.hears_music()
    await talks(bench, ari, call)
    await caller.hears_operator()
    seen = {bridge.bridge: set(names_of(bridge.legs)) for bridge in (await ari.snapshot()).bridges}
    assert seen == {room: set(), DESK: {call, leg_of(call)}}


async def test_a_bridge_is_removed_under_a_caller_who_stays(bench: Bench, ari: Observer) -> None:
    _, call = await arrives(bench, ari)
    await talks(bench, ari, call)
    assert await ari.status(close_desk(DESK_NAME)) == 204

    async def is_closed() -> bool:
        return (await ari.snapshot()).bridges == ()

    await until(is_closed, within=10)  # when both have left
    seen = await ari.snapshot()
    assert len(seen.legs) == 2
    assert all(leg.in_app for leg in seen.legs)


@pytest.mark.parametrize("way", [way for way in Exit if way not in (Exit.ERROR, Exit.UNTOLD)])
async def test_a_caller_is_sent_out(bench: Bench, ari: Observer, way: Exit) -> None:
    caller, call = await arrives(bench, ari)
    assert await ari.status(send_out(call, way)) == 204
    await ari.wait_for(("StasisEnd", call))

    async def is_in_the_dialplan() -> bool:
        return [leg.in_app for leg in (await ari.snapshot()).legs] == [False]

    await until(is_in_the_dialplan, within=10)
    assert await ari.status(send_out(call, way)) == 409
    await caller.is_cut_off()
    assert ari.about(call) == Counter({("StasisStart", "1567"): 1, ("StasisEnd",): 1})


async def test_a_caller_whom_the_service_gives_up_is_in_the_lifeboat(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await arrives(bench, ari)
    assert await ari.status(send_out(call, Exit.ERROR)) == 204
    await ari.wait_for(("StasisEnd", call))
    await caller.hears_music()
    legs = {leg.leg: leg.in_app for leg in (await ari.snapshot()).legs}
    assert legs[caller_leg(call)] is False
    assert ari.about(call) == Counter({("StasisStart", "1567"): 1, ("StasisEnd",): 1})


async def test_who_comes_back_from_the_lifeboats_phones_hears_music(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await arrives(bench, ari)
    assert await ari.status(send_out(call, Exit.ERROR)) == 204
    await until(lambda: ari.told["StasisStart", call, "1567"] == 2, within=30)
    await caller.hears_music()


async def test_an_operator_who_hangs_up_in_the_instant_of_the_join(
    bench: Bench, ari: Observer
) -> None:
    """The answer is 204 although nobody is joined: only ChannelEnteredBridge confirms a join."""
    _, call = await arrives(bench, ari)
    await ari.status(open_desk())
    phone = await answers(bench, ari, call)
    phone.hang_up()
    statuses = [await ari.status(request) for request in join(call)]
    assert statuses[0] == 204
    assert statuses[1] in (204, 400, 422)
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert [channel_of(leg.leg) for leg in (await ari.snapshot()).legs] == [call]


async def test_an_operator_who_hangs_up_before_the_join_leaves_no_cause(
    bench: Bench, ari: Observer
) -> None:
    _, call = await arrives(bench, ari)
    phone = await answers(bench, ari, call)
    phone.hang_up()
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))
    assert ari.about(leg_of(call)) == Counter(
        {
            **ANSWERED,
            ("ChannelHangupRequest", 0, False): 1,
            ("StasisEnd",): 1,
            ("ChannelDestroyed", 16): 1,
        }
    )


LINE = line_leg("somchai", 1)
LINE_NAME = channel_of(LINE)


async def has_a_line(bench: Bench, ari: Observer) -> RingingPhone:
    """Somchai's open line: rung without a caller, and in his bridge."""
    assert await ari.status(open_desk()) in (200, 409)
    [ring_line] = carry_out(
        RingLine(
            lane=DESK,
            leg=LINE,
            endpoint="PJSIP/op-somchai",
            caller_id='"open line" <line>',
        )
    )
    assert await ari.status(ring_line) == 200
    await ari.wait_for(("StasisStart", LINE_NAME))
    assert await ari.status(dial(LINE_NAME)) == 204
    phone = await bench.rings("somchai")
    phone.answer()
    await ari.wait_for(("ChannelStateChange", LINE_NAME, "Up"))
    _, seat = carry_out(SeatLine(lane=DESK, leg=LINE, bridge=DESK))
    assert await ari.status(seat) == 204
    await ari.wait_for(("ChannelEnteredBridge", LINE_NAME, DESK_NAME))
    return phone


async def is_handed_over(ari: Observer, call: str) -> None:
    """The caller is joined where the line is, and the line is joined again."""
    requests = carry_out(
        Bridge(
            lane=CallId(call),
            offer=offer_id(CallId(call), 1),
            bridge=DESK,
            caller=caller_leg(call),
            operator=LINE,
        )
    )
    assert [await ari.status(request) for request in requests] == [204, 204]
    await ari.wait_for(("ChannelEnteredBridge", LINE_NAME, DESK_NAME))
    await ari.wait_for(("ChannelEnteredBridge", call, DESK_NAME))


async def test_an_open_line_takes_one_caller_after_the_other(bench: Bench, ari: Observer) -> None:
    phone = await has_a_line(bench, ari)
    for did in ("1567", "1111"):
        caller, call = await arrives(bench, ari, did)
        await is_handed_over(ari, call)
        assert [names_of(bridge.legs) for bridge in (await ari.snapshot()).bridges] == [
            [LINE_NAME, call]
        ]
        caller.hang_up()
        await ari.wait_for(("StasisEnd", call))
    assert [names_of(bridge.legs) for bridge in (await ari.snapshot()).bridges] == [[LINE_NAME]]
    phone.hang_up()
    await ari.wait_for(("StasisEnd", LINE_NAME))


async def test_whom_we_hang_up_has_left_the_bridge_when_the_application_is_left(
    bench: Bench, ari: Observer
) -> None:
    phone = await has_a_line(bench, ari)
    _, call = await arrives(bench, ari)
    await is_handed_over(ari, call)
    [hang_up] = carry_out(HangUp(lane=CallId(call), leg=caller_leg(call)))
    assert await ari.status(hang_up) == 204
    await ari.wait_for(("StasisEnd", call))
    assert [names_of(bridge.legs) for bridge in (await ari.snapshot()).bridges] == [[LINE_NAME]]
    asked = [kind for kind in ari.about(call) if kind[0] == "ChannelHangupRequest"]
    assert asked == [("ChannelHangupRequest", 32, True)]
    phone.hang_up()
    await ari.wait_for(("StasisEnd", LINE_NAME))


async def test_a_desk_made_anew_has_nobody_and_the_line_can_come_back(
    bench: Bench, ari: Observer
) -> None:
    phone = await has_a_line(bench, ari)
    _, call = await arrives(bench, ari)
    await is_handed_over(ari, call)
    [close] = carry_out(CloseDesk(lane=DESK, bridge=DESK))
    assert await ari.status(close) == 204

    opened, seat = carry_out(SeatLine(lane=DESK, leg=LINE, bridge=DESK))

    async def is_seated_anew() -> bool:
        """Only when all have left: until then the bridge exists and accepts nobody."""
        statuses = await ari.status(opened), await ari.status(seat)
        assert statuses in ((200, 204), (409, 204), (409, 404), (409, 409)), statuses
        return statuses[1] == 204

    await until(is_seated_anew, within=10)

    async def is_back() -> bool:
        return [names_of(bridge.legs) for bridge in (await ari.snapshot()).bridges] == [[LINE_NAME]]

    await until(is_back, within=10)
    await until(lambda: ari.told["ChannelEnteredBridge", LINE_NAME, DESK_NAME] == 3, within=10)
    phone.hang_up()
    await ari.wait_for(("StasisEnd", LINE_NAME))
