"""Open lines: answered, ended, failed. An event of an earlier line is ignored."""

from callcenter.core.commands import HangUp
from callcenter.core.events import LineAnswered, LineEnded, LineFailed
from callcenter.core.facts import LineCut, LineHeld, LineStage
from callcenter.core.handlers import find, offers, strangers
from callcenter.core.legs import DeskBridge, LineLeg
from callcenter.core.offers.table import OnConsult
from callcenter.core.operator import Ask, OnOperator
from callcenter.core.outcome import LegEnd
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def answered(work: Work, event: LineAnswered, now: float) -> None:
    if operator := find.line(work.state, event.leg):
        work.operator(Ask(operator=operator.id), OnOperator.LINE_ANSWERED, now)
    else:
        _hang_up(work, event.leg)


def _hang_up(work: Work, leg: LineLeg) -> None:
    lane = DeskBridge(operator=leg.operator, node=leg.node)
    work.order(HangUp(lane=lane, leg=leg))


def ended(work: Work, event: LineEnded, now: float) -> None:
    operator = find.line(work.state, event.leg)
    if operator is None:
        strangers.line_ended(work, event.leg, now)
        return
    call = work.state.calls.get(operator.call) if operator.call else None
    if work.state.closing is not None and event.end is LegEnd.DIED:
        work.tell(LineCut(at=now, operator=operator.id))
    ask = Ask(operator=operator.id, end=event.end)
    work.operator(ask, OnOperator.LINE_ENDED, now)
    if call and call.offer and call.offer.line == event.leg:
        offers.leg_ended(work, call, call.offer, event.end, now)
    elif call and call.consult and call.consult.line == event.leg:
        work.offer(call, OnConsult.GONE, now, Detail(end=event.end))


def held(work: Work, leg: LineLeg, now: float, *, on: bool) -> None:
    """The phone put the line on hold, or took it back."""
    operator = find.line(work.state, leg)
    if operator is not None and operator.line_held is not on:
        work.tell(LineHeld(at=now, operator=operator.id, on=on))
        work.operator(Ask(operator=operator.id), OnOperator.PHONE_SEEN, now)


def failed(work: Work, event: LineFailed, now: float, *, sure: bool = False) -> None:
    operator = find.line(work.state, event.leg)
    seated = operator is not None and operator.line is LineStage.SEATED
    if seated and event.leg.node not in work.state.lost and not sure:
        return  # only the answer was lost: believe the event
    _hang_up(work, event.leg)
    ended(work, LineEnded(leg=event.leg, end=LegEnd.UNREACHABLE), now)
