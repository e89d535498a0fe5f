"""Nobody is rung at a phone that is known not to be there, and everybody sees it."""

from tests.hotline import Hotline
from tests.people import OperatorPhone, until
from tests.people.phone import answers
from tests.people.talk import talk_for


async def test_an_operator_logs_in_before_the_phone_does(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai", habit=answers(0.1), logged_in=False)
    somchai.register(0)
    await hotline.log_in("somchai")
    await hotline.api.is_in("somchai", "phone_away", within=5)
    somsri = await hotline.calls("1567")
    await hotline.in_line("damrong", somsri)
    await talk_for(6)  # longer than the pause after a phone that could not be reached
    assert (await hotline.api.operator("somchai"))["phone"] == "away"
    assert await hotline.api.metric("hotline_operators", queue="damrong", state="phone_away") == 1
    assert await hotline.api.metric("hotline_operators", queue="damrong", state="available") == 0

    await somchai.registers_now()
    await somsri.comes_to_hear(somchai.voice, within=5)
    somsri.hang_up()
    record = await hotline.record(somsri)
    offers = await hotline.records.offers(record["call_id"])
    assert [row["result"] for row in offers] == ["answered"]


async def test_a_phone_without_power_is_not_rung_twice(hotline: Hotline) -> None:
    somchai = await hotline.operator("somchai")
    await hotline.api.is_in("somchai", "available", within=5)
    somchai.die()
    await hotline.api.is_in("somchai", "phone_away", within=12)
    somsri = await hotline.calls("1567")
    malee = await hotline.operator("malee", habit=answers(0.1))
    await somsri.comes_to_hear(malee.voice, within=5)
    somsri.hang_up()
    record = await hotline.record(somsri)
    offers = await hotline.records.offers(record["call_id"])
    assert [row["operator"] for row in offers] == ["malee"]


async def test_a_contact_takes_the_place_of_the_registration(hotline: Hotline) -> None:
    old = await hotline.operator("somchai", habit=answers(0.1))
    new = OperatorPhone("somchai", habit=answers(0.1))
    hotline.phones["new"] = await new.plugged_in(at=hotline.sip)
    await hotline.api.ask("PATCH", "/operators/somchai", {"contact": new.contact})
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(new.voice, within=5)
    assert old.calls == []
    old.register()  # it may not any more
    del hotline.phones["new"]
    somsri.hang_up()
    await hotline.record(somsri)
    new.close()


async def test_a_phone_that_answers_no_options_is_rung_all_the_same(hotline: Hotline) -> None:
    somchai = await hotline.operator(
        "somchai", habit=answers(0.1), registers=False, answers_options=False
    )
    await until(lambda: somchai.asked > 3, within=20)  # with what is sent again
    await talk_for(2)  # until Asterisk calls it unreachable, and that was looked at
    await hotline.api.is_in("somchai", "available")
    somsri = await hotline.calls("1567")
    await somsri.comes_to_hear(somchai.voice, within=5)
