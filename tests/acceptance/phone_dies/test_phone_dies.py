"""Somchai's phone loses its power in the middle of a talk. Somsri hears music, is the first in
line, and goes on with Malee; the record says what it was."""

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people import until
from tests.people.phone import answers

KNOWN_SECONDS = 10


@pytest.mark.parametrize("registers", [True, False], ids=["registered", "at a contact"])
async def test_somsri_loses_somchai_and_is_the_first_in_line(
    hotline: Hotline, registers: bool
) -> None:
    await hotline.rules("damrong", wrapup_seconds=0)
    somchai = await hotline.operator("somchai", habit=answers(0.1), registers=registers)
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    await somchai.comes_to_hear(somsri.voice, within=3)
    chai = await hotline.calls("1567")
    await hotline.in_line("damrong", chai)

    known = somchai.asked + 2  # twice from now: the first answer has been seen by then
    await until(lambda: somchai.asked >= known, within=15)
    died_at = now()
    somchai.die()
    await somsri.comes_to_hear("music", within=KNOWN_SECONDS)
    print(f"music {now() - died_at:.1f} s after the power went")
    await hotline.in_line("damrong", somsri, chai)
    assert (await hotline.api.queue("damrong"))["waiting"] == 2
    await hotline.api.is_in("somchai", "paused/phone_lost")
    lost = await hotline.api.metric("hotline_calls_lost_total", reason="phone_lost")
    assert lost >= 1

    malee = await hotline.operator("malee", habit=answers(0.1))
    await somsri.comes_to_hear(malee.voice, within=5)
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["outcome"], record["talks"], record["ended_by"]) == ("answered", 2, "caller")
    offers = await hotline.records.offers(record["call_id"])
    assert [(row["operator"], row["result"]) for row in offers] == [
        ("somchai", "answered"),
        ("malee", "answered"),
    ]
    await chai.comes_to_hear(malee.voice, within=5)


async def test_a_phone_that_logs_off_in_the_talk_and_is_gone(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    somchai.register(0)  # heard all the while: nothing happens
    await hotline.api.is_in("somchai", "on_call")
    (await somchai.is_talking()).fall_silent()
    await somsri.comes_to_hear("music", within=5)
    await hotline.api.is_in("somchai", "paused/phone_lost")
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert (record["outcome"], record["ended_by"], record["end_reason"]) == (
        *("answered", "lost"),
        "phone_lost",
    )
    await somchai.registers_now()
    await hotline.resume("somchai")
    await hotline.api.is_in("somchai", "available")


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same port", "another port"])
async def test_a_phone_that_is_restarted_at_once_knows_nothing_of_the_talk(
    hotline: Hotline, elsewhere: bool
) -> None:
    """It was never away, so that nobody has noticed."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
    restarted_at = now()
    await somchai.restarts(elsewhere=elsewhere)
    await somsri.comes_to_hear("music", within=KNOWN_SECONDS)
    print(f"music {now() - restarted_at:.1f} s after the restart")
    somsri.hang_up()
    record = await hotline.record(somsri)
    assert record["ended_by"] == "lost"
