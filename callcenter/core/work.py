"""What the engine's handlers work with: the state, the decisions of the present step, and what must
be checked before the step ends.

A handler (handlers/) is a function `(work, event, now)`. It finds out what the event means and lets
a rule decide: `call`, `offer` and `operator` look the rule up in its table, and `run` takes any
other rule. A rule that raises affects only its own call, which goes to the lifeboat.
"""

from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec

from callcenter.core import call as calls
from callcenter.core import operator as desk
from callcenter.core.call import OnCall
from callcenter.core.commands import Command, Exit, SendOut
from callcenter.core.events import CallArrived, Event
from callcenter.core.facts import Fact, LegGone, StepFailed
from callcenter.core.ids import CallId, OfferId, QueueName
from callcenter.core.legs import CallerLeg
from callcenter.core.offers import ways
from callcenter.core.offers.table import OnBack, OnConsult, OnOffer, OnSeveral
from callcenter.core.operator import Ask, OnOperator
from callcenter.core.overflow import is_on_duty
from callcenter.core.rooms import Going
from callcenter.core.state import Call, Operator, State
from callcenter.core.telling import Tellings
from callcenter.core.timers import Timers
from callcenter.core.turn import Detail, Turn

P = ParamSpec("P")
Handler = Callable[["Work", Any, float], None]
Become = Callable[[State, Any], None]
Follow = Callable[["Work", Any], None]


class Work:
    """One for each engine. Only the present step changes it."""

    def __init__(
        self,
        state: State,
        *,
        room_after_seconds: float,
        seed: int,
        handlers: Mapping[type, Handler],
        becoming_true: Mapping[type, tuple[Become, Follow | None]],
    ) -> None:
        """`becoming_true`: for each kind of fact, the function that changes the state, and the one
        for what follows."""
        self.state = state
        self.seed = seed
        self.commands: list[Command] = []  # commands of the present step
        self.facts: list[Fact] = []
        self.rooms = Going(room_after_seconds)
        self.tellings = Tellings()
        self.timers = Timers(state, self.rooms, self.tellings)
        self.possible: set[QueueName] = set()  # queues in which somebody waits and somebody is free
        # queues that the site does not have any more, in which people may wait
        self.removed: set[QueueName] = set()
        # queues in which people wait, and nobody may be on duty
        self.deserted: set[QueueName] = set()
        # own queues of the callers in a queue, when the site changed
        self.stood: dict[QueueName, set[QueueName]] = {}
        # calls in which who hears whom has changed since the last step
        self.changed_talks: set[CallId] = set()
        self.look_for_duty = False  # somebody came on duty, or left
        # something changed that matters for callbacks
        self.look_at_callbacks = bool(state.site.callbacks.prefixes)
        self._handlers = handlers
        self._becoming_true = becoming_true

    # --- deciding ----------------------------------------------------------------------------

    def handle(self, event: Event, now: float) -> None:
        """Handle an event. If that fails, it is counted, and what was decided before stays."""
        try:
            self._handlers[type(event)](self, event, now)
        except Exception as error:  # noqa: BLE001 - the supervisor of handlers, counted
            self.take(self._failed(event, error, now))

    def call(
        self, call: Call | None, what: OnCall, now: float, detail: Detail | None = None
    ) -> None:
        """Something happened to the call."""
        if call is None:
            return
        turn = Turn(self.state, now)
        try:
            calls.RULES[call.state][what].rule(turn, call, detail or _NO_DETAIL)
        except Exception as error:  # noqa: BLE001 - the supervisor of rules, counted
            self.take(self.to_lifeboat(call, what.name, error, now))
        else:
            self.take(turn)

    def offer(
        self,
        call: Call | None,
        what: OnOffer | OnConsult | OnSeveral | OnBack,
        now: float,
        detail: Detail | None = None,
    ) -> None:
        """Something happened to the call's present offer."""
        if call is None or call.offer is None:
            return
        turn = Turn(self.state, now)
        try:
            cell = ways.cell_of(call.offer, what)
            cell.rule(turn, call, call.offer, detail or _NO_DETAIL)
        except Exception as error:  # noqa: BLE001 - the supervisor of rules, counted
            self.take(self.to_lifeboat(call, what.name, error, now))
        else:
            self.take(turn)

    def operator(self, ask: Ask, what: OnOperator, now: float) -> None:
        """Something happened to the operator whom `ask` names."""
        operator = self.state.operators.get(ask.operator) or Operator(id=ask.operator)
        was_on_duty = is_on_duty(operator)
        turn = Turn(self.state, now)
        desk.RULES[operator.state][what].rule(turn, operator, ask)
        self.take(turn)
        if not was_on_duty and self.deserted:
            self.look_for_duty = True

    def run(
        self,
        rule: Callable[Concatenate[Turn, P], None],
        now: float,
        /,
        *about: P.args,
        **more: P.kwargs,
    ) -> None:
        """Run a rule that stands in no table."""
        turn = Turn(self.state, now)
        rule(turn, *about, **more)
        self.take(turn)

    # --- what was decided --------------------------------------------------------------------

    def order(self, command: Command) -> None:
        """Add a command for Asterisk."""
        self.commands.append(command)

    def tell(self, fact: Fact) -> None:
        """Apply one fact."""
        become, follow = self._becoming_true[type(fact)]
        become(self.state, fact)
        if follow:
            follow(self, fact)
        self.facts.append(fact)

    def take(self, turn: Turn) -> None:
        """Apply what the turn decided."""
        state, becoming_true = self.state, self._becoming_true
        for fact in turn.facts:
            become, follow = becoming_true[type(fact)]
            become(state, fact)
            if follow:
                follow(self, fact)
        self.facts += turn.facts
        self.commands += turn.commands

    def is_gone(self, offer: OfferId, now: float) -> None:
        """The leg of this offer is gone, so its phone can be rung again."""
        if offer in self.state.letting_go:
            self.tell(LegGone(at=now, offer=offer))

    def look_everywhere(self) -> None:
        """An offer may have become possible in any queue."""
        for name, queue in self.state.queues.items():
            if queue.free and (len(queue.line) or queue.widening):
                self.possible.add(name)

    # --- faults of ours ----------------------------------------------------------------------

    def _failed(self, event: Event, error: Exception, now: float) -> Turn:
        """An event could not be handled at all. A new caller goes to the lifeboat."""
        turn = Turn(self.state, now)
        call = event.call if isinstance(event, CallArrived) else ""
        told = type(error).__name__
        turn.tell(StepFailed(at=now, event=type(event).__name__, error=told, call=call))
        if isinstance(event, CallArrived) and event.call not in self.state.calls:
            leg = CallerLeg(call=event.call, node=event.node)
            turn.order(SendOut(lane=event.call, leg=leg, exit=Exit.ERROR))
        return turn

    def to_lifeboat(self, call: Call, event: str, error: Exception, now: float) -> Turn:
        """After a bug of ours no citizen must stay in silence, and no operator in a dead call."""
        turn = Turn(self.state, now)
        told = type(error).__name__
        turn.tell(StepFailed(at=now, event=event, error=told, call=call.id))
        calls.RULES[call.state][OnCall.FAULT].rule(turn, call, _NO_DETAIL)
        return turn


_NO_DETAIL = Detail()
