"""Two may wait; the third is told that all lines are busy, politely, and is counted."""

from tests.hotline import Hotline
from tests.people import until


async def test_the_third_caller_is_told_and_let_go(hotline: Hotline) -> None:
    await hotline.rules("gcc", waiting_limit=2)
    labels = {"line": "1111", "reason": "queue_full"}
    before = await hotline.api.metric("hotline_calls_rejected_total", **labels)
    first, second = await hotline.calls("1111"), await hotline.calls("1111")
    await until(lambda: first.hears("music") and second.hears("music"), within=3)
    third = await hotline.calls("1111")
    await third.is_gone(within=15)
    assert third.ended_by == "far end"
    heard = third.heard(third.answered_at, one_in=3)
    assert heard.share("other") > 0.3, f"no message was spoken: {heard}"

    record = await hotline.record(third)
    assert (record["outcome"], record["reason"]) == ("rejected", "queue_full")
    assert record["queue"] is None
    assert await hotline.api.metric("hotline_calls_rejected_total", **labels) == before + 1
    first.hang_up()
    await hotline.record(first)
    fourth = await hotline.calls("1111")
    await fourth.comes_to_hear("music", within=3)
