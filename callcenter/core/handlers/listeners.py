"""Supervisors who listen, speak to the operator, join the talk or take it over."""

from callcenter.core import listening as spy
from callcenter.core.commands import HangUp
from callcenter.core.events import (
    ListenAsked,
    ListenLeft,
    SnoopEnded,
    SnoopStarted,
    SpyAnswered,
    SpyEnded,
    SpyFailed,
)
from callcenter.core.facts import ListenMode, ListenStage
from callcenter.core.handlers import find, offers
from callcenter.core.legs import DeskBridge
from callcenter.core.offers.table import OnOffer
from callcenter.core.state import Listening
from callcenter.core.turn import Detail, Turn
from callcenter.core.work import Work


def asked(work: Work, event: ListenAsked, now: float) -> None:
    call, held = work.state.calls.get(event.call), work.state.listenings.get(event.supervisor)
    if held is not None:
        same = held.call == event.call and held.operator == event.operator
        if same and held.mode is not event.mode and held.stage is not ListenStage.LEAVING:
            _switch(work, held, event.mode, now)
        return
    can = call and spy.can_begin(work.state, event.supervisor, call, event.operator)
    if call is None or not can or call.node in work.state.lost:
        return
    turn = Turn(work.state, now)
    spy.begin(
        turn,
        supervisor=event.supervisor,
        endpoint=event.endpoint,
        call=call,
        mode=event.mode,
    )
    work.take(turn)


def _switch(work: Work, held: Listening, mode: ListenMode, now: float) -> None:
    rings = held.stage is ListenStage.RINGING
    if mode is not ListenMode.TAKE_OVER or rings:
        turn = Turn(work.state, now)
        spy.switch(turn, held, mode)
        work.take(turn)
    elif spy.can_take_over(work.state, held):
        work.offer(work.state.talk_of(held), OnOffer.TAKEN_OVER, now, Detail(listening=held))


def left(work: Work, event: ListenLeft, now: float) -> None:
    leave(work, work.state.listenings.get(event.supervisor), now)


def answered(work: Work, event: SpyAnswered, now: float) -> None:
    held, taken = find.listener(work.state, event.leg), find.taken_over(work.state, event.leg)
    if held is None:
        if taken is None:  # late: hung up before it was answered
            lane = DeskBridge(operator=event.leg.supervisor, node=event.leg.node)
            work.order(HangUp(lane=lane, leg=event.leg))
        return
    call = work.state.talk_of(held)
    if held.stage is not ListenStage.RINGING or call is None or call.offer is None:
        return
    if held.mode is ListenMode.TAKE_OVER:
        if spy.can_take_over(work.state, held):
            work.offer(call, OnOffer.TAKEN_OVER, now, Detail(listening=held))
        else:
            leave(work, held, now)
        return
    turn = Turn(work.state, now)
    spy.answered(turn, held, call.offer.leg)
    work.take(turn)


def snoop_started(work: Work, event: SnoopStarted, now: float) -> None:
    held = work.state.listenings.get(event.leg.supervisor)
    if held and held.snoop == event.leg and held.stage in _HEARS:
        work.run(spy.snoop_started, now, held)
    else:
        lane = DeskBridge(operator=event.leg.supervisor, node=event.leg.node)
        work.order(HangUp(lane=lane, leg=event.leg))


def ended(work: Work, event: SpyEnded, now: float) -> None:
    if held := find.listener(work.state, event.leg):
        if event.gone:
            work.run(spy.gone, now, held)
        else:
            leave(work, held, now)
        return
    call = find.taken_over(work.state, event.leg)
    if call and call.offer:
        offers.leg_ended(work, call, call.offer, event.end, now)
    supervisor = work.state.operators.get(event.leg.supervisor)
    if event.gone and supervisor is not None:  # the supervisor had taken the call over
        for offer, leg in list(work.state.letting_go.items()):
            if leg.endpoint == supervisor.endpoint:
                work.is_gone(offer, now)


def failed(work: Work, event: SpyFailed, now: float) -> None:
    leave(work, find.listener(work.state, event.leg), now)


def snoop_ended(work: Work, event: SnoopEnded, now: float) -> None:
    held = work.state.listenings.get(event.leg.supervisor)
    if held and held.snoop == event.leg and not held.hears_by_own_leg:
        leave(work, held, now)


def leave(work: Work, held: Listening | None, now: float) -> None:
    if held is not None and held.stage is not ListenStage.LEAVING:
        work.run(spy.leave, now, held)


def let_go(work: Work, now: float) -> None:
    """End the listening to talks that are over, or that another operator has now."""
    for held in list(work.state.listenings.values()):
        if work.state.talk_of(held) is None:
            leave(work, held, now)


_HEARS = (ListenStage.JOINING, ListenStage.LISTENING)
