"""The life of an operator.

An operator *wishes* to be available, paused or offline. A call that rings, goes on or is wrapped up
comes first, and the wish takes effect after it. So the state follows either from the present call
(ringing, on_call, wrapup) or from the wish. Some pauses are made by us:

`rona` (the phone rang and nobody answered) stays until the operator comes back and says so.
`declined`, `busy` and `unreachable` end by themselves after a few seconds, because the next caller
may have more luck, and no citizen should wait for a forgotten button. `line` means that an open
line is not there (open_line.py). `other_call` lasts as long as the phone is in a call that is not
ours, `line_held` as long as the phone has the open line on hold, or until the operator says that
all is well. `phone_lost` (the phone died in a talk) stays until the operator comes back and says
so.

An operator who wants calls, and whose phone is known to be away, is `phone_away` until it is back.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from callcenter.core import open_line
from callcenter.core.cell import Cell
from callcenter.core.change import LINE_HELD, OTHER_CALL, Wish, changed, for_now, same
from callcenter.core.commands import CloseDesk, OpenDesk
from callcenter.core.facts import LineHeld, LineStage, OperatorState
from callcenter.core.ids import CallId, OperatorId, QueueName
from callcenter.core.legs import DeskBridge
from callcenter.core.message import message
from callcenter.core.outcome import LegEnd, OfferResult
from callcenter.core.skills import Skills
from callcenter.core.state import Operator
from callcenter.core.turn import Turn

S = OperatorState
RONA = "rona"
PHONE_LOST = "phone_lost"
_DOWN, _STALE = LineStage.DOWN, LineStage.STALE
_OFFLINE, _WRAPUP = S.OFFLINE, S.WRAPUP


class OnOperator(StrEnum):
    """What can happen to an operator outside a call's own table."""

    LOGGED_IN = "logged in"
    LOGGED_OUT = "logged out"
    PAUSED = "paused"
    RESUMED = "resumed"
    PHONE_SEEN = "phone in use, away, on hold, or back"
    TIME_SPENT = "wrap-up or short pause over"
    LINE_ANSWERED = "open line answered"
    LINE_SEATED = "open line in the bridge"
    LINE_ENDED = "open line ended"


@message
class Ask:
    """The details of an operator's event: `reason` of a pause, `end` of an open line, and the rest
    for a log-in."""

    operator: OperatorId
    reason: str = ""
    endpoint: str = ""
    queues: tuple[QueueName, ...] = ()
    open_line: bool = False
    skills: Skills = ()
    end: LegEnd = LegEnd.ENDED


def settle(turn: Turn, operator: Operator, wish: Wish | None = None) -> None:
    """No call of ours needs the operator any more, so the wish takes effect. `wish` replaces the
    earlier wish."""
    wish = wish or (operator.wish, operator.wish_reason)
    state, reason = for_now(turn.state, operator, wish)
    if operator.open_line or operator.line is not _DOWN:
        open_line.settle(turn, operator, state, reason, wish)
    else:
        turn.tell(changed(turn.now, operator, state, reason=reason, wish=wish))
    if state is _OFFLINE:
        for desk in _desks(turn, operator):
            if not turn.state.is_in_strange_talk(operator.id, desk.node):  # closed when it is over
                turn.order(CloseDesk(lane=desk, bridge=desk))


def wrap_up(turn: Turn, operator: Operator, call: CallId, wrapup_seconds: float) -> None:
    """The conversation is over. The operator has time to write about it."""
    if wrapup_seconds <= 0:
        settle(turn, operator)
        return
    if operator.line is _STALE:
        operator = open_line.let_go(turn, operator)
    until = turn.now + wrapup_seconds
    turn.tell(changed(turn.now, operator, _WRAPUP, until=until, call=call))


def after_offer(turn: Turn, operator: Operator, result: OfferResult) -> None:
    """An offer failed: set the state of its operator."""
    pauses = turn.state.site.pauses
    match result:
        case OfferResult.NO_ANSWER:
            wish = operator.wish if operator.wish is S.OFFLINE else S.PAUSED
            settle(turn, operator, (wish, RONA))
            return
        case OfferResult.DECLINED:
            seconds = pauses.declined_seconds
        case OfferResult.BUSY:
            seconds = pauses.busy_seconds
        case OfferResult.UNREACHABLE:
            seconds = pauses.unreachable_seconds
        case _:
            settle(turn, operator)
            return
    short_pause(turn, operator, result.value, seconds)


def phone_lost(turn: Turn, operator: Operator) -> None:
    """The phone died in a talk: no calls until the operator says that all is well again."""
    if operator.line is not _DOWN:
        operator = open_line.let_go(turn, operator)
    wish = operator.wish if operator.wish is S.OFFLINE else S.PAUSED
    settle(turn, operator, (wish, PHONE_LOST if wish is S.PAUSED else operator.wish_reason))


