"""Talks that no fact tells of, because the journal that had them is lost. Such a talk is left
alone, and nobody else is joined there. When it ends, who is left alone is hung up. An open line is
opened again if the operator is then at work; the bridge of one who has logged out meanwhile is
closed."""

from callcenter.core import open_line
from callcenter.core.change import same
from callcenter.core.commands import CloseDesk, HangUp
from callcenter.core.events import SnapshotTaken
from callcenter.core.facts import LineStage, OperatorState, StrangersTalk
from callcenter.core.handlers import find
from callcenter.core.ids import CallId, NodeId
from callcenter.core.legs import CallerLeg, DeskBridge, LineLeg
from callcenter.core.state import StrangeTalk
from callcenter.core.turn import Turn
from callcenter.core.work import Work


def seen(work: Work, event: SnapshotTaken, talks: list[StrangersTalk], now: float) -> None:
    """Note the present talks of this kind. Called before anything else in a snapshot, so that none
    of their lines counts as free."""
    there = {talk.call for talk in talks}
    for call, talk in list(work.state.strange_talks.items()):
        if not talk.over and talk.node == event.node and call not in there:
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
    """The citizen left: the operator is alone."""
    talk = work.state.strange_talks.get(call)
    if talk is not None and not talk.over:
        over(work, call, talk, now)


def operator_left(work: Work, call: CallId, node: NodeId, now: float) -> None:
    """The operator hung up: the citizen is alone."""
    talk = work.state.strange_talks.get(call)
    alone = talk.citizen(call) if talk else CallerLeg(call=call, node=node)
    work.order(HangUp(lane=call, leg=alone))
    if talk is not None and not talk.over:
        _is_over(work, call, talk, now)


def line_ended(work: Work, leg: LineLeg, now: float) -> None:
    """The operator hung up: the caller is alone."""
    for call, talk in list(work.state.strange_talks.items()):
        if talk.line_leg == leg:
            work.order(HangUp(lane=call, leg=talk.citizen(call)))
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
    """Only the record of the talk is still expected."""
    if call in work.state.strange_talks:
        work.tell(
            StrangersTalk(
                at=now,
                call=call,
                operator=talk.operator,
                began_at=talk.began_at,
                node=talk.node,
                back=talk.back,
                over=True,
            )
        )
    operator = work.state.operators.get(talk.operator)
    if operator is not None and operator.state is OperatorState.OFFLINE:
        desk = DeskBridge(operator=operator.id, node=talk.node)
        work.order(CloseDesk(lane=desk, bridge=desk))


_WANTS_CALLS = (OperatorState.AVAILABLE, OperatorState.PHONE_AWAY)
