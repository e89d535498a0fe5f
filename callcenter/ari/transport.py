"""How a request reaches Asterisk and its answer comes back: over the events' own websocket.

Asterisk carries out requests one after the other, in the order they were sent. Hand-overs rely on
that: the next caller is joined only after the previous one was taken out. `send` writes the request
in the same turn of the event loop. Several websockets and a pool of HTTP connections were measured,
and were no faster (tests/bench/README.md, "What was tried"). This module never repeats a request
and never judges an answer.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Literal, Protocol

import aiohttp

from callcenter.ari import wire
from callcenter.ari.counters import Counters
from callcenter.ari.rest import NO_ANSWER, Request, Response, verdict

REQUEST_SECONDS = 3.0
"""After this a request counts as unanswered. The slowest answer seen on a busy machine took 0.3
s."""

Socket = aiohttp.ClientWebSocketResponse[Literal[False]]
"""A websocket whose text messages stay bytes. They are decoded once, by wire.py."""

Answered = Callable[[Response], None]


class Transport(Protocol):
    """`send` returns at once. `answered` is called exactly once, with NO_ANSWER if no answer
    came."""

    def send(self, request: Request, answered: Answered) -> None:
        """Send a request. Requests are carried out in the order they were sent."""
        ...


@dataclass(frozen=True, slots=True)
class _Pending:
    request: Request
    answered: Answered
    sent_at: float


class Websocket:
    """Requests over the events websocket."""

    def __init__(self, socket: Socket, counters: Counters) -> None:
        self._socket = socket
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._pending: dict[str, _Pending] = {}  # oldest first
        self._number = 0
        self._closed = False

    def send(self, request: Request, answered: Answered) -> None:
        """Write the request now."""
        self._number += 1
        number = str(self._number)
        self._pending[number] = _Pending(request, answered, self._loop.time())
        if self._closed or not write_now(self._socket, _framed(number, request)):
            self._loop.call_soon(self._give_up, number)

    def on_answer(self, answer: wire.RESTResponse) -> None:
        """An answer has arrived."""
        pending = self._pending.pop(answer.request_id, None)
        if pending is None:
            self._counters.answers_late += 1
            return
        response = Response(status=answer.status_code, body=answer.message_body)
        _count(self._counters, pending.request, response, self._loop.time() - pending.sent_at)
        pending.answered(response)

    def expire(self, now: float) -> float:
        """Give up the requests that have timed out. Gives the time when the next one will."""
        for number, pending in list(self._pending.items()):
            if pending.sent_at + REQUEST_SECONDS > now:
                return pending.sent_at + REQUEST_SECONDS
            self._give_up(number)
        return inf

    def close(self) -> None:
        """Give up all requests."""
        self._closed = True
        for number in list(self._pending):
            self._give_up(number)

    def _give_up(self, number: str) -> None:
        pending = self._pending.pop(number, None)
        if pending is not None:
            response = Response(status=NO_ANSWER)
            _count(self._counters, pending.request, response, self._loop.time() - pending.sent_at)
            pending.answered(response)


def _framed(number: str, request: Request) -> bytes:
    body = "" if request.body is None else wire.encode(request.body).decode()
    return wire.encode(
        wire.RESTRequest(
            request_id=number,
            method=request.method,
            uri=request.path.lstrip("/"),
            content_type="application/json" if body else "",
            message_body=body,
        )
    )


def write_now(
    socket: Socket,
    message: bytes,
    kind: aiohttp.WSMsgType = aiohttp.WSMsgType.TEXT,
) -> bool:
    """Write a frame in this turn of the event loop, without a task. Gives False if the socket is
    closed.

    aiohttp writes the frame before `send_frame` can wait for the first time, so one step of the
    coroutine is all of it. (`send_frame` waits only for a full buffer to drain. The executor's
    limit of requests under way prevents that.)
    """
    sending = socket.send_frame(message, kind)
    try:
        sending.send(None)
    except StopIteration:
        return True
    except (ConnectionError, aiohttp.ClientError):
        return False
    sending.close()
    return True


def _count(counters: Counters, request: Request, response: Response, seconds: float) -> None:
    counters.calls[request.operation, verdict(request.operation, response)] += 1
    counters.call_seconds.add(seconds)
