"""Streams of facts as an engine tells them, for the tests of everything that folds facts."""

from collections.abc import Iterator

from callcenter.core.facts import (
    CallEnded,
    CallOverflowed,
    CallQueued,
    CallReceived,
    CallScored,
    Fact,
    NewsHeard,
    OfferAnswered,
    OfferEnded,
    OfferMade,
    OperatorChanged,
    OperatorState,
    SurveyEnded,
    SurveyEnding,
    TalkEnded,
    WaitTold,
)
from callcenter.core.ids import CallId, LineName, OfferId, OperatorId, QueueName, offer_id
from callcenter.core.outcome import EndedBy, OfferResult, Outcome

LINE = LineName("1567")
QUEUE = QueueName("damrong")


def received(call: str, at: float = 10.0, *, caller: str = "0812345678") -> CallReceived:
    """A call that was created two seconds before it reached us."""
    return CallReceived(
        at=at, call=CallId(call), line=LINE, did="1567", caller=caller, arrived_at=at - 2
    )


def queued(call: str, at: float = 10.0, *, expected: float | None = None) -> CallQueued:
    """It stands in line, and is expected to wait so long."""
    return CallQueued(
        at=at,
        call=CallId(call),
        queue=QUEUE,
        priority=0,
        waiting=1,
        expected_seconds=expected,
        at_most_seconds=None if expected is None else 2 * expected,
    )


def overflowed(call: str, at: float = 10.0) -> CallOverflowed:
    """The line was long: a callback is offered at once."""
    return CallOverflowed(at=at, call=CallId(call), queue=QUEUE, why="length", to="callback")


def news_heard(call: str, at: float = 11.0, *, more: bool = False) -> NewsHeard:
    """The caller hears the message of the day, or more of it."""
    return NewsHeard(
        at=at, call=CallId(call), place="line/1567", number=1, more=more, news="own_flood"
    )


def survey_ended(call: str, at: float, score: int, ending: SurveyEnding) -> SurveyEnded:
    """The caller was asked how it was after a talk with op1."""
    return SurveyEnded(
        at=at,
        call=CallId(call),
        line=LINE,
        queue=QUEUE,
        operator=OperatorId("op1"),
        score=score,
        ending=ending,
        seconds=8.0,
    )


def told(call: str, at: float, place: int, minutes: int) -> WaitTold:
    """The caller hears place and wait."""
    return WaitTold(at=at, call=CallId(call), queue=QUEUE, place=place, minutes=minutes)


def scored(
    call: str,
    at: float,
    outcome: Outcome,
    *,
    wait: float = 5.0,
    queue: str = QUEUE,
    reason: str = "",
    place: int = 0,
    told_error: float | None = None,
) -> CallScored:
    """Its one outcome."""
    return CallScored(
        at=at,
        call=CallId(call),
        line=LINE,
        queue=QueueName(queue),
        outcome=outcome,
        reason=reason,
        wait_seconds=wait,
        queue_wait_seconds=max(0.0, wait - 2),
        place=place,
        told_error_seconds=told_error,
    )


def operator_changed(
    operator: str, at: float, state: OperatorState, *, call: str = "", reason: str = ""
) -> OperatorChanged:
    """What an operator does from now on."""
    return OperatorChanged(
        at=at,
        operator=OperatorId(operator),
        state=state,
        reason=reason,
        wish=OperatorState.AVAILABLE,
        wish_reason="",
        endpoint=f"PJSIP/op-{operator}",
        queues=(QUEUE,),
        until=0.0,
        call=call,
    )


def offer_of(call: str) -> OfferId:
    """The first offer of a call."""
    return offer_id(CallId(call), 1)


def answered_call(call: str, operator: str, at: float) -> Iterator[Fact]:
    """A whole call: 12 facts from arrival to the operator's next readiness, 45 s in all."""
    c, o, offer = CallId(call), OperatorId(operator), offer_of(call)
    yield received(call, at)
    yield queued(call, at)
    yield OfferMade(
        at=at + 1, offer=offer, call=c, operator=o, queue=QUEUE, number=1, until=at + 16
    )
    yield operator_changed(operator, at + 1, OperatorState.RINGING, call=call)
    yield OfferAnswered(at=at + 4, offer=offer, call=c, until=at + 6)
    yield OfferEnded(
        at=at + 5,
        offer=offer,
        call=c,
        operator=o,
        queue=QUEUE,
        result=OfferResult.ANSWERED,
        ring_seconds=3.0,
    )
    yield scored(call, at + 5, Outcome.ANSWERED, wait=7.0)
    yield operator_changed(operator, at + 5, OperatorState.ON_CALL, call=call)
    yield TalkEnded(
        at=at + 35,
        call=c,
        line=LINE,
        queue=QUEUE,
        operator=o,
        talk_seconds=30.0,
        ended_by=EndedBy.CALLER,
    )
    yield operator_changed(operator, at + 35, OperatorState.WRAPUP, call=call)
    yield CallEnded(at=at + 35, call=c)
    yield operator_changed(operator, at + 45, OperatorState.AVAILABLE)


def answered_calls(count: int, *, operators: int = 20, at: float = 100.0) -> list[Fact]:
    """`count` whole calls one after another, `operators` people taking turns."""
    return [
        fact
        for number in range(count)
        for fact in answered_call(f"call-{number}", f"op{number % operators}", at + number)
    ]
