"""Who may do what: every endpoint of the API, asked by nobody, by each role, and for another."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.features import FEATURES
from callcenter.ports.people import Role
from callcenter.web.endpoint import Endpoint
from callcenter.web.feature import catalogue
from tests.integration.house import PASSWORD, Answer, House, opened

PEOPLE = {
    "nok": Role.OFFICER,
    "prasert": Role.OPERATOR,
    "suda": Role.SUPERVISOR,
    "wichai": Role.ADMINISTRATOR,
}
OWN = {
    "present_call",
    *("transfer_call", "park_call", "pick_up_call"),
    *("pause_recording", "ask_for_help", "end_help"),
    *("consult_colleague", "complete_consult", "confer", "cancel_consult"),
    *(f"operator_{what}" for what in ("log_in", "log_out", "pause", "resume", "hang_up")),
}  # what an operator may do at their own desk
ONLY_OWN = {
    *("use_browser_phone", "use_other_phone", "read_note", "write_note", "tell_quality"),
    *("tell_line",),
    *("list_unread_messages", "read_message"),
}
"""What nobody may do for another."""
DESKS = ("desks", "cases", "answers", "reports")
"""What they let people do hangs on grants, not on the role alone: tests/integration/desks."""
ENDPOINTS = [each for each in catalogue(FEATURES).endpoints if each.tag not in DESKS]
GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.needs is not None]

SHIFT = {
    "queue": "gcc",
    "operator": "prasert",
    "begins_at": "2026-12-01T08:00:00+07:00",
    "ends_at": "2026-12-01T16:00:00+07:00",
}


def name_of(endpoint: Endpoint) -> str:
    return endpoint.handler.__name__


def body_of(endpoint: Endpoint, newcomer: str) -> object:
    bodies: dict[str, object] = {
        "log_in": {"name": "prasert", "password": PASSWORD},
        "change_own_password": {"present": "not the password", "new": "one that is different"},
        "add_account": {"name": newcomer, "role": "operator"},
        "set_account_role": {"role": "operator"},
        "set_account_disabled": {"disabled": True},
        "begin_second_factor": {"password": "not the password"},
        "confirm_second_factor": {"code": "123456"},
        "remove_own_second_factor": {"password": "not the password"},
        "ask_for_log_in": {"name": "prasert", "password": PASSWORD},
        "begin_passkey": {"password": "not the password"},
        "add_passkey": {"name": "key", "id": "AA", "client_data": "AA", "attestation": "AA"},
        "remove_passkey": {"password": "not the password"},
        "add_operator": {"operator": newcomer, "name": "คนใหม่"},
        "change_operator": {"name": "ชื่อใหม่"},
        "operator_log_in": {},
        "operator_pause": {"reason": "lunch"},
        "set_call_priority": {"priority": 9},
        "ask_for_callback": {"call": "c1"},
        "transfer_call": {"call": "c1", "queue": "gcc"},
        "consult_colleague": {"call": "c1", "operator": "malee"},
        **{name: {"call": "c1"} for name in ("complete_consult", "confer", "cancel_consult")},
        **{name: {"call": "c1"} for name in ("park_call", "pick_up_call")},
        "listen_to_call": {"call": "c1", "mode": "listen"},
        "use_browser_phone": {"window": "window-1"},
        "write_note": {"call": "c1"},
        "tell_line": {"call": "c1", "verdict": "good"},
        "tell_quality": {
            "call": "c1",
            "seconds": 9.0,
            "loss": 0.0,
            "jitter_seconds": 0.0,
            "verdict": "good",
        },
        "pause_recording": {"call": "c1", "paused": True},
        "hold_recording": {"reason": "asked by a court"},
        "purge_recording": {"reason": "asked by letter"},
        "reseal_recordings": {},
        "complete_voicemail": {"how": "heard"},
        "send_floor_message": {"text": "who speaks Burmese?"},
        "plan_shift": SHIFT,
        "change_shift": {**SHIFT, "version": 1},
        "switch_news_on": {"prompts": ["own_flood"]},
        "add_webhook": {"name": "crm", "url": "https://192.0.2.7/", "events": ["answered"]},
        "change_webhook": {"name": "crm"},
        "uncover": {"reason": "a life is in danger"},
        "mark_demo_calls": {"calls": ["c1"]},
        "add_ban": {"address": "192.0.2.66"},
        "restart": {"seconds": 600},
        "draw_sample": {
            "arrived_from": "2026-11-01T00:00:00Z",
            "arrived_before": "2026-11-02T00:00:00Z",
        },
        "judge_call": {"correct": "yes", "complete": "yes", "polite": "yes"},
        "export_person": {"number": "0812345678", "reason": "asked by letter"},
        "run_retention": {"dry_run": False},
    }
    assert (name_of(endpoint) in bodies) == (endpoint.body is not None)
    return bodies.get(name_of(endpoint))


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    many = {"login_attempts_account": 1000, "login_attempts_address": 1000}
    async with opened(engine, tmp_path, **many) as house:
        await house.operator("prasert")
        for name, role in PEOPLE.items():
            await house.person(name, role)
        await house.account("second", Role.ADMINISTRATOR)  # so that none is the last
        await house.caller("c1", did="1111")
        yield house


async def try_out(house: House, endpoint: Endpoint, number: int, **how: Any) -> Answer:
    """The endpoint, on an operator, an account and a call that nobody else has touched."""
    subject = f"subject{number}"
    if "{" in endpoint.path and subject not in await house.shared.roster.cards():
        await house.operator(subject, account=True)
    names = {"account": subject, "operator": subject, "queue": "damrong", "call": "c1"}
    names |= {"ban": "192.0.2.66", "language": "th", "prompt": "greeting"}
    names |= dict.fromkeys(("message", "shift", "recording", "webhook", "delivery"), "1")
    names |= {"playback": "x" * 43, "scope": "line", "of": "1567"}
    names |= {"sample": "1", "node": "asterisk", "passkey": "1"}
    path = endpoint.path.format(**{**names, **how.pop("names", {})})
    if name_of(endpoint) == "read_note":
        path = f"{path}?call=c1"
    return await house.ask(endpoint.method, path, body_of(endpoint, f"new{number}"), **how)


async def test_nobody_gets_in_without_a_token_or_with_a_wrong_one(house: House) -> None:
    strange = ("Bearer " + "x" * 43, "Bearer é", "Bearer", "Basic cHJhc2VydDp4", "x" * 5000)
    for headers in ({}, *({"Authorization": text} for text in strange)):
        for endpoint in GUARDED:
            names = {"operator": "prasert", "account": "prasert"}
            answer = await try_out(house, endpoint, 0, headers=headers, names=names)
            assert answer.status == 401, (name_of(endpoint), headers, answer.body)


@pytest.mark.parametrize("person", PEOPLE)
async def test_each_role_may_do_what_it_may_and_nothing_else(house: House, person: str) -> None:
    role = PEOPLE[person]
    for number, endpoint in enumerate(GUARDED):
        if name_of(endpoint) == "log_out":
            continue  # would end the session; every role may, see the sessions' tests
        answer = await try_out(house, endpoint, number, by=person)
        assert endpoint.needs is not None
        for_another = name_of(endpoint) in OWN and role is Role.OPERATOR
        for_another |= name_of(endpoint) in ONLY_OWN
        if role.includes(endpoint.needs) and not for_another:
            assert answer.status not in (401, 403), (name_of(endpoint), answer.body)
            assert answer.status < 500, (name_of(endpoint), answer.body)
        else:
            assert (answer.status, answer.code) == (403, "not_allowed"), name_of(endpoint)


async def test_an_operator_acts_for_themself(house: House) -> None:
    await house.ask("POST", "/api/v1/operators/prasert/log-in", {}, by="prasert")
    for endpoint in ENDPOINTS:
        if name_of(endpoint) in OWN - {"operator_log_out"}:
            names = {"operator": "prasert"}
            answer = await try_out(house, endpoint, 0, by="prasert", names=names)
            done = answer.status == 200 or answer.code in ("no_call", "not_parked")
            assert done, answer.body


async def test_a_one_time_password_opens_only_what_says_so(house: House) -> None:
    await house.account("fresh", Role.ADMINISTRATOR, must_change=True)
    house.tokens["fresh"] = (await house.log_in("fresh")).body["token"]
    for number, endpoint in enumerate(GUARDED):
        if name_of(endpoint) == "log_out":
            continue
        answer = await try_out(house, endpoint, number, by="fresh")
        if endpoint.before_password_change:
            assert answer.status not in (401, 403), answer.body
        else:
            assert (answer.status, answer.code) == (403, "password_must_change")
    opens = {name_of(endpoint) for endpoint in GUARDED if endpoint.before_password_change}
    assert opens == {"me", "log_out", "change_own_password"}


async def test_another_site_s_page_changes_nothing(house: House) -> None:
    cookie = {"Cookie": f"callcenter_session={house.tokens['wichai']}"}
    for number, endpoint in enumerate(GUARDED):
        if endpoint.method == "GET" or name_of(endpoint) == "log_out":
            continue
        foreign = {**cookie, "Origin": "https://evil.example"}
        refused = await try_out(house, endpoint, number, headers=foreign)
        assert (refused.status, refused.code) == (403, "wrong_origin"), name_of(endpoint)
        own = {**cookie, "Origin": house.url}
        answer = await try_out(house, endpoint, number, headers=own)
        refused_for_another = answer.status == 403 and answer.code == "not_allowed"
        assert refused_for_another == (name_of(endpoint) in ONLY_OWN), answer.body
        assert answer.status != 403 or refused_for_another, (name_of(endpoint), answer.body)
