"""What a browser's phone measured of a talk: kept once, by its own operator, and counted."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import CallerLeft, LegEnteredBridge, OperatorAnswered
from callcenter.core.ids import CallId, offer_id
from callcenter.ports.people import Role
from callcenter.ports.quality import Verdict
from callcenter.web.operators.verdicts import TALKS
from tests.integration.house import House, opened
from tests.legs import desk_bridge, leg_named, leg_of_offer

PATH = "/api/v1/operators/somchai/quality"
GOOD = {
    "call": "c1",
    "seconds": 30.0,
    "loss": 0.0,
    "jitter_seconds": 0.004,
    "round_trip_seconds": 0.02,
    "verdict": "good",
}


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        await house.operator("somchai")
        await house.person("somchai")
        await house.person("malee", Role.SUPERVISOR)
        yield house


async def talks(house: House) -> None:
    """Somchai talks with c1."""
    await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="somchai")
    await house.caller("c1")
    offer, bridge = offer_id(CallId("c1"), 1), desk_bridge("somchai")
    await house.pump.put_and_wait(OperatorAnswered(offer=offer))
    for leg in (leg_named("c1"), leg_of_offer(offer)):
        await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=bridge))


async def test_it_is_kept_once_and_counted_once(house: House) -> None:
    await talks(house)
    for loss in (0.0, 0.5):
        told = await house.ask("POST", PATH, {**GOOD, "loss": loss}, by="somchai")
        assert told.status == 204, told.body
    kept = await house.ask("GET", "/api/v1/calls/c1/quality", by="malee")
    (quality,) = kept.body["quality"]
    assert (quality["operator"], quality["loss"], quality["verdict"]) == ("somchai", 0.0, "good")
    (read,) = [m.metrics[TALKS] for m in house.serving.features if TALKS in m.metrics]
    assert read() == {(v.value,): float(v is Verdict.GOOD) for v in Verdict}


async def test_the_floor_sees_how_the_line_is_now(house: House) -> None:
    now = {"call": "c1", "verdict": "operator_unheard"}
    before = await house.ask("PUT", PATH, now, by="somchai")
    assert (before.status, before.code) == (409, "no_call")
    await talks(house)
    assert (await house.ask("PUT", PATH, now, by="malee")).code == "not_allowed"
    headers = {"Authorization": f"Bearer {house.tokens['malee']}"}
    async with house.http.ws_connect(house.url + "/api/v1/live", headers=headers) as floor:
        (shown,) = (await floor.receive_json())["operators"]
        assert shown["quality"] is None
        assert (await house.ask("PUT", PATH, now, by="somchai")).status == 204
        told: list[dict[str, Any]] = []
        while not told:
            told = (await floor.receive_json(timeout=20))["operators"]
        assert told[0]["quality"] == "operator_unheard"
    await house.pump.put_and_wait(CallerLeft(call=CallId("c1")))
    after = await house.ask("GET", "/api/v1/operators/somchai", by="malee")
    assert after.body["call"] is None or after.body["state"] == "wrapup", after.body
    await house.caller("c2")
    next_call = await house.ask("PUT", PATH, now, by="somchai")
    assert next_call.status in (204, 409)


async def test_nobody_tells_of_a_call_that_is_not_theirs(house: House) -> None:
    other = await house.ask("POST", PATH, GOOD, by="somchai")
    assert (other.status, other.code) == (409, "no_call")
    await talks(house)
    assert (await house.ask("POST", PATH, GOOD, by="malee")).code == "not_allowed"
    none = await house.ask("POST", PATH, {**GOOD, "loss": 1.5}, by="somchai")
    assert (none.status, none.code) == (422, "invalid")
