"""What callers do: arrive, press keys, leave. Also what supervisors do with a waiting caller."""

from callcenter.core import call as calls
from callcenter.core.call import OnCall
from callcenter.core.commands import BackToMusic, Exit, HangUp, SendOut
from callcenter.core.events import (
    CallArrived,
    CallerCut,
    CallerLeft,
    CallerUntold,
    CallNeverBegan,
    CaseStateTold,
    KeyPressed,
    PriorityChanged,
    PromptPlayed,
    StrangerEntered,
)
from callcenter.core.facts import CallCut
from callcenter.core.handlers import strangers
from callcenter.core.ids import CallId, OperatorId, call_of_offer
from callcenter.core.legs import CallerLeg, OfferLeg, back_number
from callcenter.core.offers.table import OnBack
from callcenter.core.state import CallState, Hears
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def arrived(work: Work, event: CallArrived, now: float) -> None:
    if event.call in work.state.calls:
        return
    if not event.did or _was_given_up(work, event, now):
        leg = CallerLeg(call=event.call, node=event.node)
        work.order(HangUp(lane=event.call, leg=leg))
        return
    # scored before: the lifeboat has this caller, and keeps them
    if work.state.is_over(event.call):
        leg = CallerLeg(call=event.call, node=event.node)
        work.order(SendOut(lane=event.call, leg=leg, exit=Exit.ERROR))
    else:
        work.run(calls.admit, now, event)


def _was_given_up(work: Work, event: CallArrived, now: float) -> bool:
    """Whether the node was given up during this call, and runs again with it. The SIP edge ended
    the call for the caller, but the node may not have heard of it. Only a snapshot is believed: the
    age of a caller who arrives now is wrong when the clock was set, and they must not be lost."""
    began_at = now - event.age_seconds
    return event.seen_later and began_at < work.state.node(event.node).given_up_at


def never_began(work: Work, event: CallNeverBegan, now: float) -> None:
    if not work.state.remembers(event.call):
        work.run(calls.never_began, now, event)


def caller_left(work: Work, event: CallerLeft, now: float) -> None:
    call = work.state.calls.get(event.call)
    if call is not None and back_number(call.leg) != event.back:
        return  # late: of a leg that was hung up before
    if call is not None and call.is_called:
        work.offer(call, OnBack.ENDED, now, Detail(end=event.end))
        return
    loss = event.loss or (call.loss if call else None)
    work.call(call, _LEFT, now, Detail(loss=loss) if loss else None)
    if call is None:
        talk = work.state.strange_talks.get(event.call)
        if talk is not None and talk.back:
            is_in_it = talk.back == event.back  # and not the citizen's own, first leg
        else:
            is_in_it = not work.state.is_over(event.call)
        if is_in_it:
            _end_strange_talk(work, event.call, now)


def _end_strange_talk(work: Work, call: CallId, now: float) -> None:
    """The caller left a talk of which we know only from Asterisk (core/reconcile.py). The operator
    is alone now, in a call that nobody else would end."""
    strangers.caller_left(work, call, now)
    for offer, held in work.state.letting_go.items():
        if call_of_offer(offer) == call:
            work.order(HangUp(lane=call, leg=OfferLeg(offer=offer, node=held.node)))


def caller_cut(work: Work, event: CallerCut, now: float) -> None:
    call = work.state.calls.get(event.call)
    if call and (call.is_parked or back_number(call.leg) != event.back):
        return
    if call and call.state is not CallState.LEAVING and not call.is_ending:
        work.tell(CallCut(at=now, call=event.call, loss=event.loss))


def untold(work: Work, event: CallerUntold, now: float) -> None:
    if event.call not in work.state.calls:  # the caller comes again under another channel name
        leg = CallerLeg(call=event.call, node=event.node)
        work.order(SendOut(lane=event.call, leg=leg, exit=Exit.UNTOLD))


def stranger(work: Work, event: StrangerEntered, now: float) -> None:
    work.order(HangUp(lane=event.leg, leg=event.leg))


def key_pressed(work: Work, event: KeyPressed, now: float) -> None:
    call = work.state.calls.get(event.call)
    if call is None or back_number(call.leg) != event.back:
        return
    if not call.is_called:
        in_room = call.state is _WAITING and work.rooms.may_have(call, now)
        work.call(call, OnCall.KEY, now, Detail(key=event.key, in_room=in_room))
        return
    operator = work.state.operators[call.operator or OperatorId("")]
    work.offer(call, OnBack.KEY, now, Detail(key=event.key))
    # a person pressed the key: now offer the call to the operator who was kept free
    if call.state is _WAITING:
        work.call(call, _OFFER, now, Detail(operator=operator))


def case_told(work: Work, event: CaseStateTold, now: float) -> None:
    call = work.state.calls.get(event.call)
    work.call(call, OnCall.CASE, now, Detail(answer=event.answer, asked=event.asked))


def prompt_played(work: Work, event: PromptPlayed, now: float) -> None:
    call = work.state.calls.get(event.call)
    if call and call.prompt and call.prompt.number == event.number:
        work.call(call, OnCall.PLAYED, now)
        if event.failed and call.hears is Hears.MUSIC:
            music = BackToMusic(lane=call.id, caller=call.leg, bridge=None)
            work.order(music)


def priority_changed(work: Work, event: PriorityChanged, now: float) -> None:
    call = work.state.calls.get(event.call)
    work.call(call, OnCall.PRIORITY, now, Detail(priority=event.priority))


_LEFT, _OFFER = OnCall.LEFT, OnCall.OFFER
_WAITING = CallState.WAITING
