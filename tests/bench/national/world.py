"""The day played: callers, phones and a lean Asterisk around one real engine, on a virtual clock.

Called by __main__.py. It obeys the engine's commands as Asterisk would (a leg's end is told twice,
a leg that is gone cannot be hung up) and tells the books what truly happened to each caller, so
that they need not believe the engine. It decides nothing about queues.
"""

from collections.abc import Callable, Iterator
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import Protocol

from callcenter.config.settings import Settings
from callcenter.core import commands as c
from callcenter.core import events as e
from callcenter.core import facts as f
from callcenter.core.engine import Engine, Step
from callcenter.core.facts import OperatorState
from callcenter.core.ids import (
    CallId,
    OfferId,
    OperatorId,
)
from callcenter.core.legs import CallerLeg, OfferLeg
from callcenter.core.outcome import LegEnd, Outcome
from tests.bench.national.country import DAY_SECONDS, Caller, Plan, callers, site
from tests.bench.national.roster import Duty, duties

WIRE_SECONDS = 0.02  # from a request to the event that says it is done
MESSAGE_SECONDS = 8.0  # what a caller hears who is sent out
BACK_SECONDS = 120.0  # until an operator notices that a ring was missed
ROOM_AFTER_SECONDS: float = Settings.model_fields["room_after_seconds"].default
NEVER = float("inf")
LAST_SECONDS = 3600.0  # by then the last caller must be gone

Act = Callable[[], object]


class Witness(Protocol):
    """Who is told of the people and of each step."""

    def arrived(self, call: CallId, did: str, at: float) -> None:
        """A citizen's call began (the greeting included)."""
        ...

    def hung_up(self, call: CallId) -> None:
        """The citizen put the phone down."""
        ...

    def joined(self, call: CallId) -> None:
        """Citizen and operator hear each other."""
        ...

    def step(self, event: e.Event, done: Step, now: float) -> None:
        """The engine decided."""
        ...


