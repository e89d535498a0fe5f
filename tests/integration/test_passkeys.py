"""Passkeys: added, asked for, refused for another page, another person and a second time, lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.people import Role
from tests.integration.authenticator import Authenticator
from tests.integration.house import PASSWORD, Answer, House, opened

OWN = "/api/v1/me/passkeys"
FACTOR = "/api/v1/me/second-factor"
HOST = "localhost"


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest.fixture
async def house(
    engine: AsyncEngine, tmp_path: Path, settings: dict[str, Any]
) -> AsyncIterator[House]:
    async with opened(engine, tmp_path, **settings) as house:
        yield house


def device(house: House, **more: Any) -> Authenticator:
    """A new key, used at this house's own page."""
    return Authenticator(**{"host": HOST, "origin": origin(house)} | more)


def origin(house: House) -> str:
    return house.url.replace("127.0.0.1", HOST)


async def asks(house: House, method: str, path: str, body: object = None, **how: Any) -> Answer:
    """One request, as a browser sends it that has the page open by its name."""
    name = {"Host": origin(house).removeprefix("http://")}
    return await house.ask(method, path, body, headers=name, **how)


async def adds(house: House, name: str, key: Authenticator, **present: Any) -> list[str]:
    """The person adds that key; the recovery codes."""
    offer = await asks(house, "POST", f"{OWN}/offer", {"password": PASSWORD, **present}, by=name)
    assert offer.status == 200, offer.body
    added = await asks(house, "POST", OWN, key.made(offer.body["challenge"]), by=name)
    assert added.status == 201, added.body
    codes: list[str] = added.body["recovery_codes"]
    return codes


async def challenge(house: House, name: str) -> str:
    """What a key must sign for a log-in."""
    answer = await asks(
        house, "POST", "/api/v1/sessions/challenge", {"name": name, "password": PASSWORD}
    )
    assert answer.status == 200, answer.body
    return str(answer.body["challenge"])


async def enters(house: House, name: str, **factor: object) -> Answer:
    body = {"name": name, "password": PASSWORD, **factor}
    return await asks(house, "POST", "/api/v1/sessions", body)


async def test_with_a_passkey_the_password_alone_lets_nobody_in(house: House) -> None:
    thief = await house.person("somchai")
    house.tokens["thief"] = thief
    house.tokens["somchai"] = (await house.log_in("somchai")).body["token"]
    key = device(house)
    assert len(await adds(house, "somchai", key)) == 10
    assert (await house.ask("GET", "/api/v1/me", by="thief")).code == "not_logged_in"
    assert (await enters(house, "somchai")).code == "second_factor_needed"
    asked = await asks(
        house, "POST", "/api/v1/sessions/challenge", {"name": "somchai", "password": PASSWORD}
    )
    assert (asked.body["host"], len(asked.body["passkeys"]), asked.body["app"]) == (HOST, 1, False)
    answer = key.answer(asked.body["challenge"])
    assert (await enters(house, "somchai", passkey=answer)).status == 201
    listed = await asks(house, "GET", OWN, by="somchai")
    assert [(each["name"], each["host"]) for each in listed.body["passkeys"]] == [("my key", HOST)]
    assert listed.body["passkeys"][0]["used_at"] is not None
    people = await house.ask("GET", "/api/v1/accounts", by="command-line")
    assert [each["second_factor"] for each in people.body["accounts"]] == [True]
    audit = await house.ask("GET", "/api/v1/audit?action=second_factor", by="command-line")
    assert [e["action"] for e in audit.body["entries"]] == ["second_factor.passkey_added"]


async def test_an_answer_counts_once_also_for_two_at_the_same_time(house: House) -> None:
    await house.person("somchai")
    key = device(house)
    await adds(house, "somchai", key)
    answer = key.answer(await challenge(house, "somchai"))
    answers = await asyncio.gather(*(enters(house, "somchai", passkey=answer) for _ in range(3)))
    assert sorted(each.status for each in answers) == [201, 422, 422]
    assert (await enters(house, "somchai", passkey=answer)).code == "wrong_passkey"
    refused = await house.ask("GET", "/api/v1/audit?action=session.refused", by="command-line")
    assert len(refused.body["entries"]) == 3


