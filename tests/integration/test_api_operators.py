"""Operators, queues, calls, the site, health and the live feed, over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import AsteriskLost, LegEnteredBridge, OperatorAnswered
from callcenter.core.ids import CallId, OperatorId, offer_id
from callcenter.core.site import ParkRules
from callcenter.ports.people import Role
from callcenter.web import live
from tests.integration.house import PASSWORD, House, opened
from tests.legs import desk_bridge, leg_named, leg_of_offer
from tests.unit.config.test_site_file import GOOD


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest.fixture
async def house(
    engine: AsyncEngine, tmp_path: Path, settings: dict[str, Any]
) -> AsyncIterator[House]:
    async with opened(engine, tmp_path, **settings) as house:
        yield house


async def test_an_operator_is_added_with_a_phone_and_an_account(house: House) -> None:
    body = {"operator": "somchai", "name": "สมชาย ใจดี", "queues": ["damrong"]}
    added = await house.ask("POST", "/api/v1/operators", body, by="command-line")
    assert added.status == 201
    assert added.body["sip_user"] == "op-somchai"
    (phone,) = house.phones.told[-1]
    assert (phone.sip_user, phone.secret) == ("op-somchai", added.body["sip_secret"])
    assert len(phone.secret) >= 32
    assert not phone.logged_in
    entered = await house.log_in("somchai", added.body["one_time_password"])
    assert entered.body["me"]["role"] == "operator"
    shown = await house.ask("GET", "/api/v1/operators/somchai", by="command-line")
    assert (shown.body["name"], shown.body["state"]) == ("สมชาย ใจดี", "offline")
    assert added.body["sip_secret"] not in json.dumps(shown.body)


async def test_an_open_line_is_as_on_the_card_unless_asked_otherwise(house: House) -> None:
    body = {"operator": "somchai", "name": "สมชาย", "queues": ["damrong"], "open_line": True}
    assert (await house.ask("POST", "/api/v1/operators", body, by="command-line")).status == 201
    shown = await house.ask("GET", "/api/v1/operators", by="command-line")
    assert [(x["state"], x["open_line"]) for x in shown.body["operators"]] == [("offline", True)]
    log_in = "/api/v1/operators/somchai/log-in"
    came = await house.ask("POST", log_in, {}, by="command-line")
    assert (came.body["state"], came.body["reason"]) == ("paused", "line")
    assert came.body["open_line"]
    came = await house.ask("POST", log_in, {"open_line": False}, by="command-line")
    assert (came.body["state"], came.body["open_line"]) == ("available", False)
    pause = {"reason": "line"}
    told = await house.ask("POST", "/api/v1/operators/somchai/pause", pause, by="command-line")
    assert (told.status, told.code) == (422, "invalid")


async def test_skills_are_kept_with_the_card_and_count_from_the_next_log_in(house: House) -> None:
    skills = {"law": 1, "english": 3}
    body = {"operator": "somchai", "name": "สมชาย", "queues": ["damrong"], "skills": skills}
    assert (await house.ask("POST", "/api/v1/operators", body, by="command-line")).status == 201
    path = "/api/v1/operators/somchai"
    assert (await house.ask("GET", path, by="command-line")).body["skills"] == skills
    came = await house.ask("POST", f"{path}/log-in", {}, by="command-line")
    assert (came.body["state"], came.body["skills"]) == ("available", skills)
    assert house.pump.state.operators[OperatorId("somchai")].skills == (
        ("english", 3),
        ("law", 1),
    )
    changed = await house.ask("PATCH", path, {"skills": {"english": 5}}, by="command-line")
    assert (changed.status, changed.body["skills"]) == (200, skills), "of this log-in"
    cards = await house.ask("GET", "/api/v1/cards", by="command-line")
    assert [card["skills"] for card in cards.body["cards"]] == [{"english": 5}]
    came = await house.ask("POST", f"{path}/log-in", {}, by="command-line")
    assert came.body["skills"] == {"english": 5}
    named = await house.ask("PATCH", path, {"name": "สมชาย ใจดี"}, by="command-line")
    assert named.body["skills"] == {"english": 5}
    assert (await house.ask("PATCH", path, {"skills": {}}, by="command-line")).status == 200
    assert [card.skills for card in await house.shared.cards.operators()] == [()]
    for wrong in ({"english": 0}, {"english": 6}, {"English": 1}, {"english": "3"}, ["english"]):
        told = await house.ask("PATCH", path, {"skills": wrong}, by="command-line")
        assert (told.status, told.code) == (422, "invalid"), wrong


async def test_the_day_of_an_operator(house: House) -> None:
    await house.operator("somchai")
    await house.person("somchai")
    desk = "/api/v1/operators/somchai/"
    pause = {"reason": "lunch"}
    early = await house.ask("POST", desk + "pause", pause, by="somchai")
    assert (early.status, early.code) == (409, "not_at_work")
    came = await house.ask("POST", desk + "log-in", {}, by="somchai")
    assert (came.body["state"], came.body["queues"]) == ("available", ["damrong", "gcc"])
    assert house.phones.told[-1][0].logged_in
    paused = await house.ask("POST", desk + "pause", pause, by="somchai")
    assert (paused.body["state"], paused.body["reason"]) == ("paused", "lunch")
    back = await house.ask("POST", desk + "resume", by="somchai")
    assert back.body["state"] == "available"
    await house.caller("c1")
    rung = await house.ask("GET", "/api/v1/operators/somchai", by="somchai")
    assert (rung.body["state"], rung.body["call"]) == ("ringing", "c1")
    none = await house.ask("POST", desk + "hang-up", by="somchai")
    assert (none.status, none.code) == (409, "no_call")
    home = await house.ask("POST", desk + "log-out", by="somchai")
    assert home.body["wish"] == "offline"
    assert not house.phones.told[-1][0].logged_in


async def test_only_the_conversation_that_is_meant_is_ended(house: House) -> None:
    await house.operator("somchai")
    desk = "/api/v1/operators/somchai/"
    await house.ask("POST", desk + "log-in", {}, by="command-line")
    await house.caller("c1")
    offer = offer_id(CallId("c1"), 1)
    await house.pump.put_and_wait(OperatorAnswered(offer=offer))
    for leg in (leg_named("c1"), leg_of_offer(offer)):
        bridge = desk_bridge("somchai")
        await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=bridge))
    over = await house.ask("POST", desk + "hang-up?call=c0", by="command-line")
    assert (over.status, over.code) == (409, "no_call")
    broken = await house.ask("POST", desk + "hang-up?call=c%0a1", by="command-line")
    assert (broken.status, broken.code) == (422, "invalid")
    ended = await house.ask("POST", desk + "hang-up?call=c1", by="command-line")
    assert (ended.status, ended.body["state"]) == (200, "wrapup")


async def test_a_caller_is_given_on(house: House) -> None:
    for name, queue in (("somchai", "damrong"), ("malee", "gcc")):
        await house.operator(name, queues=[queue])
        await house.person(name)
    desk = "/api/v1/operators/somchai/"
    await house.ask("POST", desk + "log-in", {}, by="somchai")
    await house.caller("c1")
    offer = offer_id(CallId("c1"), 1)
    transfer = desk + "call/transfer"
    rings = await house.ask("POST", transfer, {"call": "c1", "queue": "gcc"}, by="somchai")
    assert (rings.status, rings.code) == (409, "no_call")
    await house.pump.put_and_wait(OperatorAnswered(offer=offer))
    for leg in (leg_named("c1"), leg_of_offer(offer)):
        await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=desk_bridge("somchai")))
    for body, code in (
        ({"call": "c1"}, "invalid"),
        ({"call": "c1", "queue": "gcc", "operator": "malee"}, "invalid"),
        ({"call": "c1", "operator": "nobody"}, "invalid"),
        ({"call": "c1", "operator": "somchai"}, "invalid"),
        ({"call": "c1", "queue": "no-such"}, "unknown_queue"),
        ({"call": "c2", "queue": "gcc"}, "no_call"),
        ({"call": "c1", "queue": "gcc"}, "nobody_there"),
        ({"call": "c1", "operator": "malee"}, "nobody_there"),
    ):
        refused = await house.ask("POST", transfer, body, by="somchai")
        assert refused.code == code, body
    other = await house.ask("POST", transfer, {"call": "c1", "queue": "gcc"}, by="malee")
    assert (other.status, other.code) == (403, "not_allowed")
    colleague = "/api/v1/operators/malee/"
    await house.ask("POST", colleague + "log-in", {}, by="malee")
    await house.ask("POST", colleague + "pause", {"reason": "lunch"}, by="malee")
    given = await house.ask("POST", transfer, {"call": "c1", "queue": "gcc"}, by="somchai")
    assert (given.status, given.body["state"]) == (200, "wrapup")
    waiting = await house.ask("GET", "/api/v1/queues/gcc/calls", by="somchai")
    assert [(x["call"], x["state"], x["place"]) for x in waiting.body["calls"]] == [
        ("c1", "waiting", 1)
    ]
    twice = await house.ask("POST", transfer, {"call": "c1", "queue": "gcc"}, by="somchai")
    assert (twice.status, twice.code) == (409, "no_call")
    noted = await house.ask("GET", "/api/v1/audit", by="command-line")
    (entry,) = [x for x in noted.body["entries"] if x["action"] == "call.transfer"]
    assert entry["details"] == {"operator": "somchai", "queue": "gcc", "to": None}


async def test_a_call_is_parked_and_picked_up(house: House) -> None:
    for name in ("somchai", "malee", "nok"):
        await house.operator(name, queues=["gcc" if name == "nok" else "damrong"])
        await house.person(name)
        await house.ask("POST", f"/api/v1/operators/{name}/log-in", {}, by=name)
    await house.ask("POST", "/api/v1/operators/malee/pause", {"reason": "lunch"}, by="malee")
    await house.caller("c1")
    body, offer = {"call": "c1"}, offer_id(CallId("c1"), 1)
    park, pick_up = (
        f"/api/v1/operators/{name}/call/{what}"
        for name, what in (("somchai", "park"), ("malee", "pick-up"))
    )
    rings = await house.ask("POST", park, body, by="somchai")
    assert (rings.status, rings.code) == (409, "no_call")
    early = await house.ask("POST", pick_up, body, by="malee")
    assert (early.status, early.code) == (409, "not_parked")
    await house.pump.put_and_wait(OperatorAnswered(offer=offer))
    for leg in (leg_named("c1"), leg_of_offer(offer)):
        await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=desk_bridge("somchai")))
    other = await house.ask("POST", park, body, by="malee")
    assert (other.status, other.code) == (403, "not_allowed")
    site, kept = house.pump.state.site, house.pump.state.site.park
    object.__setattr__(site, "park", ParkRules(seconds=0.0))
    off = await house.ask("POST", park, body, by="somchai")
    assert (off.status, off.code) == (409, "no_place")
    object.__setattr__(site, "park", kept)
    parked = await house.ask("POST", park, body, by="somchai")
    assert (parked.status, parked.body["state"]) == (200, "wrapup")
    seen = await house.ask("GET", "/api/v1/queues/damrong", by="malee")
    (shown,) = seen.body["parked"]
    assert (shown["place"], shown["call"], shown["operator"]) == (1, "c1", "somchai")
    assert 110 < shown["left_seconds"] <= 120
    twice = await house.ask("POST", park, body, by="somchai")
    assert (twice.status, twice.code) == (409, "no_call")
    stranger = await house.ask("POST", pick_up.replace("malee", "nok"), body, by="nok")
    assert (stranger.status, stranger.code) == (409, "not_parked")
    rung = await house.ask("POST", pick_up, body, by="malee")
    assert (rung.status, rung.body["state"], rung.body["call"]) == (200, "ringing", "c1")
    late = await house.ask("POST", pick_up.replace("malee", "somchai"), body, by="somchai")
    assert (late.status, late.code) == (409, "not_parked")
    noted = await house.ask("GET", "/api/v1/audit", by="command-line")
    entries = {x["action"]: x["details"] for x in noted.body["entries"]}
    assert entries["call.park"] == {"operator": "somchai", "place": 1}
    assert entries["call.pick_up"] == {"operator": "malee", "place": 1}


async def test_a_colleague_is_asked_and_takes_the_caller_over(house: House) -> None:
    for name, queue in (("somchai", "damrong"), ("malee", "gcc")):
        await house.operator(name, queues=[queue])
        await house.person(name)
        await house.ask("POST", f"/api/v1/operators/{name}/log-in", {}, by=name)
    await house.caller("c1")
    await house.pump.put_and_wait(OperatorAnswered(offer=offer_id(CallId("c1"), 1)))
    ask = "/api/v1/operators/somchai/call/consult"
    rings = await house.ask("POST", ask, {"call": "c1", "operator": "malee"}, by="somchai")
    assert (rings.status, rings.code) == (409, "no_call")
    for leg in (leg_named("c1"), leg_of_offer(offer_id(CallId("c1"), 1))):
        await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=desk_bridge("somchai")))
    for what in ("completion", "conference", "cancellation"):
        nobody = await house.ask("POST", f"{ask}/{what}", {"call": "c1"}, by="somchai")
        assert (nobody.status, nobody.code) == (409, "no_consult")
    for name, code in (("nobody", "invalid"), ("somchai", "invalid")):
        body = {"call": "c1", "operator": name}
        assert (await house.ask("POST", ask, body, by="somchai")).code == code
    for whom in ({}, {"operator": "malee", "queue": "gcc"}):
        both = await house.ask("POST", ask, {"call": "c1", **whom}, by="somchai")
        assert (both.status, both.code) == (422, "invalid")
    for queue, code in (("nowhere", "unknown_queue"), ("damrong", "nobody_there")):
        of_queue = await house.ask("POST", ask, {"call": "c1", "queue": queue}, by="somchai")
        assert of_queue.code == code
    body = {"call": "c1", "operator": "malee"}
    assert (await house.ask("POST", ask, body, by="malee")).code == "not_allowed"
    asked = await house.ask("POST", ask, {"call": "c1", "queue": "gcc"}, by="somchai")
    shown = {"asks": "somchai", "colleague": "malee", "stage": "ringing", "result": None}
    assert (asked.status, asked.body["consult"]) == (200, shown)
    again = await house.ask("POST", ask, body, by="somchai")
    assert (again.status, again.code) == (409, "nobody_there")

    offer = offer_id(CallId("c1"), 2)
    await house.pump.put_and_wait(OperatorAnswered(offer=offer))
    joined = LegEnteredBridge(leg=leg_of_offer(offer), bridge=desk_bridge("somchai"))
    await house.pump.put_and_wait(joined)
    colleague = await house.ask("GET", "/api/v1/operators/malee", by="malee")
    assert (colleague.body["state"], colleague.body["call"]) == ("on_call", "c1")
    assert colleague.body["consult"] == {**shown, "stage": "talking"}
    theirs = "/api/v1/operators/malee/call/consult/completion"
    not_theirs = await house.ask("POST", theirs, {"call": "c1"}, by="malee")
    assert (not_theirs.status, not_theirs.code) == (409, "no_call")
    three = await house.ask("POST", f"{ask}/conference", {"call": "c1"}, by="somchai")
    assert three.status == 200
    await house.pump.put_and_wait(
        LegEnteredBridge(leg=leg_named("c1"), bridge=desk_bridge("somchai"))
    )
    present = await house.ask("GET", "/api/v1/operators/somchai", by="somchai")
    assert present.body["consult"] == {**shown, "stage": "conference"}
    given = await house.ask("POST", f"{ask}/completion", {"call": "c1"}, by="somchai")
    assert (given.status, given.body["state"], given.body["consult"]) == (200, "wrapup", None)
    noted = await house.ask("GET", "/api/v1/audit?action=call.consult", by="command-line")
    told = [(x["action"], x["details"]) for x in reversed(noted.body["entries"])]
    two = {"operator": "somchai", "to": "malee"}
    assert told == [
        ("call.consult", {**two, "queue": "gcc"}),
        ("call.consult_confer", two),
        ("call.consult_complete", two),
    ]


async def test_an_operator_serves_the_queues_of_the_card(house: House) -> None:
    await house.operator("somchai", queues=["gcc"])
    await house.person("somchai")
    await house.person("suda", Role.SUPERVISOR)
    path, other = "/api/v1/operators/somchai/log-in", {"queues": ["damrong"]}
    assert (await house.ask("POST", path, other, by="somchai")).code == "not_allowed"
    assert (await house.ask("POST", path, other, by="suda")).body["queues"] == ["damrong"]
    unknown = await house.ask("POST", path, {"queues": ["none"]}, by="suda")
    assert (unknown.status, unknown.code, unknown.body["faults"]) == (
        404,
        "unknown_queue",
        ["none"],
    )


async def test_reasons_of_the_service_are_not_for_people(house: House) -> None:
    await house.operator("somchai")
    await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="command-line")
    path = "/api/v1/operators/somchai/pause"
    for reason in ("rona", "", "a\n", "x" * 33, "\u200b"):
        answer = await house.ask("POST", path, {"reason": reason}, by="command-line")
        assert (answer.status, answer.code) == (422, "invalid"), reason
    answer = await house.ask("POST", path, {"reason": "พักเที่ยง"}, by="command-line")
    assert (answer.status, answer.body["reason"]) == (200, "พักเที่ยง")


async def test_who_is_removed_is_out_and_may_come_back(house: House, engine: AsyncEngine) -> None:
    added = await house.operator("somchai", account=True)
    entered = await house.log_in("somchai", added.body["one_time_password"])
    house.tokens["somchai"] = entered.body["token"]
    await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="command-line")
    removed = await house.ask("DELETE", "/api/v1/operators/somchai", by="command-line")
    assert removed.status == 204
    assert house.phones.told[-1] == []
    assert house.pump.state.operators[OperatorId("somchai")].state == "offline"
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 401
    async with engine.connect() as connection:
        assert await connection.scalar(text("select sip_secret from operators")) == ""
    again = await house.operator("somchai", account=True)
    assert again.body["sip_secret"] != added.body["sip_secret"]
    entered = await house.log_in("somchai", again.body["one_time_password"])
    assert entered.status == 201


async def test_an_operator_is_not_added_twice_nor_over_someone_s_account(house: House) -> None:
    await house.operator("somchai")
    body = {"operator": "somchai", "name": "x"}
    twice = await house.ask("POST", "/api/v1/operators", body, by="command-line")
    assert (twice.status, twice.code) == (409, "operator_exists")
    await house.person("boss", Role.ADMINISTRATOR)
    body = {"operator": "boss", "name": "x"}
    over = await house.ask("POST", "/api/v1/operators", body, by="command-line")
    assert (over.status, over.code) == (409, "operator_exists")
    assert (await house.ask("GET", "/api/v1/operators/boss", by="boss")).status == 404


async def test_it_is_told_when_asterisk_does_not_know_the_phones(house: House) -> None:
    house.phones.broken = True
    added = await house.operator("somchai")
    assert not added.body["phone_known"]
    assert added.body["sip_secret"], "shown now or never"
    came = await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="command-line")
    assert (came.status, came.body["state"]) == (200, "available")
    path, moved = "/api/v1/operators/somchai", {"contact": "sip:192.0.2.7"}
    changed = await house.ask("PATCH", path, moved, by="command-line")
    assert (changed.status, changed.body["has_contact"]) == (200, True), "it is kept"
    assert not changed.body["phone_known"]
    renamed = await house.ask("PATCH", path, {"name": "สมชาย"}, by="command-line")
    assert (renamed.status, renamed.body["phone_known"]) == (200, True), "no phone has a name"
    removed = await house.ask("DELETE", path, by="command-line")
    assert (removed.status, removed.code) == (503, "phones_not_told"), "it can register still"
    house.phones.broken = False
    assert (await house.operator("malee")).body["phone_known"]


async def test_a_card_is_changed_and_the_phone_keeps_its_secret(house: House) -> None:
    added = await house.operator("somchai", queues=["gcc"])
    path = "/api/v1/operators/somchai"
    contact = "sip:somchai@192.0.2.7:5060"
    change = {"name": "สมชาย", "queues": ["damrong"], "contact": contact, "open_line": True}
    changed = await house.ask("PATCH", path, change, by="command-line")
    assert changed.status == 200
    assert (changed.body["name"], changed.body["queues"]) == ("สมชาย", ["damrong"])
    assert (changed.body["open_line"], changed.body["has_contact"]) == (True, True)
    (phone,) = house.phones.told[-1]
    assert (phone.secret, phone.contact) == (added.body["sip_secret"], contact)
    back = await house.ask("PATCH", path, {"contact": None}, by="command-line")
    assert (back.body["name"], back.body["has_contact"]) == ("สมชาย", False)
    cards = await house.shared.cards.operators()
    assert [(card.name, card.queues, card.open_line) for card in cards] == [
        ("สมชาย", ("damrong",), True)
    ]
    unknown = await house.ask("PATCH", path, {"queues": ["none"]}, by="command-line")
    assert (unknown.code, unknown.body["faults"]) == ("unknown_queue", ["none"])
    nobody = await house.ask("PATCH", "/api/v1/operators/none", {}, by="command-line")
    assert nobody.code == "unknown_operator"
    entries = (await house.ask("GET", "/api/v1/audit", by="command-line")).body["entries"]
    told = [entry["details"]["what"] for entry in entries if entry["action"] == "operator.changed"]
    assert told == [["contact"], ["contact", "name", "open_line", "queues"]]


async def test_two_who_change_a_card_at_once_undo_nothing_of_each_other(house: House) -> None:
    """What the one changed is kept, though this process knew the card only as it was before."""
    await house.operator("somchai", queues=["gcc"])
    cards, operator = house.shared.cards, OperatorId("somchai")
    assert await cards.change_operator(operator, {"queues": ["damrong"], "open_line": True})
    change = {"name": "สมชาย"}
    changed = await house.ask("PATCH", "/api/v1/operators/somchai", change, by="command-line")
    assert (changed.body["name"], changed.body["queues"]) == ("สมชาย", ["damrong"])
    (card,) = await cards.operators()
    assert (card.name, card.queues, card.open_line) == ("สมชาย", ("damrong",), True)
    assert await cards.change_operator(operator, {}) == card


async def test_a_queue_that_was_renamed_locks_nobody_out(house: House) -> None:
    await house.operator("somchai", queues=["damrong", "gcc"])
    await house.operator("malee", queues=["gcc"])
    (house.directory / "site.toml").write_text(GOOD.replace("centre", "damrong"))
    assert (await house.ask("POST", "/api/v1/site/reload", by="command-line")).status == 200
    came = await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="command-line")
    assert (came.status, came.body.get("queues")) == (200, ["damrong"])
    none = await house.ask("POST", "/api/v1/operators/malee/log-in", {}, by="command-line")
    assert (none.code, none.body["faults"]) == ("unknown_queue", ["gcc"])
    change = {"queues": ["damrong"]}
    await house.ask("PATCH", "/api/v1/operators/malee", change, by="command-line")
    came = await house.ask("POST", "/api/v1/operators/malee/log-in", {}, by="command-line")
    assert came.body["queues"] == ["damrong"]


async def test_a_reload_tells_asterisk_all_phones_anew(house: House) -> None:
    (house.directory / "site.toml").write_text(GOOD)
    await house.operator("somchai")
    assert house.phones.told_anew == 0
    await house.ask("POST", "/api/v1/site/reload", by="command-line")
    assert house.phones.told_anew == 1


async def test_a_whole_shift_that_logs_in_at_once_is_told_in_few_writes(house: House) -> None:
    names = [f"somchai{number}" for number in range(30)]
    for name in names:
        await house.operator(name)
    told = len(house.phones.told)
    log_ins = [
        house.ask("POST", f"/api/v1/operators/{name}/log-in", {}, by="command-line")
        for name in names
    ]
    assert {answer.status for answer in await asyncio.gather(*log_ins)} == {200}
    assert all(phone.logged_in for phone in house.phones.told[-1])
    assert len(house.phones.told) - told < 30


async def test_a_queue_shows_who_waits_in_order_with_masked_numbers(house: House) -> None:
    await house.caller("c1", number="0812345678")
    house.hands.moved_seconds += 30
    await house.caller("c2", number="anonymous")
    await house.caller("c3", number="'; drop table calls; --")
    await house.person("somchai")
    queue = await house.ask("GET", "/api/v1/queues/damrong", by="somchai")
    assert (queue.body["waiting"], queue.body["operators"]["available"]) == (3, 0)
    assert 30 <= queue.body["oldest_wait_seconds"] < 40
    calls = await house.ask("GET", "/api/v1/queues/damrong/calls?limit=2", by="somchai")
    assert calls.body["waiting"] == 3
    assert [(c["call"], c["place"], c["caller"]) for c in calls.body["calls"]] == [
        ("c1", 1, "08x-xxx-5678"),
        ("c2", 2, "withheld"),
    ]
    every = await house.ask("GET", "/api/v1/queues/damrong/calls", by="somchai")
    assert every.body["calls"][2]["caller"] == "hidden"


async def test_a_full_number_is_for_supervisors_and_is_written_down(house: House) -> None:
    await house.caller("c1")
    await house.person("somchai")
    await house.person("suda", Role.SUPERVISOR)
    path = "/api/v1/queues/damrong/calls?numbers=full"
    assert (await house.ask("GET", path, by="somchai")).code == "not_allowed"
    shown = await house.ask("GET", path, by="suda")
    assert (shown.body["numbers"], shown.body["calls"][0]["caller"]) == ("full", "0812345678")
    audit = await house.ask("GET", "/api/v1/audit?limit=1", by="command-line")
    (entry,) = audit.body["entries"]
    assert (entry["who"], entry["action"], entry["about"]) == ("suda", "queue.callers", "damrong")
    assert entry["details"] == {"calls": ["c1"]}
    assert entry["address"] == "127.0.0.1"
    assert "0812345678" not in json.dumps(audit.body)


async def test_no_number_is_shown_that_could_not_be_written_down(
    house: House, engine: AsyncEngine
) -> None:
    await house.caller("c1")
    async with engine.begin() as connection:
        await connection.execute(text("alter table audit rename to audit_away"))
    shown = await house.ask("GET", "/api/v1/queues/damrong/calls?numbers=full", by="command-line")
    assert (shown.body["numbers"], shown.body["calls"][0]["caller"]) == ("masked", "08x-xxx-5678")


async def test_a_supervisor_moves_a_caller_to_the_front(house: House) -> None:
    await house.person("suda", Role.SUPERVISOR)
    for call in ("c1", "c2", "c3"):
        await house.caller(call)
    moved = await house.ask("PUT", "/api/v1/calls/c3/priority", {"priority": 7}, by="suda")
    assert moved.body == {"call": "c3", "priority": 7, "place": 1}
    unknown = await house.ask("PUT", "/api/v1/calls/none/priority", {"priority": 7}, by="suda")
    assert (unknown.status, unknown.code) == (404, "unknown_call")
    for priority in (-1, 10, "9", 1.5, None, True):
        answer = await house.ask(
            "PUT", "/api/v1/calls/c1/priority", {"priority": priority}, by="suda"
        )
        assert answer.code == "invalid", priority


async def test_an_operator_moves_a_caller_up_and_a_supervisor_also_down(house: House) -> None:
    await house.person("prasert", Role.OPERATOR)
    await house.person("suda", Role.SUPERVISOR)
    for call in ("c1", "c2"):
        await house.caller(call)
    up = await house.ask("PUT", "/api/v1/calls/c2/priority", {"priority": 3}, by="prasert")
    assert up.body == {"call": "c2", "priority": 3, "place": 1}
    down = await house.ask("PUT", "/api/v1/calls/c2/priority", {"priority": 2}, by="prasert")
    assert (down.status, down.code) == (403, "not_allowed")
    down = await house.ask("PUT", "/api/v1/calls/c2/priority", {"priority": 0}, by="suda")
    assert down.body == {"call": "c2", "priority": 0, "place": 2}
    object.__setattr__(house.pump.state.site, "operators_raise", False)
    assert (await house.ask("GET", "/api/v1/site", by="prasert")).body["operators_raise"] is False
    up = await house.ask("PUT", "/api/v1/calls/c2/priority", {"priority": 3}, by="prasert")
    assert (up.status, up.code) == (403, "not_allowed")
    up = await house.ask("PUT", "/api/v1/calls/c2/priority", {"priority": 3}, by="suda")
    assert up.body == {"call": "c2", "priority": 3, "place": 1}


async def test_who_watches_sees_an_engine_that_is_stuck(house: House) -> None:
    await house.caller("c1")
    assert (await house.ask("GET", "/healthz")).status == 200
    house.hands.moved_seconds += 24 * 3600  # long after the caller's wait was to end
    assert (await house.ask("GET", "/healthz")).status == 503
    await house.caller("c2")
    assert (await house.ask("GET", "/healthz")).status == 200


async def test_who_watches_does_not_mind_an_asterisk_that_is_away(house: House) -> None:
    await house.pump.put_and_wait(AsteriskLost())
    await house.caller("c1")  # told just before, still in the inbox
    assert house.pump.state.calls, "whose time runs out for nobody"
    house.hands.moved_seconds += 24 * 3600
    assert (await house.ask("GET", "/healthz")).status == 200


async def test_a_call_that_is_answered_cannot_be_moved(house: House) -> None:
    await house.operator("somchai")
    await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="command-line")
    await house.caller("c1")
    call = house.pump.state.calls[CallId("c1")]
    assert call.offer is not None
    await house.pump.put_and_wait(OperatorAnswered(offer=call.offer.id))
    late = await house.ask("PUT", "/api/v1/calls/c1/priority", {"priority": 7}, by="command-line")
    assert (late.status, late.code) == (409, "not_waiting")


async def test_a_new_site_file_is_put_in_force_and_a_wrong_one_is_not(house: House) -> None:
    file = house.directory / "site.toml"
    file.write_text(GOOD)
    before = await house.ask("GET", "/api/v1/site", by="command-line")
    loaded = await house.ask("POST", "/api/v1/site/reload", by="command-line")
    assert loaded.status == 200
    assert [line["line"] for line in loaded.body["lines"]] == ["1567"]
    file.write_text(GOOD.replace("ring_seconds", "ring_second"))
    refused = await house.ask("POST", "/api/v1/site/reload", by="command-line")
    assert (refused.status, refused.code) == (409, "site_refused")
    assert any(":10: queues.centre.ring_second: " in fault for fault in refused.body["faults"])
    after = await house.ask("GET", "/api/v1/site", by="command-line")
    assert after.body == loaded.body != before.body


async def test_health_says_what_is_missing(house: House) -> None:
    assert (await house.ask("GET", "/healthz")).status == 200
    ready = await house.ask("GET", "/readyz")
    assert (ready.status, ready.body) == (200, {"ready": True, "missing": {}, "degraded": {}})
    await house.pump.put_and_wait(AsteriskLost())
    unready = await house.ask("GET", "/readyz")
    assert (unready.status, unready.body["ready"]) == (503, False)
    assert "callcenter doctor" in unready.body["missing"]["asterisk"]


async def test_metrics_are_for_this_host(house: House) -> None:
    shown = await house.ask("GET", "/metrics")
    assert shown.status == 200
    assert "# HELP hotline_test" in shown.body
    through_a_proxy = {"X-Forwarded-For": "203.0.113.9"}
    assert (await house.ask("GET", "/metrics", headers=through_a_proxy)).status == 403


async def test_metrics_may_ask_for_a_token(engine: AsyncEngine, tmp_path: Path) -> None:
    file = tmp_path / "metrics-token"
    file.write_text("a-long-secret\n")
    async with opened(engine, tmp_path, metrics_token_file=file) as house:
        assert (await house.ask("GET", "/metrics")).status == 401
        token = {"Authorization": "Bearer a-long-secret"}
        assert (await house.ask("GET", "/metrics", headers=token)).status == 200


async def test_the_live_feed_tells_all_once_and_then_what_changes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.operator("somchai")
    await house.person("somchai")
    monkeypatch.setattr(live, "BEAT_SECONDS", 3_600.0)
    headers = {"Authorization": f"Bearer {house.tokens['somchai']}"}
    async with (
        asyncio.timeout(60),
        house.http.ws_connect(house.url + "/api/v1/live", headers=headers) as socket,
    ):
        first = await socket.receive_json()
        assert first["type"] == "snapshot"
        assert [view["operator"] for view in first["operators"]] == ["somchai"]
        await socket.send_str("anything at all")
        await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="somchai")
        change = await socket.receive_json()
        assert change["type"] == "changes"
        assert change["operators"][0]["state"] == "available"
        assert {view["queue"] for view in change["queues"]} == {"damrong", "gcc"}
        await house.pump.put_and_wait(AsteriskLost())
        change = await socket.receive_json()
        assert change["connected"] is False


async def test_the_live_feed_is_not_for_strangers_nor_for_other_sites(house: House) -> None:
    await house.person("somchai")
    cookie = {"Cookie": f"callcenter_session={house.tokens['somchai']}"}
    foreign = {**cookie, "Origin": "https://evil.example"}
    for headers, status in (({}, 401), (foreign, 403), ({**cookie, "Origin": house.url}, 101)):
        try:
            async with house.http.ws_connect(house.url + "/api/v1/live", headers=headers):
                seen = 101
        except aiohttp.WSServerHandshakeError as error:
            seen = error.status
        assert seen == status
    plain = await house.ask("GET", "/api/v1/live", by="somchai")
    assert (plain.status, plain.code) == (400, "malformed")


async def test_the_last_administrator_stays(house: House) -> None:
    await house.person("boss", Role.ADMINISTRATOR)
    for path, body in (("role", {"role": "operator"}), ("disabled", {"disabled": True})):
        answer = await house.ask("PUT", f"/api/v1/accounts/boss/{path}", body, by="boss")
        assert (answer.status, answer.code) == (409, "last_administrator")
    await house.account("second", Role.ADMINISTRATOR)
    answer = await house.ask("PUT", "/api/v1/accounts/boss/role", {"role": "operator"}, by="boss")
    assert answer.body["role"] == "operator"
    assert (await house.ask("GET", "/api/v1/accounts", by="boss")).code == "not_allowed"


async def test_a_reset_password_ends_the_sessions(house: House) -> None:
    await house.person("somchai")
    reset = await house.ask("POST", "/api/v1/accounts/somchai/password", by="command-line")
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 401
    assert (await house.log_in("somchai", PASSWORD)).status == 401
    assert (await house.log_in("somchai", reset.body["one_time_password"])).status == 201
