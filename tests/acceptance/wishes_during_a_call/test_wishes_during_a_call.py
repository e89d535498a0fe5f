"""Somchai asks for a pause while he talks, and goes home while his phone rings."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers, ignores


async def test_a_pause_begins_when_the_call_is_over(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    await hotline.api.is_in("somchai", "on_call")
    await hotline.pause("somchai", "lunch")
    found = await hotline.api.operator("somchai")
    assert (found["state"], found["wish"]) == ("on_call", "paused")
    await somsri.comes_to_hear(somchai.voice, within=5)
    somsri.hang_up()
    await hotline.api.is_in("somchai", "paused/lunch", within=3)


async def test_home_time_comes_when_the_call_is_over(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    await hotline.api.is_in("somchai", "on_call")
    await hotline.log_out("somchai")
    assert await hotline.api.state("somchai") == "on_call"
    await somsri.comes_to_hear(somchai.voice, within=5)
    somchai.hang_up()
    await hotline.api.is_in("somchai", "offline", within=3)


async def test_somchai_goes_home_while_it_rings_and_malee_gets_the_caller(
    hotline: Hotline,
) -> None:
    somchai = await hotline.operator("somchai", habit=ignores())
    somsri = await hotline.calls("1567")
    ring = await somchai.is_rung()
    await hotline.log_out("somchai")
    await until(lambda: ring.is_over, within=3)
    assert ring.how_it_ended == "cancelled"
    await hotline.api.is_in("somchai", "offline")
    await somsri.comes_to_hear("music", within=3)
    malee = await hotline.operator("malee", habit=answers(0.1))
    await somsri.comes_to_hear(malee.voice, within=5)
    somsri.hang_up()
    record = await hotline.record(somsri)
    offers = await hotline.records.offers(record["call_id"])
    assert [row["result"] for row in offers] == ["withdrawn", "answered"]
