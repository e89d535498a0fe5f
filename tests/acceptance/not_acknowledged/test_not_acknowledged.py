"""A caller whose ACK does not come, or comes late: Asterisk has them up, nobody may be there."""

import pytest

from tests.hotline import Hotline
from tests.hotline.hotline import now
from tests.people.phone import answers
from tests.people.until import SLOW_MACHINE_TIMES

GONE_SECONDS = 33  # at most (RFC 3261)
LATE_SECONDS = 2.0


@pytest.mark.parametrize("silent", [False, True])
async def test_nobody_is_rung_for_a_caller_who_never_acknowledged(
    hotline: Hotline, silent: bool
) -> None:
    """Not even when there is sound of theirs: the way of the ACK is broken, and the end near."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    ghost = hotline.caller(acknowledges_after=None, silent=silent)
    await ghost.dials("1567", at=hotline.sip)
    await ghost.is_answered()
    began = now()
    for _ in range(3):
        somsri = await hotline.calls("1567")
        await somsri.comes_to_hear(somchai.voice, within=5)
        somsri.hang_up()
        await hotline.api.is_in("somchai", "available", within=5)
    assert len(somchai.calls) == 3
    await ghost.is_gone(within=GONE_SECONDS)
    assert now() - began > 10, "it was there while the others were served"
    assert len(somchai.calls) == 3, "rung for nobody"
    record = await hotline.record(ghost, within=10)
    assert (record["line"], record["queue"]) == ("1567", "damrong")
    assert (record["outcome"], record["reason"]) == ("failed", "sip_failed")


async def test_nobody_is_rung_for_one_who_answers_nothing_any_more(hotline: Hotline) -> None:
    """Asterisk gives the call up after 16 s, and its channel stays until the BYE was not answered
    for as long; that it repeats its 200 no more does not say that the ACK has come."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    ghost = hotline.caller(acknowledges_after=None)
    await ghost.dials("1567", at=hotline.sip)
    await ghost.is_answered()
    ghost.vanish()
    await hotline.quiet(within=GONE_SECONDS + 2)
    assert not somchai.calls, "rung for nobody"
    record = await hotline.record(ghost, within=10)
    assert (record["outcome"], record["reason"]) == ("failed", "sip_failed")


async def test_who_acknowledges_late_is_served_at_once_then(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    late = hotline.caller(acknowledges_after=LATE_SECONDS)
    await late.dials("1567", at=hotline.sip)
    await late.is_answered()
    await somchai.is_rung(within=LATE_SECONDS + 5)
    waited = now() - late.answered_at
    at_once = 0.3 * SLOW_MACHINE_TIMES
    assert LATE_SECONDS - 0.05 < waited < LATE_SECONDS + at_once, f"rung after {waited:.2f} s"
    await late.comes_to_hear(somchai.voice, within=5)
    late.hang_up()
    record = await hotline.record(late)
    assert record["outcome"] == "answered"
    assert record["wait_seconds"] > LATE_SECONDS, "the wait counts from the arrival"


async def test_the_place_in_line_is_that_of_the_arrival(hotline: Hotline) -> None:
    await hotline.operator("somchai", habit=answers(0.1))
    await hotline.pause("somchai")
    late = hotline.caller(acknowledges_after=LATE_SECONDS)
    await late.dials("1567", at=hotline.sip)
    await late.is_answered()
    second = await hotline.calls("1567")
    await hotline.in_line("damrong", second)
    await hotline.in_line("damrong", late, second)


async def test_a_ghost_over_a_cut_connection_is_still_nobody(hotline: Hotline) -> None:
    """The snapshot of the reconnect has it; it is not taken for an arrival."""
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    ghost = hotline.caller(acknowledges_after=None)
    await ghost.dials("1567", at=hotline.sip)
    await ghost.is_answered()
    hotline.wire.cut()
    await hotline.service.is_whole()
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=10)
    somsri.hang_up()
    await hotline.api.is_in("somchai", "available", within=5)
    await ghost.is_gone(within=GONE_SECONDS)
    assert len(somchai.calls) == 1, "the ghost was offered while it was there"
    assert (await hotline.record(ghost, within=10))["reason"] == "sip_failed"
