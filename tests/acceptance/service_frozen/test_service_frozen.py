"""The service stands still for 5 and for 30 seconds, its sockets open: Asterisk notices."""

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import until
from tests.people.phone import answers
from tests.people.talk import talk_for


async def test_five_seconds(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    talker, waiter = await hotline.calls("1567"), await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=5)
    frozen = now()
    hotline.service.freezes()
    somsri = await hotline.calls("1567")
    await talk_for(5)
    hotline.service.thaws()
    await hotline.service.is_ready(within=5)
    assert somsri.heard(somsri.answered_at + 0.5).share("music") > 0.7
    assert waiter.heard(frozen).share("music") > 0.85
    assert talker.heard(frozen).only(somchai.voice)
    talker.hang_up()
    for person in (waiter, somsri):
        await person.comes_to_hear(somchai.voice, within=8)
        person.hang_up()
    assert somchai.rang_while_busy == 0
    assert (await hotline.record(somsri))["outcome"] == "answered"


@pytest.mark.parametrize("seconds", [2.5, 4.5])  # the connection stands, is given up
async def test_a_phone_picked_up_while_it_stands_still_was_picked_up(
    hotline: Hotline, seconds: float
) -> None:
    """When it goes on the ring time is over; the answer came before."""
    await hotline.rules("damrong", ring_seconds=3)
    somchai = await hotline.operator("somchai", habit=answers(2))
    somsri = await hotline.calls("1567")
    await until(lambda: somchai.calls, within=5)
    await talk_for(1)
    hotline.service.freezes()
    await talk_for(seconds)
    hotline.service.thaws()
    await somsri.comes_to_hear(somchai.voice, within=5)
    assert len(somchai.calls) == 1
    somsri.hang_up()
    assert (await hotline.record(somsri))["outcome"] == "answered"


@pytest.mark.rare
async def test_thirty_seconds_and_the_lifeboat_rings_the_phones(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    malee = await hotline.operator("malee", habit=answers(0.1))
    talker = await hotline.calls("1567")
    await talker.comes_to_hear(somchai.voice, within=5)
    frozen = now()
    hotline.service.freezes()
    await talk_for(4)  # the beat is older than three seconds now
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(malee.voice, within=10)
    await until(lambda: malee.talks, within=3)
    await talk_for(30 - (now() - frozen))
    hotline.service.thaws()
    await hotline.service.is_ready(within=5)
    assert talker.heard(frozen).only(somchai.voice)
    await hotline.api.is_in("malee", "paused/other_call")
    waiter = await hotline.calls("1567")
    await talk_for(3)
    await somsri.comes_to_hear(malee.voice, within=5)  # the lifeboat's conversation goes on
    await waiter.comes_to_hear("music", within=3)
    assert malee.rang_while_busy == 0, "she talks, and her phone was rung"
    somsri.hang_up()
    await waiter.comes_to_hear(malee.voice, within=5)
    waiter.hang_up()
    record = await hotline.record(somsri, within=10)
    assert (record["outcome"], record["via"]) == ("answered", "lifeboat")
    assert record["known_from_ledger"]
    talker.hang_up()
    assert (await hotline.record(talker))["via"] == "service"
