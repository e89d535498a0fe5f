"""GET /api/v1/surveys and its CSV on a real server and a real PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from callcenter.storage.tables import calls
from tests.integration.house import House, opened

MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
DAY = "arrived_from=2026-11-21T00:00:00%2B07:00&arrived_before=2026-11-22T00:00:00%2B07:00"
SAID: list[tuple[str, str, str | None, int | None]] = [
    ("1567", "damrong", "answered", 5),
    ("1567", "damrong", "answered", 2),
    ("1567", "damrong", "left", None),
    ("1567", "damrong", None, None),  # hung up first: nobody asked
    ("1567", "gcc", "silent", None),
    ("1111", "gcc", None, None),
]


@dataclass(slots=True)
class Office:
    """A house with people who may ask."""

    house: House

    async def ask(self, path: str, by: str = "suda") -> tuple[int, str, Any]:
        headers = {"Authorization": f"Bearer {self.house.tokens[by]}"}
        async with self.house.http.get(
            f"{self.house.url}/api/v1/{path}", headers=headers
        ) as response:
            kind = response.headers["Content-Type"]
            whole = await response.read()
            return (
                response.status,
                kind,
                whole if "csv" in kind else await response.json(content_type=None),
            )


@pytest.fixture
async def office(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Office]:
    rows = [
        {
            "call_id": f"call-{number}",
            "line": line,
            "did": line,
            "caller": "0811112222",
            "caller_class": "national",
            "queue": queue,
            "arrived_at": MORNING,
            "answered_at": MORNING,
            "ended_at": MORNING,
            "outcome": "answered",
            "reason": "",
            "survey": survey,
            "survey_score": score,
            "demo": False,
        }
        for number, (line, queue, survey, score) in enumerate(SAID)
    ]
    rows.append({**rows[0], "call_id": "of-the-demo", "demo": True})
    async with engine.begin() as connection:
        await connection.execute(insert(calls), rows)
    async with opened(engine, tmp_path) as house:
        await house.person("prasert", Role.OPERATOR)
        await house.person("suda", Role.SUPERVISOR)
        yield Office(house)


async def test_rates_and_scores_by_line_and_queue(office: Office) -> None:
    status, _, answer = await office.ask(f"surveys?{DAY}")
    assert status == 200
    everything, damrong, gcc = answer["surveys"]
    assert (everything["line"], everything["served"], everything["asked"]) == (None, 6, 4)
    assert (damrong["line"], damrong["queue"], damrong["served"]) == ("1567", "damrong", 4)
    assert (damrong["asked"], damrong["answered"], damrong["left"]) == (3, 2, 1)
    assert damrong["answer_rate"] == pytest.approx(2 / 3) and damrong["mean_score"] == 3.5
    assert damrong["scores"] == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1}
    assert (gcc["line"], gcc["queue"], gcc["silent"], gcc["mean_score"]) == ("1567", "gcc", 1, None)
    _, _, one = await office.ask(f"surveys?{DAY}&queue=gcc")
    assert [each["queue"] for each in one["surveys"]] == [None, "gcc"]
    assert one["surveys"][0]["served"] == 2


async def test_no_surveys_have_no_rate(office: Office) -> None:
    _, _, answer = await office.ask(f"surveys?{DAY}&line=1111")
    [nothing] = answer["surveys"]
    assert (nothing["asked"], nothing["answer_rate"], nothing["mean_score"]) == (0, None, None)


async def test_the_table_for_a_spreadsheet_has_nobodys_number(office: Office) -> None:
    status, kind, table = await office.ask(f"surveys/csv?{DAY}")
    assert status == 200 and kind == "text/csv; charset=utf-8"
    rows = table.decode("utf-8-sig").split("\r\n")
    assert rows[0].startswith("line,queue,served,asked,answered,score_1,")
    assert rows[1] == "1567,damrong,4,3,2,0,1,0,0,1,0,1,0" and "0811112222" not in table.decode()


async def test_an_operator_may_not_ask_and_times_are_checked(office: Office) -> None:
    status, _, _ = await office.ask("surveys", by="prasert")
    assert status == 403
    status, _, answer = await office.ask(
        "surveys?arrived_from=2026-11-22T00:00:00Z&arrived_before=2026-11-21T00:00:00Z"
    )
    assert answer["code"] == "invalid" and status >= 400
