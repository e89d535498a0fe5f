"""The phone in the browser: its password, its one window, and its SIP on the way to Asterisk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import WSCloseCode, web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import PhoneLost
from callcenter.ports.people import DatabaseAwayError
from callcenter.web.operators import sip_carrier
from callcenter.web.operators.sip_carrier import NOT_YOURS, USED_ELSEWHERE
from tests.integration.house import PASSWORD, House, opened
from tests.people import until

OWN = "REGISTER sip:asterisk SIP/2.0\r\nFrom: <sip:op-somchai@asterisk>;tag=1\r\n\r\n"
OTHERS = "REGISTER sip:asterisk SIP/2.0\r\nFrom: <sip:op-malee@asterisk>;tag=1\r\n\r\n"
PATH = "/api/v1/operators/somchai/browser-phone"


class FarEnd:
    """Asterisk's websocket: keeps what comes, and says what it is told to."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.open: list[web.WebSocketResponse] = []

    async def answer(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        self.open.append(socket)
        async for message in socket:
            self.heard.append(message.data)
        self.open.remove(socket)
        return socket


@pytest.fixture
async def asterisk() -> AsyncIterator[FarEnd]:
    far_end, app = FarEnd(), web.Application()
    app.router.add_get("/ws", far_end.answer)
    async with TestServer(app, port=18379) as _:
        yield far_end


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path, asterisk: FarEnd) -> AsyncIterator[House]:
    async with opened(engine, tmp_path, ari_url="http://127.0.0.1:18379/ari") as house:
        await house.operator("somchai")
        await house.person("somchai")
        yield house


async def claims(house: House, window: str, *, take: bool = False) -> tuple[int, str]:
    """A window asks to be the phone: the status, and the code of the problem or the password."""
    answer = await house.ask("PUT", PATH, {"window": window, "take": take}, by="somchai")
    return answer.status, answer.body.get("code") or answer.body["sip_secret"]


