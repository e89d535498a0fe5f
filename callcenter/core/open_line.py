"""The open line: an operator's phone that is rung once and stays up, call after call.

Its leg is in the operator's bridge, and a caller is handed over by joining both there. Until the
line is there, the operator is paused with the reason `line`, and wishes to be available. A line
that was not answered, or that dropped, is rung again when the operator says so (resumes). Only a
line that was lost with Asterisk, or of which it is unknown whether it was rung, is rung again by
itself.

A colleague who consults brings the line into their own bridge (`LENT`). It comes back when they
have talked, and only then callers are joined here again.

Callers must never meet. The line stays in the bridge, so the next caller is joined there only when
the previous one is known to have left it. If that cannot be known, the bridge is made again
(`clear_desk`).

Operators who have no open line, and had none, are not affected.
"""

from dataclasses import replace

from callcenter.core.change import LINE_HELD, Wish, changed, for_now, same
from callcenter.core.commands import CloseDesk, HangUp, OpenDesk, RingLine, SeatLine
from callcenter.core.facts import LineStage, OperatorState
from callcenter.core.ids import CallId
from callcenter.core.legs import DeskBridge, LineLeg
from callcenter.core.outcome import LegEnd
from callcenter.core.state import Operator
from callcenter.core.turn import Turn

LINE = "line"
RING_SECONDS = 30.0  # no caller waits for it, so the operator has time to come to the desk
CALLER_ID = '"open line" <line>'  # both parts are needed, as for callers

S, L = OperatorState, LineStage


def settle(turn: Turn, operator: Operator, state: OperatorState, reason: str, wish: Wish) -> None:
    """Apply the wish as far as the line allows: an operator who wants callers needs a seated
    line."""
    unwanted = state is S.OFFLINE or not operator.open_line
    if operator.line is L.STALE or (operator.line is not L.DOWN and unwanted):
        operator = let_go(turn, operator)
    line = operator.line
    wants = state is S.AVAILABLE and operator.open_line and line is L.DOWN
    if wants and (strange := turn.state.strange_line(operator.id)):
        hold(turn, operator, strange)
        return
    if state is not S.AVAILABLE or line is L.SEATED or not operator.open_line:
        turn.tell(changed(turn.now, operator, state, reason=reason, wish=wish, line=line))
        return
    number, seconds = operator.line_number, RING_SECONDS
    if line is L.DOWN:
        number, line = number + 1, L.RINGING
        _ring(turn, operator, number)
    elif line is L.ANSWERED:
        seconds = turn.state.site.bridge_seconds
        _seat(turn, operator)
    elif line is L.LENT:  # it is on its way back
        seconds = turn.state.site.bridge_seconds
    until = turn.now + seconds
    turn.tell(
        changed(
            turn.now,
            operator,
            S.PAUSED,
            reason=LINE,
            until=until,
            wish=wish,
            line=line,
            line_number=number,
        )
    )


def _ring(turn: Turn, operator: Operator, number: int) -> None:
    turn.order(
        RingLine(
            lane=operator.line_desk,
            leg=LineLeg(operator=operator.id, number=number, node=operator.line_node),
            endpoint=operator.endpoint,
            caller_id=CALLER_ID,
        )
    )


def _seat(turn: Turn, operator: Operator) -> None:
    desk = operator.line_desk
    turn.order(SeatLine(lane=desk, leg=operator.line_leg, bridge=desk))


def hold(turn: Turn, operator: Operator, line: LineLeg) -> None:
    """The operator talks on this line with a caller of whom no fact tells (core/reconcile.py).
    Until that talk is over the line is not used, and nobody is joined there."""
    number = max(operator.line_number, line.number)
    turn.tell(
        changed(
            turn.now,
            operator,
            S.PAUSED,
            reason=LINE,
            wish=(S.PAUSED, LINE),
            line=L.DOWN,
            line_number=number,
        )
    )


def strange_talk_is_over(turn: Turn, operator: Operator) -> None:
    """That talk is over. If the operator waits for a line, open it again."""
    held = (operator.state, operator.reason, operator.line) == (S.PAUSED, LINE, L.DOWN)
    if held and operator.wish_reason == LINE and operator.open_line:
        wish: Wish = (S.AVAILABLE, "")
        settle(turn, operator, *for_now(turn.state, operator, wish), wish)


