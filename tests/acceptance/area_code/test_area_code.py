"""Callers of 1567 from a fixed line come to the operators of their province: Malee from Si Sa Ket
(045-6…) hears Somchai there; who calls from elsewhere or with a mobile hears Prasert at the centre.
A province with nobody on duty gives its callers to the centre at once."""

from tests.hotline import Hotline
from tests.people.phone import answers

AREAS = '[areas.provinces]\n"0456" = "sisaket"\n"02" = "gcc"\n'


async def test_a_fixed_line_number_leads_to_its_province(hotline: Hotline) -> None:
    await hotline.says("1567", 'areas = "provinces"', menus=AREAS)
    [line] = [
        each for each in (await hotline.api.ask("GET", "/site"))["lines"] if each["line"] == "1567"
    ]
    assert line["areas"] == {"0456": "sisaket", "02": "gcc"}
    somchai = await hotline.operator("somchai", queues=["sisaket"], habit=answers(0.1))
    prasert = await hotline.operator("prasert", queues=["damrong"], habit=answers(0.1))

    for number, operator, queue in (
        ("045612345", somchai, "sisaket"),
        ("045312345", prasert, "damrong"),
        ("0845612345", prasert, "damrong"),
    ):
        caller = await hotline.calls("1567", number)
        await caller.comes_to_hear(operator.voice, within=10)
        caller.hang_up()
        assert (await hotline.record(caller))["queue"] == queue


async def test_where_nobody_is_on_duty_the_centre_answers(hotline: Hotline) -> None:
    await hotline.says("1567", 'areas = "provinces"', menus=AREAS)
    await hotline.rules("sisaket", neighbours=("damrong",))
    prasert = await hotline.operator("prasert", queues=["damrong"], habit=answers(0.1))
    malee = await hotline.calls("1567", "045698765")
    await malee.comes_to_hear(prasert.voice, within=10)
    malee.hang_up()
    record = await hotline.record(malee)
    assert (record["queue"], record["outcome"]) == ("damrong", "answered")
