"""What the trunk says about a number goes with it: a withheld one is stored and shown nowhere."""

import json

import pytest

from tests.hotline import Hotline
from tests.hotline.api import Refused
from tests.people import until
from tests.people.phone import answers

NUMBER = "0899999999"
ASSERTED = ("P-Asserted-Identity", f'"Som" <sip:{NUMBER}@127.0.0.1>')


def party(privacy: str) -> tuple[str, str]:
    return ("Remote-Party-ID", f'"Som" <sip:{NUMBER}@127.0.0.1>;privacy={privacy}')


WITHHELD = (
    (ASSERTED, ("Privacy", "id")),
    (ASSERTED, ("Privacy", "user;ID")),
    (party("full"),),
    (party("uri"),),
    (("Privacy", "id"),),  # the From alone
    (("Privacy", "header;critical"),),
    (ASSERTED, ("Privacy", "none"), ("Privacy", "id")),  # they contradict each other
    (ASSERTED, ("Privacy", "id"), ("Privacy", "none")),
)
SHOWN = (
    (ASSERTED,),
    (ASSERTED, ("Privacy", "none")),
    (party("off"),),
    (),
)


async def _stored(hotline: Hotline, headers: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """What the record says of the number of a caller with these headers, and of its kind."""
    _, *said = await _recorded(hotline, headers)
    return said[0], said[1]


async def _recorded(hotline: Hotline, headers: tuple[tuple[str, str], ...]) -> tuple[str, str, str]:
    """The call of a caller with these headers, and what its record says of number and kind."""
    known = {row["call_id"] for row in await hotline.records.rows("select call_id from calls")}
    somsri = hotline.caller(NUMBER)
    await somsri.dials("1567", at=hotline.sip, headers=headers)
    somchai = hotline.phones["somchai"]
    await somsri.comes_to_hear(somchai.voice, within=20)
    somsri.hang_up()
    await until(lambda: somchai.now is None, within=20)
    await hotline.api.is_in("somchai", "available", within=20)
    found: list[tuple[str, str, str]] = []

    async def recorded() -> bool:
        rows = await hotline.records.rows("select * from calls where ended_at is not null")
        found[:] = [
            (row["call_id"], row["caller"], row["caller_class"])
            for row in rows
            if row["call_id"] not in known
        ]
        return len(found) == 1

    await until(recorded, within=20)
    return found[0]


async def test_a_withheld_number_is_not_kept(hotline: Hotline) -> None:
    await hotline.operator("somchai", habit=answers(0.1))
    for headers in WITHHELD:
        assert await _stored(hotline, headers) == ("", "withheld"), headers
    await until(lambda: hotline.asterisk.channels() == 0, within=20)
    rows = hotline.records.ledger()[-len(WITHHELD) :]
    assert all(NUMBER not in str(row) for row in rows)


async def test_a_number_that_may_be_shown_is_kept(hotline: Hotline) -> None:
    await hotline.operator("somchai", habit=answers(0.1))
    for headers in SHOWN:
        assert await _stored(hotline, headers) == (NUMBER, "national"), headers


async def test_a_withheld_number_is_uncovered_in_an_emergency_only(hotline: Hotline) -> None:
    """Where the site keeps it; the record has it no more than before, and the audit has the why."""
    await hotline.operator("somchai", habit=answers(0.1))
    asked = {"reason": "says that he stands on a bridge"}

    async def uncovered(call: str) -> object:
        return await hotline.api.ask("POST", f"/calls/{call}/withheld-number", asked)

    await hotline.keeps_withheld_numbers(2)
    kept, *said = await _recorded(hotline, WITHHELD[0])
    assert said == ["", "withheld"]

    async def is_kept() -> bool:
        rows = await hotline.records.rows("select call_id from withheld_numbers")
        return [row["call_id"] for row in rows] == [kept]

    await until(is_kept, within=20)
    found = await uncovered(kept)
    assert isinstance(found, dict) and found["number"] == NUMBER
    audit = await hotline.records.rows("select * from audit where action = 'call.uncover'")
    assert [(row["about"], json.loads(row["details"])) for row in audit] == [(kept, asked)]
    assert await _stored(hotline, SHOWN[0]) == (NUMBER, "national")

    await hotline.keeps_withheld_numbers(0)
    thrown_away, *said = await _recorded(hotline, WITHHELD[0])
    assert said == ["", "withheld"]
    with pytest.raises(Refused, match="404"):
        await uncovered(thrown_away)
    rows = await hotline.records.rows("select call_id from withheld_numbers")
    assert [row["call_id"] for row in rows] == [kept]
