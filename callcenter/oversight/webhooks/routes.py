"""/api/v1/webhooks/…, for administrators: the receivers, their messages, and failed messages.

A secret is shown once, when it is made. The audit notes each webhook, not each message.
"""

import asyncio
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from callcenter.oversight.webhooks.addresses import LONGEST_URL, why_not
from callcenter.oversight.webhooks.model import (
    Delivery,
    DeliveryState,
    Happened,
    HookEvent,
    Outbox,
    Webhook,
    WebhookMessage,
)
from callcenter.oversight.webhooks.sender import Sender
from callcenter.oversight.webhooks.store import WebhooksInPostgres
from callcenter.oversight.webhooks.teller import Teller, body
from callcenter.ports.metrics import Kind, Samples, Series
from callcenter.ports.people import Role
from callcenter.web.counted import Counted
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem, ProblemKind
from callcenter.web.feature import Feature
from callcenter.web.texts import PersonName

WEBHOOKS_MOST = 20
SECRET_BYTES = 32
HookUrl = Annotated[
    str,
    Meta(
        max_length=LONGEST_URL,
        pattern=r"^https?://[!-~]+$(?!\n)",
        description="https://host/path",
        examples=["https://crm.example.go.th/hooks/calls"],
    ),
]
HookEvents = Annotated[list[HookEvent], Meta(min_length=1, max_length=5)]

endpoints = Endpoints("webhooks")

DELIVERIES = Series(
    name="hotline_webhook_deliveries",
    kind=Kind.GAUGE,
    labels=("state",),
    help="Messages to other programs: queued, sent lately, or given up (dead).",
)
BEHIND = Series(
    name="hotline_webhook_behind_seconds",
    kind=Kind.GAUGE,
    labels=(),
    help="How long the first message to another program has waited to be sent; 0: none.",
)
TRIES = Series(
    name="hotline_webhook_tries",
    kind=Kind.COUNTER,
    labels=("result",),
    help="Tries to send a message to another program: sent, failed (tried again), given_up.",
)
DROPPED = Series(
    name="hotline_webhook_dropped",
    kind=Kind.COUNTER,
    labels=(),
    help="Messages to other programs that were dropped, because too many waited in memory.",
)


