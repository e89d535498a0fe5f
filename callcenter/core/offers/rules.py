"""What both ways to reach an operator have in common: pieces of rules, rules, and cells."""

from collections.abc import Mapping

from callcenter.core import acquainted, hearing, leaving, listening, recording, set_aside, survey
from callcenter.core import operator as desk
from callcenter.core.change import changed
from callcenter.core.commands import BackToMusic, Bridge, Exit, HangUp, RingOperator
from callcenter.core.facts import (
    CallEnded,
    CallPrioritized,
    CallReturned,
    CallTransferred,
    JoiningBegun,
    LegLetGo,
    OfferEnded,
    OperatorState,
    PartyJoined,
    RecordingEnd,
    TalkEnded,
)
from callcenter.core.ids import OfferId
from callcenter.core.legs import OfferLeg, SpyLeg
from callcenter.core.offers.table import OfferCell, OnOffer, nothing, to
from callcenter.core.outcome import EndedBy, LegEnd, Loss, OfferResult, Outcome
from callcenter.core.routing import shown_on_phone
from callcenter.core.state import Call, CallState, Offer, OfferState, Operator, State
from callcenter.core.turn import Detail, Turn

NOT_REACHED: Mapping[LegEnd, OfferResult] = {
    LegEnd.ENDED: OfferResult.UNREACHABLE,
    LegEnd.BUSY: OfferResult.BUSY,
    LegEnd.DECLINED: OfferResult.DECLINED,
    LegEnd.UNREACHABLE: OfferResult.UNREACHABLE,
    LegEnd.NO_ANSWER: OfferResult.NO_ANSWER,
    LegEnd.REFUSED: OfferResult.UNREACHABLE,  # the carrier, of a phone behind a trunk
    LegEnd.LOST: OfferResult.WITHDRAWN,
    LegEnd.DIED: OfferResult.UNREACHABLE,
}
"""The result of an offer whose leg ends before anybody answered."""

LOST_IN_ANSWER: Mapping[LegEnd, OfferResult] = {
    LegEnd.LOST: OfferResult.WITHDRAWN,
    LegEnd.DIED: OfferResult.UNREACHABLE,
}
"""The result of an offer whose leg ends at the moment of the answer. Other ends mean that the
operator hung up."""

# Looked up once: getting a member of an enumeration takes longer than most of the work here.
_JOINING, _ANSWERED, _SCORED = OfferState.JOINING, OfferResult.ANSWERED, Outcome.ANSWERED
_ON_CALL, _PHONE_LOST = OperatorState.ON_CALL, Loss.PHONE_LOST


# --- pieces ----------------------------------------------------------------------------------


def ring(turn: Turn, call: Call, offer: OfferId, operator: Operator) -> None:
    """The operator's phone rings, and shows the name of the line."""
    turn.order(
        RingOperator(
            lane=call.id,
            offer=offer,
            leg=OfferLeg(offer=offer, node=call.node),
            endpoint=operator.endpoint,
            caller_id=shown_on_phone(call.line, turn.state.site),
        )
    )


def hang_up(
    turn: Turn,
    call: Call,
    offer: OfferId,
    leg: OfferLeg | SpyLeg,
    operator: Operator,
    *,
    elsewhere: bool = False,
) -> None:
    """Hang up the leg. The operator's phone is not offered another call until the leg is gone,
    because Asterisk may send the INVITE of the next leg before the BYE or CANCEL of this one."""
    turn.tell(
        LegLetGo(
            at=turn.now,
            offer=offer,
            endpoint=operator.endpoint,
            until=turn.now + listening.LET_GO_SECONDS,
            node=leg.node,
            elsewhere=elsewhere,
        )
    )
    turn.order(HangUp(lane=call.id, leg=leg, elsewhere=elsewhere))


def join(turn: Turn, call: Call, bridge: Bridge) -> None:
    """Join the two in the operator's bridge. A greeting is stopped for that. A caller who hears the
    recording notice is joined when it is over."""
    if not call.owes_notice:
        hearing.stop(turn, call)
        turn.order(bridge)


def joined_until(turn: Turn, call: Call) -> float:
    """The time at which joining is given up."""
    begins = call.until if call.owes_notice else turn.now
    return begins + turn.state.site.bridge_seconds


def may_ring(state: State, operator: Operator) -> bool:
    """Whether ringing may still play on this operator's open line, from a callback that has just
    ended. It is stopped before a caller is joined there: Asterisk answers no request while a leg
    that plays is to join."""
    return any(state.queue(name).rules.operator_first for name in operator.queues)


