"""The fourth way: the operator is rung first, and then the citizen is called back.

It is a setting of the queue (`operator_first`), so that no citizen who is called waits for an
operator who does not answer. The operator's phone rings as for any call, or the open line is used.
The operator hears that this is a callback, the line's number, and ringing, while the citizen is
called through the trunk. Who answers is asked for a key, as in call_back.py, because a machine
presses none. With the key the two are joined at once, and the offer goes on as any other one
(ring.py, open_line.py). Without it the operator is free again, and the next attempt comes after a
pause.

An operator who does not answer costs the citizen no try, and neither does one who hangs up.
"""

from callcenter.core import hearing, outward
from callcenter.core import operator as desk
from callcenter.core.change import changed
from callcenter.core.commands import PlayRinging, RingCitizen
from callcenter.core.facts import (
    CallbackReached,
    CallbackTried,
    LineStage,
    OfferAnswered,
    OfferMade,
    OperatorState,
)
from callcenter.core.ids import OfferId, OperatorId
from callcenter.core.legs import BackLeg, OperatorLeg, channel_of
from callcenter.core.offers import call_back, rules
from callcenter.core.offers.table import BackTable, OfferCell, OnBack, OnOffer, Table, nothing, to
from callcenter.core.outcome import OfferResult
from callcenter.core.speech import digits
from callcenter.core.state import Call, CallState, Offer, OfferState, Operator
from callcenter.core.turn import Detail, Turn

PROMPT = "callback_operator"


def begin(turn: Turn, operator: Operator, call: Call) -> None:
    """Ring the operator's phone. On an open line the citizen is called at once."""
    number = call.offers + 1
    this, on_line = call.offer_named(number), operator.line is LineStage.SEATED
    limits, leg = turn.state.site.callbacks, operator.line_leg
    seconds = limits.ring_seconds if on_line else turn.rules(call).ring_seconds
    turn.tell(
        OfferMade(
            at=turn.now,
            offer=this,
            call=call.id,
            operator=operator.id,
            queue=call.queue,
            number=number,
            until=turn.now + seconds,
            line=channel_of(leg) if on_line else "",
            operator_first=True,
        ),
        changed(turn.now, operator, OperatorState.RINGING, call=call.id),
    )
    if on_line:
        _call(turn, call, this, operator.id, leg)
    else:
        rules.ring(turn, call, this, operator)


def _call(turn: Turn, call: Call, this: OfferId, operator: OperatorId, leg: OperatorLeg) -> None:
    """The operator is there: call the citizen."""
    assert call.callback is not None
    number = call.callback.tries + 1
    until = turn.now + turn.state.site.callbacks.ring_seconds
    turn.tell(
        OfferAnswered(at=turn.now, offer=this, call=call.id, until=until),
        CallbackTried(
            at=turn.now,
            offer=this,
            call=call.id,
            operator=operator,
            queue=call.queue,
            number=number,
            until=until,
        ),
    )
    turn.order(
        RingCitizen(
            lane=call.id,
            leg=BackLeg(call=call.id, number=number, node=call.node),
            number=call.callback.number,
            caller_id=outward.published_number(turn.state.site, call),
        )
    )
    _play_ringing(turn, call, leg)


def _play_ringing(turn: Turn, call: Call, leg: OperatorLeg) -> None:
    limits = turn.state.site.callbacks
    shown, line = outward.published_number(turn.state.site, call), hearing.line_of(turn, call)
    turn.order(
        PlayRinging(
            lane=call.id,
            leg=leg,
            keys=(PROMPT, *digits(shown)),
            language=line.language if line else "th",
            seconds=limits.ring_seconds + limits.key_seconds,
        )
    )


# --- rules -----------------------------------------------------------------------------------


