"""Questions to the record: calls with filters, and one call with its offers.

The web adapter uses `CallRecords`; storage/queries.py implements it. Stamps are the wall clock
(UTC), for people to read. `…_seconds` come from the engine's own time. A record appears a moment
after the fact, or later while PostgreSQL is away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """A filter for calls, latest first. None: any. `arrived_from` is included, `arrived_before` is
    not.

    `after` is (arrived_at, call) of the last call already seen; the list goes on after it.
    """

    line: str | None = None
    queue: str | None = None
    operator: str | None = None
    outcome: str | None = None
    caller_e164: str | None = None
    arrived_from: datetime | None = None
    arrived_before: datetime | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call. `outcome` null: not known yet. Times in seconds are from the service's own clock.
    `via`: `service` or `lifeboat`. `expected_wait_seconds`: the estimate when the call was queued,
    to compare with `queue_wait_seconds`; nine of ten calls wait no longer than
    `wait_at_most_seconds`. null: unknown at that time, or an operator was free. `news`: the first
    prompt of the message of the day that the caller heard. `news_more`: the caller pressed key 1
    for more of it. `told_place`, `told_minutes`: the last announcement of the wait (61: longer than
    usual). `told_error_seconds`: that wait minus the real one from then on. `language`, `kind`,
    `topic` and `province`: what the caller chose in the menu. `menu_path`: the keys pressed, as
    `step=key`; null: there was no menu. `case_lookup`: the answer to the last number of a case that
    the caller typed there (a state, `wrong`, `away`, `too_often`); the number is not kept.
    `callback_lookup`: the last answer to a caller who asked there about the callback to their
    number (`waiting`, `later`, `again`, `hours`, `calling`, `cancelled`, `not_reached`, `expired`,
    `done`, `none`, `too_often`).
    `overflow`: the overflow rule that applied to the new caller, as `why=to`, such as
    `length=callback`; null: none. `redial_of`: the call that was left unanswered, and whose place
    in line the caller got. `first_arrived_at`: since when that place was theirs.
    `callback_asked_at`: when the caller asked to be called back. `callback_tries`: the number of
    attempts. `callback_result`: an outcome, or why there was none (`not_reached`, `cancelled`,
    `claimed` by a call of the citizen's own, `expired`). `voicemail`: what came of asking the
    caller for a message (`left`, `hung_up` while it was recorded, `cut`, `empty`, `failed`,
    `no_message`); null: was not asked. `survey`: the result of the survey after the talk
    (`answered`, `silent`, `left`, `cut`); null: there was none. `survey_score`: 1 (very poor) to 5
    (very good). `node`: the name of the Asterisk that had the call; null: the call is older than
    this column. `demo`: the demo made it, and no report counts it."""

    call: str
    line: str
    did: str
    caller: str
    queue: str | None
    priority: int | None
    arrived_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    reason: str
    wait_seconds: float | None
    queue_wait_seconds: float | None
    talk_seconds: float | None
    place: int | None
    offers: int
    operator: str | None
    ended_by: str | None
    end_reason: str | None
    talks: int
    transfers: int
    expected_wait_seconds: float | None
    wait_at_most_seconds: float | None
    news: str | None
    news_more: bool | None
    told_place: int | None
    told_minutes: int | None
    told_error_seconds: float | None
    transfer_kind: str | None  # of the last transfer: blind, attended
    consults: int  # how often a colleague was consulted in the talk
    consult_seconds: float  # how long the caller was on hold for that
    parks: int  # how often the call was parked
    park_seconds: float  # how long it was in parking places
    language: str | None
    kind: str | None
    topic: str | None
    province: str | None
    menu_path: str | None
    menu_seconds: float | None
    overflow: str | None
    case_lookup: str | None
    callback_lookup: str | None
    redial_of: str | None
    first_arrived_at: datetime | None
    callback_asked_at: datetime | None
    callback_tries: int | None
    callback_result: str | None
    voicemail: str | None
    survey: str | None
    survey_score: int | None
    node: str | None
    via: str
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRecord:
    """One offer of the call to an operator. `result` null: the phone rings."""

    offer: str
    operator: str
    queue: str
    number: int
    made_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    result: str | None
    ring_seconds: float | None


class CallRecords(Protocol):
    """The record of calls. Every method raises people.DatabaseAwayError."""

    async def calls(self, wanted: CallFilter) -> Sequence[CallRecord]:
        """The calls that match a filter, latest arrival first."""
        ...

    async def call(self, call: str) -> CallRecord | None:
        """One call."""
        ...

    async def earlier(self, caller: str, before: datetime, limit: int) -> Sequence[CallRecord]:
        """Earlier calls of the same number, latest first. None if the number is uncertain
        (withheld, a short number, forged text)."""
        ...

    async def offers(self, call: str) -> Sequence[OfferRecord]:
        """The offers of one call, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSpan:
    """How many calls of the demo are in the record, and the times of the first and the last."""

    calls: int
    first_arrived_at: datetime | None
    last_arrived_at: datetime | None


class DemoCalls(Protocol):
    """The demo's calls in the record. Every method raises people.DatabaseAwayError."""

    async def mark(self, calls: Sequence[str], since: datetime) -> int:
        """Mark these calls; gives how many were marked. Left out are calls that arrived before
        `since`, are not over yet, or were answered by an operator who is not the demo's."""
        ...

    async def span(self) -> DemoSpan:
        """The marked calls."""
        ...

    async def remove(self) -> int:
        """Remove the marked calls with everything in the record about them; gives their number."""
        ...
