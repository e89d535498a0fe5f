"""Somsri gives up while Somchai's phone rings: it stops at once, and he is free for the next."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers, ignores


async def test_the_phone_stops_ringing_and_somchai_is_free(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=ignores())
    somsri = await hotline.calls("1567")
    ring = await somchai.is_rung()
    assert await hotline.api.state("somchai") == "ringing"
    somsri.hang_up()
    await until(lambda: ring.is_over, within=3)
    assert ring.how_it_ended == "cancelled"
    await hotline.api.is_in("somchai", "available", within=3)

    record = await hotline.record(somsri)
    assert record["outcome"] == "abandoned_short"
    offers = await hotline.records.offers(record["call_id"])
    assert [row["result"] for row in offers] == ["caller_left"]

    somchai.habit = answers(0.1)
    malee = await hotline.calls("1567")
    await malee.comes_to_hear(somchai.voice, within=5)
