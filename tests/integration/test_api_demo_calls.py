"""The demo's calls: marked by the demo, told apart, left out of reports, removed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from tests.integration.house import Answer, House, opened

PATH = "/api/v1/demo-calls"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        await house.person("wichai", Role.ADMINISTRATOR)
        await house.person("suda", Role.SUPERVISOR)
        yield house


async def sql(house: House, statement: str) -> list[tuple[object, ...]]:
    async with house.shared.database.begin() as connection:
        found = await connection.execute(text(statement))
        return [tuple(row) for row in found] if found.returns_rows else []


async def in_the_record(house: House, call: str, *, operator: str, age: str = "1 minute") -> None:
    """A call that is over. `operator` is empty for one who gave up."""
    came, over = f"now() - interval '{age}'", f"now() - interval '{age}' + interval '30 s'"
    answered = f"'{operator}', 'answered', {came}" if operator else "null, 'abandoned', null"
    await sql(
        house,
        "insert into calls (call_id, line, did, caller, caller_class, arrived_at, ended_at,"
        " operator, outcome, answered_at, wait_seconds, queue_wait_seconds, talk_seconds)"
        f" values ('{call}', '1567', '1567', '0812345678', 'national', {came}, {over},"
        f" {answered}, 1, 1, 20)",
    )
    if operator:
        await sql(
            house,
            "insert into offers (offer_id, call_id, operator, queue, number, made_at)"
            f" values ('offer-1-{call}', '{call}', '{operator}', 'damrong', 1, {came})",
        )


async def marked(house: House, *calls: str, by: str = "wichai") -> Answer:
    return await house.ask("POST", PATH, {"calls": list(calls)}, by=by)


async def test_they_are_told_apart_and_removed_and_no_other_is(house: House) -> None:
    await in_the_record(house, "demo.1", operator="demo-malee")
    await in_the_record(house, "demo.2", operator="")
    await in_the_record(house, "real.1", operator="somchai")
    await in_the_record(house, "real.2", operator="")
    assert (await marked(house, "demo.1", "demo.2", "no.such")).body == {"marked": 2}

    listed = (await house.ask("GET", "/api/v1/calls", by="suda")).body["calls"]
    assert {call["call"] for call in listed if call["demo"]} == {"demo.1", "demo.2"}
    found = (await house.ask("GET", PATH, by="wichai")).body
    assert (found["calls"], found["first_arrived_at"] is None) == (2, False)
    assert (await house.ask("DELETE", PATH, by="wichai")).body == {"removed": 2}
    assert await sql(house, "select call_id from calls order by 1") == [("real.1",), ("real.2",)]
    assert await sql(house, "select call_id from offers") == [("real.1",)]
    assert (await house.ask("GET", PATH, by="wichai")).body["calls"] == 0

    entries = await house.shared.audit.latest(limit=2, before=None)
    assert [(e.who, e.action, e.about) for e in entries] == [
        ("wichai", "calls.remove_demo", "2 calls"),
        ("wichai", "calls.mark_demo", "3 calls"),
    ]
    assert entries[1].details == {"calls": "demo.1 demo.2 no.such"}


async def test_what_is_no_demo_cannot_be_marked_and_so_not_be_removed(house: House) -> None:
    await in_the_record(house, "answered-by-a-person", operator="somchai")
    await in_the_record(house, "long-ago", operator="", age="2 hours")
    await house.caller("c1")
    asked = ("answered-by-a-person", "long-ago", "c1")
    assert (await marked(house, *asked)).body == {"marked": 0}
    assert (await house.ask("DELETE", PATH, by="wichai")).body == {"removed": 0}
    assert (await marked(house, "long-ago", by="suda")).status == 403


async def test_no_report_counts_them(house: House) -> None:
    await in_the_record(house, "demo.1", operator="demo-malee")
    await in_the_record(house, "real.1", operator="somchai")
    now, hour = datetime.now(UTC), timedelta(hours=1)
    since, until = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (now - hour, now + hour))
    span = f"arrived_from={since}&arrived_before={until}"

    async def counted() -> str:
        answer = await house.ask("GET", f"/api/v1/service-levels?{span}", by="suda")
        assert answer.status == 200, answer.body
        return str(answer.body)

    before = await counted()
    await marked(house, "demo.1")
    with_mark = await counted()
    await house.ask("DELETE", PATH, by="wichai")
    assert before != with_mark == await counted()
