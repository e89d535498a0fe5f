"""A second factor: an app is added, asked for, lost; codes count once; a role may need one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from callcenter.web import one_time_codes
from tests.integration.house import PASSWORD, Answer, House, opened

FACTOR = "/api/v1/me/second-factor"


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest.fixture
async def house(
    engine: AsyncEngine, tmp_path: Path, settings: dict[str, Any]
) -> AsyncIterator[House]:
    async with opened(engine, tmp_path, **settings) as house:
        yield house


def shown(house: House, secret: str, *, steps: int = 0) -> str:
    """What the app shows now (or some steps later)."""
    step = one_time_codes.step_of(house.hands.wall().timestamp()) + steps
    return one_time_codes.code(secret, step)


async def adds(house: House, name: str) -> tuple[str, list[str]]:
    """The person adds an app: its secret, and the recovery codes."""
    begun = await house.ask("POST", FACTOR, {"password": PASSWORD}, by=name)
    assert begun.status == 201, begun.body
    secret = begun.body["secret"]
    kept = await house.ask("PUT", FACTOR, {"code": shown(house, secret)}, by=name)
    assert kept.status == 200, kept.body
    house.hands.moved_seconds += 60  # that code is used
    return secret, kept.body["recovery_codes"]


async def enters(house: House, name: str, code: str | None, password: str = PASSWORD) -> Answer:
    """A log-in with a code."""
    body = {"name": name, "password": password, "code": code}
    return await house.ask("POST", "/api/v1/sessions", body)


async def test_with_an_app_the_password_alone_lets_nobody_in(house: House) -> None:
    await house.person("somchai")
    secret, _ = await adds(house, "somchai")
    without = await enters(house, "somchai", None)
    assert (without.status, without.code) == (401, "second_factor_needed")
    wrong = await enters(house, "somchai", "000000", "not the password")
    assert wrong.code == "wrong_credentials"  # the code is not even looked at
    assert (await enters(house, "somchai", shown(house, secret))).status == 201
    about = await house.ask("GET", FACTOR, by="somchai")
    assert (about.body["required"], about.body["recovery_codes_left"]) == (False, 10)
    assert about.body["since"] is not None
    listed = await house.ask("GET", "/api/v1/accounts", by="command-line")
    assert [each["second_factor"] for each in listed.body["accounts"]] == [True]


async def test_a_code_counts_once_also_for_two_at_the_same_time(house: House) -> None:
    await house.person("somchai")
    secret, _ = await adds(house, "somchai")
    code = shown(house, secret)
    answers = await asyncio.gather(*(enters(house, "somchai", code) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [201, 422, 422]
    house.hands.moved_seconds += 31
    assert (await enters(house, "somchai", code)).code == "wrong_code"
    assert (await enters(house, "somchai", shown(house, secret))).status == 201


async def test_a_recovery_code_is_good_for_one_log_in(house: House, engine: AsyncEngine) -> None:
    await house.person("somchai")
    _, codes = await adds(house, "somchai")
    async with engine.connect() as connection:
        row = (await connection.execute(text("select * from accounts"))).one()
    assert codes[0] not in str(row)
    answers = await asyncio.gather(*(enters(house, "somchai", codes[0].upper()) for _ in range(2)))
    assert sorted(answer.status for answer in answers) == [201, 422]
    about = await house.ask("GET", FACTOR, by="somchai")
    assert about.body["recovery_codes_left"] == 9


async def test_codes_cannot_be_tried_one_after_the_other(house: House) -> None:
    await house.person("somchai")
    secret, _ = await adds(house, "somchai")
    for n in range(5):
        assert (await enters(house, "somchai", f"{n}{n}{n}xyz")).code == "wrong_code"
    waits = await enters(house, "somchai", shown(house, secret))
    assert (waits.status, waits.code) == (429, "too_many_attempts")
    house.hands.moved_seconds += 301
    assert (await enters(house, "somchai", shown(house, secret))).status == 201
    audit = await house.ask("GET", "/api/v1/audit?action=session.refused", by="command-line")
    assert len(audit.body["entries"]) == 5


async def test_a_new_app_counts_from_its_first_code_on(house: House) -> None:
    await house.person("somchai")
    old, _ = await adds(house, "somchai")
    wrong = await house.ask("POST", FACTOR, {"password": "not this one"}, by="somchai")
    assert wrong.code == "wrong_password"
    right = {"password": PASSWORD, "code": shown(house, old)}
    begun = await house.ask("POST", FACTOR, right, by="somchai")
    new = begun.body["secret"]
    house.hands.moved_seconds += 60
    refused = await house.ask("PUT", FACTOR, {"code": "000 000"}, by="somchai")
    assert refused.code == "wrong_code"
    assert (await enters(house, "somchai", shown(house, old))).status == 201
    kept = await house.ask("PUT", FACTOR, {"code": shown(house, new)}, by="somchai")
    assert kept.status == 200
    house.hands.moved_seconds += 60
    assert (await enters(house, "somchai", shown(house, old))).code == "wrong_code"
    assert (await enters(house, "somchai", shown(house, new))).status == 201


async def test_it_is_taken_off_with_the_password_or_by_an_administrator(house: House) -> None:
    await house.person("somchai")
    secret, _ = await adds(house, "somchai")
    right = {"password": PASSWORD, "code": shown(house, secret)}
    off = await house.ask("POST", f"{FACTOR}/removal", right, by="somchai")
    assert off.status == 204
    assert (await house.log_in("somchai")).status == 201
    await adds(house, "somchai")
    path = "/api/v1/accounts/somchai/second-factor"
    assert (await house.ask("DELETE", path, by="somchai")).code == "not_allowed"
    assert (await house.ask("DELETE", path, by="command-line")).status == 204
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).code == "not_logged_in"
    assert (await house.log_in("somchai")).status == 201


@pytest.mark.parametrize("settings", [{"second_factor_roles": "administrator, supervisor"}])
async def test_a_role_that_needs_one_may_do_nothing_else_before(house: House) -> None:
    await house.person("somchai")
    assert (await house.ask("GET", "/api/v1/queues", by="somchai")).status == 200
    await house.person("malee", Role.SUPERVISOR)
    me = await house.ask("GET", "/api/v1/me", by="malee")
    assert me.body["must_add_factor"]
    refused = await house.ask("GET", "/api/v1/queues", by="malee")
    assert (refused.status, refused.code) == (403, "second_factor_must")
    await adds(house, "malee")
    assert (await house.ask("GET", "/api/v1/queues", by="malee")).status == 200
    assert not (await house.ask("GET", "/api/v1/me", by="malee")).body["must_add_factor"]


async def test_the_password_alone_changes_no_app_and_takes_none_off(house: House) -> None:
    await house.person("somchai")
    secret, codes = await adds(house, "somchai")
    used = shown(house, secret)
    assert (await enters(house, "somchai", used)).status == 201
    for path in (FACTOR, f"{FACTOR}/removal"):
        for code in (None, "000000", used, "abcd-efgh-jkmn-pqrs"):
            body = {"password": PASSWORD, "code": code}
            refused = await house.ask("POST", path, body, by="somchai")
            assert (refused.status, refused.code) == (422, "wrong_code"), (path, code)
            house.hands.moved_seconds += 301
    assert (await house.ask("PUT", FACTOR, {"code": used}, by="somchai")).code == "no_second_factor"
    lost = {"password": PASSWORD, "code": codes[0]}
    assert (await house.ask("POST", FACTOR, lost, by="somchai")).status == 201
    assert (await house.ask("POST", f"{FACTOR}/removal", lost, by="somchai")).code == "wrong_code"


async def test_who_was_logged_in_without_the_app_is_out_when_it_is_added(house: House) -> None:
    thief = await house.person("somchai")
    owner = (await house.log_in("somchai")).body["token"]
    house.tokens["somchai"] = owner
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 200
    await adds(house, "somchai")
    house.tokens["thief"] = thief
    assert (await house.ask("GET", "/api/v1/me", by="thief")).code == "not_logged_in"
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 200
