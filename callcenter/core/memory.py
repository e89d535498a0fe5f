"""The present state told as facts: what a journal segment begins with.

Folding them gives the same state, so that a restart reads one segment and not a year of calls.
They were all told before; whoever counts must pass them over.
"""

from collections.abc import Iterator
from dataclasses import replace

from callcenter.core.facts import (
    AsteriskConnected,
    CallMoved,
    CallQueued,
    CallReceived,
    CallReturned,
    CallScored,
    Fact,
    LedgerChecked,
    OfferAnswered,
    OfferEnded,
    OfferMade,
    OperatorChanged,
    TalkEnded,
)
from callcenter.core.ids import OfferId, OperatorId, offer_id
from callcenter.core.legs import channel_of
from callcenter.core.outcome import EndedBy, OfferResult, Outcome
from callcenter.core.state import NEVER, Call, CallState, Operator, State

ROUNDING_SECONDS = 1e-6  # (a + b) - b is not always a


def memory(state: State) -> list[Fact]:
    """Facts that rebuild every open call, every operator and the recently ended calls."""
    told: list[Fact] = []
    for name, node in state.nodes.items():
        if node.boot:
            told.append(AsteriskConnected(at=0.0, boot=node.boot, adopted=0, missing=0, node=name))
    for operator in _by_idleness(state):
        told.append(_operator(operator))
    for call in sorted(state.calls.values(), key=lambda c: c.rank[1]):
        told += _call(state, call)
    told += (LedgerChecked(at=0.0, call=call, known=True) for call in state.recent)
    told += (LedgerChecked(at=0.0, call=call, known=False) for call in state.from_ledger)
    return told


def _by_idleness(state: State) -> list[Operator]:
    """Free operators in the order in which they became free, so that the fold keeps it."""
    return sorted(state.operators.values(), key=lambda o: o.order)


def _operator(operator: Operator) -> OperatorChanged:
    return OperatorChanged(
        at=operator.since,
        operator=operator.id,
        state=operator.state,
        reason=operator.reason,
        wish=operator.wish,
        wish_reason=operator.wish_reason,
        endpoint=operator.endpoint,
        queues=operator.queues,
        until=0.0 if operator.until == NEVER else operator.until,
        call=operator.call or "",
        open_line=operator.open_line,
        line=operator.line,
        line_number=operator.line_number,
        line_node=operator.line_node,
    )


def _call(state: State, call: Call) -> Iterator[Fact]:
    yield CallReceived(
        at=call.arrived_at,
        call=call.id,
        line=call.line,
        did=call.did,
        caller=call.caller,
        arrived_at=call.arrived_at,
        node=call.node,
    )
    if call.queue:
        yield CallQueued(
            at=call.queued_at, call=call.id, queue=call.queue, priority=call.priority, waiting=0
        )
        moved_at = call.patience_until - state.queue(call.queue).rules.max_wait_seconds
        if call.talks and call.state is not CallState.LEAVING:
            yield from _came_back(call, moved_at)
            return
        if moved_at > call.queued_at + ROUNDING_SECONDS:
            yield CallMoved(at=moved_at, call=call.id, queue=call.queue)
    yield from _offers(call)
    left_at = call.until - state.site.leave_seconds
    if call.outcome:
        yield _scored(call, call.outcome, left_at)
    if call.outcome is Outcome.ANSWERED and call.state is CallState.LEAVING:
        yield _talk_ended(call, left_at)


def _offers(call: Call) -> Iterator[Fact]:
    """The present offer; or, so that its number is not used again, the last one."""
    if not call.offers or call.outcome not in (None, Outcome.ANSWERED):
        return
    this = call.offer or offer_id(call.id, call.offers)
    made, ended = _made(call, this, call.offers), _joined(call, this)
    if call.outcome is not Outcome.ANSWERED:
        ended = replace(ended, result=OfferResult.WITHDRAWN)
    yield made
    if call.answered_at:
        yield OfferAnswered(at=call.answered_at, offer=this, call=call.id, until=call.until)
        if call.state is CallState.OFFERED:  # it was an earlier offer that had been answered
            yield from (ended, made)
    if call.state not in (CallState.OFFERED, CallState.CONNECTING):
        yield ended


def _came_back(call: Call, returned_at: float) -> Iterator[Fact]:
    """A caller who stood in line again after the talks that ended, which are told as one."""
    earlier = call.offers - 1 if call.offer else call.offers
    yield _made(call, offer_id(call.id, earlier), earlier)
    yield _joined(call, offer_id(call.id, earlier))
    yield _scored(call, Outcome.ANSWERED, 0.0)
    yield _talk_ended(call, returned_at)
    yield CallReturned(at=returned_at, call=call.id, queue=call.queue)
    if call.offer:
        yield _made(call, call.offer, call.offers)
        if call.state is not CallState.OFFERED:
            at, until = call.answered_at, call.until
            yield OfferAnswered(at=at, offer=call.offer, call=call.id, until=until)
        if call.state is CallState.TALKING:
            yield _joined(call, call.offer)


def _made(call: Call, offer: OfferId, number: int) -> OfferMade:
    return OfferMade(
        at=call.offered_at,
        offer=offer,
        call=call.id,
        operator=call.operator or OperatorId(""),
        queue=call.queue,
        number=number,
        until=call.until,
        line=channel_of(call.open_line) if call.open_line else "",
    )


def _joined(call: Call, offer: OfferId) -> OfferEnded:
    return OfferEnded(
        at=call.connected_at,
        offer=offer,
        call=call.id,
        operator=call.operator or OperatorId(""),
        queue=call.queue,
        result=OfferResult.ANSWERED,
        ring_seconds=0.0,
    )


def _scored(call: Call, outcome: Outcome, left_at: float) -> CallScored:
    at = call.connected_at if outcome is Outcome.ANSWERED else left_at
    return CallScored(
        at=at,
        call=call.id,
        line=call.line,
        queue=call.queue,
        outcome=outcome,
        reason=call.reason,
        wait_seconds=at - call.arrived_at,
        queue_wait_seconds=at - call.queued_at,
        place=0,
    )


def _talk_ended(call: Call, left_at: float) -> TalkEnded:
    return TalkEnded(
        at=left_at,
        call=call.id,
        line=call.line,
        queue=call.queue,
        operator=OperatorId(""),
        talk_seconds=call.talked_seconds,
        ended_by=EndedBy.LOST,
        number=call.talks,
    )
