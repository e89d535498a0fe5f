"""Carries the SIP of a browser's phone from the console's own address to Asterisk's websocket.

At GET /api/v1/sip?window=NAME. Session and Origin are checked before the upgrade. Each request must
name the operator of that session. One window of an operator is the phone (windows.py). Asterisk is
reached at one fixed address, so that ARI, which has the same port, cannot be reached. The messages
are neither kept nor logged.

Close codes: 4401 log in again, 4403 not your phone, 4409 another window is the phone, 1013 try
again.

A page that is closed says so (1000, 1001). Its talk is lost at once, and the caller hears music. A
connection that only broke says nothing. The sound may go on, and phone_watch.py watches it.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from callcenter.core.events import PhoneLost
from callcenter.core.ids import OperatorId
from callcenter.ports.people import DatabaseAwayError, Role
from callcenter.ports.phones import endpoint, sip_user
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.identity import require_role, who_asks
from callcenter.web.logins import Logins
from callcenter.web.operators.parts import Parts, endpoints
from callcenter.web.operators.sip_text import is_of
from callcenter.web.operators.windows import KEPT_SECONDS

HEARTBEAT_SECONDS = 10.0  # a page that does not answer for 1.5 times this is gone
MESSAGE_BYTES = 32_768  # Chromium's longest offer has 7 kB
TAKE_SECONDS = 5.0  # for either side to accept a message
UPSTREAM_SECONDS = 5.0  # for Asterisk to answer the upgrade
RECHECK_SECONDS = 30.0  # an ended log-in loses its phone within this time
LONGEST_NAME = 64
PHONES_MOST = 1_500  # http.conf allows Asterisk 2,000 connections, including ARI's
LOG_IN_AGAIN, NOT_YOURS, USED_ELSEWHERE = 4401, 4403, 4409
ON_PURPOSE = (0, WSCloseCode.OK, WSCloseCode.GOING_AWAY)  # 0: closed without a code

SIP_DESCRIPTION = """Open a websocket of the subprotocol `sip` here, with the cookie of the log-in
that asked for the phone (PUT /operators/{operator}/browser-phone), and `?window=` the name given
there. Each text is one SIP message, whose From must be the operator's own. Close codes: 4401 log in
again, 4403 not your phone, 4409 another window is the phone, 1013 try again.""".replace("\n", " ")


class _OursError(Exception):
    """We end the connection, with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class Carriage:
    """One window's connection, with both sides."""

    def __init__(self, down: web.WebSocketResponse) -> None:
        self._down = down
        self._ended = asyncio.Event()
        self.phone_went = False  # whether another window became the phone

    def end(self, *, phone_goes: bool) -> None:
        """Another connection is the phone now."""
        self.phone_went = phone_goes
        self._ended.set()

    async def carry(
        self, up: aiohttp.ClientWebSocketResponse, user: str, still_logged_in: Awaitable[None]
    ) -> None:
        """Carry messages until one side ends, or we do."""
        parts = [
            asyncio.ensure_future(part)
            for part in (self._upward(up, user), self._downward(up), self._replaced())
        ]
        parts.append(asyncio.ensure_future(still_logged_in))
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def _upward(self, up: aiohttp.ClientWebSocketResponse, user: str) -> None:
        async for message in self._down:
            if message.type is not WSMsgType.TEXT:
                raise _OursError(WSCloseCode.UNSUPPORTED_DATA)
            if message.data.strip("\r\n") and not is_of(message.data, user):
                raise _OursError(NOT_YOURS)
            async with asyncio.timeout(TAKE_SECONDS):
                await up.send_str(message.data)

    async def _downward(self, up: aiohttp.ClientWebSocketResponse) -> None:
        async for message in up:
            async with asyncio.timeout(TAKE_SECONDS):
                if message.type is WSMsgType.TEXT:
                    await self._down.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    await self._down.send_bytes(message.data)
        raise _OursError(WSCloseCode.TRY_AGAIN_LATER)

    async def _replaced(self) -> None:
        await self._ended.wait()
        raise _OursError(USED_ELSEWHERE)


@endpoints.websocket(
    "/sip",
    needs=Role.OPERATOR,
    sends=str,
    summary="SIP of the phone in the browser (RFC 7118), for the window that is the phone",
    description=SIP_DESCRIPTION,
)
async def sip(request: Request[Parts], http: web.Request) -> web.WebSocketResponse:
    """Runs until one side ends, the log-in ends, or another window is the phone."""
    person, window = request.person, http.query.get("window", "")
    card = (await request.parts.roster.cards()).get(OperatorId(person.name))
    if card is None or person.token_hash is None or card.browser_session != person.token_hash:
        detail = "PUT /api/v1/operators/{operator}/browser-phone makes this log-in a phone."
        raise Problem("not_found", detail)
    if not 0 < len(window) <= LONGEST_NAME:
        raise Problem("invalid", "?window= names the window.")
    down = web.WebSocketResponse(
        protocols=("sip",), heartbeat=HEARTBEAT_SECONDS, max_msg_size=MESSAGE_BYTES, compress=False
    )
    if not down.can_prepare(http).ok:
        raise Problem("malformed", "This address speaks websocket only.")
    if request.parts.windows.connected >= PHONES_MOST:
        raise Problem("busy", "Too many phones are connected.", retry_seconds=30)
    await down.prepare(http)
    await _carry(request, http, down, card.operator, window)
    return down


async def _carry(
    request: Request[Parts],
    http: web.Request,
    down: web.WebSocketResponse,
    operator: OperatorId,
    window: str,
) -> None:
    carriage, windows = Carriage(down), request.parts.windows
    if not windows.enter(operator, window, carriage):
        await _close(down, USED_ELSEWHERE)
        return
    code: int | None = None
    try:
        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(UPSTREAM_SECONDS):
                up = await session.ws_connect(
                    request.parts.asterisk_sip,
                    protocols=("sip",),
                    max_msg_size=MESSAGE_BYTES,
                    compress=0,
                )
            async with up:
                still = _still_logged_in(request.parts.logins, http)
                await carriage.carry(up, sip_user(operator), still)
    except _OursError as ours:
        code = ours.code
    except (aiohttp.ClientError, ConnectionError, TimeoutError):
        code = WSCloseCode.TRY_AGAIN_LATER
    finally:
        on_purpose = code is None and down.close_code in ON_PURPOSE
        was_phone = windows.leave(operator, carriage, on_purpose=on_purpose)
        asyncio.get_running_loop().call_later(KEPT_SECONDS + 0.1, windows.tell)
    if code is not None:
        await _close(down, code)
    if code == LOG_IN_AGAIN:
        windows.free(operator)
    if (was_phone and on_purpose) or carriage.phone_went or code == LOG_IN_AGAIN:
        # The sound is gone with the page, and the caller must not wait in silence.
        request.engine.put(PhoneLost(endpoint=endpoint(operator)))


async def _still_logged_in(logins: Logins, http: web.Request) -> None:
    while True:
        await asyncio.sleep(RECHECK_SECONDS)
        try:
            person = await who_asks(http, logins)
            require_role(person, Role.OPERATOR, before_password_change=True)
        except DatabaseAwayError:
            # the database is away, so nobody knows whether the log-in has ended: the talk goes on
            continue
        except Problem as problem:
            raise _OursError(LOG_IN_AGAIN) from problem


async def _close(down: web.WebSocketResponse, code: int) -> None:
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(TAKE_SECONDS):
            await down.close(code=code)