class World:
    """`minutes()` plays it; `engine` may be looked at between minutes."""

    def __init__(self, plan: Plan, witnesses: list[Witness]) -> None:
        self.plan = plan
        self.engine = Engine(site(plan), room_after_seconds=ROOM_AFTER_SECONDS)
        self.now = 0.0
        self._witnesses = witnesses
        self._draw = Random(plan.seed + 2)
        self._callers = callers(plan)
        self._next = 0
        self._due: list[tuple[float, int, Act]] = []
        self._order = 0
        self._waits: dict[CallId, Caller] = {}  # on the line, not yet told an outcome
        self._on_line: set[CallId] = set()
        self._legs: dict[OfferId, OperatorId] = {}  # operators' legs that ring or are up

    @property
    def people(self) -> int:
        """How many call on the day."""
        return len(self._callers)

    def minutes(self) -> Iterator[float]:
        """Play; stops at each full minute, and goes on until the last caller has gone."""
        self._step(e.SnapshotTaken(boot="1", legs=(), bridges=()))
        for duty in duties(self.plan):
            self._work(duty)
        limit = 0.0
        while limit < DAY_SECONDS or self._on_line or self._due:
            limit += 60.0
            if limit > DAY_SECONDS + LAST_SECONDS:
                raise AssertionError(f"{len(self._on_line)} callers are still there")
            self._until(limit)
            yield self.now

    # --- time ------------------------------------------------------------------------------------

    def _until(self, limit: float) -> None:
        while True:
            planned = self._due[0][0] if self._due else NEVER
            comes = self._callers[self._next].at if self._next < len(self._callers) else NEVER
            timer = self.engine.next_deadline()
            soonest = min(planned, comes, NEVER if timer is None else timer)
            if soonest > limit:
                break
            self.now = max(self.now, soonest)
            if comes <= soonest:
                self._call()
            elif planned <= soonest:
                heappop(self._due)[2]()
            else:
                self._step(e.TimePassed())
        self.now = limit

    def _after(self, seconds: float, act: Act) -> None:
        self._order += 1
        heappush(self._due, (self.now + seconds, self._order, act))

    def _step(self, event: e.Event) -> None:
        done = self.engine.step(event, self.now)
        for fact in done.facts:
            if isinstance(fact, f.CallScored):
                self._scored(fact)
            elif isinstance(fact, f.OperatorChanged) and fact.reason == "rona":
                back = e.OperatorResumed(operator=fact.operator)
                if fact.state is OperatorState.PAUSED:
                    self._after(BACK_SECONDS, partial(self._step, back))
        for witness in self._witnesses:
            witness.step(event, done, self.now)
        for command in done.commands:
            self._obey(command)

    # --- Asterisk --------------------------------------------------------------------------------

    def _obey(self, command: c.Command) -> None:
        match command:
            case c.RingOperator(offer=offer):
                self._legs[offer] = OperatorId(command.endpoint)
                self._ring(offer)
            case c.Bridge():
                self._after(WIRE_SECONDS, lambda: self._join(command))
            case c.HangUp(leg=CallerLeg(call=call)):
                self._after(WIRE_SECONDS, lambda: self._caller_gone(call))
            case c.HangUp(leg=OfferLeg(offer=offer)):
                self._after(WIRE_SECONDS, lambda: self._leg_gone(offer, LegEnd.ENDED))
            case c.SendOut():
                self._after(MESSAGE_SECONDS, lambda: self._caller_gone(command.lane))
            case _:
                pass  # desks

    def _join(self, command: c.Bridge) -> None:
        if command.offer not in self._legs or command.lane not in self._on_line:
            return
        for witness in self._witnesses:
            witness.joined(command.lane)
        assert command.operator is not None  # nobody here has an open line
        for leg in (command.caller, command.operator):
            self._step(e.LegEnteredBridge(leg=leg, bridge=command.bridge))
        talk = self._waits.pop(command.lane)
        ends = self._operator_ends if self._chance(self.plan.operator_ends) else self._caller_ends
        self._after(talk.talk_seconds, lambda: ends(command))

    def _caller_ends(self, command: c.Bridge) -> None:
        self._hang_up(command.lane)

    def _operator_ends(self, command: c.Bridge) -> None:
        self._leg_gone(command.offer, LegEnd.ENDED)

    def _caller_gone(self, call: CallId) -> None:
        if call in self._on_line:
            self._on_line.remove(call)
            self._waits.pop(call, None)
            for _ in range(2):
                self._step(e.CallerLeft(call=call))

    def _leg_gone(self, offer: OfferId, end: LegEnd) -> None:
        if self._legs.pop(offer, None):
            for _ in range(2):
                self._step(e.OperatorLegEnded(offer=offer, end=end))

    # --- callers ---------------------------------------------------------------------------------

    def _call(self) -> None:
        self._next += 1
        caller, greeting = self._callers[self._next - 1], self.plan.greeting_seconds
        call = CallId(f"asterisk-1795000000.{self._next}")
        self._waits[call] = caller
        self._on_line.add(call)
        for witness in self._witnesses:
            witness.arrived(call, caller.did, self.now - greeting)
        number = f"08{self._next:08}"
        self._after(caller.patience_seconds, lambda: self._gives_up(call))
        self._step(e.CallArrived(call=call, did=caller.did, caller=number, age_seconds=greeting))

    def _gives_up(self, call: CallId) -> None:
        if call in self._waits:
            self._hang_up(call)

    def _hang_up(self, call: CallId) -> None:
        if call in self._on_line:
            for witness in self._witnesses:
                witness.hung_up(call)
            self._caller_gone(call)

    def _scored(self, fact: f.CallScored) -> None:
        if fact.outcome is not Outcome.ANSWERED:
            self._waits.pop(fact.call, None)  # hears a message: nobody gives up on that

    # --- operators -------------------------------------------------------------------------------

    def _work(self, duty: Duty) -> None:
        who = duty.operator
        begins = max(0.0, duty.begins)
        log_in = e.OperatorLoggedIn(operator=who, endpoint=f"PJSIP/{who}", queues=duty.queues)
        self._after(begins, lambda: self._step(log_in))
        for begin, end in duty.breaks:
            off, on = (
                e.OperatorPaused(operator=who, reason="break"),
                e.OperatorResumed(operator=who),
            )
            self._after(begin, partial(self._step, off))
            self._after(end, partial(self._step, on))
        self._after(duty.ends, lambda: self._step(e.OperatorLoggedOut(operator=who)))

    def _ring(self, offer: OfferId) -> None:
        if self._chance(self.plan.not_picked_up):
            return  # rings until the engine gives up
        if self._chance(self.plan.not_reached):
            self._after(WIRE_SECONDS, lambda: self._leg_gone(offer, LegEnd.UNREACHABLE))
            return
        self._after(self._draw.uniform(*self.plan.pick_up_seconds), lambda: self._picks_up(offer))

    def _picks_up(self, offer: OfferId) -> None:
        if offer in self._legs:
            self._step(e.OperatorAnswered(offer=offer))

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share
