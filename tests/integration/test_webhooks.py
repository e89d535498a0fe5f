"""Webhooks with a real receiver: signed, in order of each call, tried again, never sent to here."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.core.events import CallerLeft, LegEnteredBridge, OperatorAnswered
from callcenter.core.ids import CallId, offer_id
from callcenter.features import MOUNTS
from callcenter.oversight.webhooks import routes, sender
from callcenter.oversight.webhooks.model import TRIES_MOST, HookEvent, pause_after
from callcenter.oversight.webhooks.store import WebhooksInPostgres
from callcenter.ports.metrics import Samples, Series
from callcenter.ports.people import Role
from tests.integration.house import House, opened
from tests.legs import desk_bridge, leg_named, leg_of_offer
from tests.people import until

PORT = 16500
PATH = "/api/v1/webhooks"
HERE = f"http://127.0.0.1:{PORT}/hook"
ALL = ["call.ringing", "call.answered", "call.ended", "call.disposition"]

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def taken(request: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


@dataclass
class Receiver:
    """Another program: what it got, and how it answers."""

    answer: Answer = taken
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    elsewhere: int = 0

    async def hook(self, request: web.Request) -> web.StreamResponse:
        self.got.append((dict(request.headers), await request.text()))
        return await self.answer(request)

    async def other(self, request: web.Request) -> web.StreamResponse:
        self.elsewhere += 1
        return web.Response()

    @property
    def told(self) -> list[tuple[str, str]]:
        """(call, event) in the order in which they came."""
        bodies = [json.loads(body) for _, body in self.got]
        return [(body["call"], body["event"]) for body in bodies]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """It listens at this host."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.hook)
    app.router.add_route("*", "/other", receiver.other)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    yield receiver
    await runner.cleanup()


@asynccontextmanager
async def running(engine: AsyncEngine, tmp_path: Path, hosts: str) -> AsyncIterator[House]:
    """The house, with both sides of the outbox at work."""
    async with opened(engine, tmp_path, webhook_hosts=hosts) as house:
        at = [mount.feature for mount in MOUNTS].index(routes.FEATURE)
        mounted = house.serving.features[at]
        await house.person("root", Role.ADMINISTRATOR)
        task = asyncio.create_task(mounted.run())
        yield house
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[House]:
    """127.0.0.1 is listed."""
    async with running(engine, tmp_path, "127.0.0.1") as house:
        yield house


async def made(house: House, url: str = HERE, **more: Any) -> tuple[int, str]:
    """A webhook and its secret."""
    body = {"name": "CRM", "url": url, "events": ALL, **more}
    answer = await house.ask("POST", PATH, body, by="root")
    assert answer.status == 201, answer.body
    return answer.body["webhook"]["webhook"], answer.body["secret"]


async def at_work(house: House) -> None:
    await house.operator("somchai")
    await house.person("somchai")
    await house.ask("POST", "/api/v1/operators/somchai/log-in", {}, by="somchai")


async def answered(house: House, call: str) -> None:
    """Somchai is rung, and talks with the caller."""
    await house.caller(call)
    offer = offer_id(CallId(call), 1)
    await house.pump.put_and_wait(OperatorAnswered(offer=offer))
    for leg in (leg_named(call), leg_of_offer(offer)):
        await house.pump.put_and_wait(LegEnteredBridge(leg=leg, bridge=desk_bridge("somchai")))


async def deliveries(house: House, hook: int, state: str = "") -> list[dict[str, Any]]:
    query = f"?state={state}" if state else ""
    answer = await house.ask("GET", f"{PATH}/{hook}/deliveries{query}", by="command-line")
    return list(answer.body["deliveries"])


def figures(house: House) -> dict[Series, Samples]:
    """What the feature tells Prometheus."""
    found = [each.metrics for each in house.serving.features if routes.TRIES in each.metrics]
    return {series: read() for series, read in found[0].items()}


async def test_a_call_is_told_in_order_signed_and_with_a_masked_number(
    house: House, receiver: Receiver
) -> None:
    _, secret = await made(house)
    await at_work(house)
    await answered(house, "c1")
    note = {"call": "c1", "kind": "help", "topic": "น้ำท่วม", "note": "personal words"}
    for text in ("p", "personal", "personal words"):  # each key is saved, the kind told once
        await house.ask(
            "PUT", "/api/v1/operators/somchai/note", {**note, "note": text}, by="somchai"
        )
    await house.pump.put_and_wait(CallerLeft(call=CallId("c1")))
    await until(lambda: len(receiver.got) == 4, within=10)
    assert receiver.told == [
        ("c1", "call.ringing"),
        ("c1", "call.answered"),
        ("c1", "call.disposition"),
        ("c1", "call.ended"),
    ]
    for headers, body in receiver.got:
        at, signed = (part.partition("=")[2] for part in headers["Callcenter-Signature"].split(","))
        right = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
        assert hmac.compare_digest(right, signed)
        assert headers["Callcenter-Event"] == json.loads(body)["event"]
        assert "0812345678" not in body
        assert "personal words" not in body
    first, last = json.loads(receiver.got[0][1]), json.loads(receiver.got[-1][1])
    assert (first["number"], first["operator"], first["queue"]) == (
        "08x-xxx-5678",
        "somchai",
        "damrong",
    )
    assert (last["outcome"], last["ended_by"], last["line"]) == ("answered", "caller", "1567")
    numbers = [headers["Callcenter-Delivery"] for headers, _ in receiver.got]
    assert len(set(numbers)) == 4