def short_pause(turn: Turn, operator: Operator, reason: str, seconds: float) -> None:
    """Offer the operator no calls for a while, unless they wished for something longer."""
    away = operator.endpoint in turn.state.away
    if operator.wish is not S.AVAILABLE or seconds <= 0 or away:
        settle(turn, operator)
        return
    if operator.line is LineStage.STALE:
        operator = open_line.let_go(turn, operator)
    until = turn.now + seconds
    turn.tell(changed(turn.now, operator, S.PAUSED, reason=reason, until=until))


# --- rules -----------------------------------------------------------------------------------

Rule = Callable[[Turn, Operator, Ask], None]


def ignore(turn: Turn, operator: Operator, ask: Ask) -> None:
    """Do nothing. The cell says why."""


def log_in(turn: Turn, operator: Operator, ask: Ask) -> None:
    """Take calls at a phone. A call in progress keeps the state. The open line is kept if nothing
    about it changes."""
    for desk in _desks(turn, operator):
        turn.order(OpenDesk(lane=desk, bridge=desk))
    wish: Wish = (S.PAUSED, ask.reason) if ask.reason else (S.AVAILABLE, "")
    here = replace(
        operator,
        endpoint=ask.endpoint,
        queues=ask.queues,
        open_line=ask.open_line,
        skills=ask.skills,
    )
    another = (operator.endpoint, operator.open_line) != (ask.endpoint, ask.open_line)
    if operator.line is not _DOWN and another:
        here.line = LineStage.STALE
    if operator.state in (S.RINGING, S.ON_CALL, S.WRAPUP):
        turn.tell(same(turn.now, here, wish=wish))
    else:
        settle(turn, here, wish)


def log_out(turn: Turn, operator: Operator, ask: Ask) -> None:
    """Go home now."""
    settle(turn, operator, (S.OFFLINE, ""))


def pause(turn: Turn, operator: Operator, ask: Ask) -> None:
    """Pause now."""
    settle(turn, operator, (S.PAUSED, ask.reason))


def resume(turn: Turn, operator: Operator, ask: Ask) -> None:
    """Back to work now. A hold whose end was not told counts no longer."""
    if operator.line_held:
        turn.tell(LineHeld(at=turn.now, operator=operator.id, on=False))
        operator = replace(operator, line_held=False)
    settle(turn, operator, (S.AVAILABLE, ""))


def wish_out(turn: Turn, operator: Operator, ask: Ask) -> None:
    """Go home after this call."""
    _wish(turn, operator, (S.OFFLINE, ""))


def wish_pause(turn: Turn, operator: Operator, ask: Ask) -> None:
    """Pause after this call."""
    _wish(turn, operator, (S.PAUSED, ask.reason))


def wish_available(turn: Turn, operator: Operator, ask: Ask) -> None:
    """No pause after this call: the wish is withdrawn."""
    _wish(turn, operator, (S.AVAILABLE, ""))


def time_spent(turn: Turn, operator: Operator, ask: Ask) -> None:
    """Wrap-up or a short pause of ours is over, or an open line did not come in time."""
    if operator.state is S.PAUSED and operator.reason == open_line.LINE:
        open_line.give_up(turn, operator)
    else:
        settle(turn, operator)


def phone_seen(turn: Turn, operator: Operator, ask: Ask) -> None:
    """The phone of an operator who wants calls is away, in a call that is not ours, or has the open
    line on hold; or that is over."""
    if operator.state in (S.AVAILABLE, S.PHONE_AWAY) or operator.reason in _WHILE_IT_LASTS:
        settle(turn, operator)


def line_answered(turn: Turn, operator: Operator, ask: Ask) -> None:
    """The open line was picked up."""
    open_line.answered(turn, operator)


def line_seated(turn: Turn, operator: Operator, ask: Ask) -> None:
    """The open line is in the bridge, where callers can be joined with it."""
    open_line.seated(turn, operator)


def line_ended(turn: Turn, operator: Operator, ask: Ask) -> None:
    """The open line is gone."""
    open_line.ended(turn, operator, ask.end)


def _desks(turn: Turn, operator: Operator) -> list[DeskBridge]:
    """The operator's bridges, one for each node: a caller is joined on the node of the call."""
    return [DeskBridge(operator=operator.id, node=node) for node in turn.state.nodes]


def _wish(turn: Turn, operator: Operator, wish: Wish) -> None:
    turn.tell(same(turn.now, operator, wish=wish))


_E = OnOperator
_WHILE_IT_LASTS = (OTHER_CALL, LINE_HELD)
_FREE = (S.AVAILABLE, S.PAUSED, S.PHONE_AWAY)
"""The states that follow from wanting calls: the phone or the open line may be away."""

OperatorCell = Cell[Rule, OperatorState]


def _to(rule: Rule, *targets: OperatorState) -> OperatorCell:
    return Cell(rule, targets)


def _nothing(why: str) -> OperatorCell:
    return Cell(ignore, (), why)


_NOBODY = _nothing("a console that was left open")
_NO_LINE = _nothing("cannot come: what is told of an earlier line stops at the engine's door")
_NOT_HERE = _nothing("whose phone it is does not matter now")
_ALREADY = _nothing("the button was pressed twice")
_NO_TIME = _nothing("cannot come: this state has no time of its own")
_CALL_FIRST = _nothing("the call's own table sees to it")

