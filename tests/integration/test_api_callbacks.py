"""Callbacks over HTTP: asked for at the console, for later or for now; and tried at once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import SiteChanged
from callcenter.core.hours import Hours
from callcenter.core.site import CallbackRules
from callcenter.ports.people import Role
from callcenter.storage.tables import calls
from tests.integration.house import Answer, House, opened
from tests.site import site

CALLBACKS = "/api/v1/callbacks"
DAY = Hours(week=(((8 * 60, 16 * 60),),) * 7, closed_on_holidays=False)
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # ten in the morning
RULES = CallbackRules(prefixes=("08",), hours=DAY)


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    """Prasert talked with a caller a while ago."""
    async with engine.begin() as connection:
        await connection.execute(
            insert(calls), [_row("c1", "0811112222"), _row("c2", "1900123456")]
        )
        old = _row("old", "0833334444", minutes=150)
        await connection.execute(insert(calls), [old])
    async with opened(engine, tmp_path) as house:
        house.hands.still = NOW
        await house.pump.put_and_wait(SiteChanged(site=replace(site(), callbacks=RULES)))
        for name, role in (("prasert", Role.OPERATOR), ("malee", Role.OPERATOR)):
            await house.person(name, role)
        await house.person("suda", Role.SUPERVISOR)
        yield house


def _row(call: str, number: str, minutes: int = 30) -> dict[str, object]:
    arrived_at = NOW - timedelta(minutes=minutes)
    return {
        "call_id": call,
        "line": "1567",
        "did": "1567",
        "caller": number,
        "caller_class": "national",
        "queue": "damrong",
        "arrived_at": arrived_at,
        "answered_at": arrived_at + timedelta(minutes=1),
        "talk_ended_at": arrived_at + timedelta(minutes=10),
        "ended_at": arrived_at + timedelta(minutes=10),
        "outcome": "answered",
        "operator": "prasert",
    }


async def ask(house: House, call: str, by: str, at: str | None = None) -> Answer:
    return await house.ask("POST", CALLBACKS, {"call": call, "at": at}, by=by)


async def test_an_operator_asks_for_the_caller_of_an_own_call(house: House) -> None:
    made = await ask(house, "c1", "prasert", "2026-11-24T14:30:00+07:00")
    assert made.status == 201, made.body
    listed = await house.ask("GET", CALLBACKS, by="suda")
    (back,) = listed.body["callbacks"]
    assert (back["call"], back["state"], back["place"]) == (made.body["call"], "resting", None)
    due = datetime.fromisoformat(back["due_at"])
    assert abs(due - datetime(2026, 11, 24, 7, 30, tzinfo=UTC)) < timedelta(seconds=5)
    assert "1112" not in back["caller"], "masked"
    again = await ask(house, "c1", "suda")
    assert (again.status, again.code) == (409, "not_called_back")


async def test_nobody_asks_for_a_call_of_somebody_else_or_of_long_ago(house: House) -> None:
    for call, by in (("c1", "malee"), ("old", "prasert"), ("none", "suda")):
        refused = await ask(house, call, by)
        assert (refused.status, refused.code) == (404, "unknown_call")
    assert (await ask(house, "old", "suda")).status == 201


async def test_no_number_that_is_not_listed(house: House) -> None:
    refused = await ask(house, "c2", "suda")
    assert (refused.status, refused.code) == (409, "not_called_back")


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-24T20:00:00+07:00",
        "2026-11-25T07:59:00+07:00",
        "2026-11-24T09:00:00+07:00",
        "2026-11-28T10:00:00+07:00",
    ],
)
async def test_no_time_that_is_over_too_far_or_outside_the_hours(house: House, at: str) -> None:
    refused = await ask(house, "c1", "prasert", at)
    assert (refused.status, refused.code) == (422, "outside_hours")


async def test_a_supervisor_has_it_tried_now(house: House) -> None:
    made = await ask(house, "c1", "prasert", "2026-11-24T14:30:00+07:00")
    path = f"{CALLBACKS}/{made.body['call']}/attempt"
    assert (await house.ask("POST", path, by="prasert")).status == 403
    assert (await house.ask("POST", path, by="suda")).status == 204
    (back,) = (await house.ask("GET", CALLBACKS, by="suda")).body["callbacks"]
    assert (back["state"], back["place"]) == ("waiting", 1)
