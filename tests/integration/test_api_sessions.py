"""Logging in and out, expiry, limits on attempts, and one's own password, over HTTP."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import CallerLeft
from callcenter.core.ids import CallId
from callcenter.ports.people import Role
from callcenter.storage.accounts import AccountsInPostgres
from callcenter.web.accounts import first_administrator
from tests.integration.house import PASSWORD, QUICK, House, opened
from tests.integration.test_call_quality import talks

COOKIE = "callcenter_session"


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest.fixture
async def house(
    engine: AsyncEngine, tmp_path: Path, settings: dict[str, Any]
) -> AsyncIterator[House]:
    async with opened(engine, tmp_path, **settings) as house:
        yield house


async def test_a_session_begins_with_the_password_and_ends_with_log_out(house: House) -> None:
    await house.person("somchai")
    me = await house.ask("GET", "/api/v1/me", by="somchai")
    assert me.body == {
        "name": "somchai",
        "role": "operator",
        "must_change": False,
        "must_add_factor": False,
    }
    assert (await house.ask("DELETE", "/api/v1/sessions/current", by="somchai")).status == 204
    gone = await house.ask("GET", "/api/v1/me", by="somchai")
    assert (gone.status, gone.code) == (401, "not_logged_in")
    assert gone.headers["WWW-Authenticate"].startswith("Bearer")
    assert gone.headers["Content-Type"].startswith("application/problem+json")


async def test_only_the_hash_of_a_token_is_kept(house: House, engine: AsyncEngine) -> None:
    token = await house.person("somchai")
    async with engine.connect() as connection:
        (row,) = (await connection.execute(text("select * from sessions"))).all()
    assert token not in str(row)
    assert token.encode() not in row.token_hash


@pytest.mark.parametrize("settings", [{"session_idle_seconds": 100.0}])
async def test_an_unused_session_ends_and_a_used_one_goes_on(house: House) -> None:
    await house.person("used")
    await house.person("idle")
    for _ in range(4):
        house.hands.moved_seconds += 60
        assert (await house.ask("GET", "/api/v1/me", by="used")).status == 200
    assert (await house.ask("GET", "/api/v1/me", by="idle")).code == "not_logged_in"


@pytest.mark.parametrize("settings", [{"session_absolute_seconds": 500.0}])
async def test_every_session_ends_at_last(house: House) -> None:
    await house.person("somchai")
    for _ in range(5):
        house.hands.moved_seconds += 99
        assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 200
    house.hands.moved_seconds += 99
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 401


@pytest.mark.parametrize(
    "settings", [{"session_absolute_seconds": 500.0}, {"session_idle_seconds": 400.0}]
)
async def test_no_session_ends_in_a_call(house: House) -> None:
    """Twelve hours may be over in the middle of a talk."""
    await house.operator("somchai")
    await house.person("somchai")
    await house.person("malee", Role.SUPERVISOR)
    await talks(house)
    house.hands.moved_seconds += 600
    assert await house.shared.logins.forget_expired() == 1  # Malee's
    assert (await house.ask("GET", "/api/v1/me", by="malee")).status == 401
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 200
    house.hands.moved_seconds += 600
    assert await house.shared.logins.forget_expired() == 0
    await house.pump.put_and_wait(CallerLeft(call=CallId("c1")))
    for _ in range(2):  # what is to be written down after it
        house.hands.moved_seconds += 60
        await house.ask("POST", "/api/v1/operators/somchai/resume", by="command-line")
    assert await house.shared.logins.forget_expired() == 1
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 401


async def test_expired_sessions_are_removed_for_good(house: House, engine: AsyncEngine) -> None:
    await house.person("somchai")
    house.hands.moved_seconds += 3_601
    await house.person("malee")
    assert await house.shared.logins.forget_expired() == 1
    async with engine.connect() as connection:
        assert await connection.scalar(text("select account from sessions")) == "malee"


@pytest.mark.parametrize(
    "settings", [{"login_attempts_account": 3, "login_refill_account_seconds": 60.0}]
)
async def test_wrong_passwords_are_limited_per_account_and_address(house: House) -> None:
    await house.account("somchai", Role.OPERATOR)
    await house.account("malee", Role.OPERATOR)
    for _ in range(3):
        assert (await house.log_in("somchai", "wrong")).code == "wrong_credentials"
    refused = await house.log_in("somchai")
    assert (refused.status, refused.code) == (429, "too_many_attempts")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert (await house.log_in("malee")).status == 201
    house.hands.moved_seconds += int(refused.headers["Retry-After"])
    assert (await house.log_in("somchai")).status == 201


@pytest.mark.parametrize("settings", [{"web_proxy": True}])
async def test_nobody_else_s_wrong_passwords_lock_the_owner_out(house: House) -> None:
    """Neither ten from one address, nor a thousand from many, if the owner was here before."""

    async def tries(address: str, password: str) -> int:
        body = {"name": "somchai", "password": password}
        headers = {"X-Forwarded-For": address}
        return (await house.ask("POST", "/api/v1/sessions", body, headers=headers)).status

    await house.account("somchai", Role.OPERATOR)
    assert [await tries("203.0.113.9", "wrong") for _ in range(11)] == [401] * 10 + [429]
    assert await tries("203.0.113.9", PASSWORD) == 429
    assert await tries("198.51.100.7", PASSWORD) == 201
    statuses = [await tries(f"203.0.113.{number // 10 + 20}", "wrong") for number in range(150)]
    assert statuses[-1] == 429  # the account as a whole has a limit, too
    assert await tries("198.51.100.8", PASSWORD) == 429
    assert await tries("198.51.100.7", "mistyped") == 401
    assert await tries("198.51.100.7", PASSWORD) == 201


@pytest.mark.parametrize(
    "settings", [{"login_attempts_address": 4, "login_refill_address_seconds": 3600.0}]
)
async def test_guesses_for_many_names_are_limited_per_address(house: House) -> None:
    answers = [await house.log_in(f"name{n}", "wrong") for n in range(5)]
    assert [answer.status for answer in answers] == [401, 401, 401, 401, 429]


@pytest.mark.parametrize("settings", [{"login_attempts_account": 2}])
async def test_right_passwords_are_never_limited(house: House) -> None:
    await house.account("somchai", Role.OPERATOR)
    for _ in range(5):
        assert (await house.log_in("somchai")).status == 201


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(house: House) -> None:
    await house.account("somchai", Role.OPERATOR)
    await house.account("malee", Role.OPERATOR)
    await house.shared.accounts.set_disabled("malee", True)
    known, unknown = await house.log_in("somchai", "wrong"), await house.log_in("nobody", "wrong")
    disabled = await house.log_in("malee")
    assert known.body == unknown.body == disabled.body
    assert known.status == 401


async def test_a_refused_log_in_is_written_down_without_what_was_typed(house: House) -> None:
    await house.account("somchai", Role.OPERATOR)
    await house.log_in("somchai", "wrong")
    await house.log_in("my-secret-password", "wrong")
    audit = await house.ask("GET", "/api/v1/audit", by="command-line")
    refused = [entry for entry in audit.body["entries"] if entry["action"] == "session.refused"]
    assert [entry["about"] for entry in refused] == ["no such account", "somchai"]
    assert {entry["who"] for entry in refused} == {"nobody"}


async def test_an_unknown_name_costs_a_whole_password_check(house: House) -> None:
    await house.account("somchai", Role.OPERATOR)

    async def seconds(name: str) -> float:
        begun = time.process_time()
        await house.shared.logins.passwords.check(await _hash_of(house, name), "wrong password")
        return time.process_time() - begun

    known = min([await seconds("somchai") for _ in range(5)])
    unknown = min([await seconds("nobody") for _ in range(5)])
    assert unknown > known / 3


async def _hash_of(house: House, name: str) -> str | None:
    account = await house.shared.accounts.account(name)
    return account.password_hash if account else None


async def test_a_disabled_account_is_out_at_once(house: House) -> None:
    await house.person("somchai")
    await house.person("boss", Role.ADMINISTRATOR)
    path = "/api/v1/accounts/somchai/disabled"
    assert (await house.ask("PUT", path, {"disabled": True}, by="boss")).status == 200
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).status == 401
    assert (await house.log_in("somchai")).status == 401
    assert (await house.ask("PUT", path, {"disabled": False}, by="boss")).status == 200
    assert (await house.log_in("somchai")).status == 201


async def test_a_one_time_password_opens_nothing_but_the_choice_of_ones_own(house: House) -> None:
    await house.person("boss", Role.ADMINISTRATOR)
    added = await house.ask(
        "POST", "/api/v1/accounts", {"name": "malee", "role": "supervisor"}, by="boss"
    )
    assert added.status == 201
    once = added.body["one_time_password"]
    entered = await house.log_in("malee", once)
    house.tokens["malee"] = entered.body["token"]
    assert entered.body["me"]["must_change"] is True
    refused = await house.ask("GET", "/api/v1/operators", by="malee")
    assert (refused.status, refused.code) == (403, "password_must_change")
    chosen = {"present": once, "new": "ดอกมะลิบานตอนเย็น"}
    assert (await house.ask("PUT", "/api/v1/me/password", chosen, by="malee")).status == 204
    assert (await house.ask("GET", "/api/v1/me", by="malee")).status == 401
    assert (await house.log_in("malee", once)).status == 401
    again = await house.log_in("malee", chosen["new"])
    assert again.body["me"] == {
        "name": "malee",
        "role": "supervisor",
        "must_change": False,
        "must_add_factor": False,
    }


async def test_an_old_one_time_password_is_void(house: House) -> None:
    await house.account("malee", Role.OPERATOR, must_change=True)
    house.hands.moved_seconds += 8 * 86_400
    assert "too old" in (await house.log_in("malee")).body["detail"]


@pytest.mark.parametrize(
    "new", ["short", "somchai-somchai", "aaaaaaaaaaaaaaaa", PASSWORD, "x" * 201]
)
async def test_weak_passwords_are_refused_with_the_reason(house: House, new: str) -> None:
    await house.person("somchai")
    body = {"present": PASSWORD, "new": new}
    refused = await house.ask("PUT", "/api/v1/me/password", body, by="somchai")
    assert refused.status == 422
    assert refused.code in ("weak_password", "invalid")
    assert (await house.log_in("somchai")).status == 201


async def test_the_present_password_is_needed_for_a_new_one(house: House) -> None:
    await house.person("somchai")
    body = {"present": "not this one at all", "new": "another good password"}
    refused = await house.ask("PUT", "/api/v1/me/password", body, by="somchai")
    assert (refused.status, refused.code) == (422, "wrong_password")


async def test_a_cookie_is_for_this_site_alone(house: House) -> None:
    await house.account("somchai", Role.OPERATOR)
    entered = await house.log_in("somchai")
    cookie = entered.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    sent = {"Cookie": cookie.split("; ")[0]}
    assert (await house.ask("GET", "/api/v1/me", headers=sent)).status == 200
    log_out = ("DELETE", "/api/v1/sessions/current")
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        refused = await house.ask(*log_out, headers={**sent, **origin})
        assert (refused.status, refused.code) == (403, "wrong_origin")
    own = {"Origin": house.url}
    left = await house.ask(*log_out, headers={**sent, **own})
    assert left.status == 204
    assert "Max-Age=0" in left.headers["Set-Cookie"]


@pytest.mark.parametrize("settings", [{"web_https": True}])
async def test_behind_https_the_cookie_is_never_sent_in_the_clear(house: House) -> None:
    await house.account("somchai", Role.OPERATOR)
    entered = await house.log_in("somchai")
    assert "Secure" in entered.headers["Set-Cookie"].split("; ")
    assert "Strict-Transport-Security" in entered.headers


async def test_the_first_administrator_is_made_once(engine: AsyncEngine, house: House) -> None:
    accounts, now = AccountsInPostgres(engine), house.hands.wall()
    made = await first_administrator(accounts, house.shared.logins.passwords, now)
    assert made is not None
    assert await first_administrator(accounts, house.shared.logins.passwords, now) is None
    entered = await house.log_in("admin", made)
    assert entered.body["me"] == {
        "name": "admin",
        "role": "administrator",
        "must_change": True,
        "must_add_factor": False,
    }


async def test_a_session_outlives_a_database_that_is_away(
    house: House, engine: AsyncEngine, postgres: Any
) -> None:
    await house.operator("somchai")
    await house.person("somchai")
    await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="somchai")
    postgres.stop()
    try:
        house.hands.moved_seconds += 30
        pause = {"reason": "lunch"}
        paused = await house.ask("POST", "/api/v1/operators/somchai/pause", pause, by="somchai")
        assert (paused.status, paused.body["state"]) == (200, "paused")
        refused = await house.log_in("somchai")
        assert (refused.status, refused.code) == (503, "database_away")
        assert "Retry-After" in refused.headers
    finally:
        postgres.start()  # not in a thread: PostgreSQL ends with the thread that started it


async def test_damaged_hashes_are_a_fault_of_ours_and_not_of_the_password(
    house: House, engine: AsyncEngine
) -> None:
    await house.account("somchai", Role.OPERATOR)
    async with engine.begin() as connection:
        await connection.execute(text("update accounts set password_hash = 'x'"))
    answer = await house.log_in("somchai")
    assert (answer.status, answer.code) == (500, "internal")
    assert "argon2" not in str(answer.body)


def test_the_tests_use_the_real_kind_of_hash() -> None:
    assert QUICK.hash("x").startswith("$argon2id$")