_LATE_LINE: Mapping[OnOperator, OperatorCell] = {
    _E.LINE_ANSWERED: _to(line_answered),
    _E.LINE_SEATED: _to(line_seated),
}
_BUSY: Mapping[OnOperator, OperatorCell] = {
    _E.LOGGED_IN: _to(log_in),
    _E.LOGGED_OUT: _to(wish_out),
    _E.PAUSED: _to(wish_pause),
    _E.RESUMED: _to(wish_available),
    _E.TIME_SPENT: _NO_TIME,
    _E.PHONE_SEEN: _CALL_FIRST,
    **_LATE_LINE,
    _E.LINE_ENDED: _to(line_ended),
}
_WANTS_CALLS: Mapping[OnOperator, OperatorCell] = {
    _E.LOGGED_IN: _to(log_in, *_FREE),
    _E.LOGGED_OUT: _to(log_out, S.OFFLINE),
    _E.PAUSED: _to(pause, S.PAUSED),
    _E.RESUMED: _ALREADY,
    _E.TIME_SPENT: _NO_TIME,
    _E.PHONE_SEEN: _to(phone_seen, *_FREE),
    **_LATE_LINE,
    _E.LINE_ENDED: _to(line_ended, S.PAUSED, S.PHONE_AWAY),
}

RULES: Mapping[OperatorState, Mapping[OnOperator, OperatorCell]] = {
    S.OFFLINE: {
        _E.LOGGED_IN: _to(log_in, *_FREE),
        _E.LOGGED_OUT: _NOBODY,
        _E.PAUSED: _NOBODY,
        _E.RESUMED: _NOBODY,
        _E.TIME_SPENT: _NO_TIME,
        _E.PHONE_SEEN: _NOT_HERE,
        _E.LINE_ANSWERED: _NO_LINE,
        _E.LINE_SEATED: _NO_LINE,
        _E.LINE_ENDED: _NO_LINE,
    },
    S.AVAILABLE: {
        **_WANTS_CALLS,
        _E.PHONE_SEEN: _to(phone_seen, S.PAUSED, S.PHONE_AWAY),
        _E.LINE_ENDED: _to(line_ended, S.PAUSED),
    },
    S.RINGING: _BUSY,
    S.ON_CALL: _BUSY,
    S.WRAPUP: {
        _E.LOGGED_IN: _to(log_in),
        _E.LOGGED_OUT: _to(log_out, S.OFFLINE),
        _E.PAUSED: _to(pause, S.PAUSED),
        _E.RESUMED: _to(resume, *_FREE),
        _E.TIME_SPENT: _to(time_spent, *_FREE, S.OFFLINE),
        _E.PHONE_SEEN: _nothing("asked when the wrap-up is over"),
        **_LATE_LINE,
        _E.LINE_ENDED: _to(line_ended),
    },
    S.PAUSED: {
        _E.LOGGED_IN: _to(log_in, *_FREE),
        _E.LOGGED_OUT: _to(log_out, S.OFFLINE),
        _E.PAUSED: _to(pause, S.PAUSED),
        _E.RESUMED: _to(resume, *_FREE),
        _E.TIME_SPENT: _to(time_spent, *_FREE),
        _E.PHONE_SEEN: _to(phone_seen, *_FREE),
        _E.LINE_ANSWERED: _to(line_answered),
        _E.LINE_SEATED: _to(line_seated, *_FREE),
        _E.LINE_ENDED: _to(line_ended, S.PAUSED, S.PHONE_AWAY),
    },
    S.PHONE_AWAY: _WANTS_CALLS,
}


class ByCall(StrEnum):
    """What a call's own rules do with its operator. `BY_CALL` has the states in which each may
    happen."""

    OFFERED = "an offer is made"
    STEPS_IN = "takes over a talk, as a supervisor"
    JOINED = "both legs bridged"
    OFFER_OVER = "the offer came to nothing"
    TALK_OVER = "the talk is over"
    TAKES_OVER = "takes the caller over"
    PICKS_UP = "picks up a parked call"


BY_CALL: Mapping[ByCall, tuple[tuple[OperatorState, ...], tuple[OperatorState, ...]]] = {
    ByCall.OFFERED: ((S.AVAILABLE,), (S.RINGING,)),
    ByCall.STEPS_IN: ((S.OFFLINE, *_FREE, S.WRAPUP), (S.RINGING,)),
    ByCall.JOINED: ((S.RINGING,), (S.ON_CALL,)),
    ByCall.TAKES_OVER: ((S.ON_CALL,), (S.RINGING,)),
    ByCall.PICKS_UP: ((S.AVAILABLE, S.PAUSED, S.WRAPUP), (S.RINGING,)),
    ByCall.OFFER_OVER: ((S.RINGING,), (*_FREE, S.OFFLINE)),
    ByCall.TALK_OVER: ((S.ON_CALL,), (S.WRAPUP, *_FREE, S.OFFLINE)),
}
"""For each: the states in which it may happen, and the states that may follow."""
