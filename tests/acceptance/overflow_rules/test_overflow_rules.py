"""A long line, or nobody on duty: new callers hear so, go to the other hotline, or are called back.

Who waits already keeps waiting. What each one hears is measured.
"""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.acceptance import tones
from tests.hotline import Hotline, Shared
from tests.people import OperatorPhone, until
from tests.people.phone import answers
from tests.people.talk import talk_for

CARRIER_PORT = 17_400
NUMBER = "0811113399"
SORRY, SORRY_SECONDS = 3200, 4.0
TO_MESSAGE = 'when = "length"\nover = 2\nto = "message"\nmessage = ["own_sorry"]'
TO_1111 = 'when = "length"\nover = 1\nto = "line"\nline = "1111"'
NOBODY = 'when = "no_staff"\nto = "callback"'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Shared]:
    """One whose callbacks go to a carrier of its own."""
    own = Shared(lambda: Hotline(callback_contact=f"sip:127.0.0.1:{CARRIER_PORT}"))
    yield own
    await own.throw_away()


@pytest_asyncio.fixture(loop_scope="session")
async def hotline(own: Shared) -> AsyncIterator[Hotline]:
    """It may call back mobile numbers, and has a message of its own."""
    async with own.lent() as hotline:
        hotline.site.callbacks = 'prefixes = ["08"]\ntries = 2\npause_seconds = 30\n'
        with tones.installed(hotline, {"own_sorry": (SORRY, SORRY_SECONDS)}):
            yield hotline


async def count(hotline: Hotline, reason: str, to: str) -> float:
    """For how many callers of Damrong such a rule was followed."""
    return await hotline.api.metric(
        "hotline_overflow_rules_total", queue="damrong", reason=reason, to=to
    )


async def test_a_long_line_sends_to_the_other_hotline_and_at_last_out_with_a_message(
    hotline: Hotline,
) -> None:
    await hotline.rules("damrong", overflow=(TO_1111, TO_MESSAGE))
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    await hotline.pause("somchai")
    first = await hotline.calls("1567")
    await hotline.in_line("damrong", first)

    second = await hotline.calls("1567")  # nobody is on duty at 1111: waits here
    await hotline.in_line("damrong", first, second)
    third = await hotline.calls("1567")
    await third.comes_to_hear(SORRY, within=10)
    await third.is_gone(within=SORRY_SECONDS + 5)
    said = third.heard(third.ended_at - SORRY_SECONDS, one_in=3)
    print(f"of the last {SORRY_SECONDS} s {said.share(SORRY):.2f} were the message")
    assert said.share(SORRY) > 0.8
    record = await hotline.record(third)
    told = (record["outcome"], record["reason"], record["overflow"], record["queue"])
    assert told == ("overflow", "message", "length=message", "damrong")
    assert await count(hotline, "length", "message") == 1
    await first.comes_to_hear("music", within=5)

    malee = await hotline.operator("malee", queues=["gcc"], habit=answers(0.1))
    fourth = await hotline.calls("1567")
    await fourth.comes_to_hear(malee.voice, within=10)
    await talk_for(0.5)
    fourth.hang_up()
    record = await hotline.record(fourth)
    told = (record["line"], record["queue"], record["outcome"], record["overflow"])
    assert told == ("1567", "gcc", "answered", "length=queue")
    assert await count(hotline, "length", "queue") == 1

    await hotline.resume("somchai")
    await first.comes_to_hear(somchai.voice, within=5)


async def test_where_nobody_is_on_duty_the_caller_is_called_back_when_somebody_is(
    hotline: Hotline,
) -> None:
    await hotline.rules("damrong", overflow=(NOBODY,))
    citizen = OperatorPhone("citizen", user=NUMBER, habit=answers(1), port=CARRIER_PORT)
    await citizen.plugged_in(at=hotline.sip)
    caller = await hotline.calls("1567", NUMBER)
    await until(lambda: not caller.hears("music"), within=10)

    async def is_taken() -> bool:
        caller.press("2")
        return len((await hotline.api.ask("GET", "/callbacks"))["callbacks"]) == 1

    await until(is_taken, within=10, every=1)
    await caller.is_gone(within=20)
    assert await count(hotline, "no_staff", "callback") == 1

    somchai = await hotline.operator("somchai", habit=answers(0.1))
    call = await citizen.is_talking(within=15)

    async def is_joined() -> bool:
        if not somchai.calls:
            call.press("1")
        return bool(somchai.calls)

    await until(is_joined, within=20, every=1)
    await citizen.comes_to_hear(somchai.voice, within=10)
    await somchai.comes_to_hear(citizen.voice, within=10)
    citizen.hang_up()
    record = await hotline.record(caller)
    told = (record["outcome"], record["overflow"], record["callback_result"])
    assert told == ("answered", "no_staff=callback", "answered")
    citizen.close()


async def test_whom_no_rule_can_serve_simply_waits(hotline: Hotline) -> None:
    """A landline that may not be called, and nobody on duty."""
    await hotline.rules("damrong", overflow=(NOBODY,))
    caller = await hotline.calls("1567", "020001112")
    await hotline.in_line("damrong", caller)
    await caller.comes_to_hear("music", within=5)
    await talk_for(2.0)
    assert caller.hears("music")
    caller.hang_up()
    record = await hotline.record(caller)
    assert (record["outcome"], record["overflow"]) == ("abandoned_short", None)
