"""A queue's strategy says who of several free operators is rung; the site file names it."""

from tests.acceptance.longest_idle.test_longest_idle import served_by
from tests.hotline import Hotline
from tests.people.phone import answers


async def test_round_robin_goes_round_whatever_pauses_there_are(hotline: Hotline) -> None:
    """Who is first depends on the stories before: turns are kept from one day to the next."""
    await hotline.rules("damrong", strategy="round_robin")
    everyone = [
        await hotline.operator(name, habit=answers(0.1)) for name in ("somchai", "malee", "ning")
    ]
    order = []
    for _ in range(6):
        await hotline.pause("malee")
        await hotline.resume("malee")  # the shortest idle of all, each time
        order.append(await served_by(await hotline.calls("1567"), everyone))
    assert sorted(order[:3]) == ["malee", "ning", "somchai"], f"somebody is passed over: {order}"
    assert order[3:] == order[:3], "in the same order again"


async def test_fewest_calls_by_a_reload_while_all_work(hotline: Hotline) -> None:
    """Ning is in another queue, too, and has two calls from there when the strategy changes."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    ning = await hotline.operator("ning", queues=["damrong", "gcc"], habit=answers(0.1))
    for _ in range(2):
        assert await served_by(await hotline.calls("1111"), [somchai, ning]) == "ning"
    await hotline.pause("somchai")
    await hotline.resume("somchai")
    await hotline.rules("damrong", strategy="fewest_calls")
    order = [await served_by(await hotline.calls("1567"), [somchai, ning]) for _ in range(3)]
    assert order == ["somchai", "somchai", "ning"]
