"""An auditor that finds nothing must be able to find something: engines broken on purpose."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from callcenter.core import (
    asking,
    assignment,
    entry,
    leaving,
    outward,
    overflow,
    redial,
    routing,
    set_aside,
    survey,
    telling,
)
from callcenter.core import call as calls
from callcenter.core import fold as folding
from callcenter.core import free as frees
from callcenter.core import operator as desk
from callcenter.core import reconcile as comparing
from callcenter.core import snapshot as remembering
from callcenter.core import state as states
from callcenter.core.call import OnCall
from callcenter.core.case_states import CaseAnswer, CaseWord
from callcenter.core.cell import Cell
from callcenter.core.commands import HangUp, RingCitizen
from callcenter.core.events import OperatorAnswered
from callcenter.core.facts import OperatorState
from callcenter.core.handlers import find
from callcenter.core.handlers.table import HANDLERS
from callcenter.core.legs import OfferLeg
from callcenter.core.line import Group
from callcenter.core.offers import call_back, operator_first, ring, rules, ways
from callcenter.core.offers.table import OnOffer
from callcenter.core.operator import OnOperator
from callcenter.core.outcome import EndedBy, OfferResult
from callcenter.core.site import Line
from callcenter.core.state import Call, CallState, OfferState, Queue, State, Way
from callcenter.core.timers import Timers
from callcenter.core.turn import Turn
from callcenter.core.work import Work
from tests.simulation.play import Failed, play

SEEDS = range(500, 600)
Break = Callable[[pytest.MonkeyPatch], None]


def _rule(state: CallState, what: OnCall, rule: calls.Rule) -> Break:
    """A rule of the call table replaced."""

    def broken(patch: pytest.MonkeyPatch) -> None:
        table = {**calls.RULES[state], what: Cell(rule, tuple(CallState))}
        patch.setattr(calls, "RULES", {**calls.RULES, state: table})

    return broken


def _offers(way: Way, state: OfferState, what: OnOffer, rule: Any) -> Break:
    """A rule of an offers' table replaced."""

    def broken(patch: pytest.MonkeyPatch) -> None:
        table = ways.RULES[way]
        row = {**table[state], what: Cell(rule, (*OfferState, *CallState))}
        patch.setattr(ways, "RULES", {**ways.RULES, way: {**table, state: row}})

    return broken


def _without(rule: Any, *kinds: str) -> Any:
    """A rule that forgets some of its commands or facts."""

    def forgetful(turn: Turn, *about: Any) -> None:
        rule(turn, *about)
        turn.commands[:] = [x for x in turn.commands if type(x).__name__ not in kinds]
        turn.facts[:] = [x for x in turn.facts if type(x).__name__ not in kinds]

    return forgetful


def _last_first(patch: pytest.MonkeyPatch) -> None:
    def first(state: State, queue: Queue, group: Group) -> object:
        return list(group)[-1]

    patch.setattr(State, "first_waiting", first)


def _newest_idle(patch: pytest.MonkeyPatch) -> None:
    whole = routing.next_pair

    def next_pair(state: Any, queues: Any, seed: int) -> Any:
        pair = whole(state, queues, seed)
        if pair is None:
            return None
        _, call = pair
        return state.operators[list(state.queue(call.queue).free)[-1]], call

    patch.setattr(assignment, "next_pair", next_pair)


