"""Several phones ring for Somsri at the same time: who answers first has her, the others stop."""

import asyncio
import random

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, OperatorPhone, until
from tests.people.phone import answers, ignores
from tests.people.phone_call import PhoneCall
from tests.people.talk import talk_for

ELSEWHERE = 'Reason: SIP;cause=200;text="Call completed elsewhere"'
RACES = 32
WORST_SECONDS = 0.005
"""Between two answers in the same moment. Asterisk tells the service of an answer in this time."""


async def at_once(hotline: Hotline, *names: str, most: int = 3) -> list[OperatorPhone]:
    """These operators, in a queue that rings so many at once. They let it ring."""
    await hotline.rules("damrong", strategy="ring_several", ring_at_once=most, ring_seconds=20)
    return [await hotline.operator(name, habit=ignores()) for name in names]


async def all_ring(phones: list[OperatorPhone]) -> list[PhoneCall]:
    """Wait until all of them ring."""
    return [await phone.is_rung() for phone in phones]


async def results(hotline: Hotline, caller: Caller) -> dict[str, str]:
    """What became of the rings of each operator for this caller, from the records."""
    record = await hotline.record(caller)
    offers = await hotline.records.offers(record["call_id"])
    return {row["operator"]: row["result"] for row in offers}


async def talk(caller: Caller, phone: OperatorPhone) -> None:
    """The two hear each other, by their tones, and nobody else."""
    await caller.comes_to_hear(phone.voice, within=10)
    call = await phone.is_talking()
    await phone.comes_to_hear(caller.voice, within=5)
    began = now()
    await talk_for(0.6)
    assert call.heard(began).sounds <= {str(caller.voice), "nothing"}
    assert caller.heard(began).sounds <= {str(phone.voice), "nothing"}


async def test_who_answers_first_has_her_and_the_others_miss_no_call(hotline: Hotline) -> None:
    phones = await at_once(hotline, "somchai", "malee", "ning", "fourth")
    somsri = await hotline.calls("1567")
    rings = await all_ring(phones[:3])
    assert not phones[3].calls, "three at once, and not all who are free"
    assert max(ring.rang_at for ring in rings) - min(ring.rang_at for ring in rings) < 2
    await somsri.comes_to_hear("music", within=5)
    elsewhere = await hotline.api.metric("hotline_operator_offers_total", result="elsewhere")

    answered = now()
    rings[1].answer()
    await until(lambda: rings[0].is_over and rings[2].is_over, within=5)
    for ring in (rings[0], rings[2]):
        assert ring.how_it_ended == "cancelled"
        assert ring.ended_at - answered < 2, "at once"
        assert ELSEWHERE in ring.everything_said
    await talk(somsri, phones[1])
    for name in ("somchai", "ning"):
        await hotline.api.is_in(name, "available", within=5)
    assert rings[0].heard(rings[0].rang_at).sounds <= {"nothing"}

    somsri.hang_up()
    assert await results(hotline, somsri) == {
        "somchai": "elsewhere",
        "malee": "answered",
        "ning": "elsewhere",
    }
    counted = await hotline.api.metric("hotline_operator_offers_total", result="elsewhere")
    assert counted - elsewhere == 2

    # Somchai and Ning kept their places before the fourth; Malee is the last now.
    second = await hotline.calls("1567")
    await all_ring([phones[0], phones[2], phones[3]])
    await hotline.api.is_in("malee", "available", within=5)
    phones[3].answer()
    await talk(second, phones[3])


async def test_two_answer_in_the_same_moment(hotline: Hotline) -> None:
    """Many times: one is joined, and the other hears no citizen and is let go."""
    phones = await at_once(hotline, "somchai", "malee", most=2)
    chance = random.Random(1567)
    both = 0
    for number in range(RACES):
        somsri = await hotline.calls("1567")
        rings = await all_ring(phones)
        first, second = chance.sample(rings, 2)
        first.answer()
        if number % 2:
            await asyncio.sleep(chance.random() * WORST_SECONDS)
        second.answer()
        both += bool(first.answered_at and second.answered_at)
        await until(lambda: sum(ring.is_over for ring in rings) == 1, within=10)  # noqa: B023
        (lost,) = [ring for ring in rings if ring.is_over]
        (won,) = [phone for phone in phones if phone.now in rings and phone.now is not lost]
        await talk(somsri, won)
        assert lost.how_it_ended in ("far end", "cancelled")
        assert lost.heard(lost.rang_at).sounds <= {"nothing"}, "heard a citizen"
        (other,) = [phone for phone in phones if phone is not won]
        await hotline.api.is_in(other.name, "available", within=5)
        somsri.hang_up()
        assert await results(hotline, somsri) == {won.name: "answered", other.name: "elsewhere"}
        await hotline.api.is_in(won.name, "available", within=5)
        assert ELSEWHERE in lost.everything_said
    assert both >= 20, f"in {both} of {RACES} both phones had answered"


