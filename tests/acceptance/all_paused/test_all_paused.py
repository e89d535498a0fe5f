"""Everyone is at lunch: citizens wait with music, and the first to come back gets the first."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers


async def test_the_first_who_comes_back_gets_the_first_who_waits(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    malee = await hotline.operator("malee", habit=answers(0.1))
    await hotline.pause("somchai")
    await hotline.pause("malee")
    assert await hotline.api.state("malee") == "paused/lunch"
    first, second = await hotline.calls("1567"), await hotline.calls("1567")
    await until(lambda: first.hears("music") and second.hears("music"), within=3)
    await hotline.in_line("damrong", first, second)
    assert not somchai.calls and not malee.calls
    queue = await hotline.api.queue("damrong")
    assert (queue["waiting"], queue["operators"]["paused"]) == (2, 2)
    assert await hotline.api.metric("hotline_queue_waiting", queue="damrong") == 2
    assert await hotline.api.metric("hotline_queue_oldest_wait_seconds", queue="damrong") > 0

    await hotline.resume("malee")
    await first.comes_to_hear(malee.voice, within=5)
    await second.comes_to_hear("music", within=5)
    await hotline.resume("somchai")
    await second.comes_to_hear(somchai.voice, within=5)
