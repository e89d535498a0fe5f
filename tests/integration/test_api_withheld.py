"""Numbers that callers withheld: kept where the site wants it, told for a reason, forgotten."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import CallId
from callcenter.ports.people import Role
from callcenter.web.withheld import FORGET_SECONDS
from tests.integration.house import Answer, House, opened
from tests.people import until

NUMBER = "0899999999"
WHY = {"reason": "says that he stands on a bridge"}
HOUR = 3600.0


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        await house.person("suda", Role.SUPERVISOR)
        house.callers.withheld.update({CallId(call): NUMBER for call in ("c1", "c2", "c3")})
        yield house


def kept_for(house: House, hours: float) -> None:
    state = house.pump.state
    state.site = replace(state.site, withheld_number_hours=hours)


async def stored(house: House) -> list[str]:
    async with house.shared.database.connect() as connection:
        found = await connection.execute(text("select call_id from withheld_numbers order by 1"))
        return [call for (call,) in found]


async def is_stored(house: House, *calls: str) -> None:
    async def so() -> bool:
        return await stored(house) == list(calls)

    await until(so, within=5)


async def uncover(house: House, call: str, by: str = "suda") -> Answer:
    return await house.ask("POST", f"/api/v1/calls/{call}/withheld-number", WHY, by=by)


async def test_it_is_kept_told_and_forgotten(house: House) -> None:
    kept_for(house, 1)
    await house.caller("c1", number="")
    await house.caller("seen", number="0812345678")  # is not asked about
    await is_stored(house, "c1")
    found = await uncover(house, "c1")
    assert (found.status, found.body["number"]) == (200, NUMBER)
    assert (await uncover(house, "seen")).status == 404

    house.hands.moved_seconds += HOUR + 1
    assert (await uncover(house, "c1", by="command-line")).status == 404  # suda's session is over
    assert FORGET_SECONDS < HOUR
    await house.caller("c4", number="")  # withheld, and Asterisk does not know it either
    await is_stored(house)


async def test_without_the_setting_nobody_is_asked(house: House) -> None:
    await house.caller("c1", number="")
    kept_for(house, 1)
    await house.caller("c2", number="")
    await is_stored(house, "c2")


async def test_the_reason_is_written_down_before_anything_is_told(house: House) -> None:
    for call in ("c1", "nobody"):
        await uncover(house, call)
    entries = await house.shared.audit.latest(limit=2, before=None)
    assert [(e.who, e.action, e.about, e.details) for e in entries] == [
        ("suda", "call.uncover", call, WHY) for call in ("nobody", "c1")
    ]
    short = {"reason": "please"}
    answer = await house.ask("POST", "/api/v1/calls/c1/withheld-number", short, by="suda")
    assert answer.status == 422


async def test_a_reason_that_cannot_be_kept_is_refused(house: House) -> None:
    path = "/api/v1/calls/c1/withheld-number"
    for reason in ("says that \u0000 he", "says \x1b[2J that he", "short"):
        answer = await house.ask("POST", path, {"reason": reason}, by="suda")
        assert (answer.status, answer.code) == (422, "invalid")
    told = {"reason": "says that he\nstands on a bridge "}
    assert (await house.ask("POST", path, told, by="suda")).code == "no_withheld_number"