async def test_a_page_of_another_origin_or_host_is_refused(house: House) -> None:
    await house.person("somchai")
    key = device(house)
    await adds(house, "somchai", key)
    own = key.origin
    for other in ("https://evil.example", own.replace("http", "https"), f"{own}0"):
        key.origin = other
        answer = key.answer(await challenge(house, "somchai"))
        assert (await enters(house, "somchai", passkey=answer)).code == "wrong_passkey", other
    key.origin, key.host = own, "evil.example"
    answer = key.answer(await challenge(house, "somchai"))
    assert (await enters(house, "somchai", passkey=answer)).code == "wrong_passkey"
    key.host = HOST
    house.hands.moved_seconds += 301
    answer = key.answer(await challenge(house, "somchai"))
    elsewhere = await house.ask(  # by the number instead of the name
        "POST", "/api/v1/sessions", {"name": "somchai", "password": PASSWORD, "passkey": answer}
    )
    assert elsewhere.code == "wrong_passkey"
    strange = device(house, origin="https://evil.example")
    body = {"password": PASSWORD, "passkey": key.answer((await _asked(house)).body["challenge"])}
    offer = await asks(house, "POST", f"{OWN}/offer", body, by="somchai")
    made = strange.made(offer.body["challenge"])
    assert (await asks(house, "POST", OWN, made, by="somchai")).code == "wrong_passkey"


async def _asked(house: House, name: str = "somchai") -> Answer:
    return await asks(house, "POST", f"{OWN}/challenge", by=name)


async def test_a_copied_key_counts_less_and_is_refused(house: House) -> None:
    await house.person("somchai")
    key = device(house)
    await adds(house, "somchai", key)
    copied = device(house, id=key.id, key=key.key)
    for _ in range(3):
        answer = key.answer(await challenge(house, "somchai"))
        assert (await enters(house, "somchai", passkey=answer)).status == 201
    answer = copied.answer(await challenge(house, "somchai"))
    assert (await enters(house, "somchai", passkey=answer)).code == "wrong_passkey"
    without = device(house, id=key.id, key=key.key, count=0)
    answer = without.answer(await challenge(house, "somchai"))
    assert (await enters(house, "somchai", passkey=answer)).code == "wrong_passkey"


async def test_a_key_that_does_not_count_is_good_every_time(house: House) -> None:
    await house.person("somchai")
    key = device(house)
    await adds(house, "somchai", key)
    for _ in range(2):
        key.count = 0
        answer = key.answer(await challenge(house, "somchai"))
        assert (await enters(house, "somchai", passkey=answer)).status == 201


async def test_another_persons_key_and_challenge_are_refused(house: House) -> None:
    await house.person("somchai")
    await house.person("malee")
    his, hers, strange = device(house), device(house), device(house)
    await adds(house, "somchai", his)
    await adds(house, "malee", hers)
    for key in (hers, strange, device(house, id=his.id)):
        answer = key.answer(await challenge(house, "somchai"))
        assert (await enters(house, "somchai", passkey=answer)).code == "wrong_passkey"
    for question in (
        await challenge(house, "malee"),
        "AAAA",
        (await _offered(house, "somchai", his)).body["challenge"],
    ):
        answer = his.answer(question)
        assert (await enters(house, "somchai", passkey=answer)).code == "wrong_passkey"
        house.hands.moved_seconds += 301
    late = his.answer(await challenge(house, "somchai"))
    house.hands.moved_seconds += 181
    assert (await enters(house, "somchai", passkey=late)).code == "wrong_passkey"
    garbage = dict.fromkeys(("id", "client_data", "authenticator_data", "signature"), "_-8")
    assert (await enters(house, "somchai", passkey=garbage)).code == "wrong_passkey"
    house.hands.moved_seconds += 301
    again = hers.made((await _offered(house, "somchai", his)).body["challenge"])
    assert (await asks(house, "POST", OWN, again, by="somchai")).code == "passkey_exists"


