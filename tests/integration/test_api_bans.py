"""Bans by the API: listed, made by hand, lifted, and written down."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ari.bans import Bans
from tests.integration.house import House, opened

BY = "command-line"


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(engine, tmp_path) as house:
        yield house


async def listed(house: House) -> list[tuple[str, bool]]:
    answer = await house.ask("GET", "/api/v1/bans", by=BY)
    assert answer.status == 200
    return [(ban["address"], ban["by_hand"]) for ban in answer.body["bans"]]


async def test_a_ban_is_made_listed_lifted_and_audited(house: House) -> None:
    bans = house.shared.bans
    assert isinstance(bans, Bans)
    bans.ban_guesser(ip_network("2001:db8:0:1::/64"))
    body = {"address": "198.51.100.7/24", "seconds": 3600}
    made = await house.ask("POST", "/api/v1/bans", body, by=BY)
    assert (made.status, made.body["address"]) == (201, "198.51.100.0/24")
    assert await listed(house) == [("2001:db8:0:1::/64", False), ("198.51.100.0/24", True)]
    for address in ("198.51.100.0%2F24", "2001:db8:0:1::%2F64"):
        lifted = await house.ask("DELETE", f"/api/v1/bans/{address}", by=BY)
        assert lifted.status == 204, lifted.body
        again = await house.ask("DELETE", f"/api/v1/bans/{address}", by=BY)
        assert (again.status, again.code) == (404, "unknown_ban")
    assert await listed(house) == []
    audit = await house.ask("GET", "/api/v1/audit", by=BY)
    told = [(entry["action"], entry["about"]) for entry in audit.body["entries"]]
    assert told[:3] == [
        ("ban.lifted", "2001:db8:0:1::/64"),
        ("ban.lifted", "198.51.100.0/24"),
        ("ban.added", "198.51.100.0/24"),
    ]


async def test_a_ban_ends_by_itself(house: House) -> None:
    body = {"address": "192.0.2.66", "seconds": 60}
    assert (await house.ask("POST", "/api/v1/bans", body, by=BY)).status == 201
    house.hands.moved_seconds += 61
    assert await listed(house) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"address": "127.0.0.1"}, 409, "no_ban"),
        ({"address": "0.0.0.0/0"}, 409, "no_ban"),
        ({"address": "::ffff:127.0.0.1"}, 409, "no_ban"),
        ({"address": "::ffff:0.0.0.0/96"}, 409, "no_ban"),
        ({"address": "1.2.3.4.5"}, 422, "invalid"),
        ({"address": "192.0.2.66\ndeny = 0.0.0.0"}, 422, "invalid"),
        ({"address": "example.go.th"}, 422, "invalid"),
        ({"address": "192.0.2.66", "seconds": 1}, 422, "invalid"),
        ({"address": "192.0.2.66", "seconds": 1e9}, 422, "invalid"),
    ],
)
async def test_what_is_no_ban_is_refused(
    house: House, body: object, status: int, code: str
) -> None:
    answer = await house.ask("POST", "/api/v1/bans", body, by=BY)
    assert (answer.status, answer.code) == (status, code)
    assert await listed(house) == []


@pytest.mark.parametrize(
    "ban", ["192.0.2.67", "1.2.3.4.5", "192.0.2.66%2F99", "x", "..", "%2e%2e%2fx"]
)
async def test_what_is_no_ban_is_not_lifted(house: House, ban: str) -> None:
    answer = await house.ask("DELETE", f"/api/v1/bans/{ban}", by=BY)
    assert answer.status in (404, 405, 422)


async def test_an_address_of_ipv4_is_one_however_it_is_written(house: House) -> None:
    """Asterisk compares it with IPv4 lines alone: the other writing would ban nobody."""
    made = await house.ask("POST", "/api/v1/bans", {"address": "::ffff:192.0.2.66"}, by=BY)
    assert (made.status, made.body["address"]) == (201, "192.0.2.66")
    lifted = await house.ask("DELETE", "/api/v1/bans/::ffff:192.0.2.66", by=BY)
    assert lifted.status == 204
