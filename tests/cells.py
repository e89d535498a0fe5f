"""Every engine in every test is held against the tables: nothing goes where no cell says it may.

Installed by tests/conftest.py. After the facts of a step are folded, the call (or operator) whose
cell it was is in one of the cell's targets; and an operator moves along an arrow of its table.
"""

from functools import wraps
from typing import Any

from callcenter.core import call as calls
from callcenter.core import operator as desk
from callcenter.core.diagram import operator_arrows
from callcenter.core.engine import Engine, Step
from callcenter.core.facts import OperatorChanged, OperatorState, StepFailed
from callcenter.core.offers import ways
from callcenter.core.state import CallState
from callcenter.core.work import Work


class OffTheTable(AssertionError):
    """A rule led where its cell does not say."""


def watch_the_cells() -> None:
    """From now on, in this process."""
    do_call, do_offer, do_operator = Work.call, Work.offer, Work.operator
    take, step = Work.take, Engine.step
    moves = {(source, target) for source, target, _ in operator_arrows()}
    off: list[str] = []

    @wraps(do_call)
    def call_of(self: Any, call: Any, what: Any, now: float, detail: Any = None) -> None:
        if call is None:
            return
        was, told = call.state, len(self.facts)
        cell = calls.RULES[was][what]
        do_call(self, call, what, now, detail)
        here = self.state.calls.get(call.id)
        is_now = here.state if here else CallState.ENDED
        failed = any(isinstance(fact, StepFailed) for fact in self.facts[told:])
        if not failed and is_now not in (getattr(cell, "targets", ()) or (was,)):
            off.append(f"a call, {was}, {what}: {is_now}")

    @wraps(do_offer)
    def offer_of(self: Any, call: Any, what: Any, now: float, detail: Any = None) -> None:
        if call is None or call.offer is None:
            return
        was, told = call.offer.state, len(self.facts)
        cell = ways.cell_of(call.offer, what)
        do_offer(self, call, what, now, detail)
        here = self.state.calls.get(call.id)
        is_now = (here.offer.state if here.offer else here.state) if here else CallState.ENDED
        failed = any(isinstance(fact, StepFailed) for fact in self.facts[told:])
        if not failed and is_now not in (getattr(cell, "targets", ()) or (was,)):
            off.append(f"an offer, {was}, {what}: {is_now}")

    @wraps(do_operator)
    def operator_of(self: Any, ask: Any, what: Any, now: float) -> None:
        was = _state(self, ask.operator)
        cell = desk.RULES[was][what]
        do_operator(self, ask, what, now)
        is_now = _state(self, ask.operator)
        if is_now not in (getattr(cell, "targets", ()) or (was,)):
            off.append(f"an operator, {was}, {what}: {is_now}")

    @wraps(take)
    def taken(self: Any, turn: Any) -> None:
        was = {f.operator: _state(self, f.operator) for f in _changes(turn.facts)}
        for fact in _changes(turn.facts):
            before, was[fact.operator] = was[fact.operator], fact.state
            if before != fact.state and (before, fact.state) not in moves:
                off.append(f"an operator, {before}: {fact.state}")
        take(self, turn)

    @wraps(step)
    def stepped(self: Any, event: Any, now: float) -> Step:
        done = step(self, event, now)
        if off:
            told = ", ".join(off)
            off.clear()
            raise OffTheTable(told)
        return done

    Work.call, Work.offer = call_of, offer_of  # type: ignore[method-assign]
    Work.operator = operator_of  # type: ignore[method-assign]
    Work.take, Engine.step = taken, stepped  # type: ignore[method-assign]


def _state(work: Any, name: Any) -> OperatorState:
    known = work.state.operators.get(name)
    return known.state if known else OperatorState.OFFLINE


def _changes(facts: list[Any]) -> list[OperatorChanged]:
    return [fact for fact in facts if isinstance(fact, OperatorChanged)]
