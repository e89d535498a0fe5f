"""Operators ask for help, supervisors write to the floor: who may, what is shown and audited."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from callcenter.web.operators.unread import Unread
from tests.integration.house import House, opened

HELP = "/api/v1/operators/somchai/help"
MESSAGES = "/api/v1/floor-messages"
MINE = "/api/v1/operators/somchai/messages"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    """Somchai and Malee are at work, in different queues; Suda supervises; Anan is at home."""
    async with opened(engine, tmp_path) as house:
        for name, queue in (("somchai", "damrong"), ("malee", "gcc"), ("anan", "damrong")):
            await house.operator(name, queues=[queue])
            await house.person(name)
        await house.person("suda", Role.SUPERVISOR)
        for name in ("somchai", "malee"):
            await house.ask("POST", f"/api/v1/operators/{name}/log-in", {}, by=name)
        yield house


async def view(house: House, name: str = "somchai") -> Any:
    return (await house.ask("GET", f"/api/v1/operators/{name}", by="suda")).body


async def audited(house: House, action: str) -> list[tuple[str, str]]:
    """Who did it, and about whom."""
    found = await house.ask("GET", f"/api/v1/audit?action={action}", by="command-line")
    return [(entry["who"], entry["about"]) for entry in found.body["entries"]]


async def test_help_is_asked_for_shown_and_withdrawn(house: House) -> None:
    assert (await view(house))["help"] is False
    asked = await house.ask("PUT", HELP, by="somchai")
    assert (asked.status, asked.body["help"]) == (200, True)
    await house.ask("PUT", HELP, by="somchai")
    await asyncio.sleep(0.2)
    assert (await view(house))["help_seconds"] > 0.1
    withdrawn = await house.ask("DELETE", HELP, by="somchai")
    assert withdrawn.body["help"] is False
    assert await audited(house, "help.asked") == [("somchai", "somchai")]
    assert await audited(house, "help.withdrawn") == [("somchai", "somchai")]


async def test_only_who_is_at_work_asks_and_only_for_oneself(house: House) -> None:
    at_home = await house.ask("PUT", "/api/v1/operators/anan/help", by="anan")
    assert (at_home.status, at_home.code) == (409, "not_at_work")
    other = await house.ask("PUT", HELP, by="malee")
    assert (other.status, other.code) == (403, "not_allowed")
    assert (await house.ask("DELETE", HELP, by="malee")).status == 403


async def test_a_message_answers_the_request_and_is_shown_until_it_is_read(house: House) -> None:
    await house.ask("PUT", HELP, by="somchai")
    body = {"operator": "somchai", "text": "กำลังไปหา รอสักครู่"}
    sent = await house.ask("POST", MESSAGES, body, by="suda")
    assert sent.status == 201, sent.body
    assert sent.body["readers"] == [{"operator": "somchai", "read_at": None}]
    shown = await view(house)
    assert (shown["help"], shown["unread"]) == (False, 1)
    assert await audited(house, "help.answered") == [("suda", "somchai")]
    assert await audited(house, "floor.message") == [("suda", "operator somchai")]

    (mine,) = (await house.ask("GET", MINE, by="somchai")).body["messages"]
    assert (mine["text"], mine["sender"]) == (body["text"], "suda")
    read = f"{MINE}/{mine['message']}/read"
    assert (await house.ask("POST", read, by="malee")).status == 403
    assert (await house.ask("POST", read, by="somchai")).status == 204
    assert (await house.ask("POST", read, by="somchai")).status == 204
    assert (await view(house))["unread"] == 0
    assert (await house.ask("GET", MINE, by="somchai")).body["messages"] == []
    (kept,) = (await house.ask("GET", MESSAGES, by="suda")).body["messages"]
    assert kept["readers"][0]["read_at"] is not None


async def test_a_queue_and_everybody_means_those_at_work(house: House) -> None:
    sent = await house.ask("POST", MESSAGES, {"queue": "damrong", "text": "a"}, by="suda")
    assert [reader["operator"] for reader in sent.body["readers"]] == ["somchai"]
    sent = await house.ask("POST", MESSAGES, {"text": "b"}, by="suda")
    assert {reader["operator"] for reader in sent.body["readers"]} == {"somchai", "malee"}
    assert [(await view(house, name))["unread"] for name in ("somchai", "malee")] == [2, 1]
    anew = Unread(house.shared.messages)  # a service that starts
    await anew.look()
    assert [anew.of(name) for name in ("somchai", "malee", "anan")] == [2, 1, 0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "invalid"),
        ({"text": "x" * 501}, 422, "invalid"),
        ({"text": "a", "queue": "damrong", "operator": "somchai"}, 422, "invalid"),
        ({"text": "a", "queue": "nowhere"}, 404, "unknown_queue"),
        ({"text": "a", "operator": "nobody"}, 404, "unknown_operator"),
    ],
)
async def test_what_cannot_be_sent_is_refused(
    house: House, body: dict[str, str], status: int, code: str
) -> None:
    refused = await house.ask("POST", MESSAGES, body, by="suda")
    assert (refused.status, refused.code) == (status, code), refused.body


async def test_operators_do_not_write_to_the_floor(house: House) -> None:
    assert (await house.ask("POST", MESSAGES, {"text": "a"}, by="somchai")).status == 403
    assert (await house.ask("GET", MESSAGES, by="somchai")).status == 403
    for name in ("somchai", "malee"):
        await house.ask("POST", f"/api/v1/operators/{name}/log-out", by=name)
    nobody = await house.ask("POST", MESSAGES, {"text": "a"}, by="suda")
    assert (nobody.status, nobody.code) == (409, "nobody_there")
