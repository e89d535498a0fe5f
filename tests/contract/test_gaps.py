"""What is lost and what stays if our websocket, or Asterisk itself, was away for a while."""

import asyncio
from collections import Counter

from callcenter.ari import rest
from callcenter.core.legs import channel_of
from tests.contract.bench import Bench
from tests.contract.observer import APP, NOTICES_SECONDS, Observer
from tests.contract.test_calls import answers, arrives, has_rung, leg_of, talks
from tests.legs import names_of


async def test_calls_stay_and_events_are_lost_and_told_again_afterwards(
    bench: Bench, ari: Observer
) -> None:
    stays, staying = await arrives(bench, ari, "1567")
    leaves, leaving = await arrives(bench, ari, "1111")
    await ari.loses_the_connection()
    leaves.hang_up()
    await asyncio.sleep(NOTICES_SECONDS)  # until Asterisk has noticed
    await stays.hears_music()  # nobody controls the calls, and nobody is cut off
    ari.told.clear()
    await ari.connect()
    await ari.has_only(staying)
    assert all(leg.in_app for leg in (await ari.snapshot()).legs)
    assert ari.about(leaving) == Counter()  # events are not replayed
    stays.hang_up()
    await ari.wait_for(("StasisEnd", staying))  # subscribed as before


async def test_a_conversation_goes_on_without_us(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    phone = await talks(bench, ari, call)
    await ari.loses_the_connection()
    await caller.hears_operator()
    await ari.connect()
    [bridge] = (await ari.snapshot()).bridges
    assert set(names_of(bridge.legs)) == {call, leg_of(call)}
    phone.hang_up()
    await ari.wait_for(("ChannelDestroyed", leg_of(call)))


async def test_a_phone_that_rings_goes_on_ringing_and_can_be_answered_after(
    bench: Bench, ari: Observer
) -> None:
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    await ari.loses_the_connection()
    await ari.connect()
    legs = {channel_of(leg.leg): (leg.is_up, leg.in_app) for leg in (await ari.snapshot()).legs}
    assert legs == {call: (True, True), leg_of(call): (False, True)}
    phone.answer()
    await ari.wait_for(("ChannelStateChange", leg_of(call), "Up"))


async def test_an_operator_who_answers_while_we_are_away_is_there_when_we_are_back(
    bench: Bench, ari: Observer
) -> None:
    _, call = await arrives(bench, ari)
    assert await has_rung(ari, call) == 200
    phone = await bench.rings("somchai")
    await ari.loses_the_connection()
    phone.answer()
    await asyncio.sleep(NOTICES_SECONDS)
    await ari.connect()
    legs = {channel_of(leg.leg): (leg.is_up, leg.in_app) for leg in (await ari.snapshot()).legs}
    assert legs == {call: (True, True), leg_of(call): (True, True)}


async def test_a_caller_who_comes_while_we_are_away_is_not_in_the_application(
    bench: Bench, ari: Observer
) -> None:
    await ari.loses_the_connection()
    # in the lifeboat, which tries the service again later
    await (await bench.dial("1567")).hears_music()
    ari.told.clear()
    await ari.connect()
    [leg] = (await ari.snapshot()).legs
    assert not leg.in_app
    assert ari.told == Counter()


async def test_a_service_without_a_beat_gets_no_new_callers(bench: Bench, ari: Observer) -> None:
    await ari.beat(age_seconds=5)
    await (await bench.dial("1567")).hears_music()
    assert [leg.in_app for leg in (await ari.snapshot()).legs] == [False]
    assert ari.told == Counter()
    await ari.beat()
    await ari.arrival("1567")  # the dial plan tries again by itself


async def test_a_second_client_takes_over_and_the_first_hears_nothing_more(
    bench: Bench, ari: Observer
) -> None:
    caller, call = await arrives(bench, ari)
    async with Observer(bench.access) as second:
        await ari.wait_for(("ApplicationReplaced",))
        caller.hang_up()
        await second.wait_for(("StasisEnd", call))
    assert ari.about(call) == Counter({("StasisStart", "1567"): 1})
    await ari.loses_the_connection()
    await ari.connect()
    await ari.beat()
    await arrives(bench, ari)


async def test_the_filter_of_events_eats_answers_too(bench: Bench, ari: Observer) -> None:
    eaten = asyncio.ensure_future(ari.send(rest.event_filter(APP, ("StasisStart",))))
    done, _ = await asyncio.wait([eaten], timeout=0.5)
    assert not done
    await ari.loses_the_connection()
    assert (await eaten).status == rest.NO_ANSWER
    await ari.connect()  # sets a filter that lets them through


async def test_a_crash_of_asterisk_has_another_boot_and_no_legs(
    bench: Bench, ari: Observer
) -> None:
    _, call = await arrives(bench, ari)
    await answers(bench, ari, call)
    before = await ari.snapshot()
    await bench.crash()
    await ari.loses_the_connection()
    await ari.connect()
    after = await ari.snapshot()
    assert after.boot != before.boot
    assert (after.legs, after.bridges) == ((), ())
    await ari.beat()
    await arrives(bench, ari)
