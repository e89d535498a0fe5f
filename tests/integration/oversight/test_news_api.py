"""The message of the day by the API: who may switch it, what is refused, what the audit keeps."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from callcenter.prompts.sound import wav
from tests.integration.house import House, opened
from tests.unit.prompts.voices import sine

BY = "command-line"
LINE = "/api/v1/news/line/1567"
FLOOD = {"prompts": ["own_flood"]}


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        path = "/api/v1/prompts/th/own_flood/recording?text=น้ำท่วม"
        made = await house.ask(
            "PUT", path, raw=wav(sine(700, 1)), by=BY, headers={"Content-Type": "audio/wav"}
        )
        assert made.status == 200, made.body
        yield house


async def test_it_is_switched_on_listed_switched_off_and_audited(house: House) -> None:
    on = await house.ask("PUT", LINE, {**FLOOD, "minutes": 30}, by=BY)
    assert on.status == 200, on.body
    assert (on.body["scope"], on.body["name"], on.body["minutes_left"]) == ("line", "1567", 30.0)
    listed = (await house.ask("GET", "/api/v1/news", by=BY)).body
    assert [each["prompts"] for each in listed["news"]] == [["own_flood"]]
    assert listed["prompts"] == ["own_flood"] and "1567" in listed["lines"]
    assert (await house.ask("DELETE", LINE, by=BY)).status == 204
    again = await house.ask("DELETE", LINE, by=BY)
    assert (again.status, again.code) == (404, "unknown_place")
    audit = (await house.ask("GET", "/api/v1/audit", by=BY)).body["entries"]
    about = [(x["action"], x["about"]) for x in audit if x["action"].startswith("news.")]
    assert about == [("news.off", "line/1567"), ("news.on", "line/1567")]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/v1/news/line/1999", FLOOD, 404, "unknown_place"),
        ("/api/v1/news/queue/nowhere", FLOOD, 404, "unknown_place"),
        (LINE, {"prompts": ["own_fire"]}, 422, "not_recorded"),
        (LINE, {**FLOOD, "more": ["own_fire"]}, 422, "not_recorded"),
        (LINE, {"prompts": []}, 422, "invalid"),
        (LINE, {"prompts": ["../../etc/passwd"]}, 422, "invalid"),
        (LINE, {**FLOOD, "minutes": -1}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_heard_is_refused(
    house: House, path: str, body: dict[str, object], status: int, code: str
) -> None:
    refused = await house.ask("PUT", path, body, by=BY)
    assert (refused.status, refused.code) == (status, code), refused.body
    assert (await house.ask("GET", "/api/v1/news", by=BY)).body["news"] == []


async def test_operators_see_it_and_do_not_switch_it(house: House) -> None:
    await house.person("somchai", Role.OPERATOR)
    assert (await house.ask("GET", "/api/v1/news", by="somchai")).status == 200
    assert (await house.ask("PUT", LINE, FLOOD, by="somchai")).status == 403
