"""kill -9 of the service while fifty citizens wait and ten talk. Only the service notices."""

import asyncio
import random

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import Caller, OperatorPhone, until
from tests.people.crowd import all_hear_music, all_talk, hang_up_after, one_after_another
from tests.people.phone import answers
from tests.people.talk import talk_for

WAITING, TALKING = 50, 10


async def test_fifty_wait_and_ten_talk_through_it(hotline: Hotline) -> None:
    operators = [
        await hotline.operator(f"op{number:02d}", habit=answers(0.05)) for number in range(TALKING)
    ]
    talkers = await one_after_another(TALKING, lambda: hotline.calls("1567"))
    await all_talk(operators, within=5)
    waiting = await one_after_another(WAITING, lambda: hotline.calls("1567", silent=True))
    await all_hear_music(waiting, within=5)
    await hotline.in_line("damrong", *waiting)

    killed = now()
    await hotline.service.kills()
    await talk_for(1.5)
    await hotline.service.starts()
    await talk_for(1)

    await _require_unbroken_talks(talkers, operators, since=killed)
    for caller in waiting:
        await asyncio.sleep(0)  # the phones go on meanwhile: who stands still for seconds is dead
        heard = caller.heard(killed, one_in=4)
        assert heard.share("music") > 0.85 and heard.longest_gap_seconds < 1, heard
    await hotline.in_line("damrong", *waiting)
    for operator in operators:
        await hotline.api.is_in(operator.name, "on_call")

    await _answer_everyone(hotline, waiting, operators)
    for caller in talkers:
        record = await hotline.record(caller)
        assert (record["outcome"], record["ended_by"]) == ("answered", "operator")
        assert record["talk_seconds"] > now() - killed - 60
    await _require_order(hotline, waiting, killed)


async def _require_unbroken_talks(
    talkers: list[Caller], operators: list[OperatorPhone], since: float
) -> None:
    voices = {operator.voice: operator for operator in operators}
    for talker in talkers:
        await asyncio.sleep(0)  # as above
        heard = talker.heard(since, one_in=4)
        voice = max(heard.shares.keys() - {"nothing"}, key=lambda sound: heard.shares[sound])
        assert heard.only(voice), heard
        call = voices[int(voice)].now
        assert call is not None and call.heard(since).only(talker.voice)


async def _answer_everyone(
    hotline: Hotline, waiting: list[Caller], operators: list[OperatorPhone]
) -> None:
    """All hang up, and again after each short conversation, until nobody waits."""
    for operator in operators:
        hang_up_after(0.4, operator)
        operator.hang_up()
    await until(
        lambda: all(caller.is_over for caller in waiting),
        within=20,
        but=lambda: f"{sum(not caller.is_over for caller in waiting)} still there",
    )
    assert all(operator.rang_while_busy == 0 for operator in operators)


async def _require_order(hotline: Hotline, waiting: list[Caller], killed: float) -> None:
    records = [await hotline.record(caller) for caller in waiting]
    assert [row["outcome"] for row in records] == ["answered"] * len(waiting)
    arrived = [row["arrived_at"] for row in records]
    assert arrived == sorted(arrived)
    for caller, row in zip(waiting, records, strict=True):
        assert row["wait_seconds"] > killed - caller.answered_at, "the wait goes on from arrival"
    first_rings = [(await hotline.records.offers(row["call_id"]))[0]["made_at"] for row in records]
    assert first_rings == sorted(first_rings), "rung for in the order of arrival"


async def test_a_phone_is_restarted_while_the_service_is_away(hotline: Hotline) -> None:
    """It is registered again and has forgotten the talk: its caller does not stay in silence."""
    somchai = await hotline.operator("somchai", habit=answers(0.05))
    caller = await hotline.calls("1567")
    await caller.comes_to_hear(somchai.voice, within=3)
    await hotline.service.kills()
    (await somchai.is_talking()).is_forgotten()
    await hotline.service.starts()
    await caller.comes_to_hear("music", within=10)
    await hotline.in_line("damrong", caller)
    await hotline.api.is_in("somchai", "paused/phone_lost", within=5)


async def test_killed_ten_times_in_a_minute(hotline: Hotline) -> None:
    """New callers come all the time; whoever serves them, nobody hears nothing, nothing is lost."""
    chance = random.Random(1111)
    somchai = await hotline.operator("somchai", habit=answers(0.05))
    talker = await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=3)
    for number in range(3):
        hang_up_after(1, await hotline.operator(f"op{number}"))
    people: list[Caller] = []

    async def come() -> None:
        while True:
            people.append(await hotline.calls("1567"))
            await talk_for(2)

    began = now()
    arrivals = asyncio.get_running_loop().create_task(come())
    for _ in range(10):
        await hotline.service.kills()
        hotline.service.launch()
        await talk_for(chance.uniform(0.5, 5))  # some of them die while they start
    arrivals.cancel()
    assert talker.heard(began).only(somchai.voice), "the talk was not touched"
    await until(
        lambda: all(person.is_over for person in people),
        within=60,
        but=lambda: f"{sum(not person.is_over for person in people)} of {len(people)} are left",
    )
    assert len(people) > 8
    assert all(phone.rang_while_busy == 0 for phone in hotline.phones.values())
    for person in people:
        waiting = person.heard(person.answered_at, person.ear.first_voice_at())
        assert waiting.longest_gap_seconds < 1, f"dead air: {waiting}"
        record = await hotline.record(person, within=15)
        assert record["outcome"] == "answered", record
