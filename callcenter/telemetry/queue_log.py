"""Facts as lines of Asterisk's queue_log, for tools that read it (QueueMetrics and its like).

    1366720340|1366720330.7|damrong|somchai|CONNECT|10|offer-1-1366720330.7|4

Time (seconds since 1970), call, queue, operator, event, and the event's own fields: the words and
the order of fields are app_queue's. Pure, except for the wall clock that it is given. For each call
it keeps where and since when it waits. Calls that were open at the start come from the state.

Some cases do not exist in app_queue. A caller who moves to another queue leaves the first one
(EXITWITHTIMEOUT, or EXITEMPTY if nobody is on duty) and enters the other. A caller whose operator's
phone died enters again. A transferred caller is a BLINDTRANSFER to the operator or the queue, or an
ATTENDEDTRANSFER to the consulted colleague, and enters again. Calls that only Asterisk's ledger
told of are left out, because they are long past.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from callcenter.core import facts as f
from callcenter.core import parked, voicemail
from callcenter.core.commands import Exit
from callcenter.core.facts import Fact, OperatorState
from callcenter.core.ids import CallId, OperatorId, QueueName
from callcenter.core.outcome import Diversion, EndedBy, Loss, OfferResult, Outcome
from callcenter.core.state import Call, State

NOBODY = "NONE"
_PART_OF_A_LINE = str.maketrans({"|": "_", "\r": "_", "\n": "_"})
_AWAY = (OperatorState.PAUSED, OperatorState.PHONE_AWAY)
_HUNG_UP = (Outcome.ABANDONED, Outcome.ABANDONED_SHORT)
_WAITED_LONGEST = (Diversion.MAX_WAIT, Exit.MESSAGE, voicemail.REASON)
# a caller of a RESTART is sent out by us, so is not cut off
_CUT_OFF = frozenset(Loss) - {Loss.RESTART}
_NO_QUEUE = QueueName("")


@dataclass(slots=True)
class _Stay:
    """A call in a queue. `since` is engine time. `held_seconds` is the time until it was
    answered."""

    caller: str
    queue: QueueName = _NO_QUEUE
    since: float = 0.0
    place: int = 1
    waits: bool = False
    held_seconds: float = 0.0
    parked: bool = False  # has no leg, and is to be called back


@dataclass(slots=True)
class _Member:
    """An operator as the file shows them."""

    queues: tuple[QueueName, ...] = ()
    away: str | None = None  # the reason of the pause


class QueueLog:
    """Makes the lines for each step's facts. `shown` gives what is written of a caller's number."""

    def __init__(
        self, state: State, wall: Callable[[], float], shown: Callable[[str], str]
    ) -> None:
        self._state = state
        self._wall = wall
        self._shown = shown
        self._stays = {call.id: self._stay_of(call) for call in state.calls.values()}
        self._members = {
            one.id: _Member(one.queues, _away(one.state, one.reason))
            for one in state.operators.values()
            if one.state is not OperatorState.OFFLINE
        }

    def _stay_of(self, call: Call) -> _Stay:
        held = max(0.0, call.connected_at - call.waits_since)
        waits = call.waits and not call.is_parked
        stay = _Stay(self._shown(call.caller), call.queue, call.waits_since, 1, waits, held)
        stay.parked = call.is_parked
        if call.queue and call.id in self._state.queue(call.queue).line:
            stay.place = self._state.queue(call.queue).line.place_of(call.id)
        return stay

    def lines(self, facts: Sequence[Fact]) -> Iterator[str]:
        """The lines of one step, each with its line end."""
        for fact in facts:
            for call, queue, agent, event, *data in self._told(fact, facts):
                parts = (f"{int(self._wall())}", call, queue, agent, event, *map(str, data))
                yield "|".join(part.translate(_PART_OF_A_LINE) for part in parts) + "\n"

    def _told(self, fact: Fact, step: Sequence[Fact]) -> Iterator[tuple[str, ...]]:
        match fact:
            case f.ServiceStarted():
                yield NOBODY, NOBODY, NOBODY, "QUEUESTART", ""
            case f.CallReceived():
                if not fact.from_ledger:
                    self._stays[fact.call] = _Stay(self._shown(fact.caller))
            case f.OperatorChanged():
                yield from self._member(fact)
            case f.CallEnded():
                yield from self._ended(fact)
            case (
                f.CallQueued()
                | f.CallMoved()
                | f.CallReturned()
                | f.CallTransferred()
                | f.OfferEnded()
                | f.CallScored()
                | f.TalkEnded()
                | f.CallbackAsked()
                | f.CallbackReached()
            ):
                if stay := self._stays.get(fact.call):
                    yield from self._of_call(fact, stay, step)
            case _:
                pass

    # --- calls -------------------------------------------------------------------------------

    def _of_call(
        self,
        fact: f.CallQueued
        | f.CallMoved
        | f.CallReturned
        | f.CallTransferred
        | f.OfferEnded
        | f.CallScored
        | f.TalkEnded
        | f.CallbackAsked
        | f.CallbackReached,
        stay: _Stay,
        step: Sequence[Fact],
    ) -> Iterator[tuple[str, ...]]:
        match fact:
            case f.CallQueued():
                place = self._place(fact.call, fact.queue) if fact.redial_of else fact.waiting
                yield self._enters(fact, stay, place)
            case f.CallMoved() if not stay.waits:
                stay.queue = fact.queue  # the caller has no leg, and enters again when called back
            case f.CallMoved():
                late = fact.why == Diversion.MAX_WAIT
                yield self._leaves(fact, stay, "EXITWITHTIMEOUT" if late else "EXITEMPTY", 1)
                yield self._enters(fact, stay, self._place(fact.call, fact.queue))
            case f.CallReturned() | f.CallTransferred():
                yield self._enters(fact, stay, self._place(fact.call, fact.queue))
            case f.CallbackAsked():
                stay.parked = True
                who, queue, agent, event, *rest = self._leaves(fact, stay, "EXITWITHKEY", 1)
                yield who, queue, agent, event, parked.KEY, *rest
            case f.CallbackReached():
                stay.parked = False
                yield self._enters(fact, stay, 1)
            case f.OfferEnded() if stay.parked:
                pass  # an operator was rung before the citizen, who has no leg
            case f.OfferEnded():
                yield from self._offered(fact, stay)
            case f.CallScored() if stay.waits and fact.outcome is not Outcome.ANSWERED:
                yield self._leaves(fact, stay, _way_out(fact), fact.place or 1)
            case f.TalkEnded():
                yield _completed(fact, stay, step)
            case _:
                pass

    def _enters(
        self,
        fact: f.CallQueued
        | f.CallMoved
        | f.CallReturned
        | f.CallTransferred
        | f.OfferEnded
        | f.CallbackReached,
        stay: _Stay,
        place: int,
    ) -> tuple[str, ...]:
        stay.queue, stay.since, stay.place, stay.waits = fact.queue, fact.at, place, True
        return fact.call, fact.queue, NOBODY, "ENTERQUEUE", "", stay.caller, str(place)

    def _leaves(
        self,
        fact: f.CallMoved | f.CallScored | f.CallEnded | f.CallbackAsked,
        stay: _Stay,
        event: str,
        place: int,
    ) -> tuple[str, ...]:
        stay.waits = False
        waited = _seconds(fact.at - stay.since)
        return fact.call, stay.queue, NOBODY, event, str(place), str(stay.place), waited

    def _offered(self, fact: f.OfferEnded, stay: _Stay) -> Iterator[tuple[str, ...]]:
        who = fact.call, fact.queue, fact.operator
        # a supervisor took the talk over, so the call stood in no queue in between
        if not stay.waits:
            yield self._enters(fact, stay, 1)
        if fact.result is OfferResult.ANSWERED:
            stay.waits, stay.held_seconds = False, fact.at - stay.since
            held, ring = _seconds(stay.held_seconds), _seconds(fact.ring_seconds)
            yield *who, "CONNECT", held, fact.offer, ring
        else:
            event = "RINGCANCELED" if fact.result in _CANCELLED else "RINGNOANSWER"
            yield *who, event, str(round(fact.ring_seconds * 1000))

    def _ended(self, fact: f.CallEnded) -> Iterator[tuple[str, ...]]:
        """A caller who was answered once, and gave up when waiting again, is not scored twice."""
        stay = self._stays.pop(fact.call, None)
        if stay is not None and stay.waits:
            yield self._leaves(fact, stay, "ABANDON", 1)

    def _place(self, call: CallId, queue: QueueName) -> int:
        line = self._state.queue(queue).line
        return line.place_of(call) if call in line else 1

    # --- operators ---------------------------------------------------------------------------

    def _member(self, fact: f.OperatorChanged) -> Iterator[tuple[str, ...]]:
        was = self._members.get(fact.operator, _Member())
        is_there = fact.state is not OperatorState.OFFLINE
        now = _Member(fact.queues, _away(fact.state, fact.reason)) if is_there else _Member()
        for queue in was.queues:
            if queue not in now.queues:
                yield "MANAGER", queue, fact.operator, "REMOVEMEMBER", ""
        for queue in now.queues:
            is_new = queue not in was.queues
            if is_new:
                yield "MANAGER", queue, fact.operator, "ADDMEMBER", ""
            before = None if is_new else was.away
            if now.away is not None and now.away != before:
                yield NOBODY, queue, fact.operator, "PAUSE", now.away
            elif now.away is None and before is not None:
                yield NOBODY, queue, fact.operator, "UNPAUSE", before
        self._keep(fact.operator, now if is_there else None)

    def _keep(self, operator: OperatorId, member: _Member | None) -> None:
        if member is None:
            self._members.pop(operator, None)
        else:
            self._members[operator] = member


_CANCELLED = (OfferResult.CALLER_LEFT, OfferResult.WITHDRAWN, OfferResult.ELSEWHERE)
"""Results that are not the operator's doing."""


