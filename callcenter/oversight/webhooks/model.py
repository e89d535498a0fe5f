"""The words of webhooks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec


class HookEvent(StrEnum):
    """What is told."""

    RINGING = "call.ringing"  # an operator's phone rings for the caller
    ANSWERED = "call.answered"  # caller and operator talk
    ENDED = "call.ended"
    DISPOSITION = "call.disposition"  # the operator wrote down what it was about
    PING = "ping"  # somebody tries it out


class DeliveryState(StrEnum):
    """How far a delivery is."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"  # given up; it can be sent anew by hand


class WebhookMessage(msgspec.Struct, kw_only=True):
    """What is sent. What does not belong to the event is null.

    `number`: the caller's, masked (08x-xxx-5678), or whole where the webhook says so. `at`: when it
    happened. `call` is the id in the API: GET /api/v1/calls/{call}.
    """

    event: HookEvent
    at: datetime
    call: str
    line: str | None = None
    queue: str | None = None
    number: str | None = None
    operator: str | None = None
    outcome: str | None = None
    ended_by: str | None = None
    kind: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A message before it is known to whom it goes: `caller` is the whole number."""

    message: WebhookMessage
    caller: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Whom to tell of what. `numbers`: the callers' numbers are sent whole."""

    id: int
    name: str
    url: str
    secret: str = field(repr=False)
    events: frozenset[HookEvent]
    numbers: bool
    enabled: bool
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one webhook. `status`: the last answer, None when there was none."""

    id: int
    webhook: int
    call: str
    event: HookEvent
    body: str = field(repr=False)
    state: DeliveryState
    tries: int
    made_at: datetime
    next_at: datetime
    sent_at: datetime | None
    status: int | None
    error: str


TRIES_MOST = 12
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
"""5 s, 10 s, … , 43 min, 1 h: given up after a good three hours."""
QUEUED_MOST = 20_000
"""Of one webhook: further messages are dead at once."""
SENT_KEPT = timedelta(days=3)
DEAD_KEPT = timedelta(days=30)


def pause_after(tries: int) -> timedelta | None:
    """Before the next try, when so many failed; None: it is given up."""
    if tries >= TRIES_MOST:
        return None
    doubled: int = 2 ** (tries - 1)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