def answer(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator answered. The citizen is called now, unless nobody may be called any more."""
    if outward.why_held(turn.state, turn.now, besides=call.id):
        _take_back(turn, call, offer, OfferResult.WITHDRAWN)
    else:
        _call(turn, call, offer.id, offer.operator, offer.leg)


def not_reached(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator's phone was busy, declined or unreachable: the next operator is rung."""
    _take_back(turn, call, offer, rules.NOT_REACHED[detail.end])


def unreachable(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Asterisk could not ring the operator's phone, or the phone is gone."""
    _take_back(turn, call, offer, OfferResult.UNREACHABLE)


def rona(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """Ring, no answer: the next operator is rung, and this one is paused."""
    _take_back(turn, call, offer, OfferResult.NO_ANSWER)


def withdraw(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator logged out, the phone is in another call, or Asterisk is restarted."""
    _take_back(turn, call, offer, OfferResult.WITHDRAWN)


def cancel(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The callback is cancelled while the operator's phone rings."""
    _take_back(turn, call, offer, OfferResult.CALLER_LEFT)
    call_back.give_up(turn, call, detail.reason)


def fail(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A fault of ours: the operator is free, the callback is lost and counted."""
    _take_back(turn, call, offer, OfferResult.WITHDRAWN)
    call_back.lose(turn, call)


def operator_left(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator hung up, or the phone died, before the citizen was there. The citizen is not to
    blame."""
    call_back.break_off(turn, call, rules.LOST_IN_ANSWER.get(detail.end, OfferResult.DECLINED))


def phone_lost(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """The operator's phone is gone."""
    call_back.break_off(turn, call, OfferResult.UNREACHABLE)


def press(turn: Turn, call: Call, offer: Offer, detail: Detail) -> None:
    """A person pressed the key: join the two."""
    if detail.key == call_back.KEY:
        hearing.stop(turn, call)
        until = rules.joined_until(turn, call)
        turn.tell(
            CallbackReached(
                at=turn.now, call=call.id, queue=call.queue, offer=offer.id, until=until
            )
        )
        turn.order(rules.bridge_of(call, offer))


def _take_back(turn: Turn, call: Call, offer: Offer, result: OfferResult) -> None:
    """Nobody was called. The caller keeps the place in line."""
    operator = turn.operator(call)
    call_back.let_go(turn, call, offer, operator, result)
    desk.after_offer(turn, operator, result)


_E, _S, _C, _B = OnOffer, OfferState, CallState, OnBack
_NO_LEG: OfferCell = nothing("told late, of the leg that was let go: the citizen has none")
_NOT_JOINED: OfferCell = nothing("cannot come: nobody is to be joined yet")
_NOT_CALLED: OfferCell = nothing("told late: the citizen is not called yet")
_BACK: OfferCell = nothing("cannot come: what ends the citizen's leg is told as such")
_HEARD: OfferCell = nothing("cannot come: nothing plays to a phone that rings")

_ANY = {
    _E.PARTY_JOINED: _NOT_JOINED,
    _E.JOINED: _NOT_JOINED,
    _E.BRIDGE_FAILED: _NOT_JOINED,
    _E.TRANSFER: rules.NO_TALK,
    _E.PARKED: rules.NO_TALK,
    _E.TAKEN_OVER: rules.NOBODY_LISTENS,
    _E.PRIORITY: rules.KEEPS_PLACE,
}

_CALLED = {
    **_ANY,
    # the ringing is not begun again: Asterisk would play it after the first one
    _E.ANSWERED: rules.TWICE,
    _E.LEG_ENDED: to(operator_left, _C.RESTING, _C.ENDED),
    _E.PHONE_LOST: to(phone_lost, _C.RESTING, _C.ENDED),
    _E.RING_FAILED: rules.ANSWER_LOST,
    _E.WITHDRAWN: to(call_back.withdraw, _C.RESTING, _C.ENDED),
    _E.HANG_UP: to(operator_left, _C.RESTING, _C.ENDED),
    _E.CALLER_LEFT: _BACK,
    _E.CLOSED: to(call_back.withdraw, _C.RESTING, _C.ENDED),
    _E.FAULT: to(call_back.fail, _C.ENDED),
}

RULES: Table = {
    _S.OPERATOR_RINGS: {
        **_ANY,
        _E.ANSWERED: to(answer, _S.CALLING, _C.PARKED),
        _E.LEG_ENDED: to(not_reached, _C.PARKED),
        _E.PHONE_LOST: to(unreachable, _C.PARKED),
        _E.RING_FAILED: to(unreachable, _C.PARKED),
        _E.HEARD: _HEARD,
        _E.STATE_TIME: to(rona, _C.PARKED),
        _E.WITHDRAWN: to(withdraw, _C.PARKED),
        _E.HANG_UP: rules.NO_TALK,
        _E.CALLER_LEFT: _NO_LEG,
        _E.CLOSED: to(withdraw, _C.PARKED),
        _E.FAULT: to(fail, _C.ENDED),
    },
    _S.CALLING: {
        **_CALLED,
        _E.HEARD: _HEARD,
        _E.STATE_TIME: to(call_back.not_answered, _C.RESTING, _C.ENDED),
    },
    _S.CHECKING: {
        **_CALLED,
        _E.HEARD: to(call_back.ask_again),
        _E.STATE_TIME: to(call_back.no_key, _C.RESTING, _C.ENDED),
    },
}

BACK: BackTable = {
    _S.OPERATOR_RINGS: {
        _B.RINGS: _NOT_CALLED,
        _B.ANSWERED: _NOT_CALLED,
        _B.ENDED: _NOT_CALLED,
        _B.KEY: _NOT_CALLED,
        _B.CANCELLED: to(cancel, _C.ENDED),
    },
    **call_back.BACK,
    _S.CHECKING: {**call_back.BACK[_S.CHECKING], _B.KEY: to(press, _S.CHECKING, _S.JOINING)},
}
"""The cells for the citizen's leg."""
