"""1111 and 1567 help each other when all are busy. Nobody goes round; who is served by neither
hears the queue's own message, also when the service dies meanwhile."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.acceptance import tones
from tests.hotline import Hotline
from tests.people.phone import answers
from tests.people.talk import talk_for

SORRY, SORRY_SECONDS = 3200, 4.0
LONGEST_SECONDS = 10.0


@pytest_asyncio.fixture(loop_scope="session")
async def two(hotline: Hotline) -> AsyncIterator[Hotline]:
    """Each of the two queues is the overflow of the other; an operator of each is on a pause."""
    for queue, other in (("damrong", "gcc"), ("gcc", "damrong")):
        await hotline.rules(
            queue,
            max_wait_seconds=LONGEST_SECONDS,
            overflow_queue=other,
            overflow_message=("own_sorry",),
        )
    for who, queue in (("somchai", "damrong"), ("malee", "gcc")):
        await hotline.operator(who, queues=[queue], habit=answers(0.1))
        await hotline.pause(who)
    with tones.installed(hotline, {"own_sorry": (SORRY, SORRY_SECONDS)}):
        yield hotline


async def test_each_takes_the_callers_of_the_other(two: Hotline) -> None:
    hotline = two
    somsri = await hotline.calls("1567")
    boon = await hotline.calls("1111")
    await hotline.in_line("damrong", somsri)
    await hotline.in_line("gcc", boon)
    await hotline.in_line("gcc", somsri, within=LONGEST_SECONDS + 5)
    await hotline.in_line("damrong", boon, within=LONGEST_SECONDS)
    for caller in (somsri, boon):
        await caller.comes_to_hear("music", within=5)
    await hotline.resume("malee")
    await hotline.resume("somchai")
    await somsri.comes_to_hear(hotline.phones["malee"].voice, within=5)
    await boon.comes_to_hear(hotline.phones["somchai"].voice, within=5)
    await talk_for(0.5)
    for caller, line, queue in ((somsri, "1567", "gcc"), (boon, "1111", "damrong")):
        caller.hang_up()
        record = await hotline.record(caller)
        assert (record["line"], record["queue"]) == (line, queue)
        assert record["outcome"] == "answered"
        assert record["wait_seconds"] > LONGEST_SECONDS, "the wait counts from the arrival"


async def test_whom_neither_serves_hears_the_message_and_is_not_abandoned(two: Hotline) -> None:
    hotline = two
    before = await hotline.api.metric("hotline_overflow_messages_total", queue="gcc")
    somsri = await hotline.calls("1567")
    await hotline.in_line("gcc", somsri, within=LONGEST_SECONDS + 5)
    await somsri.comes_to_hear(SORRY, within=LONGEST_SECONDS + 5)
    await somsri.is_gone(within=SORRY_SECONDS + 5)
    assert somsri.ended_by == "far end"
    said = somsri.heard(somsri.ended_at - SORRY_SECONDS, one_in=3)
    print(f"of the last {SORRY_SECONDS} s {said.share(SORRY):.2f} were the message")
    assert said.share(SORRY) > 0.8
    record = await hotline.record(somsri)
    assert (record["outcome"], record["reason"]) == ("overflow", "message")
    assert (record["line"], record["queue"]) == ("1567", "gcc")
    assert 2 * LONGEST_SECONDS - 0.5 < record["wait_seconds"] < 2 * LONGEST_SECONDS + 20
    after = await hotline.api.metric("hotline_overflow_messages_total", queue="gcc")
    assert after == before + 1


async def test_the_message_is_heard_to_its_end_when_the_service_dies(two: Hotline) -> None:
    hotline = two
    await hotline.rules("damrong", overflow_queue="", max_wait_seconds=5)
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(SORRY, within=15)
    await hotline.service.kills()
    await somsri.is_gone(within=SORRY_SECONDS + 5)
    assert somsri.heard(somsri.ended_at - SORRY_SECONDS, one_in=3).share(SORRY) > 0.8
    await hotline.service.starts()
    record = await hotline.record(somsri)
    assert (record["outcome"], record["reason"]) == ("overflow", "message")
