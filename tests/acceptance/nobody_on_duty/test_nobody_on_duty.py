"""An empty province is not a busy one: its callers are with the centre at once."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers, ignores
from tests.people.until import SLOW_MACHINE_TIMES

ANSWERED_SECONDS = 8  # on a busy machine; the longest wait of the province is ten minutes


async def diverted(hotline: Hotline) -> float:
    """How many callers of Sisaket stood elsewhere because nobody was on duty there."""
    return await hotline.api.metric(
        "hotline_calls_diverted_total", queue="sisaket", reason="no_staff"
    )


async def test_an_empty_province_is_answered_by_the_centre_at_once(hotline: Hotline) -> None:
    await hotline.rules("sisaket", neighbours=("gcc", "damrong"))
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    before = await diverted(hotline)
    somsri = await hotline.calls("045614545")
    await somsri.comes_to_hear(somchai.voice, within=ANSWERED_SECONDS)
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["line"], record["queue"]) == ("045-614545", "damrong")
    assert record["outcome"] == "answered"
    assert record["wait_seconds"] < ANSWERED_SECONDS * SLOW_MACHINE_TIMES
    assert await diverted(hotline) == before + 1


async def test_outside_its_hours_a_province_is_answered_by_the_centre(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    ning = await hotline.operator("ning", queues=["sisaket"], habit=answers(0.1))
    await hotline.rules("sisaket", neighbours=("damrong",), hours="never")
    await until(lambda: is_closed(hotline), within=10)
    somsri = await hotline.calls("045614545")
    await somsri.comes_to_hear(somchai.voice, within=ANSWERED_SECONDS)
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["queue"], record["outcome"]) == ("damrong", "answered")
    assert not ning.calls

    await hotline.rules("sisaket", neighbours=(), hours="never")
    malee = await hotline.calls("045614545")
    await malee.is_gone(within=20)
    record = await hotline.record(malee)
    assert (record["outcome"], record["reason"]) == ("rejected", "closed")

    await hotline.rules("sisaket", hours="")
    await until(lambda: is_open(hotline), within=10)  # for the next story


async def is_open(hotline: Hotline) -> bool:
    """Whether the service takes Sisaket to be open by now: it looks once a second."""
    return await hotline.api.metric("hotline_queue_open", queue="sisaket") == 1


async def is_closed(hotline: Hotline) -> bool:
    """The same the other way round."""
    return not await is_open(hotline)


async def test_a_busy_province_keeps_its_callers_until_its_last_operator_goes(
    hotline: Hotline,
) -> None:
    await hotline.rules("sisaket", neighbours=("damrong",), ring_seconds=4)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    ning = await hotline.operator("ning", queues=["sisaket"], habit=answers(0.1))
    first = await hotline.calls("045614545")
    await first.comes_to_hear(ning.voice, within=ANSWERED_SECONDS)
    second = await hotline.calls("045614545")
    await second.comes_to_hear("music", within=ANSWERED_SECONDS)
    await hotline.in_line("sisaket", second)
    assert not somchai.calls, "busy is not empty"

    ning.habit = ignores()  # falls asleep, with the next caller at the phone
    first.hang_up()
    await second.comes_to_hear(somchai.voice, within=4 + ANSWERED_SECONDS)
    await until(lambda: ning.now is None, within=5)
    await hotline.api.is_in("ning", "paused/rona")
    second.hang_up()
    record = await hotline.record(second)
    assert (record["queue"], record["outcome"]) == ("damrong", "answered")
    assert record["offers"] == 2