async def test_what_fails_is_tried_again_and_the_calls_next_message_waits_for_it(
    house: House, receiver: Receiver, engine: AsyncEngine
) -> None:
    hook, _ = await made(house)
    kept = WebhooksInPostgres(engine)
    await at_work(house)

    async def broken(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    receiver.answer = broken
    await answered(house, "c1")
    await until(lambda: len(receiver.got) == 1, within=10)
    await house.caller("c2")  # another call's is not held up, but rings nobody yet
    await asyncio.sleep(1.5)
    assert receiver.told == [("c1", "call.ringing")]

    async def failed_once() -> bool:
        return bool((await deliveries(house, hook))[-1]["tries"] == 1)

    await until(failed_once, within=5)
    assert figures(house)[routes.TRIES][("failed",)] == 1
    house.hands.moved_seconds += 2
    outbox = await kept.outbox(house.hands.wall())
    assert outbox.counts["queued"] == 2
    assert outbox.behind_seconds >= 3.5, "since the first was made"
    house.hands.moved_seconds -= 2
    receiver.answer = taken
    house.hands.moved_seconds += 6
    await until(lambda: len(receiver.got) == 3, within=10)
    assert receiver.told == [("c1", "call.ringing")] * 2 + [("c1", "call.answered")]
    ids = [headers["Callcenter-Delivery"] for headers, _ in receiver.got]
    assert ids[0] == ids[1] != ids[2]

    async def all_sent() -> bool:
        return (await kept.outbox(house.hands.wall())).behind_seconds == 0

    await until(all_sent, within=10)
    assert figures(house)[routes.TRIES] == {("sent",): 2, ("failed",): 1, ("given_up",): 0}
    house.hands.moved_seconds -= 6


async def test_it_is_given_up_after_so_many_tries_and_can_be_sent_anew(
    house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine the database may not take the result of a try: it is tried again after this.
    monkeypatch.setattr(sender, "TAKEN_FOR", timedelta(seconds=15))
    hook, _ = await made(house)

    async def broken(request: web.Request) -> web.StreamResponse:
        return web.Response(status=500, text="x" * 100_000)

    receiver.answer = broken
    assert (await house.ask("POST", f"{PATH}/{hook}/ping", by="root")).status == 204

    def failed() -> float:
        return sum(figures(house)[routes.TRIES].values())

    for tries in range(1, TRIES_MOST + 1):
        await until(lambda: failed() >= tries, within=20)  # noqa: B023 - awaited in this turn
        house.hands.moved_seconds += 3_700

    async def dead() -> list[dict[str, Any]]:
        return await deliveries(house, hook, "dead")

    (given_up,) = await until(dead, within=5)
    assert (given_up["tries"], given_up["status"]) == (TRIES_MOST, 500)
    assert given_up["error"] == "answered 500"
    assert figures(house)[routes.TRIES][("given_up",)] == 1
    receiver.answer = taken
    again = f"{PATH}/{hook}/deliveries/{given_up['delivery']}/again"
    assert (await house.ask("POST", again, by="command-line")).status == 204
    await until(lambda: len(receiver.got) == TRIES_MOST + 1, within=10)
    assert (await house.ask("POST", again, by="command-line")).status == 404


async def test_redirects_are_not_followed(house: House, receiver: Receiver) -> None:
    hook, _ = await made(house)

    async def away(request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{PORT}/other"})

    receiver.answer = away
    await house.ask("POST", f"{PATH}/{hook}/ping", by="root")

    async def told() -> bool:
        return bool((await deliveries(house, hook))[0]["error"] == "answered 307")

    await until(told, within=10)
    assert receiver.elsewhere == 0


async def test_a_slow_receiver_holds_up_only_its_own_messages(
    house: House, receiver: Receiver
) -> None:
    slow, quick = asyncio.Event(), (await made(house))[0]
    hook, _ = await made(house, f"http://127.0.0.1:{PORT}/hook?slow")

    async def sometimes(request: web.Request) -> web.StreamResponse:
        if "slow" in request.query_string:
            await slow.wait()
        return web.Response()

    receiver.answer = sometimes
    for _ in range(6):
        await house.ask("POST", f"{PATH}/{hook}/ping", by="root")
    await house.ask("POST", f"{PATH}/{quick}/ping", by="root")

    async def sent() -> bool:
        return bool((await deliveries(house, quick))[0]["state"] == "sent")

    await until(sent, within=8)  # before the slow one is given up on
    slow.set()


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://[fe80::1]/",
        "https://100.100.100.200/",
        "https://2130706433/",
        "https://127.1/",
        "http://crm.example/hook",
        "https://user:password@crm.example/hook",
        "https://crm.example/hook#part",
        "ftp://crm.example/",
    ],
)
async def test_addresses_of_this_host_are_refused(
    engine: AsyncEngine, tmp_path: Path, url: str
) -> None:
    async with running(engine, tmp_path, "") as house:
        body = {"name": "CRM", "url": url, "events": ALL}
        refused = await house.ask("POST", PATH, body, by="root")
        assert (refused.status, refused.code) in ((422, "address_refused"), (422, "invalid"))


@pytest.mark.parametrize("host", ["localhost", "0x7f.1", "0x7f000001"])
async def test_a_name_that_means_this_host_is_not_reached(
    engine: AsyncEngine, tmp_path: Path, receiver: Receiver, host: str
) -> None:
    async with running(engine, tmp_path, "") as house:
        hook, _ = await made(house, f"https://{host}:{PORT}/hook")
        await house.ask("POST", f"{PATH}/{hook}/ping", by="root")

        async def refused() -> bool:
            return "not allowed" in (await deliveries(house, hook))[0]["error"]

        await until(refused, within=10)
    assert receiver.got == []


async def test_only_administrators_and_the_secret_is_shown_once(
    house: House, receiver: Receiver
) -> None:
    hook, secret = await made(house)
    await house.person("suda", Role.SUPERVISOR)
    assert (await house.ask("GET", PATH, by="suda")).status == 403
    shown = await house.ask("GET", PATH, by="root")
    audit = await house.ask("GET", "/api/v1/audit?action=webhook", by="root")
    assert secret not in json.dumps(shown.body) + json.dumps(audit.body)
    renewed = await house.ask("POST", f"{PATH}/{hook}/secret", by="root")
    assert renewed.body["secret"] not in ("", secret)
    await house.ask("PATCH", f"{PATH}/{hook}", {"enabled": False}, by="root")
    await at_work(house)
    await answered(house, "c1")
    await asyncio.sleep(1.5)
    assert receiver.got == []
    assert (await house.ask("DELETE", f"{PATH}/{hook}", by="root")).status == 204
    assert (await house.ask("PATCH", f"{PATH}/{hook}", {"enabled": True}, by="root")).status == 404


async def test_whole_numbers_only_where_the_webhook_says_so(
    house: House, receiver: Receiver
) -> None:
    await made(house, numbers=True, events=["call.ringing"])
    await at_work(house)
    await answered(house, "c1")
    await until(lambda: len(receiver.got) == 1, within=10)
    assert json.loads(receiver.got[0][1])["number"] == "0812345678"


async def test_numbers_that_wait_for_a_webhook_that_is_switched_off_are_forgotten(
    house: House, engine: AsyncEngine
) -> None:
    hook, _ = await made(house, numbers=True)
    off = await house.ask("PATCH", f"{PATH}/{hook}", {"enabled": False}, by="root")
    assert off.body["enabled"] is False
    kept, now = WebhooksInPostgres(engine), datetime(2026, 1, 31, 12, tzinfo=UTC)
    for call, days in (("old", 31), ("young", 29)):
        row = (hook, call, HookEvent.ENDED, '{"caller": "0812345678"}')
        await kept.put([row], now - timedelta(days=days))
    await kept.forget(now)
    assert [each.call for each in await kept.of(hook, None)] == ["young"]


def test_pauses_grow_and_end() -> None:
    pauses = [pause_after(tries) for tries in range(1, TRIES_MOST + 1)]
    assert pauses[0] == timedelta(seconds=5)
    assert pauses[-1] is None
    known = [pause for pause in pauses if pause is not None]
    assert known == sorted(known)
    assert sum(known, timedelta()) < timedelta(hours=4)


def test_the_document_has_the_webhooks() -> None:
    from callcenter.features import FEATURES
    from callcenter.web.feature import catalogue
    from callcenter.web.openapi import document

    told = document(catalogue(FEATURES))["webhooks"]
    assert [*ALL, "ping"] == [*told]
    schema = told["call.ended"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/WebhookMessage"}
