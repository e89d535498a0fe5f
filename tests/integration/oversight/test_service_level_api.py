"""GET /api/v1/service-levels on a real server and a real PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from callcenter.storage import reader
from tests.integration.house import House, opened
from tests.integration.oversight.call_rows import insert_calls
from tests.unit.oversight.worked_day import ANSWERS, WORKED_DAY

MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
DAY = "arrived_from=2026-11-21T08:00:00%2B07:00&arrived_before=2026-11-22T08:00:00%2B07:00"


@dataclass(slots=True)
class Office:
    """A house with people who may ask."""

    house: House

    async def levels(self, query: str, by: str | None = "suda") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.house.tokens[by]}"} if by else {}
        url = f"{self.house.url}/api/v1/service-levels?{query}"
        async with self.house.http.get(url, headers=headers) as response:
            return response.status, await response.json(content_type=None)


@pytest.fixture
async def office(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(engine, tmp_path) as house:
        await house.person("prasert", Role.OPERATOR)
        await house.person("suda", Role.SUPERVISOR)
        yield Office(house)


async def test_a_supervisor_sees_every_formula_for_every_line(
    office: Office, engine: AsyncEngine
) -> None:
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=MORNING)

    status, answer = await office.levels(DAY)

    assert status == 200
    assert [line["line"] for line in answer["lines"]] == [None, "1567"]
    found = {level["formula"]: level for level in answer["lines"][1]["levels"]}
    assert {name: (level["met"], level["counted"]) for name, level in found.items()} == ANSWERS
    assert found["copc"]["share"] == pytest.approx(5 / 17)
    assert (found["copc"]["version"], found["copc"]["clock"]) == (1, "queue")
    assert all(level["title_th"] and level["source"] for level in found.values())


async def test_no_calls_have_no_share(office: Office) -> None:
    status, answer = await office.levels(DAY)

    assert status == 200
    (every,) = answer["lines"]
    assert {level["share"] for level in every["levels"]} == {None}


async def test_threshold_clock_and_line_can_be_chosen(office: Office, engine: AsyncEngine) -> None:
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=MORNING)
    await insert_calls(engine, "1111", WORKED_DAY, arrived_at=MORNING)

    chosen = f"{DAY}&line=1567&threshold_seconds=12&clock=arrival"
    status, answer = await office.levels(chosen)

    assert status == 200
    assert [line["line"] for line in answer["lines"]] == [None, "1567"]
    (copc,) = [x for x in answer["lines"][1]["levels"] if x["formula"] == "copc"]
    assert (copc["met"], copc["counted"], copc["threshold_seconds"]) == (2, 17, 12)


async def test_left_out_it_is_the_last_day(office: Office, engine: AsyncEngine) -> None:
    now = office.house.hands.wall()
    await insert_calls(engine, "1567", WORKED_DAY, arrived_at=now - timedelta(hours=1))

    status, answer = await office.levels("")

    assert status == 200
    assert len(answer["lines"]) == 2
    span = datetime.fromisoformat(answer["before"]) - datetime.fromisoformat(answer["since"])
    assert span == timedelta(days=1)


@pytest.mark.parametrize(
    "query",
    [
        "threshold_seconds=0",
        "threshold_seconds=abc",
        "clock=sundial",
        "line=%00",
        "arrived_from=yesterday",
        "arrived_from=2026-02-30T00:00:00Z",
        "arrived_from=2026-11-22T00:00:00Z&arrived_before=2026-11-21T00:00:00Z",
        "arrived_from=2020-01-01T00:00:00Z&arrived_before=2026-01-01T00:00:00Z",
    ],
)
async def test_what_cannot_be_meant_is_refused_with_words(office: Office, query: str) -> None:
    status, answer = await office.levels(query)

    assert (status, answer["code"]) == (422, "invalid")
    assert answer["faults"]


async def test_only_supervisors_ask(office: Office) -> None:
    assert (await office.levels(DAY, by=None))[0] == 401
    assert (await office.levels(DAY, by="prasert"))[0] == 403


async def test_it_stands_in_the_document(office: Office) -> None:
    async with office.house.http.get(f"{office.house.url}/api/openapi.json") as response:
        document = await response.json()
    operation = document["paths"]["/api/v1/service-levels"]["get"]
    assert operation["operationId"] == "service_levels"
    assert {parameter["name"] for parameter in operation["parameters"]} == {
        "arrived_from",
        "arrived_before",
        "line",
        "threshold_seconds",
        "clock",
    }


async def test_a_report_that_takes_too_long_says_so_and_not_that_the_database_is_away(
    office: Office, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "REPORT_SECONDS", 0.2)
    async with engine.begin() as connection:
        await connection.execute(text("lock table calls in access exclusive mode"))
        status, answer = await office.levels(DAY)

    assert (status, answer["code"]) == (422, "report_too_long")
    assert "shorter" in answer["detail"]
