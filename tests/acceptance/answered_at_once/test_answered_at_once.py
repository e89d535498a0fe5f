"""Somsri dials 1567 and Somchai, who is free, answers. They hear each other, and nothing else."""

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import until
from tests.people.phone import answers
from tests.people.talk import talk_for


async def test_somsri_is_answered_at_once(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(1))
    before = await hotline.api.metric("hotline_calls_received_total", line="1567")
    somsri = await hotline.calls("1567")

    ring = await somchai.is_rung()
    assert ring.rang_at - somsri.answered_at < 10
    assert ring.shows() == "1567"

    talk = await somchai.is_talking(within=5)
    await somsri.comes_to_hear(somchai.voice, within=3)
    await somchai.comes_to_hear(somsri.voice, within=3)
    await hotline.api.is_in("somchai", "on_call")

    since = now()
    await talk_for(2)
    assert somsri.heard(since).only(somchai.voice)
    assert talk.heard(since).only(somsri.voice)

    assert somsri.number not in talk.everything_said, "the phone is never told who calls"

    somsri.hang_up()
    await until(lambda: talk.is_over, within=3)
    await hotline.api.is_in("somchai", "available", within=3)

    record = await hotline.record(somsri)
    assert (record["line"], record["queue"], record["outcome"]) == ("1567", "damrong", "answered")
    assert (record["operator"], record["ended_by"], record["via"]) == (
        "somchai",
        "caller",
        "service",
    )
    assert abs(record["wait_seconds"] - (talk.up_at - somsri.answered_at)) < 2
    assert abs(record["talk_seconds"] - (somsri.ended_at - talk.up_at)) < 2
    assert [row["result"] for row in await hotline.records.offers(record["call_id"])] == [
        "answered"
    ]
    assert await hotline.api.metric("hotline_calls_received_total", line="1567") == before + 1
    assert (
        await hotline.api.metric(
            "hotline_calls_ended_total", line="1567", queue="damrong", outcome="answered"
        )
        >= 1
    )


async def test_somchai_hangs_up_first(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somchai.is_talking()
    await somsri.comes_to_hear(somchai.voice, within=3)
    somchai.hang_up()
    await somsri.is_gone(within=3)
    assert somsri.ended_by == "far end"
    record = await hotline.record(somsri)
    assert (record["outcome"], record["ended_by"]) == ("answered", "operator")


async def test_the_console_ends_the_conversation(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    talk = await somchai.is_talking()
    await somsri.comes_to_hear(somchai.voice, within=3)
    await hotline.api.ask("POST", "/operators/somchai/hang-up")
    await somsri.is_gone(within=3)
    await until(lambda: talk.is_over, within=3)
    assert (await hotline.record(somsri))["ended_by"] == "operator"
