"""The province does not answer: the centre does. And where nobody else can, the caller is told."""

from tests.hotline import Hotline
from tests.people.phone import answers


async def test_sisaket_overflows_to_the_centre(hotline: Hotline) -> None:
    await hotline.rules("sisaket", max_wait_seconds=5, overflow_queue="damrong")
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("045614545")
    await somsri.comes_to_hear("music", within=5)
    await somsri.comes_to_hear(somchai.voice, within=10)
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["line"], record["queue"]) == ("045-614545", "damrong")
    assert record["outcome"] == "answered"
    assert 5 < record["wait_seconds"] < 40, "the wait counts from the arrival"


async def test_where_there_is_no_other_queue_the_caller_is_told(hotline: Hotline) -> None:
    await hotline.rules("sisaket", max_wait_seconds=5)
    somsri = await hotline.calls("045614545")
    await somsri.is_gone(within=15)
    assert somsri.ended_by == "far end"
    assert somsri.heard(somsri.answered_at + 5, one_in=3).share("other") > 0.3
    record = await hotline.record(somsri)
    assert (record["outcome"], record["reason"]) == ("overflow", "max_wait")
    assert 4.9 < record["wait_seconds"] < 40