def _away(state: OperatorState, reason: str) -> str | None:
    return (reason or state.value) if state in _AWAY else None


def _way_out(fact: f.CallScored) -> str:
    """How a caller who was not answered left. For app_queue a caller whose leg was lost has hung
    up, too."""
    if fact.outcome in _HUNG_UP or fact.reason in _CUT_OFF:
        return "ABANDON"
    return "EXITWITHTIMEOUT" if fact.reason in _WAITED_LONGEST else "EXITEMPTY"


def _completed(fact: f.TalkEnded, stay: _Stay, step: Sequence[Fact]) -> tuple[str, ...]:
    who = fact.call, fact.queue, fact.operator
    lasted = _seconds(stay.held_seconds), _seconds(fact.talk_seconds), str(stay.place)
    for other in step:
        if isinstance(other, f.CallTransferred) and other.call == fact.call:
            to = other.to_operator or other.queue
            if other.attended:
                return *who, "ATTENDEDTRANSFER", "BRIDGE", to, *lasted
            return *who, "BLINDTRANSFER", to, "callcenter", *lasted
    by_caller = fact.ended_by is EndedBy.CALLER
    return *who, "COMPLETECALLER" if by_caller else "COMPLETEAGENT", *lasted


def _seconds(seconds: float) -> str:
    return str(int(max(0.0, seconds)))