def bridge_of(call: Call, offer: Offer) -> Bridge:
    """The command that joins the two."""
    return Bridge(
        lane=call.id,
        offer=offer.id,
        bridge=call.desk,
        caller=call.leg,
        operator=offer.leg,
        rings=call.callback is not None,
    )


def back_to_music(turn: Turn, call: Call) -> None:
    """Take the caller out of the operator's bridge, and play music."""
    turn.order(BackToMusic(lane=call.id, caller=call.leg, bridge=call.desk))


def end(turn: Turn, call: Call, offer: Offer, result: OfferResult) -> None:
    """Tell the result of the offer."""
    waits = offer.operator_first and offer.back  # answered, and hears ringing
    until = call.answered_at if offer.state is _JOINING or waits else turn.now
    turn.tell(
        OfferEnded(
            at=turn.now,
            offer=offer.id,
            call=call.id,
            operator=offer.operator,
            queue=call.queue,
            result=result,
            ring_seconds=until - (offer.made_at or call.offered_at),
        )
    )


def take_back(
    turn: Turn, call: Call, offer: Offer, operator: Operator, result: OfferResult
) -> None:
    """The offer failed. The caller keeps the place in line."""
    end(turn, call, offer, result)
    desk.after_offer(turn, operator, result)


def give_up_joining(turn: Turn, call: Call, offer: Offer, operator: Operator) -> None:
    """The two could not be joined. The operator gets no call for a while."""
    end(turn, call, offer, OfferResult.WITHDRAWN)
    desk.short_pause(turn, operator, "bridge_failed", turn.state.site.pauses.unreachable_seconds)


def end_talk(
    turn: Turn, call: Call, operator: Operator, by: EndedBy, loss: Loss | None = None
) -> None:
    """The conversation is over. The operator wraps up, or is paused if the phone died."""
    recording.end(turn, call, RecordingEnd.DONE)
    turn.tell(
        TalkEnded(
            at=turn.now,
            call=call.id,
            line=call.line,
            queue=call.queue,
            operator=operator.id,
            talk_seconds=turn.now - call.connected_at,
            ended_by=EndedBy.LOST if loss else by,
            reason=loss or "",
            number=call.talks + 1,
            earlier_seconds=call.talked_seconds,
        )
    )
    if loss is _PHONE_LOST:
        desk.phone_lost(turn, operator)
    else:
        desk.wrap_up(turn, operator, call.id, turn.rules(call).wrapup_seconds)


def end_and_ask(turn: Turn, call: Call, operator: Operator) -> None:
    """The operator has ended the talk and wraps up. The caller gets the survey."""
    end_talk(turn, call, operator, EndedBy.OPERATOR)
    survey.begin(turn, call, operator.id)


def end_with_caller(
    turn: Turn, call: Call, operator: Operator, by: EndedBy, detail: Detail
) -> None:
    """The caller has left the conversation."""
    end_talk(turn, call, operator, by, detail.loss)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def come_back(turn: Turn, call: Call) -> None:
    """The operator's phone died in the talk: the caller is first in line."""
    end_talk(turn, call, turn.operator(call), EndedBy.LOST, Loss.PHONE_LOST)
    turn.tell(CallReturned(at=turn.now, call=call.id, queue=call.queue))


def give_on(turn: Turn, call: Call, operator: Operator, detail: Detail) -> None:
    """The operator wraps up. The caller stands in line where the operator sent them."""
    number = call.transfers + 1
    end_talk(turn, call, operator, EndedBy.OPERATOR)
    turn.tell(
        CallTransferred(
            at=turn.now,
            call=call.id,
            operator=operator.id,
            from_queue=call.queue,
            queue=detail.queue or call.queue,
            to_operator=detail.to or "",
            number=number,
        )
    )


def park(turn: Turn, call: Call, operator: Operator, detail: Detail) -> None:
    """The operator wraps up; the caller is in the place that the handler found free."""
    end_talk(turn, call, operator, EndedBy.OPERATOR)
    set_aside.set_aside(turn, call, operator, detail.place)


