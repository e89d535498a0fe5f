"""What an operator writes down of a call: kept, shown with the number's next call, audited."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.house import House, opened

PATH = "/api/v1/operators/somchai/note"
WORDS = {
    "call": "c-1",
    "kind": "complaint",
    "topic": "ถนนพัง",
    "result": "ส่งต่ออำเภอ",
    "note": "หน้าวัด\nตั้งแต่เมื่อวาน",
}


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        for name in ("somchai", "malee"):
            await house.operator(name)
            await house.person(name)
        await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="somchai")
        await house.caller("c-1")  # is offered to the only one at work
        yield house


async def test_hl_11_a_note_is_undisposed_until_it_is_kept_and_read_again(house: House) -> None:
    empty = await house.ask("GET", f"{PATH}?call=c-1", by="somchai")
    assert (empty.body["kind"], empty.body["changed_at"]) == ("undisposed", None)
    assert (await house.ask("PUT", PATH, WORDS, by="somchai")).status == 200
    again = await house.ask("PUT", PATH, {**WORDS, "kind": "help"}, by="somchai")
    assert again.body["kind"] == "help"
    found = await house.ask("GET", f"{PATH}?call=c-1", by="somchai")
    assert {**WORDS, "kind": "help"}.items() <= found.body.items()


async def test_it_is_written_by_whose_call_it_is_and_for_a_while_after_it(house: House) -> None:
    assert (await house.ask("PUT", PATH, WORDS, by="malee")).code == "not_allowed"
    assert (await house.ask("PUT", PATH, WORDS, by="command-line")).code == "not_allowed"
    others = PATH.replace("somchai", "malee")
    assert (await house.ask("PUT", others, WORDS, by="malee")).code == "no_call"
    other, unfit = {**WORDS, "call": "c-2"}, {**WORDS, "topic": "\x00"}
    assert (await house.ask("PUT", PATH, other, by="somchai")).code == "no_call"
    assert (await house.ask("PUT", PATH, unfit, by="somchai")).code == "invalid"
    await house.ask("PUT", PATH, WORDS, by="somchai")
    await house.ask("POST", "/api/v1/operators/somchai/log-out", by="somchai")  # the call is over
    assert (await house.ask("PUT", PATH, WORDS, by="somchai")).status == 200
    house.hands.moved_seconds += 3_500
    assert (await house.ask("PUT", PATH, WORDS, by="somchai")).status == 200