class NewWebhook(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A receiver and its events. `numbers`: callers' numbers are sent in full, not masked."""

    name: PersonName
    url: HookUrl
    events: HookEvents
    numbers: bool = False


class ChangedWebhook(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Values that are left out stay."""

    name: PersonName | UnsetType = UNSET
    url: HookUrl | UnsetType = UNSET
    events: HookEvents | UnsetType = UNSET
    numbers: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class WebhookView(msgspec.Struct):
    """A webhook, without its secret."""

    webhook: int
    name: str
    url: str
    events: list[HookEvent]
    numbers: bool
    enabled: bool
    made_by: str
    made_at: datetime


class WebhookList(msgspec.Struct):
    """All webhooks."""

    webhooks: list[WebhookView]


class WebhookSecret(msgspec.Struct):
    """A webhook and its secret, which is shown only once."""

    webhook: WebhookView
    secret: str


class WebhookDeliveryView(msgspec.Struct):
    """One message. `state`: queued, sent, or dead (given up). `status`: that of the last answer."""

    delivery: int
    call: str
    event: HookEvent
    state: DeliveryState
    tries: int
    made_at: datetime
    next_at: datetime
    sent_at: datetime | None
    status: int | None
    error: str


class WebhookDeliveries(msgspec.Struct):
    """Messages, latest first."""

    deliveries: list[WebhookDeliveryView]


class WhichDeliveries(msgspec.Struct):
    """Only messages in this state."""

    state: DeliveryState | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`listed`: hosts that are allowed although they are this host, or without TLS."""

    kept: WebhooksInPostgres
    teller: Teller
    sender: Sender
    listed: Collection[str]
    counted: Counted[Outbox]


@endpoints.get("/webhooks", needs=Role.ADMINISTRATOR)
async def list_webhooks(request: Request[Parts]) -> WebhookList:
    """List all webhooks, without their secrets."""
    return WebhookList(webhooks=[_view(hook) for hook in await request.parts.kept.all()])


@endpoints.post(
    "/webhooks", needs=Role.ADMINISTRATOR, status=201, problems=("address_refused", "too_many")
)
async def add_webhook(request: Request[Parts], body: NewWebhook) -> WebhookSecret:
    """Add a webhook: another program is told of calls from now on.

    Its secret is shown only once.
    """
    _require_right(request, body.url)
    if len(await request.parts.kept.all()) >= WEBHOOKS_MOST:
        raise Problem("too_many", f"At most {WEBHOOKS_MOST}: remove one first.")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    made = await request.parts.kept.add(
        name=body.name,
        url=body.url,
        secret=secret,
        events=_words(body.events),
        numbers=body.numbers,
        enabled=True,
        made_by=request.person.name,
        made_at=request.wall(),
    )
    await request.parts.teller.look()
    await request.note("webhook.added", str(made.id), name=made.name, numbers=made.numbers)
    return WebhookSecret(webhook=_view(made), secret=secret)


@endpoints.patch(
    "/webhooks/{webhook}",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_webhook", "address_refused"),
)
async def change_webhook(request: Request[Parts], body: ChangedWebhook) -> WebhookView:
    """Change a webhook, or stop it for a while. Waiting messages are kept in the meantime."""
    change: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET
    }
    if "url" in change:
        _require_right(request, change["url"])
    if "events" in change:
        change["events"] = _words(change["events"])
    changed = await _changed(request, change)
    await request.note("webhook.changed", str(changed.id), what=sorted(change))
    return _view(changed)


@endpoints.post(
    "/webhooks/{webhook}/secret", needs=Role.ADMINISTRATOR, problems=("unknown_webhook",)
)
async def new_webhook_secret(request: Request[Parts]) -> WebhookSecret:
    """Make a new secret, which is shown only once. The old one is not valid any more."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    changed = await _changed(request, {"secret": secret})
    await request.note("webhook.secret", str(changed.id))
    return WebhookSecret(webhook=_view(changed), secret=secret)


@endpoints.delete(
    "/webhooks/{webhook}", needs=Role.ADMINISTRATOR, status=204, problems=("unknown_webhook",)
)
async def remove_webhook(request: Request[Parts]) -> None:
    """Remove a webhook and its messages."""
    number = int(request.path["webhook"])
    if not await request.parts.kept.remove(number):
        raise Problem("unknown_webhook", "GET /api/v1/webhooks lists those there are.")
    await request.parts.teller.look()
    await request.note("webhook.removed", str(number))


@endpoints.get(
    "/webhooks/{webhook}/deliveries", needs=Role.ADMINISTRATOR, problems=("unknown_webhook",)
)
async def list_webhook_deliveries(
    request: Request[Parts], query: WhichDeliveries
) -> WebhookDeliveries:
    """List the messages of a webhook, latest first. `dead` ones were given up."""
    hook = await _find(request)
    state = None if query.state is UNSET else query.state
    found = await request.parts.kept.of(hook.id, state)
    return WebhookDeliveries(deliveries=[_delivery(each) for each in found])


@endpoints.post(
    "/webhooks/{webhook}/deliveries/{delivery}/again",
    needs=Role.ADMINISTRATOR,
    status=204,
    problems=("unknown_webhook", "unknown_delivery"),
)
async def webhook_delivery_again(request: Request[Parts]) -> None:
    """Send a message again that was given up."""
    hook, number = await _find(request), int(request.path["delivery"])
    if not await request.parts.kept.again(hook.id, number, request.wall()):
        raise Problem("unknown_delivery", "Only what was given up (`dead`) is tried anew.")
    request.parts.teller.put.set()
    await request.note("webhook.again", str(hook.id), delivery=number)


@endpoints.post(
    "/webhooks/{webhook}/ping",
    needs=Role.ADMINISTRATOR,
    status=204,
    problems=("unknown_webhook",),
)
async def ping_webhook(request: Request[Parts]) -> None:
    """Send a message of the event `ping`, to test the address and the signature."""
    hook = await _find(request)
    message = WebhookMessage(event=HookEvent.PING, at=request.wall(), call="")
    row = (hook.id, "", HookEvent.PING, body(Happened(message=message), hook))
    await request.parts.kept.put([row], request.wall())
    request.parts.teller.put.set()
    await request.note("webhook.ping", str(hook.id))


async def _find(request: Request[Parts]) -> Webhook:
    number = int(request.path["webhook"])
    for hook in await request.parts.kept.all():
        if hook.id == number:
            return hook
    raise Problem("unknown_webhook", "GET /api/v1/webhooks lists those there are.")


async def _changed(request: Request[Parts], change: Mapping[str, Any]) -> Webhook:
    hook = await _find(request)
    changed = await request.parts.kept.change(hook.id, change) if change else hook
    if changed is None:
        raise Problem("unknown_webhook", "It was removed in this moment.")
    await request.parts.teller.look()
    return changed


def _require_right(request: Request[Parts], url: str) -> None:
    if complaint := why_not(url, request.parts.listed):
        raise Problem("address_refused", complaint)


def _words(events: Collection[HookEvent]) -> list[str]:
    return sorted({event.value for event in events})


def _view(hook: Webhook) -> WebhookView:
    return WebhookView(
        webhook=hook.id,
        name=hook.name,
        url=hook.url,
        events=sorted(hook.events),
        numbers=hook.numbers,
        enabled=hook.enabled,
        made_by=hook.made_by,
        made_at=hook.made_at,
    )


def _delivery(each: Delivery) -> WebhookDeliveryView:
    return WebhookDeliveryView(
        delivery=each.id,
        call=each.call,
        event=each.event,
        state=each.state,
        tries=each.tries,
        made_at=each.made_at,
        next_at=each.next_at,
        sent_at=each.sent_at,
        status=each.status,
        error=each.error,
    )


def _samples(outbox: Outbox) -> Samples:
    return {(state.value,): outbox.counts.get(state.value, 0) for state in DeliveryState}


async def run(parts: Parts) -> None:
    """Run both sides of the outbox."""
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.teller.run())
        group.create_task(parts.sender.run())


async def close(parts: Parts) -> None:
    """End the work under way."""
    await parts.sender.close()


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_webhook": ProblemKind(404, "There is no such webhook"),
        "unknown_delivery": ProblemKind(404, "There is no such message"),
        "address_refused": ProblemKind(422, "Nothing is sent to that address"),
        "too_many": ProblemKind(409, "There are too many already"),
    },
    path_patterns={"webhook": r"[1-9][0-9]{0,8}", "delivery": r"[1-9][0-9]{0,17}"},
    listeners=lambda parts: (parts.teller.heard,),
    metrics={
        DELIVERIES: lambda parts: parts.counted.samples(_samples),
        BEHIND: lambda parts: parts.counted.samples(lambda outbox: {(): outbox.behind_seconds}),
        TRIES: lambda parts: {(how.value,): n for how, n in parts.sender.tries.items()},
        DROPPED: lambda parts: {(): parts.teller.dropped},
    },
    webhooks={event.value: WebhookMessage for event in HookEvent},
    run=run,
    close=close,
)
