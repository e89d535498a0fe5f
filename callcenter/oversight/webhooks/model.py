"""The terms of webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec


class HookEvent(StrEnum):
    """The events that are sent."""

    RINGING = "call.ringing"  # an operator's phone rings for the caller
    ANSWERED = "call.answered"  # caller and operator talk
    ENDED = "call.ended"
    DISPOSITION = "call.disposition"  # the operator noted what the call was about
    PING = "ping"  # a test message


class DeliveryState(StrEnum):
    """The state of a delivery."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"  # given up; a person can send it again


class WebhookMessage(msgspec.Struct, kw_only=True):
    """The message that is sent. Fields that do not belong to the event are null.

    `number`: the caller's number, masked (08x-xxx-5678), or in full if the webhook says so. `at`:
    when it happened. `call` is the id in the API: GET /api/v1/calls/{call}.
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
    """A message before its receivers are known. `caller` is the full number."""

    message: WebhookMessage
    caller: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A receiver and its events. `numbers`: callers' numbers are sent in full."""

    id: int
    name: str
    url: str
    secret: str = field(repr=False)
    events: frozenset[HookEvent]
    numbers: bool
    enabled: bool
    made_by: str
    made_at: datetime


class TryResult(StrEnum):
    """How a try to send a message ended."""

    SENT = "sent"
    FAILED = "failed"  # it is tried again
    GIVEN_UP = "given_up"  # after the last try


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """The number of messages by state, and how long the first that is not sent has waited, in
    seconds; 0: none waits."""

    counts: Mapping[str, int]
    behind_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one webhook. `status`: that of the last answer, None if there was none."""

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
"""The pauses are 5 s, 10 s, … , 43 min, 1 h. A delivery is given up after a little more than three
hours."""
QUEUED_MOST = 20_000
"""For one webhook. Further messages are dead at once."""
SENT_KEPT = timedelta(days=3)
DEAD_KEPT = timedelta(days=30)


def pause_after(tries: int) -> timedelta | None:
    """The pause before the next attempt, after this many failed; None: it is given up."""
    if tries >= TRIES_MOST:
        return None
    doubled: int = 2 ** (tries - 1)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
