"""Sends the messages in the outbox: signed, at growing intervals after failures, in order for each
call.

An answer of 200 to 299 within ANSWER_SECONDS is success; everything else is tried again. Redirects
are not followed. A slow receiver delays only its own messages.

`Callcenter-Signature: t=SECONDS,v1=HEX`: HEX is HMAC-SHA256 of `SECONDS.BODY` with the webhook's
secret. A receiver must refuse messages older than five minutes, and count each
`Callcenter-Delivery` once: if it answered too late, the message comes again.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
import structlog

from callcenter.oversight.webhooks.addresses import Guard, NotAllowedError, why_not
from callcenter.oversight.webhooks.model import Delivery, TryResult, Webhook
from callcenter.oversight.webhooks.store import WebhooksInPostgres
from callcenter.oversight.webhooks.teller import Teller
from callcenter.ports.people import DatabaseAwayError

ANSWER_SECONDS = 10.0
# after this another service may send it: the one that reserved it must have died
TAKEN_FOR = timedelta(seconds=60)
LOOK_SECONDS = 1.0
FORGET_SECONDS = 3_600.0
AT_ONCE = 4  # messages at the same time to one webhook

log = structlog.get_logger(__name__)


def signature(secret: str, at: int, body: str) -> str:
    """The value of the header."""
    signed = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


class Sender:
    """Run `run`, and call `close` at the end."""

    def __init__(
        self,
        kept: WebhooksInPostgres,
        teller: Teller,
        listed: Collection[str],
        wall: Callable[[], datetime],
    ) -> None:
        self._kept, self._teller, self._listed, self._wall = kept, teller, listed, wall
        self.tries = dict.fromkeys(TryResult, 0)  # since the start
        self._session: aiohttp.ClientSession | None = None
        self._busy: dict[int, set[asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Runs for ever."""
        forgotten_at = 0.0
        loop = asyncio.get_running_loop()
        await self._teller.look()
        while True:
            try:
                if loop.time() - forgotten_at > FORGET_SECONDS:
                    while await self._kept.forget(self._wall()):
                        pass
                    forgotten_at = loop.time()
                await self.turn()
            except (DatabaseAwayError, TimeoutError):
                log.warning("webhooks wait", reason="the database is away")
            self._teller.put.clear()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._teller.put.wait()
            except TimeoutError:
                continue

    async def turn(self) -> None:
        """Begin every delivery that is possible now."""
        for hook in self._teller.hooks:
            busy = self._busy.setdefault(hook.id, set())
            while len(busy) < AT_ONCE:
                now = self._wall()
                taken = await self._kept.take(hook.id, now, now + TAKEN_FOR)
                if taken is None:
                    break
                task = asyncio.create_task(self._send(hook, taken))
                busy.add(task)
                task.add_done_callback(busy.discard)
                task.add_done_callback(lambda _: self._teller.put.set())

    async def close(self) -> None:
        """End deliveries under way. They are sent after the next start."""
        under_way = [task for tasks in self._busy.values() for task in tasks]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _send(self, hook: Webhook, delivery: Delivery) -> None:
        status, error = await self._post(hook, delivery)
        try:
            if error == "":
                self.tries[TryResult.SENT] += 1
                await self._kept.sent(delivery.id, status or 0, self._wall())
            elif await self._kept.not_sent(delivery, status, error, self._wall()):
                self.tries[TryResult.FAILED] += 1
            else:
                self.tries[TryResult.GIVEN_UP] += 1
                log.warning("a webhook was given up", webhook=hook.id, reason=error)
        except (DatabaseAwayError, TimeoutError):
            log.warning("what became of a webhook is not stored", webhook=hook.id)

    async def _post(self, hook: Webhook, delivery: Delivery) -> tuple[int | None, str]:
        """The answer's status, and the fault; empty if there is none."""
        if complaint := why_not(hook.url, self._listed):
            return None, complaint
        at = int(self._wall().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "callcenter",
            "Callcenter-Event": delivery.event.value,
            "Callcenter-Delivery": str(delivery.id),
            "Callcenter-Signature": signature(hook.secret, at, delivery.body),
        }
        try:
            async with self._open().post(
                hook.url, data=delivery.body.encode(), headers=headers, allow_redirects=False
            ) as answer:
                good = 200 <= answer.status < 300
                return answer.status, "" if good else f"answered {answer.status}"
        except NotAllowedError as error:
            return None, str(error)
        except TimeoutError:
            return None, f"no answer within {ANSWER_SECONDS:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            refused = isinstance(error.__cause__, NotAllowedError)
            host = urlsplit(hook.url).hostname
            return None, str(error.__cause__) if refused else f"{type(error).__name__} at {host}"

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=Guard(self._listed), limit=50),
                timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
            )
        return self._session
