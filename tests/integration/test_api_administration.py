"""What the administration pages ask for: the cards, the audit with filters, the site file."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import AuditEntry, Detail, Role
from callcenter.storage.audit import AuditInPostgres
from tests.integration.house import House, opened
from tests.unit.config.test_site_file import GOOD

BY = "command-line"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        yield house


async def seen(house: House, query: str) -> list[tuple[str, str]]:
    """What the audit has with these filters, latest first."""
    answer = await house.ask("GET", f"/api/v1/audit?{query}", by=BY)
    assert answer.status == 200, answer.body
    return [(entry["action"], entry["about"]) for entry in answer.body["entries"]]


async def test_a_card_is_shown_as_it_is_kept_whatever_its_operator_does(house: House) -> None:
    await house.operator("somchai", queues=["damrong"], contact="sip:somchai@192.0.2.7:5060")
    await house.ask("POST", "/api/v1/operators/somchai/log-in", {"queues": ["urgent"]}, by=BY)
    answer = await house.ask("GET", "/api/v1/cards", by=BY)
    (card,) = answer.body["cards"]
    assert (card["operator"], card["queues"]) == ("somchai", ["damrong"])
    assert card["contact"] == "sip:somchai@192.0.2.7:5060"
    assert "sip_secret" not in card


async def test_the_audit_is_filtered_and_read_page_by_page(house: House) -> None:
    for name in ("somchai", "malee", "anong"):
        await house.operator(name)
    await house.ask("PATCH", "/api/v1/operators/malee", {"name": "มาลี"}, by=BY)
    await house.person("prasert", Role.ADMINISTRATOR)
    assert await seen(house, "who=prasert") == [("session.opened", "prasert")]
    assert await seen(house, "about=malee") == [
        ("operator.changed", "malee"),
        ("operator.added", "malee"),
    ]
    assert len(await seen(house, "action=operator")) == 4
    assert await seen(house, "action=operator.changed") == [("operator.changed", "malee")]
    assert await seen(house, "action=operator%25") == []
    first = await house.ask("GET", "/api/v1/audit?action=operator&limit=2", by=BY)
    last = first.body["entries"][-1]["id"]
    assert await seen(house, f"action=operator&limit=2&before={last}") == [
        ("operator.added", "malee"),
        ("operator.added", "somchai"),
    ]


async def test_whatever_may_be_a_detail_is_read_back(house: House, engine: AsyncEngine) -> None:
    details: dict[str, Detail] = {
        "seconds": 2.5,
        "from": "damrong",
        "queues": ["gcc"],
        "many": 3,
        "by": None,
    }
    entry = AuditEntry(
        at=house.hands.wall(), who="", action="a", about="b", address="", details=details
    )
    await AuditInPostgres(engine).write(entry)
    answer = await house.ask("GET", "/api/v1/audit?action=a", by=BY)
    assert [entry["details"] for entry in answer.body["entries"]] == [details]


async def test_the_audit_of_a_time(house: House) -> None:
    await house.operator("somchai")
    house.hands.moved_seconds += 7_200
    await house.operator("malee")
    between = (house.hands.wall() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert await seen(house, f"since={between}") == [("operator.added", "malee")]
    assert await seen(house, f"until={between}") == [("operator.added", "somchai")]
    no_day = await house.ask("GET", "/api/v1/audit?since=2026-02-30T00:00:00Z", by=BY)
    assert (no_day.status, no_day.body["faults"]) == (422, ["since"])


async def test_the_site_file_is_shown_with_its_faults(house: House) -> None:
    file = house.directory / "site.toml"
    missing = (await house.ask("GET", "/api/v1/site/file", by=BY)).body
    assert (missing["text"], missing["in_force"]) == ("", False)
    assert "cannot be read" in missing["faults"][0]["message"]

    file.write_text(GOOD)
    right = (await house.ask("GET", "/api/v1/site/file", by=BY)).body
    assert (right["text"], right["faults"], right["in_force"]) == (GOOD, [], False)
    assert (await house.ask("POST", "/api/v1/site/reload", by=BY)).status == 200
    assert (await house.ask("GET", "/api/v1/site/file", by=BY)).body["in_force"]

    file.write_text(GOOD + "\n[queue.x]\n")
    wrong = (await house.ask("GET", "/api/v1/site/file", by=BY)).body
    (fault,) = wrong["faults"]
    assert fault["line"] == GOOD.count("\n") + 2
    assert fault["field"] == "queue"
    assert "did you mean queues?" in fault["message"]


async def test_they_are_for_administrators_alone(house: House) -> None:
    await house.person("malee", Role.SUPERVISOR)
    for path in ("cards", "site/file", "audit"):
        answer = await house.ask("GET", f"/api/v1/{path}", by="malee")
        assert (answer.status, answer.code) == (403, "not_allowed")
