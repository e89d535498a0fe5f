"""A made-up day, told as facts: calls with every outcome, offers with every result, operators.

Plays to whoever folds facts (the metrics) and keeps its own plain counts, which the tests compare
with what Prometheus and SQL answer. Line 1669 has no call all day, 045-614545 has a few.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from callcenter.core import facts as f
from callcenter.core.facts import Fact, OperatorState
from callcenter.core.fold import apply
from callcenter.core.ids import CallId, LineName, OperatorId, QueueName, offer_id
from callcenter.core.outcome import EndedBy, Loss, OfferResult, Outcome, Rejection
from callcenter.core.site import Site
from callcenter.core.state import UNKNOWN_LINE, State
from callcenter.oversight.service_level.model import ScoredCall
from callcenter.oversight.service_level.rules import OFFERED

S = OperatorState
SILENT_LINE = LineName("1669")
SMALL_LINE, SMALL_CALLS = LineName("045-614545"), 12
EXPECTED_SECONDS = 20.0
GREETING_SECONDS = 4.0
WRAPUP_SECONDS = 10.0
OLDEST_WAIT_SECONDS = 90.0

Tell = Callable[[Fact], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A call of the day that came out. `queue` is empty when it was never queued."""

    line: LineName
    queue: QueueName
    call: ScoredCall
    talk_seconds: float = 0.0


