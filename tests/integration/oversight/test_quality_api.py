"""The quality sheet through the API: 003-08, whether callers are told what is right."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.oversight.quality import routes
from callcenter.ports.people import Role
from callcenter.storage.tables import calls
from tests.integration.house import House, opened

JUST = "2022-03-13T17:00:00Z"
ARRIVED = datetime(2022, 3, 13, 17, tzinfo=UTC)
DAY = {"arrived_from": JUST, "arrived_before": "2022-03-14T17:00:00Z"}
GOOD = {"correct": "yes", "complete": "yes", "polite": "yes"}


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        await house.person("suda", Role.SUPERVISOR)
        await house.person("somchai", Role.OPERATOR)
        yield house


async def answered(engine: AsyncEngine, many: int, **other: Any) -> None:
    """Calls of an hour, each answered by somchai or by suda, who sits at a phone herself."""
    rows = [
        {
            "call_id": f"{other.get('line', '1567')}-{other.get('day', 0)}-{n}",
            "line": other.get("line", "1567"),
            "did": "1567",
            "caller": "",
            "caller_class": "withheld",
            "arrived_at": ARRIVED + timedelta(days=other.get("day", 0), seconds=n),
            "answered_at": ARRIVED + timedelta(days=other.get("day", 0), seconds=n + 10),
            "outcome": "answered",
            "wait_seconds": 10.0,
            "talk_seconds": other.get("talk_seconds", 60.0),
            "operator": "suda" if n == 0 else "somchai",
        }
        for n in range(many)
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(calls), rows)


async def drawn(house: House, **more: Any) -> dict[str, Any]:
    answer = await house.ask("POST", "/api/v1/quality-samples", {**DAY, **more}, by="suda")
    assert answer.status == 201, answer.body
    told: dict[str, Any] = answer.body
    return told


async def sheets(house: House, sample: int) -> list[dict[str, Any]]:
    answer = await house.ask("GET", f"/api/v1/quality-samples/{sample}", by="suda")
    listed: list[dict[str, Any]] = answer.body["calls"]
    return listed


async def judge(house: House, sample: int, call: str, **verdicts: str) -> Any:
    path = f"/api/v1/quality-samples/{sample}/calls/{call}"
    return await house.ask("PUT", path, {**GOOD, **verdicts}, by="suda")


async def test_a_sample_is_drawn_from_answered_calls_of_the_time_and_bounded(
    house: House, engine: AsyncEngine
) -> None:
    await answered(engine, 50)
    await answered(engine, 50, day=1)  # another day
    await answered(engine, 50, line="1111")
    await answered(engine, 5, line="wrong", talk_seconds=3.0)
    made = await drawn(house, line="1567", calls=20)
    assert (made["answered"], made["drawn"], made["judged"]) == (50, 20, 0)
    first = [each["call"] for each in await sheets(house, made["sample"])]
    assert len(set(first)) == 20 and all(call.startswith("1567-0-") for call in first)
    other = await drawn(house, line="1567", calls=20)
    assert {each["call"] for each in await sheets(house, other["sample"])} != {*first}
    everything = await drawn(house)
    assert (everything["answered"], everything["drawn"]) == (100, 30)
    few = await drawn(house, line="1111", calls=200)
    assert (few["answered"], few["drawn"]) == (50, 50)
    refused = {**DAY, "calls": 201}
    assert (await house.ask("POST", "/api/v1/quality-samples", refused, by="suda")).status == 422
    none = {**DAY, "line": "1669"}
    answer = await house.ask("POST", "/api/v1/quality-samples", none, by="suda")
    assert (answer.status, answer.code) == (422, "no_calls")


async def test_every_call_is_as_likely_to_be_drawn_as_any_other(
    house: House, engine: AsyncEngine
) -> None:
    """Two samples of 20 of 50 hold the same 20 once in 47 million million; ten hold every call."""
    await answered(engine, 50)
    seen: dict[str, int] = {}
    for _ in range(30):
        for sheet in await sheets(house, (await drawn(house, calls=20))["sample"]):
            seen[sheet["call"]] = seen.get(sheet["call"], 0) + 1
    assert len(seen) == 50
    assert sum(seen.values()) == 600
    assert max(seen.values()) < 26, "expected is 12; a fair draw goes this far once in a million"


async def test_003_08_wrong_answers_become_a_figure_with_its_sample(
    house: House, engine: AsyncEngine
) -> None:
    await answered(engine, 41)
    sample = (await drawn(house, calls=41))["sample"]
    listed = [each["call"] for each in await sheets(house, sample) if each["operator"] != "suda"]
    assert len(listed) == 40
    for place, call in enumerate(listed[:30]):
        verdict = "no" if place < 3 else "cannot_say" if place < 5 else "yes"
        assert (await judge(house, sample, call, correct=verdict)).status == 200
    told = (await house.ask("GET", f"/api/v1/quality-samples/{sample}", by="suda")).body
    assert (told["sample"]["drawn"], told["sample"]["judged"]) == (41, 30)
    correct = told["figures"][0]
    assert (correct["aspect"], correct["good"], correct["judged"]) == ("correct", 25, 28)
    assert correct["low"] < correct["share"] < correct["high"]
    period = f"arrived_from={JUST}&arrived_before=2022-03-14T17:00:00Z"
    answer = await house.ask("GET", f"/api/v1/quality?{period}", by="suda")
    assert answer.body["figures"][0] == correct
    empty = await house.ask("GET", "/api/v1/quality", by="suda")
    assert empty.body["figures"][0]["share"] is None, "nothing of the last 30 days was judged"
    house.hands.moved_seconds = (ARRIVED - house.hands.wall()).total_seconds() + 86_400
    [mounted] = [f for f in house.serving.features if isinstance(f.parts, routes.Parts)]
    assert isinstance(mounted.parts, routes.Parts)
    await mounted.parts.counted.count()
    figures = mounted.metrics[routes.JUDGED]()
    assert figures["correct", "no"] == 3 and figures["correct", "yes"] == 25
    assert figures["correct", "cannot_say"] == 2


async def test_a_call_that_is_in_two_samples_counts_once_as_it_was_judged_last(
    house: House, engine: AsyncEngine
) -> None:
    await answered(engine, 2)
    for verdict in ("yes", "no"):
        sample = (await drawn(house, calls=2))["sample"]
        assert (await judge(house, sample, "1567-0-1", correct=verdict)).status == 200
    period = f"arrived_from={JUST}&arrived_before=2022-03-14T17:00:00Z"
    figures = (await house.ask("GET", f"/api/v1/quality?{period}", by="suda")).body["figures"]
    assert (figures[0]["good"], figures[0]["judged"]) == (0, 1)


async def test_nobody_judges_a_call_of_their_own_or_of_no_sample(
    house: House, engine: AsyncEngine
) -> None:
    await answered(engine, 3)
    sample = (await drawn(house, calls=3))["sample"]
    assert (await judge(house, sample, "1567-0-0")).code == "own_call"
    assert (await judge(house, sample, "1567-0-99")).code == "unknown_sample"
    assert (await judge(house, 99, "1567-0-1")).code == "unknown_sample"
    path = f"/api/v1/quality-samples/{sample}"
    assert (await house.ask("GET", path, by="somchai")).status == 403
