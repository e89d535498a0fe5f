"""Two wait; a third calls the urgent number and is answered first."""

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
