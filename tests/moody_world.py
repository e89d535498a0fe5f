"""The real engine in a world of moody callers, operators and an Asterisk that comes and goes.

For tests of everything that folds its facts: whatever happens, they must agree with the engine.
One seed is one history.
"""

import random
from collections.abc import Callable, Sequence

from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core.engine import Engine
from callcenter.core.facts import Fact, HelpAnswer
from callcenter.core.ids import CallId, OfferId, OperatorId
from callcenter.core.legs import LineLeg
from callcenter.core.outcome import LegEnd, Loss
from tests.kept import kept
from tests.legs import caller_leg, desk_bridge, leg_of_offer
from tests.site import DAMRONG, GCC, rules, site

DIDS = ("1567", "1111", "1669", "045614545", "nobody's")


class MoodyWorld:
    """`tell` gets the facts of every step; `watch` every new engine, before that."""

    def __init__(
        self,
        seed: int,
        *,
        watch: Callable[[Engine], None] = lambda engine: None,
        tell: Callable[[Sequence[Fact]], None],
    ) -> None:
        self.random = random.Random(seed)
        small = rules(DAMRONG, waiting_limit=5, max_wait_seconds=40.0, overflow_queue=GCC)
        self.site = site(small)
        self.now = 1000.0
        self.number = 0
        self.offers: list[OfferId] = []
        self.lines: list[LineLeg] = []
        self.ordered: Sequence[c.Command] = ()  # by the last event
        self.engine = Engine(self.site)
        self.watch, self.tell = watch, tell
        self.watch(self.engine)
        self.step(e.SnapshotTaken(boot="1", legs=(), bridges=()))

    def live(self, steps: int, *, restarts: float = 0.0) -> None:
        """Let this many things happen; after each the service may be killed and start anew."""
        for _ in range(steps):
            self.now += self.random.expovariate(0.5)
            self.step(self.anything())
            if self.random.random() < restarts:
                self.start_anew()

    def step(self, event: e.Event) -> None:
        """One event."""
        done = self.engine.step(event, self.now)
        self.ordered = done.commands
        self.offers += [o.offer for o in done.commands if isinstance(o, c.RingOperator | c.Bridge)]
        self.lines += [o.leg for o in done.commands if isinstance(o, c.RingLine)]
        self.tell(done.facts)

    def start_anew(self) -> None:
        """The service is killed and comes back."""
        snapshot = kept(self.engine)
        self.engine = Engine(self.site)
        self.engine.restore(snapshot)
        self.watch(self.engine)
        seen = [
            e.LegSeen(
                leg=caller_leg(call),
                is_up=True,
                in_app=True,
                did=held.did,
                caller="",
                age_seconds=1.0,
            )
            for call, held in self.engine.state.calls.items()
            if self.random.random() < 0.8
        ]
        self.step(e.SnapshotTaken(boot="1", legs=tuple(seen), bridges=()))

    def anything(self) -> e.Event:
        """What happens next."""
        roll = self.random.random()
        call = CallId(f"call-{self.random.randint(1, self.number + 1)}")
        operator = OperatorId(f"op{self.random.randint(1, 4)}")
        if roll < 0.25:
            self.number += 1
            age = self.random.uniform(0, 20)
            did = self.random.choice(DIDS)
            arrived = CallId(f"call-{self.number}")
            return e.CallArrived(call=arrived, did=did, caller="0812345678", age_seconds=age)
        if roll < 0.4:
            return e.CallerLeft(
                call=call, loss=self.random.choice(list(Loss)) if roll < 0.27 else None
            )
        if roll < 0.6 and self.offers:
            return self.of_an_offer(self.random.choice(self.offers[-4:]))
        if roll < 0.7:
            return e.OperatorLoggedIn(
                operator=operator,
                endpoint=f"PJSIP/{operator}",
                queues=(DAMRONG, GCC),
                open_line=self.random.random() < 0.3,
            )
        if roll < 0.72 and self.lines:
            return self.of_a_line(self.random.choice(self.lines[-4:]))
        if roll < 0.78:
            return self.at_a_desk(operator)
        if roll < 0.8:
            away = frozenset({f"PJSIP/{operator}"} if roll < 0.79 else ())
            seen = e.PhonesSeen(elsewhere=frozenset(), away=away)
            return self.one_of([seen, e.PhoneLost(endpoint=f"PJSIP/{operator}")])
        if roll < 0.84:
            return self.in_the_ledger()
        if roll < 0.86:
            return e.AsteriskLost()
        if roll < 0.88:
            return e.SnapshotTaken(boot="1", legs=(), bridges=())
        return e.TimePassed()

    def one_of(self, events: list[e.Event]) -> e.Event:
        """Any of them."""
        return self.random.choice(events)

    def of_a_line(self, line: LineLeg) -> e.Event:
        """Something about an open line; mostly it comes into its bridge."""
        bridge = desk_bridge(line.operator)
        seated = e.LegEnteredBridge(leg=line, bridge=bridge)
        ended = e.LineEnded(leg=line, end=self.random.choice(list(LegEnd)))
        return self.one_of([e.LineAnswered(leg=line), seated, seated, ended])

    def of_an_offer(self, offer: OfferId) -> e.Event:
        """Something about an operator's leg."""
        call = offer.partition("-")[2].partition("-")[2]
        bridge = desk_bridge(OperatorId(f"op{self.random.randint(1, 4)}"))
        return self.one_of(
            [
                e.OperatorAnswered(offer=offer),
                e.OperatorLegEnded(offer=offer, end=self.random.choice(list(LegEnd))),
                e.LegEnteredBridge(leg=leg_of_offer(offer), bridge=bridge),
                e.LegEnteredBridge(leg=caller_leg(call), bridge=bridge),
                e.RingFailed(offer=offer),
            ]
        )

    def at_a_desk(self, operator: OperatorId) -> e.Event:
        """Something an operator does."""
        return self.one_of(
            [
                e.OperatorLoggedOut(operator=operator),
                e.OperatorPaused(operator=operator, reason="meal"),
                e.OperatorResumed(operator=operator),
                e.HangUpAsked(operator=operator),
                e.HelpWanted(operator=operator),
                e.HelpOver(operator=operator, by=operator, how=HelpAnswer.WITHDRAWN),
            ]
        )

    def in_the_ledger(self) -> e.Event:
        """A row of Asterisk's own ledger, of a call we know or do not."""
        did = self.random.choice(DIDS)
        return e.LedgerRead(
            call=CallId(f"call-{self.random.randint(1, 2 * self.number + 1)}"),
            did=did,
            caller="",
            stage=self.random.choice(list(e.Stage)),
            answered=self.random.random() < 0.5 and did in self.site.line_of_did,
            age_seconds=300.0,
            wait_seconds=10.0,
            call_seconds=60.0,
        )