async def test_she_hangs_up_while_several_ring(hotline: Hotline) -> None:
    phones = await at_once(hotline, "somchai", "malee")
    somsri = await hotline.calls("1567")
    rings = await all_ring(phones)
    somsri.hang_up()
    await until(lambda: all(ring.is_over for ring in rings), within=5)
    for ring in rings:
        assert ring.how_it_ended == "cancelled"
        assert ELSEWHERE not in ring.everything_said, "for them it is a missed call"
    assert set((await results(hotline, somsri)).values()) == {"caller_left"}
    for phone in phones:
        await hotline.api.is_in(phone.name, "available", within=5)


async def test_one_declines_one_goes_home_one_pauses_and_the_last_answers(hotline: Hotline) -> None:
    phones = await at_once(hotline, "somchai", "malee", "ning", most=3)
    somsri = await hotline.calls("1567")
    rings = await all_ring(phones)
    await hotline.pause("ning")
    rings[0].refuse(603, "Decline")
    await hotline.api.is_in("somchai", "paused/declined", within=5)
    await hotline.log_out("somchai")  # else he is rung again after his short pause
    assert not rings[2].is_over, "her phone rings on: the pause is for after it"
    rings[1].answer()
    await talk(somsri, phones[1])
    await hotline.api.is_in("ning", "paused/lunch", within=5)
    somsri.hang_up()
    assert await results(hotline, somsri) == {
        "somchai": "declined",
        "malee": "answered",
        "ning": "elsewhere",
    }

    await hotline.resume("ning")
    await hotline.api.is_in("malee", "available", within=5)
    second = await hotline.calls("1567")
    rings = await all_ring(phones[1:])
    await hotline.log_out("malee")
    await until(lambda: rings[0].is_over, within=5)
    rings[1].answer()
    await talk(second, phones[2])
    second.hang_up()
    assert await results(hotline, second) == {"malee": "withdrawn", "ning": "answered"}


async def test_nobody_answers_and_a_fourth_comes_while_they_ring(hotline: Hotline) -> None:
    phones = await at_once(hotline, "somchai", "malee", most=3)
    await hotline.rules("damrong", ring_seconds=6)
    somsri = await hotline.calls("1567")
    await all_ring(phones)
    await talk_for(2.0)
    (late,) = await at_once(hotline, "late", most=3)
    ring = await late.is_rung()
    for phone in phones:
        await hotline.api.is_in(phone.name, "paused/rona", within=10)
    assert not ring.is_over, "rings for a time of its own"
    ring.answer()
    await talk(somsri, late)


async def test_the_service_is_killed_while_several_ring(hotline: Hotline) -> None:
    """Once one phone is answered meanwhile, once two, once none."""
    phones = await at_once(hotline, "somchai", "malee", "ning", most=3)
    for many in (1, 2, 0):
        somsri = await hotline.calls("1567")
        rings = await all_ring(phones)
        await hotline.service.kills()
        for ring in rings[:many]:
            ring.answer()
        await talk_for(1.0)
        if many:  # who waits is not left in silence meanwhile
            await somsri.comes_to_hear("music", within=5)
        await hotline.service.starts()
        if not many:
            assert not any(ring.is_over for ring in rings)
            rings[2].answer()
        await until(lambda: sum(ring.is_over for ring in rings) == 2, within=15)  # noqa: B023
        (won,) = [phone for phone in phones if phone.now is not None]
        await talk(somsri, won)
        for ring in rings:
            if ring.is_over:
                assert ring.heard(ring.rang_at).sounds <= {"nothing"}, "heard a citizen"
        somsri.hang_up()
        found = await results(hotline, somsri)
        assert sorted(found.values()) == ["answered", "elsewhere", "elsewhere"], found
        for phone in phones:
            await hotline.api.is_in(phone.name, "available", within=10)


async def test_asterisk_is_killed_while_several_ring(hotline: Hotline) -> None:
    phones = await at_once(hotline, "somchai", "malee", most=2)
    somsri = await hotline.calls("1567")
    rings = await all_ring(phones)
    await hotline.phones_are_kept()
    hotline.asterisk.kill()
    somsri.vanish()
    for ring in rings:
        ring.is_lost()

    async def noticed() -> bool:
        return await hotline.api.metric("hotline_ari_connected") == 0

    async def is_back() -> bool:
        return not await noticed()

    await until(noticed, within=5)
    hotline.asterisk.start()
    await until(is_back, within=20)  # else she is in the lifeboat, which rings one after the other
    second = await hotline.calls("1567")
    await all_ring(phones)
    phones[0].answer()
    await talk(second, phones[0])
    record = await hotline.record(somsri)
    assert (record["outcome"], record["reason"]) == ("failed", "asterisk_lost")


async def test_an_open_line_comes_before_all_phones(hotline: Hotline) -> None:
    phones = await at_once(hotline, "somchai", "malee", most=3)
    headset = await hotline.operator("headset", habit=answers(0.1), open_line=True)
    await hotline.api.is_in("headset", "available", within=5)
    somsri = await hotline.calls("1567")
    await talk(somsri, headset)
    assert not any(phone.calls for phone in phones), "nothing rings"
    second = await hotline.calls("1567")
    await all_ring(phones)
    phones[1].answer()
    await talk(second, phones[1])
