"""Somchai's phone rings and he is not there: Malee gets the same caller, he is paused (rona)."""

from tests.hotline import Hotline
from tests.hotline.api import Refused
from tests.people import until
from tests.people.phone import answers, ignores


async def test_malee_gets_the_caller_whom_somchai_let_ring(hotline: Hotline) -> None:
    await hotline.rules("damrong", ring_seconds=5)
    somchai = await hotline.operator("somchai", habit=ignores())
    somsri = await hotline.calls("1567")
    ring = await somchai.is_rung()
    malee = await hotline.operator("malee", habit=answers(0.3))
    behind = await hotline.calls("1567")
    await behind.comes_to_hear(malee.voice, within=5)
    malee.hang_up()  # free again when Somchai's ring time is over

    await until(lambda: ring.is_over, within=10)
    assert ring.how_it_ended == "cancelled"
    assert ring.ended_at - ring.rang_at > 4.5
    await hotline.api.is_in("somchai", "paused/rona", within=3)
    talk = await malee.is_talking(within=5)
    await somsri.comes_to_hear(malee.voice, within=3)
    waiting = somsri.ear.heard(somsri.answered_at + 0.3, talk.answered_at)
    assert waiting.share("music") > 0.8, waiting
    somsri.hang_up()

    record = await hotline.record(somsri)
    assert (record["outcome"], record["operator"]) == ("answered", "malee")
    offers = await hotline.records.offers(record["call_id"])
    assert [row["result"] for row in offers] == ["no_answer", "answered"]

    await hotline.resume("somchai")
    await hotline.api.is_in("somchai", "available")


async def test_the_caller_goes_back_to_the_front(hotline: Hotline) -> None:
    await hotline.rules("damrong", ring_seconds=5)
    somchai = await hotline.operator("somchai", habit=ignores())
    first = await hotline.calls("1567")
    await somchai.is_rung()
    second = await hotline.calls("1567")
    await hotline.api.is_in("somchai", "paused/rona", within=10)
    await hotline.in_line("damrong", first, second)


async def test_rona_is_a_word_of_the_service_alone(hotline: Hotline) -> None:
    await hotline.operator("somchai")
    try:
        await hotline.pause("somchai", "rona")
    except Refused as refused:
        assert refused.code == "invalid"
    else:
        raise AssertionError("an operator gave themself the reason rona")