async def _offered(house: House, name: str, key: Authenticator) -> Answer:
    present = {"passkey": key.answer((await _asked(house, name)).body["challenge"])}
    body = {"password": PASSWORD, **present}
    offer = await asks(house, "POST", f"{OWN}/offer", body, by=name)
    assert offer.status == 200, offer.body
    return offer


async def test_the_password_alone_adds_no_key_and_removes_none(house: House) -> None:
    await house.person("somchai")
    key = device(house)
    codes = await adds(house, "somchai", key)
    alone = {"password": PASSWORD}
    number = (await asks(house, "GET", OWN, by="somchai")).body["passkeys"][0]["id"]
    for path in (f"{OWN}/offer", FACTOR, f"{FACTOR}/removal", f"{OWN}/{number}/removal"):
        assert (await asks(house, "POST", path, alone, by="somchai")).code == "wrong_code", path
    second = device(house)
    assert await adds(house, "somchai", second, code=codes[0]) == []
    right = {**alone, "passkey": second.answer((await _asked(house)).body["challenge"])}
    gone = await asks(house, "POST", f"{OWN}/{number}/removal", right, by="somchai")
    assert gone.status == 204
    answer = key.answer(await challenge(house, "somchai"))
    assert (await enters(house, "somchai", passkey=answer)).code == "wrong_passkey"
    about = await asks(house, "GET", FACTOR, by="somchai")
    assert (about.body["passkeys"], about.body["recovery_codes_left"]) == (1, 9)
    right = {**alone, "code": codes[1]}
    missing = await asks(house, "POST", f"{OWN}/{number}/removal", right, by="somchai")
    assert missing.code == "unknown_passkey"
    number = (await asks(house, "GET", OWN, by="somchai")).body["passkeys"][0]["id"]
    right = {**alone, "code": codes[2]}
    last = await asks(house, "POST", f"{OWN}/{number}/removal", right, by="somchai")
    assert last.status == 204
    about = await asks(house, "GET", FACTOR, by="somchai")
    assert (about.body["passkeys"], about.body["recovery_codes_left"]) == (0, 0)
    assert (await house.log_in("somchai")).status == 201


async def test_an_administrator_takes_all_factors_off(house: House) -> None:
    await house.person("somchai")
    codes = await adds(house, "somchai", device(house))
    path = "/api/v1/accounts/somchai/second-factor"
    assert (await house.ask("DELETE", path, by="somchai")).code == "not_allowed"
    assert (await house.ask("DELETE", path, by="command-line")).status == 204
    assert (await house.ask("GET", "/api/v1/me", by="somchai")).code == "not_logged_in"
    assert (await house.log_in("somchai")).status == 201
    assert codes
    audit = await house.ask("GET", "/api/v1/audit?action=second_factor", by="command-line")
    assert audit.body["entries"][0]["action"] == "second_factor.reset"


@pytest.mark.parametrize("settings", [{"second_factor_roles": "supervisor"}])
async def test_a_passkey_is_enough_for_a_role_that_needs_a_factor(house: House) -> None:
    await house.person("malee", Role.SUPERVISOR)
    assert (await house.ask("GET", "/api/v1/queues", by="malee")).code == "second_factor_must"
    await adds(house, "malee", device(house))
    assert (await house.ask("GET", "/api/v1/queues", by="malee")).status == 200


async def test_there_is_a_limit_of_keys_and_of_tries(house: House) -> None:
    await house.person("somchai")
    codes = await adds(house, "somchai", device(house))
    for code in codes[:9]:
        await adds(house, "somchai", device(house), code=code)
    body = {"password": PASSWORD, "code": codes[9]}
    more = await asks(house, "POST", f"{OWN}/offer", body, by="somchai")
    assert more.code == "too_many_passkeys"
    strange = device(house)
    tries = [
        await enters(house, "somchai", passkey=strange.answer(await challenge(house, "somchai")))
        for _ in range(6)
    ]
    assert [each.code for each in tries] == [*["wrong_passkey"] * 5, "too_many_attempts"]
