"""Malee has talked with Somchai, and calls again: Somchai's phone rings, though Prasert has been
idle for longer; also after a kill of the service. Somebody else gets Prasert, and so does Malee
when Somchai has lunch."""

from tests.hotline import Hotline
from tests.people import Caller, until
from tests.people.phone import answers
from tests.people.talk import talk_for

MALEE = "0834567890"


async def hangs_up(hotline: Hotline, caller: Caller) -> None:
    """And both operators are free again, their phones too."""
    caller.hang_up()

    async def all_free() -> bool:
        return {await hotline.api.state(name) for name in hotline.phones} == {"available"}

    await until(all_free, within=10)
    await talk_for(0.5)  # the leg at the phone has gone


async def test_who_calls_again_talks_with_the_same_operator_if_free(hotline: Hotline) -> None:
    await hotline.rules("damrong", last_operator_hours=1)
    somchai = await hotline.operator("somchai", habit=answers(0.1))
    first = await hotline.calls("1567", MALEE)
    await first.comes_to_hear(somchai.voice, within=10)
    prasert = await hotline.operator("prasert", habit=answers(0.1))
    await hangs_up(hotline, first)

    again = await hotline.calls("1567", MALEE)
    await again.comes_to_hear(somchai.voice, within=10)
    await hangs_up(hotline, again)
    await hotline.service_is_gone()
    await hotline.service.starts()
    third = await hotline.calls("1567", MALEE)
    await third.comes_to_hear(somchai.voice, within=15)
    await hangs_up(hotline, third)

    other = await hotline.calls("1567")
    await other.comes_to_hear(prasert.voice, within=10)
    await hangs_up(hotline, other)
    await hotline.pause("somchai")
    fourth = await hotline.calls("1567", MALEE)
    await fourth.comes_to_hear(prasert.voice, within=10)
    same = await hotline.api.metric(
        "hotline_last_operator_calls_total", queue="damrong", result="same"
    )
    assert same >= 1  # counted anew since the kill
