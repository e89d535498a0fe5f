"""Talks on an open line that no fact tells of, because the journal that had them is lost. Such a
talk is left alone, and nobody else is joined there. When it ends, the line is hung up, and opened
again if the operator is then at work."""

from callcenter.core import open_line
from callcenter.core.change import same
from callcenter.core.commands import HangUp
from callcenter.core.events import SnapshotTaken
from callcenter.core.facts import LineStage, OperatorState, StrangersTalk
from callcenter.core.handlers import find
from callcenter.core.ids import CallId
from callcenter.core.legs import CallerLeg, DeskBridge, LineLeg
from callcenter.core.state import StrangeTalk
from callcenter.core.turn import Turn
from callcenter.core.work import Work


def seen(work: Work, event: SnapshotTaken, talks: list[StrangersTalk], now: float) -> None:
    """Note the present talks of this kind. Called before anything else in a snapshot, so that none
    of their lines counts as free."""
    there = {talk.call for talk in talks}
    for call, talk in list(work.state.strange_talks.items()):
        if talk.line and talk.node == event.node and call not in there:
            over(work, call, talk, now)
    for each in talks:
        work.tell(each)
        leg = work.state.strange_talks[each.call].line_leg
        if leg is not None:
            work.run(_hold, now, leg)


def _hold(turn: Turn, leg: LineLeg) -> None:
    operator = find.line(turn.state, leg)
    if operator is None or operator.call:
        return
    waits = operator.state is OperatorState.PAUSED and operator.reason == open_line.LINE
    if operator.state in _WANTS_CALLS or waits:
        open_line.hold(turn, operator, leg)
    else:
        turn.tell(same(turn.now, operator, line=LineStage.DOWN))


def caller_left(work: Work, call: CallId, now: float) -> None:
    """The caller left: the operator is alone on the line."""
    talk = work.state.strange_talks.get(call)
    if talk is not None and talk.line:
        over(work, call, talk, now)


def line_ended(work: Work, leg: LineLeg, now: float) -> None:
    """The operator hung up: the caller is alone."""
    for call, talk in list(work.state.strange_talks.items()):
        if talk.line_leg == leg:
            alone = CallerLeg(call=call, node=leg.node)
            work.order(HangUp(lane=call, leg=alone))
            _is_over(work, call, talk, now)


def over(work: Work, call: CallId, talk: StrangeTalk, now: float) -> None:
    """The caller is gone. End the talk and the line; if the operator waits for a line, open another
    one."""
    leg = talk.line_leg
    _is_over(work, call, talk, now)
    if leg is not None:
        work.order(HangUp(lane=DeskBridge(operator=leg.operator, node=leg.node), leg=leg))
    operator = work.state.operators.get(talk.operator)
    if operator is not None:
        work.run(open_line.strange_talk_is_over, now, operator)


def _is_over(work: Work, call: CallId, talk: StrangeTalk, now: float) -> None:
    """End the talk's line. Only its record is still expected."""
    if call in work.state.strange_talks:
        work.tell(
            StrangersTalk(
                at=now,
                call=call,
                operator=talk.operator,
                began_at=talk.began_at,
                node=talk.node,
            )
        )


_WANTS_CALLS = (OperatorState.AVAILABLE, OperatorState.PHONE_AWAY)
