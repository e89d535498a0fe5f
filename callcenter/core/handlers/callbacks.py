"""The leg of a citizen who is called back: its events."""

from callcenter.core import parked
from callcenter.core.call import OnCall
from callcenter.core.commands import HangUp
from callcenter.core.events import (
    CallbackCancelled,
    CallbackHurried,
    CallbackWanted,
    CitizenAnswered,
    CitizenRingFailed,
    CitizenRings,
)
from callcenter.core.offers.table import OnBack
from callcenter.core.outcome import LegEnd
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def citizen_answered(work: Work, event: CitizenAnswered, now: float) -> None:
    call = work.state.calls.get(event.leg.call)
    if call is not None and call.leg == event.leg and call.is_parked and call.is_called:
        work.offer(call, OnBack.ANSWERED, now)
    elif call is None or call.leg != event.leg or call.is_parked:  # a late event
        work.order(HangUp(lane=event.leg.call, leg=event.leg))


def citizen_rings(work: Work, event: CitizenRings, now: float) -> None:
    call = work.state.calls.get(event.leg.call)
    if call is not None and call.leg == event.leg and call.is_called:
        work.offer(call, OnBack.RINGS, now)


def citizen_ring_failed(work: Work, event: CitizenRingFailed, now: float) -> None:
    call = work.state.calls.get(event.leg.call)
    if call is not None and call.leg == event.leg and call.is_called:
        work.offer(call, OnBack.ENDED, now, _REFUSED)


def callback_cancelled(work: Work, event: CallbackCancelled, now: float) -> None:
    call, why = work.state.calls.get(event.call), Detail(reason="cancelled")
    if call is not None and call.is_tried:
        work.offer(call, OnBack.CANCELLED, now, why)
    else:
        work.call(call, OnCall.CANCELLED, now, why)


def callback_wanted(work: Work, event: CallbackWanted, now: float) -> None:
    if not work.state.remembers(event.call):
        work.run(parked.ask_for, now, event)


def callback_hurried(work: Work, event: CallbackHurried, now: float) -> None:
    work.call(work.state.calls.get(event.call), OnCall.HURRIED, now)


_REFUSED = Detail(end=LegEnd.REFUSED)
