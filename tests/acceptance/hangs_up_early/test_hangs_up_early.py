"""Callers who give up while they wait: soon it is a misdial, later an abandoned call."""

from tests.hotline import Hotline
from tests.people import until
from tests.people.phone import answers


async def test_three_seconds_and_twelve(hotline: Hotline) -> None:
    await hotline.rules("damrong", short_abandon_seconds=8)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    talker = await hotline.calls("1567")
    await somchai.is_talking()

    hasty = await hotline.calls("1567")
    hasty.hangs_up_after(3)
    patient = await hotline.calls("1567")
    patient.hangs_up_after(12)
    await hasty.is_gone(within=5)
    await patient.is_gone(within=30)

    short, long = await hotline.record(hasty), await hotline.record(patient)
    assert (short["outcome"], long["outcome"]) == ("abandoned_short", "abandoned")
    for caller, row in ((hasty, short), (patient, long)):
        assert abs(row["wait_seconds"] - (caller.ended_at - caller.answered_at)) < 2
    assert (short["place"], long["place"]) == (1, 1), "hasty was next; then patient was"
    assert patient.heard(patient.answered_at + 0.3).share("music") > 0.85
    assert await hotline.records.offers(long["call_id"]) == []
    await talker.comes_to_hear(somchai.voice, within=5)  # the conversation was not disturbed


async def test_somsri_hangs_up_before_the_hotline_picked_up(hotline: Hotline) -> None:
    somsri = await hotline.caller().dials("1567", at=hotline.sip)
    somsri.hang_up()
    await until(lambda: somsri.is_over, within=3)
