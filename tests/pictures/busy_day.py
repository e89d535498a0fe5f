"""A busy day at three lines: callers and operators made up, everything else the real engine.

Calls come more at ten in the morning than at night; operators come in shifts; callers lose
patience; phones ring in vain now and then. The same seed plays the same day.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import cos, pi

from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine
from callcenter.core.ids import CallId, OfferId, OperatorId, QueueName
from callcenter.core.outcome import LegEnd, Outcome
from callcenter.core.site import Site
from tests.legs import caller_leg, desk_bridge, leg_of_offer

DAY_SECONDS = 86_400
TALK_SECONDS, PATIENCE_SECONDS = 150.0, 150.0
SHARES = {"1567": 0.45, "1111": 0.50, "045614545": 0.05}
CALLS_A_DAY = 2_800

Fold = Callable[[list[f.Fact]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _GivesUp:
    """The caller's patience is over, if the call still waits then."""

    call: CallId


class BusyDay:
    """`minutes()` plays the day; the facts go to `fold`, `now` is the engine's time."""

    def __init__(self, site: Site, fold: Fold, *, seed: int) -> None:
        self.engine = Engine(site)
        self.now = 0.0
        self._fold = fold
        self._chance = random.Random(seed)
        self._order = itertools.count()
        self._plans: list[tuple[float, int, e.Event | _GivesUp]] = []
        self._serving = sorted(site.queues)

    def minutes(self) -> Iterator[float]:
        """Play; stops at each full minute (seconds since the day began)."""
        self._send(e.SnapshotTaken(boot="1", legs=(), bridges=()))
        self._shifts()
        self._calls()
        for minute in range(0, DAY_SECONDS + 1, 60):
            self._until(float(minute))
            yield self.now

    def _until(self, limit: float) -> None:
        while True:
            timer = self.engine.next_deadline()
            planned = self._plans[0][0] if self._plans else float("inf")
            due = min(planned, float("inf") if timer is None else timer)
            if due > limit:
                break
            self.now = max(self.now, due)
            event = heapq.heappop(self._plans)[2] if planned <= due else e.TimePassed()
            if not isinstance(event, _GivesUp):
                self._send(event)
            elif self._still_waits(event.call):
                self._send(e.CallerLeft(call=event.call))
        self.now = limit

    def _still_waits(self, call: CallId) -> bool:
        held = self.engine.state.calls.get(call)
        return held is not None and not held.talks_now

    def _send(self, event: e.Event) -> None:
        told = self.engine.step(event, self.now).facts
        self._fold(told)
        for fact in told:
            self._react(fact)

    def _plan(self, after_seconds: float, event: e.Event | _GivesUp) -> None:
        heapq.heappush(self._plans, (self.now + after_seconds, next(self._order), event))

    def _react(self, fact: f.Fact) -> None:
        match fact:
            case f.OfferMade():
                self._ring(fact.offer)
            case f.OfferAnswered():
                self._join(fact)
            case f.OfferEnded():
                pass
            case f.CallQueued():
                patience = self._chance.expovariate(1 / PATIENCE_SECONDS)
                self._plan(patience, _GivesUp(call=fact.call))
            case f.CallScored(outcome=Outcome.ANSWERED):
                talk = self._chance.gammavariate(2, TALK_SECONDS / 2)
                self._plan(talk, e.CallerLeft(call=fact.call))
            case f.CallScored(outcome=Outcome.REJECTED | Outcome.OVERFLOW):
                self._plan(8, e.CallerLeft(call=fact.call))
            case f.OperatorChanged(state=f.OperatorState.PAUSED, reason="rona"):
                self._plan(240, e.OperatorResumed(operator=fact.operator))
            case _:
                pass

    def _ring(self, offer: OfferId) -> None:
        chance = self._chance.random()
        if chance < 0.03:
            return  # rings until the engine gives up
        if chance < 0.05:
            self._plan(1, e.OperatorLegEnded(offer=offer, end=LegEnd.UNREACHABLE))
        elif chance < 0.06:
            self._plan(2, e.OperatorLegEnded(offer=offer, end=LegEnd.DECLINED))
        else:
            self._plan(self._chance.uniform(1, 6), e.OperatorAnswered(offer=offer))

    def _join(self, fact: f.OfferAnswered) -> None:
        operator = self.engine.state.calls[fact.call].operator
        assert operator is not None
        bridge = desk_bridge(operator)
        for leg in (caller_leg(fact.call), leg_of_offer(fact.offer)):
            self._plan(0.02, e.LegEnteredBridge(leg=leg, bridge=bridge))

    def _calls(self) -> None:
        at = 0.0
        for number in itertools.count(1):
            share = 1.1 + cos(2 * pi * at / DAY_SECONDS)  # most at 14:00, least at 2:00
            at += self._chance.expovariate(CALLS_A_DAY / DAY_SECONDS * share / 1.1)
            if at > DAY_SECONDS:
                return
            (did,) = self._chance.choices(list(SHARES), list(SHARES.values()))
            arrived = e.CallArrived(
                call=CallId(f"day-{number}"), did=did, caller="", age_seconds=4.0
            )
            heapq.heappush(self._plans, (at, next(self._order), arrived))

    def _shifts(self) -> None:
        """The day begins at 14:00: afternoon, night, morning."""
        for queue, staff in zip(self._serving, ((5, 2, 5), (6, 2, 6)), strict=False):
            for shift, count in enumerate(staff):
                for number in range(count):
                    self._shift(OperatorId(f"{queue}-{shift}-{number}"), queue, shift)

    def _shift(self, operator: OperatorId, queue: QueueName, shift: int) -> None:
        begin = shift * 8 * 3600 + self._chance.uniform(0, 300) * (shift > 0)
        endpoint = f"PJSIP/op-{operator}"
        arrives = e.OperatorLoggedIn(operator=operator, endpoint=endpoint, queues=(queue,))
        self._plan(begin, arrives)
        for hours in (2, 5):
            pause = begin + hours * 3600 + self._chance.uniform(0, 3600)
            self._plan(pause, e.OperatorPaused(operator=operator, reason="break"))
            self._plan(pause + 900, e.OperatorResumed(operator=operator))
        self._plan(begin + 8 * 3600 + 120, e.OperatorLoggedOut(operator=operator))