def _anybody_will_do(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(states, "can", lambda skills, needs: True)
    patch.setattr(frees, "can", lambda skills, needs: True)


def _needs_never_relax(patch: pytest.MonkeyPatch) -> None:
    whole = Timers.is_valid

    def is_valid(timers: Any, due: float, kind: str, who: str) -> bool:
        return kind != "relax" and whole(timers, due, kind, who)

    patch.setattr(Timers, "is_valid", is_valid)


def _one_leg_is_enough(patch: pytest.MonkeyPatch) -> None:
    whole = HANDLERS[OperatorAnswered]

    def answered(work: Work, event: Any, now: float) -> None:
        whole(work, event, now)
        if call := find.current(work.state, event.offer):
            work.offer(call, OnOffer.JOINED, now)

    patch.setitem(HANDLERS, OperatorAnswered, answered)


def _nobody_is_missed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(comparing, "_missing", lambda *_: iter(()))


def _lines_are_not_missed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(comparing, "_lines", lambda *_: iter(()))


def _end_at_once(turn: Turn, call: Any, offer: Any, detail: Any) -> None:
    leaving.hang_up_caller(turn, call)
    rules.end_talk(turn, call, turn.operator(call), EndedBy.OPERATOR)


def _put_out(turn: Turn, call: Any, offer: Any, detail: Any) -> None:
    calls.put_out(turn, call, detail)


def _overflow(turn: Turn, call: Any, offer: Any, detail: Any) -> None:
    calls.waited_longest(turn, call, detail)


def _nobody_is_adopted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(comparing, "_adopted", lambda *_: iter(()))


def _a_poor_memory(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(remembering.KEPT, "calls")


def _wrap_up_for_ever(patch: pytest.MonkeyPatch) -> None:
    table = {**desk.RULES[OperatorState.WRAPUP], OnOperator.TIME_SPENT: Cell(desk.ignore)}
    patch.setattr(desk, "RULES", {**desk.RULES, OperatorState.WRAPUP: table})


def _stale_legs_stay(patch: pytest.MonkeyPatch) -> None:
    whole = HANDLERS[OperatorAnswered]

    def answered(work: Work, event: Any, now: float) -> None:
        if find.current(work.state, event.offer):
            whole(work, event, now)

    patch.setitem(HANDLERS, OperatorAnswered, answered)
    _offers(_RING, _O.RINGING, _E.STATE_TIME, _without(ring.rona, "HangUp"))(patch)


def _always_allowed(patch: pytest.MonkeyPatch) -> None:
    whole = outward.why_held

    def allowed(*about: Any, **besides: Any) -> str:
        return whole(*about, **besides).replace("hours", "")

    patch.setattr(outward, "why_held", allowed)


def _called_though_the_citizen_called(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entry, "end_callback", lambda turn, call, why: None)


def _another_number(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(call_back, "RingCitizen", partial(_ring_another, RingCitizen))


def _ring_another(ring: Callable[..., RingCitizen], **about: Any) -> RingCitizen:
    return ring(**{**about, "number": "0810000000"})


def _called_before_the_operator_answers(patch: pytest.MonkeyPatch) -> None:
    whole = operator_first.begin

    def begin(turn: Turn, operator: Any, call: Call) -> None:
        whole(turn, operator, call)
        if not operator.open_line:
            this = call.offer_named(call.offers + 1)
            leg = OfferLeg(offer=this, node=call.node)
            operator_first._call(turn, call, this, operator.id, leg)

    patch.setattr(operator_first, "begin", begin)


def _only_hung_up(patch: pytest.MonkeyPatch) -> None:
    was = asking._score
    patch.setattr(asking, "_score", lambda turn, call, place, why: was(turn, call, None, why))


def _missed_call(turn: Turn, call: Any, offer: Any, detail: Any) -> None:
    ring.answer(turn, call, offer, detail)
    turn.commands[:] = [
        replace(x, elsewhere=False) if isinstance(x, HangUp) else x for x in turn.commands
    ]


def _place_is_lost(patch: pytest.MonkeyPatch) -> None:
    whole = folding._beside_ended

    def ended(state: State, call: Call, fact: Any) -> None:
        whole(state, call, fact)
        state.operators[fact.operator].stays_idle = False

    patch.setattr(folding, "_beside_ended", ended)


def _closed_case(place: Any, *, answer: CaseAnswer) -> Any:
    wrong = answer.word is CaseWord.WRONG
    return replace(place, answer=CaseAnswer(word=CaseWord.CLOSED) if wrong else answer)


_S, _C, _O, _E, _RING = CallState, OnCall, OfferState, OnOffer, Way.RING
BROKEN: dict[str, Break] = {
    "the last in line is served first": _last_first,
    "the newest idle operator is rung": _newest_idle,
    "anybody is good enough": _anybody_will_do,
    "needs never relax": _needs_never_relax,
    "answered before both are joined": _one_leg_is_enough,
    "who went away meanwhile is not missed": _nobody_is_missed,
    "who came meanwhile is not adopted": _nobody_is_adopted,
    "the journal forgets somebody": _a_poor_memory,
    "wrap-up never ends": _wrap_up_for_ever,
    "a late answer is not hung up": _stale_legs_stay,
    "who has an open line stays available without it": _lines_are_not_missed,
    "the next caller is joined before the one before has left": _offers(
        Way.OPEN_LINE, _O.TALKING, _E.HANG_UP, _end_at_once
    ),
    "a caller who leaves is not scored": _rule(
        _S.WAITING, _C.LEFT, _without(calls.leave_line, "CallScored")
    ),
    "a caller who leaves is forgotten": _rule(_S.WAITING, _C.LEFT, calls.ignore),
    "patience never ends": _rule(_S.WAITING, _C.PATIENCE, calls.ignore),
    "ringing goes on when the caller has left": _offers(
        _RING, _O.RINGING, _E.CALLER_LEFT, _without(ring.caller_gave_up, "HangUp")
    ),
    "the operator is not freed when the caller leaves": _offers(
        _RING, _O.RINGING, _E.CALLER_LEFT, _without(ring.caller_gave_up, "OperatorChanged")
    ),
    "the operator stays on the line alone": _offers(
        _RING, _O.TALKING, _E.CALLER_LEFT, _without(ring.caller_hung_up, "HangUp")
    ),
    "the caller is put out while the phone rings": _offers(
        _RING, _O.RINGING, _E.STATE_TIME, _overflow
    ),
    "no music after a hand-off that failed": _offers(
        _RING, _O.JOINING, _E.STATE_TIME, _without(ring.undo, "BackToMusic")
    ),
    "an operator who answers cuts the notice short": lambda patch: patch.setattr(
        Call, "owes_notice", property(lambda call: False)
    ),
    "who calls again stands at the end": lambda patch: patch.setattr(
        redial, "place_of", lambda *about: None
    ),
    "the wait is told again whatever it is": lambda patch: patch.setattr(
        telling, "_smaller", lambda known, call: known
    ),
    "citizens are called at night": _always_allowed,
    "a citizen who calls is called all the same": _called_though_the_citizen_called,
    "another citizen is called": _another_number,
    "the citizen is called before the operator has answered": _called_before_the_operator_answers,
    "an operator who was rung first is left alone with the ringing": _offers(
        Way.OPERATOR_FIRST,
        _O.CALLING,
        _E.STATE_TIME,
        _without(call_back.not_answered, "HangUp", "StopRinging"),
    ),
    "the operator of the last talk is not tried first": lambda patch: patch.setattr(
        State, "acquainted", lambda *about: None
    ),
    "areas do not count": lambda patch: patch.setattr(
        Line, "own_queue", lambda line, caller: line.queue
    ),
    "a rule is followed whether it applies or not": lambda patch: patch.setattr(
        overflow, "_applies", lambda *about: True
    ),
    "callers go on to where nobody is": lambda patch: patch.setattr(
        overflow,
        "_followed",
        lambda state, queue, rule, who: overflow.Standing(
            rule.queue or queue.rules.name, rule.when if rule.queue else None, rule
        ),
    ),
    "who was served is not asked how it was": lambda patch: patch.setattr(
        survey, "is_asked", lambda *about: False
    ),
    "who is asked how it was is never let go": _rule(_S.SURVEY, _C.STATE_TIME, survey.ask_again),
    "who was told how far a case is only hung up": _only_hung_up,
    "a case that is not known is said to be closed": lambda patch: patch.setattr(
        asking, "replace", _closed_case
    ),
    "nobody leaves a parking place": _rule(_S.SET_ASIDE, _C.STATE_TIME, calls.ignore),
    "two are parked in one place": lambda patch: patch.setattr(
        set_aside, "free_place", lambda state: 1
    ),
    "whoever asks for a parked call gets it": lambda patch: patch.setattr(
        set_aside, "may_pick_up", lambda state, operator, call: not operator.call
    ),
    "only one phone rings": lambda patch: patch.setattr(
        State, "next_beside", lambda state, queue: None
    ),
    "phones that were not answered first ring on": _offers(
        _RING, _O.RINGING, _E.ANSWERED, _without(ring.answer, "HangUp")
    ),
    "phones that were not answered first show a missed call": _offers(
        _RING, _O.RINGING, _E.ANSWERED, _missed_call
    ),
    "who did not answer first is blamed": lambda patch: patch.setattr(
        ring, "_ELSEWHERE", OfferResult.NO_ANSWER
    ),
    "who did not answer first loses the place": _place_is_lost,
    "nobody leaves the menu": _rule(_S.MENU, _C.STATE_TIME, asking.ask_again),
    "the caller is hung up on instead": _offers(_RING, _O.RINGING, _E.LEG_ENDED, _put_out),
}


@pytest.fixture(params=BROKEN)
def broken_engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """One of them at a time."""
    BROKEN[request.param](monkeypatch)
    yield request.param


def test_a_broken_engine_is_found_out(broken_engine: str) -> None:
    for seed in SEEDS:
        try:
            play(seed, 0.02)
        except Failed:
            return
    pytest.fail(f"nobody noticed that {broken_engine}")
