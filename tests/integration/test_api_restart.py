"""Asterisk's restart through the API: who may, what is told, what it does to callers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.ids import THE_NODE, CallId
from callcenter.core.state import CallState
from callcenter.ports.people import Role
from tests.integration.house import House, opened
from tests.people import until

PATH = "/api/v1/asterisk/restart"
BY = "command-line"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        yield house


async def seen(house: House) -> dict[str, Any]:
    answer = await house.ask("GET", PATH, by=BY)
    return dict(answer.body)


def waits(house: House, call: str) -> bool:
    held = house.pump.state.calls.get(CallId(call))
    return held is not None and held.state == CallState.WAITING


async def test_with_nobody_there_it_restarts_at_once(house: House) -> None:
    assert (await seen(house))["phase"] == "none"
    begun = await house.ask("POST", PATH, {"seconds": 600}, by=BY)
    assert begun.status == 202

    async def is_done() -> bool:
        return bool((await seen(house))["phase"] == "done")

    await until(is_done, within=10)
    assert house.pump.state.nodes[THE_NODE].boot == "2"
    await until(lambda: house.pump.state.closing is None, within=5)
    audit = await house.ask("GET", "/api/v1/audit", by=BY)
    assert ("asterisk.restart_asked", {"seconds": 600}) in [
        (entry["action"], entry["details"]) for entry in audit.body["entries"]
    ]


async def test_who_waits_is_waited_for_and_it_can_be_called_off(house: House) -> None:
    await house.caller("malee")
    await house.ask("POST", PATH, {"seconds": 600}, by=BY)
    told = await seen(house)
    assert (told["phase"], told["waiting"], told["talking"]) == ("closing", 1, 0)
    assert 500 < told["seconds_left"] <= 600
    await house.caller("somsri")
    assert waits(house, "malee") and not waits(house, "somsri")
    off = await house.ask("DELETE", PATH, by=BY)
    assert (off.status, off.body["phase"]) == (200, "cancelled")
    await house.caller("late")
    assert waits(house, "malee") and waits(house, "late")
    again = await house.ask("DELETE", PATH, by=BY)
    assert (again.status, again.body["code"]) == (409, "no_restart")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR])
async def test_only_administrators_may(house: House, role: Role) -> None:
    await house.person("somchai", role)
    assert (await house.ask("GET", PATH, by="somchai")).status == 403
    assert (await house.ask("POST", PATH, {"seconds": 0}, by="somchai")).status == 403
    assert (await house.ask("DELETE", PATH, by="somchai")).status == 403


@pytest.mark.parametrize("seconds", [-1, 86_401, "soon"])
async def test_an_impossible_limit_is_refused(house: House, seconds: object) -> None:
    assert (await house.ask("POST", PATH, {"seconds": seconds}, by=BY)).status == 422