def hand_to_supervisor(turn: Turn, call: Call, operator: Operator, detail: Detail) -> None:
    """A supervisor who listened replaces the operator, on the leg that is there already. In the
    record the operator transferred the caller to the supervisor."""
    assert detail.listening is not None
    by, number = detail.listening, call.transfers + 1
    end_talk(turn, call, operator, EndedBy.OPERATOR)
    turn.tell(
        CallTransferred(
            at=turn.now,
            call=call.id,
            operator=operator.id,
            from_queue=call.queue,
            queue=call.queue,
            to_operator=by.supervisor,
            number=number,
        )
    )
    listening.become_operator(turn, call, by)


def send_out_for_restart(turn: Turn, call: Call) -> None:
    """Asterisk is restarted: the caller, who was next, is told so."""
    leaving.send_out(turn, call, Exit.RESTART, Outcome.FAILED, 1)


# --- rules -----------------------------------------------------------------------------------


def change_priority(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller keeps the offer. The priority is used if the offer fails."""
    turn.tell(CallPrioritized(at=turn.now, call=call.id, priority=detail.priority))


def go_on(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A prompt is over while the phone rings. Play the next one, or music."""
    hearing.go_on(turn, call)


def join_now(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The caller has heard the recording notice, and the operator has answered."""
    if not call.owes_notice:
        return  # they are being joined already
    hearing.over(turn, call)
    until = turn.now + turn.state.site.bridge_seconds
    turn.tell(JoiningBegun(at=turn.now, offer=offer.id, call=call.id, until=until))
    turn.order(bridge_of(call, offer))


def party_joined(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """One of the two entered the bridge."""
    assert detail.party is not None
    turn.tell(PartyJoined(at=turn.now, offer=offer.id, call=call.id, party=detail.party))


def connected(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Both are in the bridge: this, and nothing earlier, is an answered call. It is scored once, at
    the first answer. All prompts stop, and the two hear each other."""
    hearing.stop(turn, call)
    end(turn, call, offer, _ANSWERED)
    if call.outcome is None:
        leaving.score(turn, call, _SCORED)
    operator = turn.operator(call)
    turn.tell(changed(turn.now, operator, _ON_CALL, call=call.id))
    acquainted.remember(turn, call, operator.id)


# --- cells -----------------------------------------------------------------------------------

KEEPS_PLACE = to(change_priority)
TWICE = nothing("told twice, by an event and by a snapshot")
ANSWER_LOST = nothing("only Asterisk's answer was lost: the request was carried out")
TOO_LATE = nothing("the operator has answered: the wish comes true after the call")
NO_TALK = nothing("the button was pressed a moment before the talk")
NO_TIME = nothing("cannot come: a talk has no time of its own")
NOT_JOINING = nothing("cannot come: legs are counted while they are being joined")
NOBODY_LISTENS = nothing("a supervisor listens to two who talk, and to nobody else")
NOT_RINGING = nothing("cannot come: only what rings is taken back")
ANSWERED_ALREADY = nothing("a supervisor moved somebody who was just answered")

IN_TALK: Mapping[OnOffer, OfferCell] = {
    OnOffer.ANSWERED: TWICE,
    OnOffer.RING_FAILED: ANSWER_LOST,
    OnOffer.PARTY_JOINED: NOT_JOINING,
    OnOffer.JOINED: NOT_JOINING,
    OnOffer.HEARD: nothing("cannot come: nothing plays in a talk"),
    OnOffer.BRIDGE_FAILED: ANSWER_LOST,
    OnOffer.WITHDRAWN: NOT_RINGING,
    OnOffer.PRIORITY: ANSWERED_ALREADY,
}
"""Cells that change nothing while the two talk."""

JOINING: Mapping[OnOffer, OfferCell] = {
    OnOffer.ANSWERED: TWICE,
    OnOffer.RING_FAILED: ANSWER_LOST,
    OnOffer.PARTY_JOINED: to(party_joined),
    OnOffer.JOINED: to(connected, OfferState.TALKING),
    OnOffer.HEARD: to(join_now),
    OnOffer.WITHDRAWN: TOO_LATE,
    OnOffer.HANG_UP: NO_TALK,
    OnOffer.TRANSFER: NO_TALK,
    OnOffer.PARKED: NO_TALK,
    OnOffer.TAKEN_OVER: NOBODY_LISTENS,
    OnOffer.PRIORITY: KEEPS_PLACE,
}
"""Cells for the joining of the two, the same on both ways."""

OUT = (CallState.LEAVING, CallState.ENDED)
"""The call is over for a caller who was answered. It has an outcome already, and is forgotten at
once."""
