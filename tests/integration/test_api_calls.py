"""The record of calls over HTTP: filters, pages, one call with its offers, masked numbers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from callcenter.storage.tables import calls, offers
from tests.integration.house import House, opened

BEGIN = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
CALLS = "/api/v1/calls"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with engine.begin() as connection:
        await connection.execute(insert(calls), [_row(number) for number in range(25)])
        await connection.execute(insert(offers), [_offer(number) for number in (2, 1)])
    async with opened(engine, tmp_path) as house:
        await house.person("suda", Role.SUPERVISOR)
        yield house


def _row(number: int) -> dict[str, object]:
    return {
        "call_id": f"c{number:02}",
        "line": "1567" if number % 2 else "1111",
        "did": "1567",
        "caller": "0812345678",
        "caller_class": "national",
        "queue": "damrong",
        "arrived_at": BEGIN + timedelta(minutes=number // 2, microseconds=number // 2),
        "answered_at": BEGIN + timedelta(minutes=number) if number % 5 else None,
        "outcome": "answered" if number % 5 else "abandoned",
        "wait_seconds": 1.5 * number,
        "operator": "somchai" if number % 5 else None,
    }


def _offer(number: int) -> dict[str, object]:
    return {
        "offer_id": f"offer-{number}-c01",
        "call_id": "c01",
        "operator": "somchai",
        "queue": "damrong",
        "number": number,
        "made_at": BEGIN,
        "result": "no_answer" if number == 1 else "answered",
        "ring_seconds": 20.0,
    }


async def test_pages_follow_each_other_without_gap_or_repeat(house: House) -> None:
    seen: list[str] = []
    after = ""
    for _ in range(10):
        page = await house.ask("GET", f"{CALLS}?limit=7{after}", by="suda")
        assert page.status == 200, page.body
        seen += [call["call"] for call in page.body["calls"]]
        if page.body["next"] is None:
            break
        after = f"&after={page.body['next']}"
    assert sorted(seen) == [f"c{number:02}" for number in range(25)]
    assert seen[0] == "c24"


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ("line=1567", 12),
        ("line=none", 0),
        ("outcome=abandoned", 5),
        ("operator=somchai", 20),
        ("queue=damrong&line=1111&outcome=answered", 10),
        ("arrived_from=2026-11-21T08:40:00%2B07:00", 5),
        ("arrived_before=2026-11-21T01:31:00Z", 2),
    ],
)
async def test_filters(house: House, wanted: str, count: int) -> None:
    found = await house.ask("GET", f"{CALLS}?{wanted}", by="suda")
    assert len(found.body["calls"]) == count


async def test_one_call_with_its_offers_in_order(house: House) -> None:
    shown = await house.ask("GET", f"{CALLS}/c01", by="suda")
    assert shown.body["call"]["caller"] == "08x-xxx-5678"
    assert [offer["result"] for offer in shown.body["offers"]] == ["no_answer", "answered"]
    full = await house.ask("GET", f"{CALLS}/c01?numbers=full", by="suda")
    assert full.body["call"]["caller"] == "0812345678"
    audit = await house.ask("GET", "/api/v1/audit?limit=1", by="command-line")
    assert audit.body["entries"][0]["about"] == "c01"
    unknown = await house.ask("GET", f"{CALLS}/none", by="suda")
    assert (unknown.status, unknown.code) == (404, "unknown_call")


async def test_a_look_at_many_numbers_is_one_entry_that_names_every_call(house: House) -> None:
    shown = await house.ask("GET", f"{CALLS}?numbers=full&line=1567", by="suda")
    assert {call["caller"] for call in shown.body["calls"]} == {"0812345678"}
    audit = await house.ask("GET", "/api/v1/audit?limit=1", by="command-line")
    (entry,) = audit.body["entries"]
    assert len(entry["details"]["calls"]) == 12