def let_go(turn: Turn, operator: Operator) -> Operator:
    """Hang up the line; gives the operator without it."""
    turn.order(HangUp(lane=operator.line_desk, leg=operator.line_leg))
    return replace(operator, line=L.DOWN)


def clear_desk(turn: Turn, operator: Operator) -> Operator:
    """Nobody is in the operator's bridge after this. Gives the operator with the line outside it.

    The bridge is opened again when the line is seated. Asterisk destroys a bridge only when all
    have left, and until then takes a new one of that name for the old one. A line that will be hung
    up, or is gone, leaves nobody there whom the next caller could meet.
    """
    desk = operator.line_desk
    if operator.line is not L.SEATED:
        turn.order(OpenDesk(lane=desk, bridge=desk))
        return operator
    turn.order(CloseDesk(lane=desk, bridge=desk))
    return replace(operator, line=L.ANSWERED)


def lend(operator: Operator) -> Operator:
    """The operator with the line on its way to a colleague who consults."""
    return replace(operator, line=L.LENT)


def fetch(turn: Turn, operator: Operator, call: CallId) -> Operator:
    """A line that is outside comes back into its bridge, for this call; gives the operator with the
    line on its way."""
    desk = operator.line_desk
    turn.order(SeatLine(lane=call, leg=operator.line_leg, bridge=desk))
    return replace(operator, line=L.LENT)


def give_back(turn: Turn, operator: Operator, call: CallId, out_of: DeskBridge) -> None:
    """Send the line back to its own bridge, after it was brought to the colleague who consulted in
    this call. A line that was not brought there, or is gone, stays as it is."""
    if operator.line in (L.LENT, L.STALE):
        leg, desk = operator.line_leg, operator.line_desk
        turn.order(SeatLine(lane=call, leg=leg, bridge=desk, out_of=out_of))


def answered(turn: Turn, operator: Operator) -> None:
    """The phone was picked up, or the line did not come back from a colleague. Put it into the
    operator's bridge."""
    if operator.line not in (L.RINGING, L.ANSWERED, L.LENT):
        return
    _seat(turn, operator)
    here = replace(operator, line=L.ANSWERED)
    if _opens(operator):
        until = turn.now + turn.state.site.bridge_seconds
        turn.tell(changed(turn.now, here, S.PAUSED, reason=LINE, until=until))
    elif operator.line is not L.ANSWERED:
        turn.tell(same(turn.now, here))


def seated(turn: Turn, operator: Operator) -> None:
    """The line is in the bridge. If it is outside and not awaited, a late command put it into the
    bridge that is being closed (`clear_desk`). Then it is seated when it is wanted."""
    if operator.line not in (L.RINGING, L.ANSWERED, L.LENT):
        return
    here = replace(operator, line=L.SEATED)
    if _opens(operator):
        wish = _wish(operator)
        settle(turn, here, *for_now(turn.state, operator, wish), wish)
    elif operator.line is not L.ANSWERED:
        turn.tell(same(turn.now, here))


def ended(turn: Turn, operator: Operator, end: LegEnd) -> None:
    """The line is gone. A call on it is handled by the call's own table."""
    if operator.line is L.DOWN:
        return
    wish = _wish(operator)
    if end is not LegEnd.LOST and operator.line is not L.STALE and operator.wish is S.AVAILABLE:
        wish = S.PAUSED, LINE
    here = replace(operator, line=L.DOWN)
    resting = operator.state in (S.AVAILABLE, S.PHONE_AWAY) or _opens(operator)
    resting = resting or (operator.state is S.PAUSED and operator.reason == LINE_HELD)
    if resting:
        settle(turn, here, *for_now(turn.state, here, wish), wish)
    else:
        turn.tell(same(turn.now, here, wish=wish))


def give_up(turn: Turn, operator: Operator) -> None:
    """The line was not answered, or did not get into the bridge. It stays down until the operator
    asks for it."""
    let_go(turn, operator)
    ended(turn, operator, LegEnd.NO_ANSWER)


def _opens(operator: Operator) -> bool:
    """Whether the operator wants callers and waits for the line."""
    return operator.state is S.PAUSED and operator.reason == LINE and operator.wish is S.AVAILABLE


def _wish(operator: Operator) -> Wish:
    return operator.wish, operator.wish_reason
