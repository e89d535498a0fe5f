"""Who calls the urgent number is answered first, unless somebody has waited very long."""

import asyncio

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers


async def test_the_urgent_caller_is_answered_before_those_who_came_earlier(
    hotline: Hotline,
) -> None:
    anong, boonmee = await hotline.calls("1567"), await hotline.calls("1567")
    urgent = await hotline.calls("1669")
    await hotline.in_line("damrong", urgent, anong, boonmee)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    for person in (urgent, anong, boonmee):
        await person.comes_to_hear(somchai.voice, within=3)
        person.hang_up()
        await until(lambda: somchai.now is None or somchai.rings, within=3)
    assert (await hotline.record(urgent))["priority"] == 9


async def test_who_has_waited_long_enough_is_answered_before_the_urgent_caller(
    hotline: Hotline,
) -> None:
    """Nine steps of priority weigh nine times 10 s: urgent callers cannot starve the others."""
    await hotline.weighs_priority(aging_seconds=10)
    anong = await hotline.calls("1567")
    await asyncio.sleep(70)
    early = await hotline.calls("1669")
    await hotline.in_line("damrong", early, anong)
    await asyncio.sleep(24)
    late = await hotline.calls("1669")
    await hotline.in_line("damrong", early, anong, late)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    for person in (early, anong, late):
        await person.comes_to_hear(somchai.voice, within=5)
        person.hang_up()
        await until(lambda: somchai.now is None or somchai.rings, within=3)