@dataclass
class Day:
    """Plays the day; afterwards its fields say what happened."""

    site: Site
    tell: Tell
    now: float
    seed: int = 1
    played: list[Played] = field(default_factory=list)
    offers: Counter[tuple[QueueName, OfferResult]] = field(default_factory=Counter)
    waiting: Counter[QueueName] = field(default_factory=Counter)
    received: Counter[LineName] = field(default_factory=Counter)
    wrapups: Counter[QueueName] = field(default_factory=Counter)
    operators: dict[OperatorId, f.OperatorChanged] = field(default_factory=dict)
    ledger: Counter[bool] = field(default_factory=Counter)  # Asterisk's rows: known to us or not

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._numbers = 0
        self._at = self.now - 80_000.0

    def staff(self) -> None:
        """Five operators log in: two to each queue, one to both."""
        damrong, gcc = (QueueName(name) for name in sorted(self.site.queues))
        queues = {
            "somchai": (damrong,),
            "malee": (damrong,),
            "anan": (gcc,),
            "kanya": (gcc,),
            "prasert": (damrong, gcc),
        }
        self.tell(f.AsteriskConnected(at=self._at, boot="1", adopted=0, missing=0))
        for queue in (damrong, gcc):
            self.tell(f.QueueRostered(at=self._at, queue=queue, operators=3))
        for name, served in queues.items():
            operator = OperatorId(name)
            self.operators[operator] = f.OperatorChanged(
                at=self._at,
                operator=operator,
                state=S.OFFLINE,
                reason="",
                wish=S.AVAILABLE,
                wish_reason="",
                endpoint=f"PJSIP/op-{name}",
                queues=served,
                until=0.0,
                call="",
            )
            self._change(operator, S.AVAILABLE)

    def play(self, calls: int) -> None:
        """So many calls that end, on all lines but the silent one; then three that still wait."""
        lines = [line for line in self.site.lines.values() if line.name != SILENT_LINE]
        large = [line for line in lines if line.name != SMALL_LINE]
        kinds = [Outcome.ANSWERED] * 6 + list(Outcome)
        kinds.remove(Outcome.IVR_ENDED)
        for number in range(calls):
            among = lines if self.received[SMALL_LINE] < SMALL_CALLS else large
            line = among[number % len(among)]
            self._at += self._chance.uniform(20, 60)
            self._call(line.name, line.queue, kinds[number * 7 % len(kinds)])
        self._stranger()
        self._end_as_is(lines[0].name, lines[0].queue)

    def _call(self, line: LineName, queue: QueueName, outcome: Outcome) -> None:
        wait = self._wait(outcome)
        call = self._receive(line)
        if outcome is Outcome.REJECTED:
            reason = Rejection.QUEUE_FULL.value
            self._score(call, line, QueueName(""), outcome, 2.0, 0.0, reason)
            self._end(call)
            return
        self._queue(call, queue)
        self._at += wait
        operator = self._free(queue)
        if outcome is Outcome.ANSWERED:
            self._answer(call, line, queue, operator, wait)
            return
        if outcome is Outcome.ABANDONED:
            self._offer(call, queue, operator, 1, OfferResult.CALLER_LEFT)
        reason = Loss.SIP_FAILED.value if outcome is Outcome.FAILED else ""
        self._score(call, line, queue, outcome, wait + GREETING_SECONDS, wait, reason)
        self._end(call)

    def _wait(self, outcome: Outcome) -> float:
        """Seconds in the queue; often just a threshold."""
        if outcome is Outcome.ABANDONED_SHORT:
            return 0.5
        if outcome is Outcome.OVERFLOW:
            return 400.0
        return self._chance.choice([6.0, 8.0, 11.0, 16.0, 26.0, 56.0, 90.0, 200.0])

    def _answer(
        self, call: CallId, line: LineName, queue: QueueName, operator: OperatorId, wait: float
    ) -> None:
        number = 1
        for result in (OfferResult.NO_ANSWER, OfferResult.UNREACHABLE, OfferResult.DECLINED):
            if self._chance.random() < 0.15:
                self._offer(call, queue, operator, number, result)
                number += 1
        offer = offer_id(call, number)
        self._make(call, queue, operator, number)
        self._change(operator, S.RINGING, call)
        self.tell(f.OfferAnswered(at=self._at, offer=offer, call=call, until=self._at + 2))
        self._end_offer(call, queue, operator, number, OfferResult.ANSWERED)
        talk = self._chance.choice([30.0, 90.0, 240.0])
        self._score(call, line, queue, Outcome.ANSWERED, wait + GREETING_SECONDS, wait, "", talk)
        self._change(operator, S.ON_CALL, call)
        self._at += talk
        self.tell(
            f.TalkEnded(
                at=self._at,
                call=call,
                line=line,
                queue=queue,
                operator=operator,
                talk_seconds=talk,
                ended_by=EndedBy.CALLER,
            )
        )
        self._change(operator, S.WRAPUP, call)
        self._end(call)
        self._at += WRAPUP_SECONDS
        self._change(operator, S.AVAILABLE)
        self.wrapups[queue] += 1

    def _stranger(self) -> None:
        """A number nobody published was dialled."""
        call = self._receive(UNKNOWN_LINE)
        reason = Rejection.UNKNOWN_NUMBER.value
        self._score(call, UNKNOWN_LINE, QueueName(""), Outcome.REJECTED, 1.0, 0.0, reason)
        self._end(call)

    def _end_as_is(self, line: LineName, queue: QueueName) -> None:
        """Three callers wait, the oldest for 90 s; operators in every state."""
        for ago in (OLDEST_WAIT_SECONDS, 40.0, 10.0):
            self._at = self.now - ago
            self._queue(self._receive(line, arrived_at=self._at), queue)
            self.waiting[queue] += 1
        states = (S.ON_CALL, S.PAUSED, S.WRAPUP, S.AVAILABLE, S.OFFLINE)
        for operator, state in zip(list(self.operators), states, strict=True):
            self._change(operator, state)

    def _receive(self, line: LineName, arrived_at: float | None = None) -> CallId:
        self._numbers += 1
        call = CallId(f"day-{self._numbers}")
        arrived = self._at - GREETING_SECONDS if arrived_at is None else arrived_at
        self.received[line] += 1
        self.tell(
            f.CallReceived(
                at=self._at, call=call, line=line, did=line, caller="", arrived_at=arrived
            )
        )
        return call

    def _queue(self, call: CallId, queue: QueueName) -> None:
        queued = f.CallQueued(
            at=self._at,
            call=call,
            queue=queue,
            priority=0,
            waiting=1,
            expected_seconds=EXPECTED_SECONDS,
            at_most_seconds=2 * EXPECTED_SECONDS,
        )
        self.tell(queued)

    def _free(self, queue: QueueName) -> OperatorId:
        serving = [one for one, card in self.operators.items() if queue in card.queues]
        return self._chance.choice(serving)

    def _offer(
        self,
        call: CallId,
        queue: QueueName,
        operator: OperatorId,
        number: int,
        result: OfferResult,
    ) -> None:
        self._make(call, queue, operator, number)
        self._change(operator, S.RINGING, call)
        self._end_offer(call, queue, operator, number, result)
        self._change(operator, S.AVAILABLE)

    def _make(self, call: CallId, queue: QueueName, operator: OperatorId, number: int) -> None:
        self.tell(
            f.OfferMade(
                at=self._at,
                offer=offer_id(call, number),
                call=call,
                operator=operator,
                queue=queue,
                number=number,
                until=self._at + 15,
            )
        )

    def _end_offer(
        self,
        call: CallId,
        queue: QueueName,
        operator: OperatorId,
        number: int,
        result: OfferResult,
    ) -> None:
        self.offers[queue, result] += 1
        self.tell(
            f.OfferEnded(
                at=self._at,
                offer=offer_id(call, number),
                call=call,
                operator=operator,
                queue=queue,
                result=result,
                ring_seconds=3.0,
            )
        )

    def _score(
        self,
        call: CallId,
        line: LineName,
        queue: QueueName,
        outcome: Outcome,
        wait: float,
        queue_wait: float,
        reason: str,
        talk: float = 0.0,
    ) -> None:
        scored = ScoredCall(
            outcome=outcome, reason=reason, wait_seconds=wait, queue_wait_seconds=queue_wait
        )
        self.played.append(Played(line=line, queue=queue, call=scored, talk_seconds=talk))
        self.tell(
            f.CallScored(
                at=self._at,
                call=call,
                line=line,
                queue=queue,
                outcome=outcome,
                reason=reason,
                wait_seconds=wait,
                queue_wait_seconds=queue_wait,
                place=0,
            )
        )

    def _end(self, call: CallId) -> None:
        """The leg is gone, and Asterisk writes its ledger, of which one row in fifty was missed."""
        known = self._numbers % 50 != 0
        self.ledger[known] += 1
        self.tell(f.CallEnded(at=self._at, call=call))
        self.tell(f.LedgerChecked(at=self._at, call=call, known=known))

    def _change(self, operator: OperatorId, state: OperatorState, call: CallId | str = "") -> None:
        changed = replace(self.operators[operator], at=self._at, state=state, call=call)
        self.operators[operator] = changed
        self.tell(changed)


def telling(state: State, fold: Callable[[list[Fact]], None]) -> Tell:
    """Facts change the state, then are told, as the pump does it."""

    def tell(fact: Fact) -> None:
        apply(state, fact)
        fold([fact])

    return tell


def offered(day: Day) -> list[Played]:
    """The calls that stood in a queue."""
    return [played for played in day.played if played.call.outcome in OFFERED]