@asynccontextmanager
async def connected(
    house: House, window: str, **headers: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    cookie = f"callcenter_session={house.tokens['somchai']}"
    sent = {"Cookie": cookie, "Origin": house.url, **headers}
    url = f"{house.url}/api/v1/sip?window={window}"
    async with house.http.ws_connect(url, protocols=("sip",), headers=sent) as socket:
        yield socket


async def told(house: House) -> tuple[bool, str]:
    """What Asterisk was told last: a browser's phone or not, and its password."""
    (phone,) = house.phones.told[-1]
    return phone.browser, phone.secret


async def shown(house: House) -> tuple[bool, str | None]:
    answer = await house.ask("GET", "/api/v1/operators/somchai", by="somchai")
    return answer.body["browser"], answer.body["window"]


async def test_the_password_lives_as_long_as_the_log_in(house: House) -> None:
    before = await told(house)
    status, secret = await claims(house, "window-1")
    assert (status, await told(house)) == (200, (True, secret))
    assert len(secret) >= 32
    assert await claims(house, "window-1") == (200, secret)
    await house.ask("DELETE", "/api/v1/sessions/current", by="somchai")
    await until(lambda: house.phones.told[-1][0].secret == before[1], within=5)
    assert await told(house) == before
    house.tokens["somchai"] = (await house.log_in("somchai", PASSWORD)).body["token"]
    status, another = await claims(house, "window-1")
    assert status == 200
    assert another not in (secret, before[1])


async def test_the_other_phone_is_chosen_again(house: House) -> None:
    before = await told(house)
    await claims(house, "window-1")
    assert (await house.ask("DELETE", PATH, by="somchai")).status == 204
    assert (await told(house), await shown(house)) == (before, (False, None))


async def test_it_is_ones_own(house: House) -> None:
    await house.person("malee")
    body = {"window": "window-1"}
    assert (await house.ask("PUT", PATH, body, by="malee")).code == "not_allowed"
    assert (await house.ask("PUT", PATH, body, by="command-line")).code == "not_allowed"
    assert (await house.ask("PUT", PATH, {"window": "x"}, by="somchai")).code == "invalid"


async def test_sip_is_carried_both_ways(house: House, asterisk: FarEnd) -> None:
    await claims(house, "window-1")
    async with connected(house, "window-1") as socket:
        await socket.send_str(OWN)
        await until(lambda: asterisk.heard == [OWN], within=5)
        await asterisk.open[0].send_str("SIP/2.0 200 OK\r\n\r\n")
        assert await socket.receive_str() == "SIP/2.0 200 OK\r\n\r\n"
        assert await shown(house) == (True, "window-1")
        await socket.send_str(OTHERS)
        assert (await socket.receive()).data == NOT_YOURS
    await until(lambda: not asterisk.open, within=5)
    assert asterisk.heard == [OWN]


async def test_only_this_log_in_from_our_own_page(house: House, asterisk: FarEnd) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
        async with connected(house, "window-1"):
            pass
    await claims(house, "window-1")
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        async with connected(house, "window-1", Origin="http://evil.example"):
            pass
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        async with connected(house, "window-1", Cookie="callcenter_session=nobody"):
            pass
    assert asterisk.open == []


async def test_no_second_message_comes_in_the_same_text(house: House, asterisk: FarEnd) -> None:
    await claims(house, "window-1")
    async with connected(house, "window-1") as socket:
        await socket.send_str("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n" + OTHERS)
        assert (await socket.receive()).data == NOT_YOURS
    assert asterisk.heard == []


async def test_a_phone_stays_while_nobody_can_say_that_its_log_in_ended(
    house: House, asterisk: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    async def away(_: object, given: bytes) -> None:
        asked.append(given)
        raise DatabaseAwayError("PostgreSQL does not answer")

    monkeypatch.setattr(sip_carrier, "RECHECK_SECONDS", 0.05)
    await claims(house, "window-1")
    async with connected(house, "window-1") as socket:
        await until(lambda: asterisk.open, within=5)
        monkeypatch.setattr(type(house.shared.accounts), "session", away)
        house.shared.logins.forget("somchai")
        await until(lambda: len(asked) > 2, within=5)
        await socket.send_str(OWN)
        await until(lambda: asterisk.heard == [OWN], within=5)


async def test_who_is_no_operator_any_more_has_no_phone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sip_carrier, "RECHECK_SECONDS", 0.05)
    await claims(house, "window-1")
    async with connected(house, "window-1") as socket:
        role = {"role": "officer"}
        path = "/api/v1/accounts/somchai/role"
        assert (await house.ask("PUT", path, role, by="command-line")).status == 200
        assert (await socket.receive(timeout=30)).data == sip_carrier.LOG_IN_AGAIN


async def test_one_window_is_the_phone(house: House) -> None:
    await claims(house, "window-1")
    async with connected(house, "window-1") as first:
        assert await claims(house, "window-2") == (409, "used_elsewhere")
        async with connected(house, "window-2") as second:
            assert (await second.receive()).data == USED_ELSEWHERE
        assert (await claims(house, "window-2", take=True))[0] == 200
        assert (await first.receive()).data == USED_ELSEWHERE
    async with connected(house, "window-2"):
        assert await shown(house) == (True, "window-2")
    await until(lambda: house.shared.windows.all() == [], within=5)


async def test_a_page_that_goes_away_says_so_and_one_that_breaks_off_does_not(
    house: House, asterisk: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: list[object] = []

    def keep(_: object, event: object) -> bool:
        put.append(event)
        return True

    monkeypatch.setattr(type(house.pump), "put", keep)
    await claims(house, "window-1")
    async with connected(house, "window-1") as socket:
        await until(lambda: asterisk.open, within=5)
        assert socket._writer.transport is not None
        socket._writer.transport.abort()
    await until(lambda: not asterisk.open, within=5)
    assert put == []
    async with connected(house, "window-1") as socket:
        await until(lambda: asterisk.open, within=5)
        await socket.close(code=WSCloseCode.GOING_AWAY)
    await until(lambda: put == [PhoneLost(endpoint="PJSIP/op-somchai")], within=5)


async def test_asterisk_is_away(house: House, asterisk: FarEnd) -> None:
    await claims(house, "window-1")
    async with connected(house, "window-1") as socket:
        await until(lambda: asterisk.open, within=5)
        await asterisk.open[0].close()
        assert (await socket.receive()).data == WSCloseCode.TRY_AGAIN_LATER
    assert await shown(house) == (True, "window-1")  # it comes back by itself
