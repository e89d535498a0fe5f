"""Time has passed: handle every timer that is due, the earliest first."""

from callcenter.core import assignment
from callcenter.core import listening as spy
from callcenter.core.call import OnCall
from callcenter.core.events import NewsSwitched, TimePassed
from callcenter.core.facts import ListenStage
from callcenter.core.handlers import offers, recordings, site
from callcenter.core.ids import CallId, OperatorId
from callcenter.core.offers.table import OnOffer
from callcenter.core.operator import Ask, OnOperator
from callcenter.core.state import CallState
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def passed(work: Work, event: TimePassed, now: float) -> None:
    _free_phones(work, now)
    while (timer := work.timers.next()) and timer[0] <= now:
        work.timers.drop(timer)
        _time_out(work, *timer, now)
        if work.possible:  # before the next timer: a free operator is better than an announcement
            assignment.assign(work, now)


def _free_phones(work: Work, now: float) -> None:
    """Free all phones whose time for hanging up is over, before any call is assigned. If two
    operators can be rung again at the same moment, the one who was idle longer gets the call."""
    if work.state.letting_go:
        for offer, leg in list(work.state.letting_go.items()):
            if leg.until <= now and leg.node not in work.state.lost:
                work.is_gone(offer, now)
    if work.possible:
        assignment.assign(work, now)


def _time_out(work: Work, due: float, kind: str, who: str, now: float) -> None:
    if kind == "operator":
        work.operator(Ask(operator=OperatorId(who)), _TIME_SPENT, now)
        return
    if kind == "closing":
        return  # handled at the end of the step
    if kind == "news":
        site.news_switched(work, NewsSwitched(place=who), now)
        return
    if kind == "callbacks":
        work.look_at_callbacks = True
        return
    if kind == "listening":
        held = work.state.listenings[OperatorId(who)]
        is_leaving = held.stage is ListenStage.LEAVING
        work.run(spy.gone if is_leaving else spy.leave, now, held)
        return
    call = work.state.calls[CallId(who)]
    if kind == "room":
        work.call(call, OnCall.LONG_WAIT, now)
        return
    if kind == "recording":
        if call.recording is not None:
            recordings.time_is_over(work, call, call.recording, now)
        else:
            work.changed_talks.add(call.id)
        return
    if kind == "tell":
        work.call(call, OnCall.TELL, now)
        if call.state is _WAITING:
            work.tellings.looked(work.state, call, now)
        return
    if kind == "relax":
        work.call(call, OnCall.RELAX, now)
        return
    if kind == "callback":
        in_room = work.rooms.may_have(call, now)
        work.call(call, OnCall.CALLBACK, now, Detail(in_room=in_room))
        return
    if kind == "offer":
        for offer in (call.offer, *call.beside):
            if offer is not None and offer.until <= now:
                offers.one_of_several(work, call, offer, OnOffer.STATE_TIME, now)
        return
    if kind == "patience":
        in_room = work.rooms.may_have(call, now)
        work.call(call, OnCall.PATIENCE, now, Detail(in_room=in_room))
        return
    work.call(call, OnCall.STATE_TIME, now)


_TIME_SPENT = OnOperator.TIME_SPENT
_WAITING = CallState.WAITING
