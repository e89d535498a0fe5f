"""Who calls the urgent number is answered first, unless somebody has waited very long."""

import asyncio

from tests.hotline import Hotline
from tests.hotline.hotline import now
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


AGING_SECONDS = 10.0  # the shortest that a site may have


async def test_who_has_waited_long_enough_is_answered_before_a_more_urgent_caller(
    hotline: Hotline,
) -> None:
    """Each step of priority weighs 10 s of waiting: urgent callers cannot starve the others."""
    await hotline.weighs_priority(AGING_SECONDS)
    anong = await hotline.calls("1567")
    called = now()
    early = await hotline.calls("1567")
    line = await hotline.in_line("damrong", anong, early)
    await hotline.api.ask("PUT", f"/calls/{line[1]['call']}/priority", {"priority": 1})
    await hotline.in_line("damrong", early, anong)
    await asyncio.sleep(AGING_SECONDS + 1 - (now() - called))
    late = await hotline.calls("1567")
    line = await hotline.in_line("damrong", early, anong, late)
    await hotline.api.ask("PUT", f"/calls/{line[2]['call']}/priority", {"priority": 1})
    await hotline.in_line("damrong", early, anong, late)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    for person in (early, anong, late):
        await person.comes_to_hear(somchai.voice, within=5)
        person.hang_up()
        await until(lambda: somchai.now is None or somchai.rings, within=3)
