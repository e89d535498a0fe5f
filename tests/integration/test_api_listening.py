"""A supervisor listens through the API: who may, what it says, and what the audit has of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import (
    LegEnteredBridge,
    OperatorAnswered,
    PhonesSeen,
    SnoopStarted,
    SpyAnswered,
    SpyEnded,
)
from callcenter.core.ids import CallId, offer_id
from callcenter.core.outcome import LegEnd
from callcenter.ports.people import Role
from tests.integration.house import House, opened
from tests.legs import caller_leg, desk_bridge, leg_named, leg_of_offer, snoop_leg, spy_leg

PATH = "/api/v1/operators/somchai/call/listening"
MINE = "/api/v1/listening"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    """Somchai talks with c1; Suda is a supervisor with a phone, Malee an operator."""
    async with opened(engine, tmp_path) as house:
        for name in ("somchai", "malee", "suda"):
            await house.operator(name)
        for name in ("somchai", "malee"):
            await house.person(name)
        await house.person("suda", Role.SUPERVISOR)
        await house.person("nobody", Role.SUPERVISOR)
        await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="somchai")
        await house.caller("c1")
        offer = offer_id(CallId("c1"), 1)
        await house.pump.put_and_wait(OperatorAnswered(offer=offer))
        for leg in (leg_named("c1"), leg_of_offer(offer)):
            await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=desk_bridge("somchai")))
        yield house


async def hears(house: House) -> None:
    """Suda picks up."""
    for event in (
        SpyAnswered(leg=spy_leg("suda", 1)),
        SnoopStarted(leg=snoop_leg("suda", 1)),
        LegEnteredBridge(leg=snoop_leg("suda", 1), bridge=desk_bridge("suda")),
    ):
        await house.pump.put_and_wait(event)


async def test_a_supervisor_listens_whispers_and_leaves(house: House) -> None:
    nobody = await house.ask("GET", MINE, by="suda")
    assert nobody.body == {"listening": None}
    asked = await house.ask("POST", PATH, {"call": "c1", "mode": "listen"}, by="suda")
    view = {"operator": "somchai", "call": "c1", "mode": "listen", "stage": "ringing"}
    assert (asked.status, asked.body) == (200, {"listening": view})
    await hears(house)
    assert (await house.ask("GET", MINE, by="suda")).body["listening"]["stage"] == "listening"
    for _ in range(2):  # pressed twice
        whispers = await house.ask("POST", PATH, {"call": "c1", "mode": "whisper"}, by="suda")
        assert whispers.body["listening"]["mode"] == "whisper"
    assert (await house.ask("DELETE", MINE, by="suda")).status == 204
    assert (await house.ask("GET", MINE, by="suda")).body["listening"]["stage"] == "leaving"
    await house.pump.put_and_wait(SpyEnded(leg=spy_leg("suda", 1), end=LegEnd.ENDED))
    assert (await house.ask("GET", MINE, by="suda")).body == {"listening": None}
    assert house.pump.state.calls[CallId("c1")].talks_now
    noted = await house.ask("GET", "/api/v1/audit?action=call.listen", by="command-line")
    entries = [x for x in noted.body["entries"] if x["action"] == "call.listen"]
    assert [x["details"] for x in entries] == [
        {"operator": "somchai", "mode": "whisper"},
        {"operator": "somchai", "mode": "listen"},
    ]
    assert {(x["who"], x["about"]) for x in entries} == {("suda", "c1")}


async def test_a_supervisor_takes_over(house: House) -> None:
    asked = await house.ask("POST", PATH, {"call": "c1", "mode": "take_over"}, by="suda")
    assert asked.body["listening"]["stage"] == "ringing"
    await house.pump.put_and_wait(SpyAnswered(leg=spy_leg("suda", 1)))
    assert (await house.ask("GET", MINE, by="suda")).body == {"listening": None}
    for leg in (spy_leg("suda", 1), caller_leg("c1")):
        await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=desk_bridge("suda")))
    suda = await house.ask("GET", "/api/v1/operators/suda", by="suda")
    somchai = await house.ask("GET", "/api/v1/operators/somchai", by="suda")
    assert (suda.body["state"], suda.body["call"]) == ("on_call", "c1")
    assert somchai.body["state"] == "wrapup"
    own = await house.ask("POST", PATH, {"call": "c1", "mode": "listen"}, by="suda")
    assert (own.status, own.code) == (409, "no_call")


async def test_who_may_not_and_what_is_said(house: House) -> None:
    body = {"call": "c1", "mode": "listen"}
    for who, path, sent, status, code in (
        ("malee", PATH, body, 403, "not_allowed"),
        ("somchai", PATH, body, 403, "not_allowed"),
        ("nobody", PATH, body, 409, "no_phone"),
        ("suda", PATH, {"call": "c2", "mode": "listen"}, 409, "no_call"),
        ("suda", PATH, {"call": "c1", "mode": "shout"}, 422, "invalid"),
        ("suda", PATH.replace("somchai", "malee"), body, 409, "no_call"),
        ("suda", PATH.replace("somchai", "who"), body, 404, "unknown_operator"),
    ):
        refused = await house.ask("POST", path, sent, by=who)
        assert (refused.status, refused.code) == (status, code), (who, path, sent)
    await house.pump.put_and_wait(
        PhonesSeen(elsewhere=frozenset(), away=frozenset({"PJSIP/op-suda"}))
    )
    assert (await house.ask("POST", PATH, body, by="suda")).code == "no_phone"
    await house.pump.put_and_wait(PhonesSeen(elsewhere=frozenset()))
    queues = {"queues": ["gcc"]}
    await house.ask("PATCH", "/api/v1/operators/suda", queues, by="command-line")
    other_queue = await house.ask("POST", PATH, body, by="suda")
    assert (other_queue.status, other_queue.code) == (403, "not_allowed")
    assert house.pump.state.listenings == {}


async def test_one_at_a_time(house: House) -> None:
    await house.operator("somsri")
    await house.person("somsri", Role.SUPERVISOR)
    body = {"call": "c1", "mode": "listen"}
    assert (await house.ask("POST", PATH, body, by="suda")).status == 200
    assert (await house.ask("POST", PATH, body, by="somsri")).code == "listened_to"


@pytest.mark.parametrize("shown", [True, False])
async def test_the_operator_sees_it_if_the_site_says_so(house: House, shown: bool) -> None:
    state = house.pump.state
    object.__setattr__(state.site, "listening_is_shown", shown)
    await house.ask("POST", PATH, {"call": "c1", "mode": "listen"}, by="suda")
    own = "/api/v1/operators/somchai"
    assert (await house.ask("GET", own, by="somchai")).body["listened"] is None
    await hears(house)
    seen = (await house.ask("GET", own, by="somchai")).body["listened"]
    assert seen == ("listen" if shown else None)
